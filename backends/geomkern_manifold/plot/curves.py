"""Points, geodesics, polygons and circles of the hyperbolic plane, drawn in any view."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geomkern.errors import DomainError, ShapeError

from ..manifolds import PoincareBall
from ._charts import Complex, klein, root_c, to_disk
from .canvas import add_curves, add_dots, add_shapes, prepare

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import Collection, LineCollection, PathCollection

__all__ = ["arcs", "circles", "geodesics", "lines", "outlines", "points", "polygons", "segments"]

CURVE_POINTS = 129


def geodesics(starts: ArrayLike, ends: ArrayLike, n: int = 24) -> NDArray[np.float64]:
    """Return points along geodesics of the unit disk, at equal hyperbolic distances.

    Parameters
    ----------
    starts, ends : array_like, shape (n_geodesics, 2)
        Points of the disk.
    n : int
        The number of points on each, with its ends.

    Returns
    -------
    ndarray, shape (n_geodesics, n, 2)

    Examples
    --------
    >>> from geomkern_manifold.plot import geodesics
    >>> geodesics([[-0.5, 0.0]], [[0.5, 0.0]], 3).round(12).tolist()
    [[[-0.5, 0.0], [0.0, 0.0], [0.5, 0.0]]]
    """
    p, q = (np.asarray(points, np.float64)[..., None, :] for points in (starts, ends))
    return PoincareBall().geodesic(np.linspace(0.0, 1.0, n), p, q)


def arcs(z: Complex, w: Complex, n: int = CURVE_POINTS, *, whole: bool = False, reach: float = 1.0) -> Complex:
    r"""Return points along the geodesics from z to w, evenly spaced to the eye, not to the metric.

    In the Klein disk the geodesic is a chord, of direction d and at the signed distance h from the origin along the
    normal m = -i d. In the Poincaré disk the point of it nearest to the origin is f m with
    :math:`f = h / (1 + \sqrt{1 - h^2})`, and the isometry :math:`z \mapsto m (z + f) / (1 + f z)` moves the diameter
    from -i to i onto it, so that it is

    .. math:: z(u) = m \frac{f + i u}{1 + i f u}, \quad -1 < u < 1, \qquad |z(u)|^2 = \frac{f^2 + u^2}{1 + f^2 u^2} .

    Parameters
    ----------
    z, w : ndarray of complex, shape (...)
        Points of the disk.
    n : int
        The number of points on each arc.
    whole : bool
        Draw the geodesic from rim to rim.
    reach : float
        The radius in the disk of the circle that cuts the arcs.

    Returns
    -------
    ndarray of complex, shape (..., n)
        NaN where an arc lies beyond the circle.
    """
    k = klein(z)
    chord = klein(w) - k
    length = np.abs(chord)
    radius = np.abs(z)
    radial = np.where(radius > 0.0, z, 1.0) / np.where(radius > 0.0, radius, 1.0)
    d = np.where(length > 0.0, chord, radial) / np.where(length > 0.0, length, 1.0)
    m = -1j * d
    h = np.clip((m.conj() * k).real, -1.0, 1.0)
    f = h / (1.0 + np.sqrt(1.0 - h * h))
    with np.errstate(invalid="ignore", divide="ignore"):
        last = np.sqrt((reach**2 - f * f) / (1.0 - (reach * f) ** 2)) if reach < 1.0 else np.ones_like(f)
        if whole:
            start, end = -last, last
        else:
            start, end = (((m.conj() * p - f) / (1.0 - f * m.conj() * p)).imag for p in (z, w))
            beyond = (start > last) & (end > last) | (start < -last) & (end < -last)
            start, end = (np.where(beyond, np.nan, np.clip(u, -last, last)) for u in (start, end))
        u = start[..., None] + (end - start)[..., None] * np.linspace(0.0, 1.0, n)
        f, m = f[..., None], m[..., None]
        return m * (f + 1j * u) / (1.0 + 1j * f * u)


def outlines(vertices: Complex, n: int = CURVE_POINTS) -> Complex:
    """Return the boundaries of geodesic polygons, shape (..., n_vertices * (n - 1))."""
    sides = arcs(vertices, np.roll(vertices, -1, axis=-1), n)[..., :-1]
    return sides.reshape(*vertices.shape[:-1], -1)


def points(x: ArrayLike, ax: "Axes | None" = None, *, manifold: Any = None, **options: Any) -> "PathCollection":
    """Draw points of the hyperbolic plane.

    Parameters
    ----------
    x : array_like or Tensor, shape (..., 2)
        The points.
    ax : matplotlib.axes.Axes, optional
        Where to draw, in the view of :func:`canvas`; a new Poincaré disk if not given.
    manifold : optional
        The model whose coordinates the points have, such as a :class:`~geomkern_manifold.PoincareBall`; the unit disk
        if not given.
    **options
        Passed to matplotlib's ``scatter``.

    Returns
    -------
    matplotlib.collections.PathCollection

    Raises
    ------
    BackendUnavailable
        If matplotlib is not installed.
    ShapeError, DomainError
        If the points are not pairs, or lie outside the manifold.

    Examples
    --------
    >>> from geomkern_manifold import PoincareBall, plot
    >>> dots = plot.points([[0.0, 0.0], [0.6, 0.2]], manifold=PoincareBall(c=0.5), color="crimson")
    """
    z = to_disk("points", x, manifold).reshape(-1)
    return add_dots(prepare(ax)[0], z, **options)


def segments(
    x: ArrayLike, y: ArrayLike, ax: "Axes | None" = None, *, manifold: Any = None, **options: Any
) -> "LineCollection":
    """Draw the geodesic segments from x to y.

    In the disk they are arcs of circles that meet the rim at right angles.

    Parameters
    ----------
    x, y : array_like or Tensor, shape (..., 2)
        Their ends, which broadcast.
    ax : matplotlib.axes.Axes, optional
        Where to draw, in the view of :func:`canvas`; a new Poincaré disk if not given.
    manifold : optional
        The model whose coordinates the points have; the unit disk if not given.
    **options
        Passed to :class:`matplotlib.collections.LineCollection`.

    Returns
    -------
    matplotlib.collections.LineCollection

    Raises
    ------
    BackendUnavailable
        If matplotlib is not installed.
    ShapeError, DomainError
        If the points are not pairs, their shapes do not broadcast, or they lie outside the manifold.

    Examples
    --------
    >>> from geomkern_manifold import plot
    >>> star = plot.segments([0.0, 0.2], [[0.7, 0.0], [0.0, 0.9], [-0.5, 0.5]], linewidths=2)
    """
    return _geodesics("segments", x, y, ax, manifold, options, whole=False)


def lines(
    x: ArrayLike, y: ArrayLike, ax: "Axes | None" = None, *, manifold: Any = None, **options: Any
) -> "LineCollection":
    """Draw the whole geodesics through x and y, from rim to rim.

    Parameters
    ----------
    x, y : array_like or Tensor, shape (..., 2)
        Two different points of each, which broadcast.
    ax : matplotlib.axes.Axes, optional
        Where to draw, in the view of :func:`canvas`; a new Poincaré disk if not given.
    manifold : optional
        The model whose coordinates the points have; the unit disk if not given.
    **options
        Passed to :class:`matplotlib.collections.LineCollection`.

    Returns
    -------
    matplotlib.collections.LineCollection

    Raises
    ------
    BackendUnavailable
        If matplotlib is not installed.
    ShapeError, DomainError
        If the points are not pairs, their shapes do not broadcast, they lie outside the manifold or x equals y.

    Examples
    --------
    >>> from geomkern_manifold import plot
    >>> line = plot.lines([0.1, 0.2], [0.4, -0.5])
    """
    return _geodesics("lines", x, y, ax, manifold, options, whole=True)


def polygons(vertices: ArrayLike, ax: "Axes | None" = None, *, manifold: Any = None, **options: Any) -> "Collection":
    """Draw polygons with geodesic sides.

    Parameters
    ----------
    vertices : array_like or Tensor, shape (..., n_vertices, 2)
        The vertices of each polygon, in order.
    ax : matplotlib.axes.Axes, optional
        Where to draw, in the view of :func:`canvas`; a new Poincaré disk if not given.
    manifold : optional
        The model whose coordinates the points have; the unit disk if not given.
    **options
        Passed to :class:`matplotlib.collections.PolyCollection`; without a ``facecolor`` the polygons are not filled.

    Returns
    -------
    matplotlib.collections.PolyCollection

    Raises
    ------
    BackendUnavailable
        If matplotlib is not installed.
    ShapeError, DomainError
        If the vertices are not pairs, or lie outside the manifold.

    Examples
    --------
    >>> from geomkern_manifold import plot
    >>> triangle = plot.polygons([[0.0, 0.8], [-0.7, -0.4], [0.7, -0.4]], facecolor="gold")
    """
    z = to_disk("polygons", vertices, manifold)
    if z.ndim == 0:
        raise ShapeError(f"polygons needs vertices of shape (..., n_vertices, 2), not {np.shape(vertices)}")
    return add_shapes(prepare(ax)[0], outlines(z.reshape(-1, z.shape[-1])), **options)


def circles(
    centres: ArrayLike, radii: ArrayLike, ax: "Axes | None" = None, *, manifold: Any = None, **options: Any
) -> "Collection":
    r"""Draw the points at given distances from centres.

    In the unit disk, with t = tanh(r/2), the circle of the radius r around p is the Euclidean one of the centre
    :math:`p (1 - t^2) / (1 - t^2 |p|^2)` and the radius :math:`t (1 - |p|^2) / (1 - t^2 |p|^2)`.

    Parameters
    ----------
    centres : array_like or Tensor, shape (..., 2)
        The centres.
    radii : array_like or Tensor, shape (...)
        The distances, in the manifold, which broadcast against the centres.
    ax : matplotlib.axes.Axes, optional
        Where to draw, in the view of :func:`canvas`; a new Poincaré disk if not given.
    manifold : optional
        The model whose coordinates the points have; the unit disk if not given.
    **options
        Passed to :class:`matplotlib.collections.PolyCollection`; without a ``facecolor`` the circles are not filled.

    Returns
    -------
    matplotlib.collections.PolyCollection

    Raises
    ------
    BackendUnavailable
        If matplotlib is not installed.
    ShapeError, DomainError
        If the centres are not pairs, the shapes do not broadcast, a centre lies outside the manifold or a radius is
        negative.

    Examples
    --------
    >>> from geomkern_manifold import plot
    >>> rings = plot.circles([0.3, 0.4], [0.5, 1.0, 1.5])
    """
    p, r = _together("circles", to_disk("circles", centres, manifold), np.asarray(radii, np.float64))
    good = (r >= 0.0) & (r < np.inf)
    if not good.all():
        raise DomainError(f"circles needs radii that are finite and not negative, not {r[~good][0]}")
    t = np.tanh(0.5 * r * root_c(manifold))
    shrink = 1.0 - (t * np.abs(p)) ** 2
    turn = np.exp(2j * np.pi * np.arange(240) / 240)
    centre, radius = p * (1.0 - t * t) / shrink, t * (1.0 - np.abs(p) ** 2) / shrink
    return add_shapes(prepare(ax)[0], centre.reshape(-1, 1) + radius.reshape(-1, 1) * turn, **options)


def _geodesics(
    operation: str, x: ArrayLike, y: ArrayLike, ax: Any, manifold: Any, options: dict[str, Any], *, whole: bool
) -> Any:
    z, w = _together(operation, to_disk(operation, x, manifold), to_disk(operation, y, manifold))
    if whole and np.any(z == w):
        raise DomainError(f"{operation} needs two different points of each line; line {np.argmax(z == w)} has one")
    ax, view = prepare(ax)
    return add_curves(ax, arcs(z.reshape(-1), w.reshape(-1), whole=whole, reach=view.reach(ax)), **options)


def _together(operation: str, *arrays: Any) -> Any:
    try:
        return np.broadcast_arrays(*arrays)
    except ValueError:
        shapes = " and ".join(str(array.shape) for array in arrays)
        raise ShapeError(f"{operation} needs batches that broadcast, not {shapes}") from None

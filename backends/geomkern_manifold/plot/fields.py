"""Functions on the hyperbolic plane, drawn as heat."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from geomkern.errors import ShapeError

from ._charts import Complex, from_disk, hyperboloid
from .canvas import frame_of, polar_mesh, prepare, quadrilaterals

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable

__all__ = ["heat"]


def heat(
    function: Callable[[NDArray[np.float64]], Any],
    ax: "Axes | None" = None,
    *,
    manifold: Any = None,
    n: int = 400,
    **options: Any,
) -> "ScalarMappable":
    """Draw a function of the points of the plane as colours.

    Parameters
    ----------
    function : callable
        Takes points of shape (n_points, 2) and returns their values, of shape (n_points,): an array or a tensor. Where
        a value is NaN, nothing is drawn.
    ax : matplotlib.axes.Axes, optional
        Where to draw, in the view of :func:`canvas`; a new Poincaré disk if not given. What is drawn fills the present
        limits of the axes.
    manifold : optional
        The model whose coordinates the function takes; the unit disk if not given.
    n : int
        The fineness: the number of points along each axis.
    **options
        Passed to matplotlib's ``imshow``, or on the hyperboloid to its ``Poly3DCollection``; both know ``cmap``,
        ``norm``, ``clim`` and ``alpha``.

    Returns
    -------
    matplotlib.image.AxesImage or Poly3DCollection
        What a colour bar takes.

    Raises
    ------
    BackendUnavailable
        If matplotlib is not installed.
    ShapeError
        If the function does not return a value for each point.

    Examples
    --------
    >>> from geomkern_manifold import PoincareBall, plot
    >>> ball = PoincareBall()
    >>> image = plot.heat(lambda x: ball.dist(x, [0.3, 0.4]), manifold=ball, n=40)
    """
    axes, view = prepare(ax)
    if axes.name == "3d":
        return _on_the_sheet(axes, polar_mesh(view.reach(axes), n // 4 + 1), function, manifold, options)
    (left, right), (bottom, top) = limits = axes.get_xlim(), axes.get_ylim()
    x, y = (low + (high - low) * (np.arange(n) + 0.5) / n for low, high in limits)
    values = _values(function, view.to_disk(np.stack(np.meshgrid(x, y), axis=-1)), manifold)
    style = {"extent": (left, right, bottom, top), "origin": "lower", "interpolation": "bilinear", "zorder": 0.4}
    image = axes.imshow(values, **{**style, **options})
    image.set_clip_path(frame_of(axes))
    return image


def _on_the_sheet(axes: Any, z: Complex, function: Any, manifold: Any, options: dict[str, Any]) -> Any:
    from mpl_toolkits.mplot3d.art3d import Poly3DCollection

    values = _values(function, z, manifold)
    means = (values[:-1, :-1] + values[:-1, 1:] + values[1:, 1:] + values[1:, :-1]) / 4.0
    cells = Poly3DCollection(quadrilaterals(hyperboloid(z)), array=means.reshape(-1))
    axes.add_collection3d(cells)
    cells.set(edgecolor="none", antialiased=False, zorder=0.4)
    cells.set(**options)
    return cells


def _values(function: Any, z: Complex, manifold: Any) -> NDArray[np.float64]:
    """Return the values of a function of a manifold at points of the disk."""
    values = np.asarray(function(from_disk(z.reshape(-1), manifold)), np.float64)
    if values.shape != (z.size,):
        raise ShapeError(f"heat needs a value for each of {z.size} points, shape ({z.size},), not {values.shape}")
    return values.reshape(z.shape)

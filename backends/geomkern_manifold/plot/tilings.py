"""Regular tilings of the hyperbolic plane: p-gons, q of which meet at each vertex."""

from operator import index
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geomkern.errors import DomainError

from ._charts import Complex
from .canvas import INK, add_curves, add_shapes, prepare
from .curves import arcs, outlines

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import LineCollection

__all__ = ["tiles", "tiling"]

SMALLEST = 0.01
SIDE_POINTS = 17
MOST = 100_000


def tiles(p: int, q: int, depth: int | None = None) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    r"""Construct the regular tiling {p, q} of the unit disk, with the middle of a tile at the origin.

    Half a side, the inradius r and the circumradius R of a tile are the sides of a right triangle with the angles
    :math:`\pi/p` at the middle and :math:`\pi/q` at the vertex, so that :math:`\cosh r = \cos(\pi/q) / \sin(\pi/p)` and
    :math:`\cosh R = \cot(\pi/p) \cot(\pi/q)`. The half-turns about the middles of its sides move a tile onto its
    neighbours; their products, applied to the tile at the origin, give all tiles, layer by layer.

    Two such products may give the same tile. Points of the hyperboloid at the distance :math:`\delta` are at least
    :math:`2 \sinh(\delta/2)` apart in space, wherever they are, so the middles of different tiles, 2r apart or more,
    are told apart by a gap that does not shrink towards the rim.

    Parameters
    ----------
    p : int
        The vertices of a tile.
    q : int
        The tiles at a vertex.
    depth : int, optional
        The number of layers around the tile in the middle; a layer has the tiles that share a side with the one
        before. If not given, all tiles are made that can be seen: whose inscribed circle is at least 0.01 wide in the
        disk, and at most 100,000.

    Returns
    -------
    vertices : ndarray, shape (n_tiles, p, 2)
        The vertices of each tile, counterclockwise.
    layers : ndarray of int, shape (n_tiles,)
        The layer of each tile, zero for the one in the middle, in ascending order. Where q is even, tiles that share a
        side differ in the parity of their layers.

    Raises
    ------
    DomainError
        If p or q is less than three, 1/p + 1/q is not less than 1/2, the depth is negative or the tiles are too many.

    References
    ----------
    Coxeter, H. S. M. (1973). *Regular polytopes*, 3rd edition, section 4.5. Dover.

    Examples
    --------
    >>> from geomkern_manifold.plot import tiles
    >>> vertices, layers = tiles(7, 3, depth=2)
    >>> vertices.shape, int(layers.max())
    ((29, 7, 2), 2)
    """
    isometries, layers = _isometries(p, q, depth)
    z = _vertices(isometries, p, q)
    return np.stack([z.real, z.imag], axis=-1), layers


def tiling(
    p: int, q: int, ax: "Axes | None" = None, *, depth: int | None = None, facecolors: Any = None, **options: Any
) -> "LineCollection":
    """Draw the sides of the regular tiling {p, q}, as a background.

    Parameters
    ----------
    p, q : int
        The vertices of a tile, and the tiles at a vertex; see :func:`tiles`.
    ax : matplotlib.axes.Axes, optional
        Where to draw, in the view of :func:`canvas`; a new Poincaré disk if not given.
    depth : int, optional
        The number of layers around the tile in the middle; as many as can be seen if not given.
    facecolors : sequence of colours, optional
        Colours to fill the tiles with: one for each layer, from the middle, and over again. Two colours make a
        chessboard where q is even.
    **options
        Passed to :class:`matplotlib.collections.LineCollection`.

    Returns
    -------
    matplotlib.collections.LineCollection
        The sides, each once. The filled tiles are a collection of their own below.

    Raises
    ------
    BackendUnavailable
        If matplotlib is not installed.
    DomainError
        If there is no such tiling of the hyperbolic plane, or it has too many tiles up to that depth.

    Examples
    --------
    >>> from geomkern_manifold import plot
    >>> sides = plot.tiling(5, 4, facecolors=["white", "lightsteelblue"])
    """
    isometries, layers = _isometries(p, q, depth)
    z = _vertices(isometries, p, q)
    ax, view = prepare(ax)
    if facecolors is not None:
        colours = [facecolors[layer % len(facecolors)] for layer in layers]
        add_shapes(ax, outlines(z, SIDE_POINTS), facecolor=colours, edgecolor="none", zorder=0.5)
    # The middles of two sides of a tile are twice arsinh(sinh r sin(pi/p)) apart, or more.
    r = np.arccosh(_cosh_radii(p, q)[0])
    to_sides = np.stack([np.full(p, np.cosh(r / 2.0)), np.sinh(r / 2.0) * _turn(p)], axis=-1)
    middles = _middles(_compose(isometries[:, None], to_sides)).reshape(-1, 3)
    new = _unlike(middles, np.sinh(r) * np.sin(np.pi / p))
    starts, ends = (np.roll(z, shift, axis=1).reshape(-1)[new] for shift in (1, 0))
    sides = arcs(starts, ends, SIDE_POINTS, reach=view.reach(ax))
    lines = add_curves(ax, sides, color=INK, linewidth=0.5, alpha=0.45, zorder=1)
    lines.set(**options)
    return lines


# An isometry z -> (a z + b) / (conj(b) z + conj(a)) with |a|^2 - |b|^2 = 1 is the pair (a, b) along the last axis.


def _isometries(p: int, q: int, depth: int | None) -> tuple[Complex, NDArray[np.intp]]:
    """Return the isometries that move the tile at the origin to all tiles, and the layers of these."""
    p, q = index(p), index(q)
    if min(p, q) < 3 or (p - 2) * (q - 2) <= 4:
        raise DomainError(f"a tiling {{p, q}} of the hyperbolic plane needs 1/p + 1/q < 1/2, not p = {p}, q = {q}")
    if depth is not None and index(depth) < 0:
        raise DomainError(f"a tiling needs a depth that is not negative, not {depth}")
    # The half-turn about tanh(r/2), the middle of the side to the right, is (i cosh r, -i sinh r).
    cosh_r, _ = _cosh_radii(p, q)
    sinh_r = np.sqrt(cosh_r**2 - 1.0)
    half_turns = 1j * np.stack([np.full(p, cosh_r), -sinh_r * _turn(p)], axis=-1)
    layers = [np.array([[1.0 + 0j, 0.0]])]
    while len(layers[-1]) and (depth is None or len(layers) <= depth):
        new = _compose(layers[-1][:, None], half_turns).reshape(-1, 2)
        if depth is None:
            new = new[_widths(new, cosh_r) >= SMALLEST]
        known = np.concatenate(layers[-2:])
        first = _unlike(_middles(np.concatenate([known, new])), sinh_r)
        layers.append(new[first[len(known) :]])
        if sum(map(len, layers)) > MOST:
            raise DomainError(f"the tiling {{{p}, {q}}} has more than {MOST:,} tiles up to layer {len(layers) - 1}")
    return np.concatenate(layers), np.repeat(np.arange(len(layers)), [len(layer) for layer in layers])


def _cosh_radii(p: int, q: int) -> tuple[float, float]:
    return np.cos(np.pi / q) / np.sin(np.pi / p), 1.0 / (np.tan(np.pi / p) * np.tan(np.pi / q))


def _turn(p: int) -> Complex:
    return np.exp(2j * np.pi * np.arange(p) / p)


def _compose(g: Complex, h: Complex) -> Complex:
    (a, b), (s, t) = np.moveaxis(g, -1, 0), np.moveaxis(h, -1, 0)
    return np.stack([a * s + b * t.conj(), a * t + b * s.conj()], axis=-1)


def _vertices(isometries: Complex, p: int, q: int) -> Complex:
    """Return the vertices of the tiles, shape (n_tiles, p); side k, in the direction k of :func:`_turn`, ends in k."""
    _, cosh_rr = _cosh_radii(p, q)
    corners = np.sqrt((cosh_rr - 1.0) / (cosh_rr + 1.0)) * np.exp(1j * np.pi / p) * _turn(p)
    a, b = isometries.T[..., None]
    return (a * corners + b) / (b.conj() * corners + a.conj())


def _middles(isometries: Complex) -> NDArray[np.float64]:
    """Return the images b / conj(a) of the origin, as points of the hyperboloid."""
    a, b = np.moveaxis(isometries, -1, 0)
    ab = 2.0 * a * b
    return np.stack([ab.real, ab.imag, np.abs(a) ** 2 + np.abs(b) ** 2], axis=-1)


def _widths(isometries: Complex, cosh_r: float) -> NDArray[np.float64]:
    """Return the diameters in the disk of the inscribed circles.

    Around z = b / conj(a) they are 2t (1 - |z|^2) / (1 - t^2 |z|^2) with t = tanh(r/2).
    """
    t2 = (cosh_r - 1.0) / (cosh_r + 1.0)
    a2, b2 = np.abs(isometries.T) ** 2
    return 2.0 * np.sqrt(t2) / (a2 - t2 * b2)


def _unlike(points: NDArray[np.float64], gap: float) -> NDArray[np.bool_]:
    """Tell which points are the first of those less than the gap apart."""
    first = np.ones(len(points), bool)
    first[cKDTree(points).query_pairs(gap, output_type="ndarray")[:, 1]] = False
    return first

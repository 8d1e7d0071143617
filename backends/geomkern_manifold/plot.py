"""Pictures of the Poincaré disk, on matplotlib (the optional extra ``plot``)."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geomkern.errors import BackendUnavailable, DomainError, FormatError, ShapeError
from geomkern.io import atomic_path

from .embedding.hierarchy import spanning_tree, transitive_reduction
from .manifolds import PoincareBall

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .embedding import HyperbolicEmbedding

__all__ = ["SUFFIXES", "disk_view", "embedding", "geodesics", "poincare_disk", "readable", "recentre", "save_embedding"]

SUFFIXES = (".png", ".svg", ".pdf")
INK = "#1b2a41"
PAPER = "#fbfbf8"
ARC_POINTS = 24
LEAF_RADIUS = 0.955


def pyplot() -> Any:
    """Return ``matplotlib.pyplot``.

    Raises
    ------
    BackendUnavailable
        If matplotlib is not installed.
    """
    try:
        import matplotlib.pyplot
    except ImportError as error:
        raise BackendUnavailable(
            f'pictures need matplotlib, and it does not load ({error}): pip install "geomkern[plot]"'
        ) from error
    return matplotlib.pyplot


def recentre(points: ArrayLike, centre: ArrayLike) -> NDArray[np.float64]:
    r"""Move a point of the ball to the origin, and all others with it, by an isometry.

    The isometry is the gyrotranslation :math:`x \mapsto (-c) \oplus x` (Ungar, 2008).

    Parameters
    ----------
    points : array_like, shape (..., dim)
        Points of the ball of curvature -1.
    centre : array_like, shape (dim,)
        The point to move to the origin.

    Examples
    --------
    >>> from geomkern_manifold.plot import recentre
    >>> recentre([[0.5, 0.0], [0.8, 0.0]], [0.5, 0.0]).round(12).tolist()
    [[0.0, 0.0], [0.5, 0.0]]
    """
    return PoincareBall().mobius_add(-np.asarray(centre, np.float64), np.asarray(points, np.float64))


def geodesics(starts: ArrayLike, ends: ArrayLike, n: int = ARC_POINTS) -> NDArray[np.float64]:
    """Return points along geodesics of the disk, at equal hyperbolic distances.

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


def disk_view(points: ArrayLike, centre: ArrayLike | None = None, radius: float | None = None) -> NDArray[np.float64]:
    """Return points of the disk that show points of a ball.

    The centre is moved to the origin by an isometry. Of more than two dimensions, each point keeps its distance to the
    centre, and its direction is projected on the two principal directions of the tangent space there.

    Parameters
    ----------
    points : array_like, shape (n_points, dim)
        Points of the ball of curvature -1.
    centre : array_like, shape (dim,), optional
        The point in the middle of the picture; the origin if not given.
    radius : float, optional
        If given, all distances to the centre are scaled alike so that the farthest quarter of the points begins at
        this radius of the picture. A space that grows exponentially has nearly all its points at the rim; scaled,
        they can be told apart, and angles and the order of the distances to the centre are kept.

    Returns
    -------
    ndarray, shape (n_points, 2)
    """
    x = np.asarray(points, np.float64)
    if x.ndim != 2:
        raise ShapeError(f"disk_view needs points of shape (n_points, dim), not {x.shape}")
    if centre is not None:
        x = recentre(x, centre)
    norm, distance = np.linalg.norm(x, axis=1), PoincareBall().dist0(x)
    direction = x / np.where(norm > 0, norm, 1.0)[:, None]
    if x.shape[1] == 1:
        direction = np.column_stack([direction, np.zeros(len(x))])
    elif x.shape[1] > 2:
        _, _, axes = np.linalg.svd(direction * distance[:, None], full_matrices=False)
        direction = direction @ axes[:2].T
        length = np.linalg.norm(direction, axis=1)
        direction /= np.where(length > 0, length, 1.0)[:, None]
    if radius is not None:
        typical = np.quantile(distance, 0.75)
        if typical > 0:
            distance *= 2.0 * np.arctanh(radius) / typical
    return np.tanh(distance / 2.0)[:, None] * direction


def readable(name: object) -> str:
    """Return a name as people write it: ``giant_panda.n.01`` is ``giant panda``.

    Examples
    --------
    >>> from geomkern_manifold.plot import readable
    >>> readable("giant_panda.n.01")
    'giant panda'
    """
    return re.sub(r"\.[a-z]\.\d+$", "", str(name)).replace("_", " ")


def poincare_disk(
    points: ArrayLike,
    edges: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    ax: "Axes | None" = None,
    *,
    depth: ArrayLike | None = None,
    importance: ArrayLike | None = None,
    max_labels: int = 60,
    title: str | None = None,
    cmap: str = "viridis",
) -> "Axes":
    """Draw points of the Poincaré disk, their edges as geodesics, and the names of the most important ones.

    Parameters
    ----------
    points : array_like, shape (n_points, 2)
        Points of the open unit disk.
    edges : array_like of int, shape (n_edges, 2), optional
        Pairs of positions in `points`.
    labels : sequence of str, optional
        A name for each point. The most important are written, wherever they cover neither each other nor a more
        important point.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    depth : array_like, shape (n_points,), optional
        What the colours show, such as the distance from a root; the hyperbolic distance to the origin if not given.
    importance : array_like, shape (n_points,), optional
        Which points are drawn large and named first; those near the origin if not given.
    max_labels : int
        The most labels to write.
    title : str, optional
        A title below the disk.
    cmap : str
        A colour map of matplotlib.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    BackendUnavailable
        If matplotlib is not installed.
    ShapeError, DomainError
        If the points are not pairs, lie outside the disk, or another argument does not fit them.

    Examples
    --------
    >>> from geomkern_manifold.plot import poincare_disk
    >>> ax = poincare_disk([[0.0, 0.0], [0.6, 0.2]], edges=[[1, 0]], labels=["root", "leaf"])
    """
    x = np.asarray(points, np.float64)
    if x.ndim != 2 or x.shape[1] != 2:
        raise ShapeError(f"poincare_disk needs points of shape (n_points, 2), not {x.shape}; disk_view projects others")
    norm = np.linalg.norm(x, axis=1)
    if not np.all(norm < 1.0):
        raise DomainError(f"poincare_disk needs points inside the unit disk; number {np.argmin(norm < 1.0)} is not")
    pairs = np.zeros((0, 2), np.intp) if edges is None else np.asarray(edges)
    if pairs.ndim != 2 or pairs.shape[1] != 2:
        raise ShapeError(f"poincare_disk needs edges of shape (n_edges, 2), not {pairs.shape}")
    if pairs.size and not 0 <= pairs.min() <= pairs.max() < len(x):
        stray = pairs[(pairs < 0) | (pairs >= len(x))][0]
        raise DomainError(f"poincare_disk needs edges between the {len(x)} points; one names point {stray}")
    colour = 2.0 * np.arctanh(norm) if depth is None else _one_each("depth", depth, len(x))
    weight = 1.0 - norm if importance is None else _one_each("importance", importance, len(x))
    if labels is not None and len(labels) != len(x):
        raise ShapeError(f"poincare_disk needs a label for each of the {len(x)} points, not {len(labels)}")

    if ax is None:
        ax = pyplot().figure(figsize=(9, 9), facecolor=PAPER, layout="constrained").add_subplot()
    _empty_disk(ax, title)
    if len(x) == 0:
        return ax
    share = np.log1p(weight - weight.min())
    size = 3.0 + 75.0 * (share / (share.max() or 1.0)) ** 1.5
    _draw_edges(ax, x, pairs, colour, cmap)
    order = np.argsort(weight, kind="stable")
    ax.scatter(
        x[order, 0], x[order, 1], s=size[order], c=colour[order], cmap=cmap, vmin=colour.min(), vmax=_top(colour),
        edgecolors=PAPER, linewidths=0.4, zorder=3,
    )  # fmt: skip
    if labels is not None:
        _write_labels(ax, x, [str(label) for label in labels], weight, size, max_labels)
    return ax


def embedding(model: "HyperbolicEmbedding", ax: "Axes | None" = None, **options: Any) -> "Axes":
    """Draw a trained embedding: its root in the middle, its tree as geodesics, and the names of its largest subtrees.

    Parameters
    ----------
    model : HyperbolicEmbedding
        A fitted model. The points are shown as :func:`disk_view` shows them, and of the edges those that no two others
        imply.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    **options
        Passed to :func:`poincare_disk`.
    """
    graph = model.edges_.graph()
    tree = spanning_tree(graph)
    below = np.bincount(model.edges_.parent, minlength=len(model.nodes_)) + tree.leaves
    roots = np.flatnonzero(tree.parent < 0)
    root = roots[np.argmax(below[roots])]
    return poincare_disk(
        disk_view(model.embedding_, model.embedding_[root], LEAF_RADIUS),
        np.stack(transitive_reduction(graph).nonzero(), axis=1),
        [readable(name) for name in model.nodes_],
        ax,
        **{"depth": tree.depth, "importance": below, **options},
    )


def save_embedding(path: str | os.PathLike[str], model: "HyperbolicEmbedding", **options: Any) -> None:
    """Draw a trained embedding into a ``.png``, ``.svg`` or ``.pdf`` file, whole or not at all.

    Parameters
    ----------
    path : str or os.PathLike
        The file; one that exists is replaced.
    model : HyperbolicEmbedding
        A fitted model.
    **options
        Passed to :func:`poincare_disk`.

    Raises
    ------
    BackendUnavailable
        If matplotlib is not installed.
    FormatError
        If the suffix is none of the three.
    OSError
        If the file cannot be written.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise FormatError(f"cannot draw into {os.fspath(path)!r}: the name must end in {' or '.join(SUFFIXES)}")
    pyplot()
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 9), facecolor=PAPER, layout="constrained")
    embedding(model, figure.add_subplot(), **options)
    with atomic_path(path) as partial:
        figure.savefig(partial, dpi=160, facecolor=PAPER)


def _one_each(name: str, values: ArrayLike, n: int) -> NDArray[np.float64]:
    array = np.asarray(values, np.float64)
    if array.shape != (n,):
        raise ShapeError(f"poincare_disk needs {name} of shape ({n},), not {array.shape}")
    return array


def _top(colour: NDArray[np.float64]) -> float:
    """Return the colour map's upper end: a little beyond the data, since its last colours are pale."""
    return colour.max() + 0.12 * (np.ptp(colour) or 1.0)


def _empty_disk(ax: "Axes", title: str | None) -> None:
    from matplotlib.patches import Circle

    ax.set_facecolor(PAPER)
    ax.add_patch(Circle((0, 0), 1.0, facecolor="white", edgecolor=INK, linewidth=1.2, zorder=0))
    ax.set(xlim=(-1.02, 1.02), ylim=(-1.02, 1.02), aspect="equal")
    ax.set_axis_off()
    if title:
        ax.set_title(title, y=-0.02, color=INK, fontsize=12)


def _draw_edges(
    ax: "Axes", x: NDArray[np.float64], pairs: NDArray[np.integer], colour: NDArray[np.float64], cmap: str
) -> None:
    from matplotlib.collections import LineCollection

    arcs = LineCollection(
        list(geodesics(x[pairs[:, 0]], x[pairs[:, 1]])), cmap=cmap, linewidths=0.5, alpha=0.45, zorder=1
    )
    arcs.set_array(colour[pairs[:, 0]])
    arcs.set_clim(colour.min(), _top(colour))
    ax.add_collection(arcs)


def _write_labels(
    ax: "Axes",
    x: NDArray[np.float64],
    labels: Sequence[str],
    weight: NDArray[np.float64],
    size: NDArray[np.float64],
    most: int,
) -> None:
    """Write labels in the order of importance, each at the first place around its point that is still free."""
    from matplotlib.patheffects import withStroke

    figure = ax.figure.figure
    figure.draw_without_rendering()  # settles the layout, and so where things are
    pixel = figure.dpi / 72.0
    centres = ax.transData.transform(x)
    reach = np.sqrt(size) / 2.0 * pixel
    order = np.argsort(-weight, kind="stable")[: 8 * most]
    taken = np.column_stack([centres[order] - reach[order, None], centres[order] + reach[order, None]])[:most]
    halo = [withStroke(linewidth=2.2, foreground="white")]
    written = 0
    rim = ax.transData.transform([[0.0, 0.0], [1.0, 0.0]])
    for place, i in enumerate(order):
        if written == most:
            break
        scale = 11.0 - 5.0 * min(1.0, written / (0.6 * most))
        text = ax.annotate(labels[i], x[i], color=INK, fontsize=scale, textcoords="offset points", xytext=(0, 0),
                           ha="center", va="center", path_effects=halo, zorder=4)  # fmt: skip
        extent = text.get_window_extent()
        half = np.array([extent.width, extent.height]) / 2.0
        others = np.delete(taken, place, axis=0) if place < most else taken  # a label may touch its own point
        for sx, sy in ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1)):
            offset = np.array([sx, sy]) * (half + reach[i] + 1.5 * pixel)
            box = np.concatenate([centres[i] + offset - half, centres[i] + offset + half])
            corners = np.array([box[[0, 1]], box[[2, 1]], box[[0, 3]], box[[2, 3]]])
            inside = np.all(np.linalg.norm(corners - rim[0], axis=1) < rim[1, 0] - rim[0, 0])
            overlap = (others[:, :2] < box[2:]).all(1) & (others[:, 2:] > box[:2]).all(1)
            if inside and not overlap.any():
                text.set_position(tuple(offset / pixel))
                taken = np.vstack([taken, box])
                written += 1
                break
        else:
            text.remove()

"""Embedded hierarchies in the Poincaré disk: points, edges and the names that matter most."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geomkern.errors import DomainError, FormatError, ShapeError
from geomkern.io import atomic_path

from ..embedding.geometry import to_ball
from ..embedding.hierarchy import spanning_tree, transitive_reduction
from ..manifolds import PoincareBall
from ._charts import to_disk
from .canvas import INK, PAPER, add_curves, add_dots, canvas, pyplot
from .curves import arcs

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..embedding import HyperbolicEmbedding

__all__ = ["SUFFIXES", "disk_view", "embedding", "poincare_disk", "readable", "recentre", "save_embedding"]

SUFFIXES = (".png", ".svg", ".pdf")
EDGE_POINTS = 24
LEAF_RADIUS = 0.955


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
    manifold: Any = None,
) -> "Axes":
    """Draw points of the Poincaré disk, their edges as geodesics, and the names of the most important ones.

    Parameters
    ----------
    points : array_like or Tensor, shape (n_points, 2)
        The points.
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
    manifold : optional
        The model whose coordinates the points have; the unit disk if not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    BackendUnavailable
        If matplotlib is not installed.
    ShapeError, DomainError
        If the points are not pairs, lie outside the manifold, or another argument does not fit them.

    Examples
    --------
    >>> from geomkern_manifold.plot import poincare_disk
    >>> ax = poincare_disk([[0.0, 0.0], [0.6, 0.2]], edges=[[1, 0]], labels=["root", "leaf"])
    """
    z = to_disk("poincare_disk", points, manifold)
    if z.ndim != 1:
        raise ShapeError(f"poincare_disk needs points of shape (n_points, 2), not {np.shape(points)}")
    norm = np.abs(z)
    pairs = np.zeros((0, 2), np.intp) if edges is None else np.asarray(edges)
    if pairs.ndim != 2 or pairs.shape[1] != 2:
        raise ShapeError(f"poincare_disk needs edges of shape (n_edges, 2), not {pairs.shape}")
    if pairs.size and not 0 <= pairs.min() <= pairs.max() < len(z):
        stray = pairs[(pairs < 0) | (pairs >= len(z))][0]
        raise DomainError(f"poincare_disk needs edges between the {len(z)} points; one names point {stray}")
    colour = 2.0 * np.arctanh(norm) if depth is None else _one_each("depth", depth, len(z))
    weight = 1.0 - norm if importance is None else _one_each("importance", importance, len(z))
    if labels is not None and len(labels) != len(z):
        raise ShapeError(f"poincare_disk needs a label for each of the {len(z)} points, not {len(labels)}")

    ax = canvas("disk", ax, title=title)
    if len(z) == 0:
        return ax
    share = np.log1p(weight - weight.min())
    size = 3.0 + 75.0 * (share / (share.max() or 1.0)) ** 1.5
    limits = colour.min(), colour.max() + 0.12 * (np.ptp(colour) or 1.0)  # the last colours of many maps are pale
    sides = arcs(z[pairs[:, 0]], z[pairs[:, 1]], EDGE_POINTS)
    style = {"array": colour[pairs[:, 0]], "cmap": cmap, "clim": limits}
    add_curves(ax, sides, linewidths=0.5, alpha=0.45, zorder=1, **style)
    order = np.argsort(weight, kind="stable")
    style = {"cmap": cmap, "vmin": limits[0], "vmax": limits[1], "edgecolors": PAPER, "linewidths": 0.4}
    add_dots(ax, z[order], s=size[order], c=colour[order], **style)
    if labels is not None:
        x = np.stack([z.real, z.imag], axis=-1)
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
    edges = model.known_edges("a picture")
    points = to_ball(model.embedding_, model.manifold_)
    graph = edges.graph()
    tree = spanning_tree(graph)
    below = np.bincount(edges.parent, minlength=len(model.nodes_)) + tree.leaves
    roots = np.flatnonzero(tree.parent < 0)
    root = roots[np.argmax(below[roots])]
    return poincare_disk(
        disk_view(points, points[root], LEAF_RADIUS),
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

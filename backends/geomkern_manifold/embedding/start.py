"""Where training starts."""

import numpy as np
from numpy.typing import NDArray

from ..manifolds import Manifold
from .edges import EdgeList
from .geometry import from_ball
from .hierarchy import spanning_tree
from .layouts import circular_layout, packed_layout

__all__ = ["INITS", "grown_points", "initial_points"]

INITS = ("tree", "random")
JITTER = 1e-3

REACH = 0.25
"""How far from its parent a new node starts, as a part of the median length of the edges that there are."""


def initial_points(edges: EdgeList, parts: tuple[tuple[str, int], ...], init: str, seed: int) -> NDArray[np.float64]:
    """Return a point for each node.

    Parameters
    ----------
    edges : EdgeList
        The edges.
    parts : tuple of (str, int)
        The models and their dimensions.
    init : {"tree", "random"}
        ``"random"`` draws coordinates between -0.001 and 0.001; ``"tree"`` puts in their place, in the first model, the
        :func:`packed_layout` of a spanning tree, or its :func:`circular_layout` in fewer than three dimensions.
    seed : int
        Where the random numbers come from.

    Returns
    -------
    ndarray, shape (n_nodes, dim)
    """
    points = _jitter(len(edges.nodes), sum(width for _, width in parts), seed)
    if init == "tree":
        tree, width = spanning_tree(edges.graph()), parts[0][1]
        points[:, :width] = packed_layout(tree, width, seed) if width > 2 else circular_layout(tree)[:, :width]
    begin = 0
    for name, width in parts:
        points[:, begin : begin + width] = from_ball(points[:, begin : begin + width], name)
        begin += width
    return points


def grown_points(points: NDArray[np.floating], edges: EdgeList, manifold: Manifold, seed: int) -> NDArray[np.float64]:
    """Place the nodes of `edges` that come after those that have a point.

    A new node starts beside the parent that is farthest from the origin, which in a transitive closure is the nearest
    of its ancestors; without a parent that has a place, beside the child nearest to the origin; without either, beside
    the origin. Nodes are placed in as many rounds as there are steps between them and the old ones.

    Returns
    -------
    ndarray, shape (n_nodes, dim)
        The old points, as they were, and the new ones, each in a random direction from what it starts beside, at a
        quarter of the median length of the old edges: far enough not to be everybody's neighbour.
    """
    old, dim = points.shape
    n = len(edges.nodes)
    placed = np.concatenate([points.astype(np.float64), np.zeros((n - old, dim))])
    height = np.full(n, np.nan)
    height[:old] = manifold.dist0(placed[:old])
    waiting = np.arange(old, n)
    while len(waiting):
        beside = _beside(edges, height, waiting)
        found = beside >= 0
        placed[waiting[found]] = placed[beside[found]]
        height[waiting[found]] = height[beside[found]]
        if not found.any():
            height[waiting] = 0.0
            break
        waiting = waiting[~found]
    known = edges.child < old
    known &= edges.parent < old
    reach = REACH * np.median(manifold.dist(placed[edges.child[known]], placed[edges.parent[known]]))
    step = _jitter(n, dim, seed)[old:]
    step *= (max(reach, JITTER) / manifold.norm(placed[old:], step))[:, None]
    placed[old:] = manifold.expmap(placed[old:], step)
    return placed


def _beside(edges: EdgeList, height: NDArray[np.float64], waiting: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the node that each of `waiting` starts beside, or -1."""
    beside = np.full(len(height), -1, np.intp)
    has_place = ~np.isnan(height)
    for here, there, wish in ((edges.child, edges.parent, height), (edges.parent, edges.child, -height)):
        known = ~has_place[here] & has_place[there] & (beside[here] < 0)
        rank = np.argsort(wish[there[known]], kind="stable")
        beside[here[known][rank]] = there[known][rank]  # the last one written is the farthest, or the nearest
    found: NDArray[np.intp] = beside[waiting]
    return found


def _jitter(nodes: int, dim: int, seed: int) -> NDArray[np.float64]:
    return np.random.default_rng(seed).uniform(-JITTER, JITTER, (nodes, dim))

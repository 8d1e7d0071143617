"""Where the nodes of a tree lie before anything is trained: in sectors of the disk, or in nested caps of a sphere."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from .hierarchy import SpanningTree

__all__ = ["circular_layout", "packed_layout"]

MAX_RADIUS = 13.0
SHRINK = 0.5

CANDIDATES = 64
COMPARISONS = 1 << 14
"""Places tried for each of a few siblings, and for all of many siblings together."""


def circular_layout(tree: SpanningTree) -> NDArray[np.float64]:
    r"""Return points of the disk in which every subtree has a sector of its own.

    A node has a share of its parent's sector in proportion to its leaves, and lies in the middle of its sector. In a
    sector of width :math:`\omega`, a node at distance :math:`2 \log(4 / \omega)` from the origin is about as near to
    the boundary points of its own sector as the origin is, and farther from all others: the ancestors of a leaf are
    then its nearest nodes, which is what an embedding of a transitive closure asks for. All distances to the origin
    are halved, so that training starts where its steps can still rearrange things.

    Returns
    -------
    ndarray, shape (n_nodes, 2)
    """
    n = len(tree.parent)
    roots = tree.parent < 0
    width, start, used = np.zeros(n), np.zeros(n), np.zeros(n)
    per_leaf = 2 * np.pi / tree.leaves[roots].sum()
    used_by_roots = 0.0
    for u in tree.order:
        p = tree.parent[u]
        if p < 0:
            width[u], start[u] = tree.leaves[u] * per_leaf, used_by_roots
            used_by_roots += width[u]
        else:
            width[u], start[u] = width[p] * tree.leaves[u] / tree.leaves[p], start[p] + used[p]
            used[p] += width[u]
    angle = start + width / 2
    radius = np.clip(2 * np.log(4 / width), 0.0, MAX_RADIUS)
    rho = np.tanh(SHRINK * radius / 2)
    return np.stack([rho * np.cos(angle), rho * np.sin(angle)], axis=1)


def packed_layout(tree: SpanningTree, dim: int, seed: int) -> NDArray[np.float64]:
    r"""Return points of the ball whose directions lie in nested caps of the sphere, one for each subtree.

    Seen from far out, a point at distance :math:`r` from the origin is as near as the origin itself in the directions of
    a cap of angle :math:`\theta` around it, :math:`r = 2 \log(1 / \sin(\theta / 2))` (of the distance formula, for a
    leaf far out); within the cap it is nearer. If the cap of a node holds the caps of its children, these have no place in
    common, and the node's own direction lies in none of them, then the ancestors of a leaf are its nearest nodes. That is
    what an embedding of a transitive closure asks for, and Sarkar (2011) builds in the plane.

    A cap is as large as its subtree needs: with :math:`\delta` the share of a cap that disjoint smaller ones can fill, a
    leaf needs 1 and a node :math:`(1 + \sum \text{needs of its children}) / \delta`, and angles are in proportion to
    needs to the power :math:`1 / (d - 1)`. The smallest angle puts its node at a distance of 13, from which
    :math:`\delta` follows. Siblings are placed one after the other, the largest first, each at the place that is farthest
    from the caps before it among some drawn at random.

    Parameters
    ----------
    tree : SpanningTree
        The tree, or several; these share one hemisphere.
    dim : int
        The dimension of the ball, at least 3: in the plane the caps are sectors, and :func:`circular_layout` fills them
        without a gap.
    seed : int
        Where the random numbers come from.

    Returns
    -------
    ndarray, shape (n_nodes, dim)
        A single root lies at the origin.

    References
    ----------
    Sarkar (2011), Low Distortion Delaunay Embedding of Trees in Hyperbolic Plane.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold.embedding import index_edges, packed_layout, spanning_tree
    >>> tree = spanning_tree(index_edges([("cat", "mammal"), ("dog", "mammal"), ("mammal", "animal")]).graph())
    >>> np.linalg.norm(packed_layout(tree, 5, seed=0), axis=1).round(2)
    """
    rng = np.random.default_rng(seed)
    angle = _cap_angles(tree, dim)
    direction = np.zeros((len(tree.parent), dim))
    above = tree.parent[tree.order]
    starts = np.flatnonzero(np.diff(above, prepend=-2))
    for start, stop in zip(starts, np.append(starts[1:], len(above)), strict=True):
        siblings, parent = tree.order[start:stop], above[start]
        pole = direction[parent] if parent >= 0 else np.eye(dim)[-1]
        room = angle[parent] if parent >= 0 else np.pi / 2
        alone = parent < 0 and len(siblings) == 1
        offset = np.zeros((1, dim - 1)) if alone else _places(angle[siblings], room, dim - 1, rng)
        direction[siblings] = _around(pole, offset)
    radius = -2.0 * np.log(np.sin(angle / 2))
    if np.count_nonzero(tree.parent < 0) == 1:
        radius[tree.parent < 0] = 0.0
    return direction * np.tanh(radius / 2)[:, None]


def _cap_angles(tree: SpanningTree, dim: int) -> NDArray[np.float64]:
    """Return the angle of each node's cap, that of all roots together being a hemisphere."""
    least = 2.0 * np.arcsin(np.exp(-MAX_RADIUS / 2))
    depths = [np.flatnonzero(tree.depth == depth) for depth in range(tree.depth.max() + 1)]

    def needs(log_density: float) -> NDArray[np.float64]:
        """The logarithms: a deep tree needs more than floating-point numbers can say."""
        need = np.full(len(tree.parent) + 1, -np.inf)
        for level in reversed(depths):
            inner = need[level] > -np.inf
            need[level] = np.where(inner, np.logaddexp(need[level], 0.0) - log_density, 0.0)
            np.logaddexp.at(need, tree.parent[level], need[level])
        need[-1] -= log_density
        return need

    def excess(log_density: float) -> float:
        return float(np.log(np.pi / 2) - needs(log_density)[-1] / (dim - 1) - np.log(least))

    loosest, tightest = -50.0, -1e-3
    density = loosest if excess(loosest) > 0 else tightest if excess(tightest) < 0 else brentq(excess, loosest, tightest)
    need = needs(density)
    angle: NDArray[np.float64] = np.pi / 2 * np.exp((need[:-1] - need[-1]) / (dim - 1))
    if np.count_nonzero(tree.parent < 0) == 1:
        angle *= np.pi / 2 / angle[tree.parent < 0]
    return angle


def _places(
    angle: NDArray[np.float64], room: float, dim: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return where in the tangent space of the parent's direction the caps of its children have their middles."""
    n = len(angle)
    tries = int(np.clip(COMPARISONS // n, 1, CANDIDATES))
    places = np.empty((n, dim))
    square = np.empty(n)
    order = np.argsort(-angle, kind="stable")
    sizes = angle[order]
    for i, size in enumerate(sizes):
        ways = rng.standard_normal((tries, dim))
        ways /= np.linalg.norm(ways, axis=1)[:, None]
        inner, outer = size**dim, max(room - size, size) ** dim
        ways *= (inner + (outer - inner) * rng.random((tries, 1))) ** (1 / dim)
        squares = np.einsum("kd,kd->k", ways, ways)
        best = 0
        if i and tries > 1:
            gaps = squares[:, None] + square[:i] - 2.0 * (ways @ places[:i].T)
            best = int(np.argmax((np.sqrt(np.maximum(gaps, 0.0)) - sizes[:i]).min(axis=1)))
        places[i], square[i] = ways[best], squares[best]
    found = np.empty_like(places)
    found[order] = places
    return found


def _around(pole: NDArray[np.float64], offset: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the points of the sphere that tangent vectors at the pole lead to.

    The vectors are given at the last axis; the reflection that takes it to the pole takes them along.
    """
    tangent = np.concatenate([offset, np.zeros((len(offset), 1))], axis=1)
    mirror = pole.copy()
    mirror[-1] -= 1.0
    square = mirror @ mirror
    if square > 0.0:
        tangent -= np.outer(tangent @ mirror * (2.0 / square), mirror)
    length = np.linalg.norm(offset, axis=1)[:, None]
    points: NDArray[np.float64] = np.cos(length) * pole + np.sinc(length / np.pi) * tangent
    return points

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
ATTRACTION = 5.0
"""How far the places tried lean, at most, to where links draw to: in standard deviations of one coordinate."""
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

    Seen from far out, a point at distance :math:`r` from the origin is as near as the origin itself in the directions
    of a cap of angle :math:`\theta` around it, :math:`r = 2 \log(1 / \sin(\theta / 2))`, and nearer within it: this
    is the distance formula for a leaf far out. If the cap of a node holds the caps of its children, these have no
    place in common, and the node's own direction lies in none of them, then the ancestors of a leaf are its nearest
    nodes. That is what an embedding of a transitive closure asks for, and what Sarkar (2011) builds in the plane.

    A cap is as large as its subtree needs: with :math:`\delta` the share of a cap that disjoint smaller ones can
    fill, a leaf needs 1 and a node :math:`(1 + \sum \text{needs of its children}) / \delta`, and angles are in
    proportion to needs to the power :math:`1 / (d - 1)`. The smallest angle puts its node at a distance of 13, from
    which :math:`\delta` follows. Siblings are placed one after the other, the largest first, each at one of some
    places drawn at random: where edges outside the tree link the subtree to others, at that place among the free ones
    that is nearest to these, and else at the place that is farthest from the caps before it.

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
    >>> points = packed_layout(tree, 5, seed=0)[tree.order]
    >>> (2 * np.arctanh(np.linalg.norm(points, axis=1))).round(2).tolist()
    [0.0, 6.47, 13.0, 13.0]
    """
    rng = np.random.default_rng(seed)
    angle = _cap_angles(tree, dim)
    direction = np.zeros((len(tree.parent), dim))
    linked = _linked(tree)
    above = tree.parent[tree.order]
    starts = np.flatnonzero(np.diff(above, prepend=-2))
    for start, stop in zip(starts, np.append(starts[1:], len(above)), strict=True):
        siblings, parent = tree.order[start:stop], above[start]
        if parent < 0 and len(siblings) == 1:
            direction[siblings[0], -1] = 1.0
            continue
        pole = direction[parent] if parent >= 0 else np.eye(dim)[-1]
        room = angle[parent] if parent >= 0 else np.pi / 2
        siblings = siblings[np.argsort(-angle[siblings], kind="stable")]
        _place(siblings, angle[siblings], pole, room, direction, linked, tree.parent, rng)
    radius = -2.0 * np.log(np.sin(angle / 2))
    if np.count_nonzero(tree.parent < 0) == 1:
        radius[tree.parent < 0] = 0.0
    return direction * np.tanh(radius / 2)[:, None]


def _cap_angles(tree: SpanningTree, dim: int) -> NDArray[np.float64]:
    """Return the angle of each node's cap, that of all roots together being a hemisphere."""
    least = 2.0 * np.arcsin(np.exp(-MAX_RADIUS / 2))
    levels = [np.flatnonzero(tree.depth == depth) for depth in range(tree.depth.max(), -1, -1)]

    def needs(log_density: float) -> NDArray[np.float64]:
        """Return the logarithms, for a deep tree needs more than floating-point numbers can say; last that of all."""
        need = np.full(len(tree.parent) + 1, -np.inf)
        for level in levels:
            below = need[level]
            need[level] = np.where(below > -np.inf, np.logaddexp(below, 0.0) - log_density, 0.0)
            np.logaddexp.at(need, tree.parent[level], need[level])
        single = np.count_nonzero(tree.parent < 0) == 1
        need[-1] -= 0.0 if single else log_density
        return need

    def excess(log_density: float) -> float:
        return float(np.log(np.pi / 2 / least) - needs(log_density)[-1] / (dim - 1))

    sparse, dense = -50.0, -1e-3
    density = sparse if excess(sparse) > 0 else dense if excess(dense) < 0 else brentq(excess, sparse, dense)
    need = needs(density)
    angle: NDArray[np.float64] = np.pi / 2 * np.exp((need[:-1] - need[-1]) / (dim - 1))
    return angle


def _linked(tree: SpanningTree) -> dict[int, list[tuple[int, float]]]:
    """Return the nodes that the subtree of each node is linked to, and how many nodes each of these links concerns."""
    size = np.ones(len(tree.parent))
    for u in tree.order[::-1]:
        if tree.parent[u] >= 0:
            size[tree.parent[u]] += size[u]
    found: dict[int, list[tuple[int, float]]] = {}
    for a, b in tree.links.tolist():
        above_a, above_b = _path(a, tree.parent), _path(b, tree.parent)
        for here, there, other in ((above_a, above_b, b), (above_b, above_a, a)):
            for node in here:
                if node in there:
                    break
                found.setdefault(node, []).append((other, float(size[a])))
    return found


def _path(node: int, parent: NDArray[np.intp]) -> dict[int, None]:
    """Return a node and its ancestors, upwards."""
    found: dict[int, None] = {}
    while node >= 0:
        found[node] = None
        node = int(parent[node])
    return found


def _place(
    siblings: NDArray[np.intp],
    size: NDArray[np.float64],
    pole: NDArray[np.float64],
    room: float,
    direction: NDArray[np.float64],
    linked: dict[int, list[tuple[int, float]]],
    parent: NDArray[np.intp],
    rng: np.random.Generator,
) -> None:
    """Find the directions of siblings, the largest first, in the cap of angle `room` around the pole."""
    n, dim = len(siblings), len(pole) - 1
    tries = int(np.clip(COMPARISONS // n, 1, CANDIDATES))
    places, square = np.empty((n, dim)), np.empty(n)
    # Places are tangent vectors at the last axis, and the reflection that takes it to the pole takes them along.
    mirror = pole - np.eye(dim + 1)[-1]
    for i, node in enumerate(siblings.tolist()):
        wish = _wish(linked.get(node, []), direction, parent)
        ways = rng.standard_normal((tries, dim))
        if wish.any():
            here = _reflected(wish, mirror)[:-1]
            length = np.linalg.norm(here)
            if length > 0.0:
                ways += np.linspace(0.0, ATTRACTION, tries)[:, None] * here / length
        ways /= np.linalg.norm(ways, axis=1)[:, None]
        inner, outer = size[i] ** dim, max(room - size[i], size[i]) ** dim
        lengths = (inner + (outer - inner) * rng.random((tries, 1))) ** (1 / dim)
        ways *= lengths
        squares = lengths[:, 0] ** 2
        gap = np.full(tries, np.inf)
        if i and tries > 1:
            between = squares[:, None] + square[:i] - 2.0 * (ways @ places[:i].T)
            gap = (np.sqrt(np.maximum(between, 0.0)) - size[:i]).min(axis=1) - size[i]
        around = _reflected(np.concatenate([np.sinc(lengths / np.pi) * ways, np.cos(lengths)], axis=1), mirror)
        free = gap >= 0.0
        best = int(np.argmax(np.where(free, around @ wish, -np.inf) if wish.any() and free.any() else gap))
        places[i], square[i], direction[node] = ways[best], squares[best], around[best]


def _reflected(vectors: NDArray[np.float64], mirror: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return vectors reflected in the plane to which `mirror` is normal; as they are if that is 0."""
    square = mirror @ mirror
    found: NDArray[np.float64] = vectors
    if square > 0.0:
        found = vectors - np.multiply.outer(vectors @ mirror * (2.0 / square), mirror)
    return found


def _wish(
    links: list[tuple[int, float]], direction: NDArray[np.float64], parent: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return where links draw to: the sum of the directions of their other ends, or of what has one above these."""
    wish = np.zeros(direction.shape[1])
    for other, weight in links:
        while other >= 0 and not direction[other].any():
            other = int(parent[other])
        if other >= 0:
            wish += weight * direction[other]
    return wish

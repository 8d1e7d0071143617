"""The tree inside a graph: which edges are implied, who hangs below whom, and a first placement in the disk."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

__all__ = ["SpanningTree", "circular_layout", "spanning_tree", "transitive_reduction"]

LAYOUT_SHRINK = 0.5
LAYOUT_MAX_RADIUS = 13.0


@dataclass(frozen=True, eq=False)
class SpanningTree:
    """A tree (or several) that reaches every node of a graph from its roots.

    Attributes
    ----------
    order : ndarray of int, shape (n_nodes,)
        The nodes, every one after its parent and the children of a node next to each other.
    parent : ndarray of int, shape (n_nodes,)
        The parent of each node, -1 for a root.
    depth : ndarray of int, shape (n_nodes,)
        The number of edges from the root.
    leaves : ndarray of int, shape (n_nodes,)
        The number of leaves at or below each node.
    """

    order: NDArray[np.intp]
    parent: NDArray[np.intp]
    depth: NDArray[np.intp]
    leaves: NDArray[np.intp]


def transitive_reduction(graph: sparse.csr_array) -> sparse.csr_array:
    """Return the graph without the edges that two others imply.

    Parameters
    ----------
    graph : csr_array, shape (n_nodes, n_nodes)
        The entry (u, v) is not zero where v is a parent of u.

    Returns
    -------
    csr_array
        Of a transitive closure without cycles, its transitive reduction; of a tree, the tree. Edges within a cycle
        are kept, so that whatever was connected stays connected.
    """
    _, component = csgraph.connected_components(graph, connection="strong")
    child, parent = graph.nonzero()
    between = component[child] != component[parent]
    forward = sparse.csr_array((np.ones(int(between.sum()), np.int64), (child[between], parent[between])), graph.shape)
    implied = forward.multiply(forward @ forward).astype(bool)
    reduced = sparse.csr_array(graph.astype(bool).astype(np.int8) - implied.astype(np.int8))
    reduced.eliminate_zeros()
    return reduced


def spanning_tree(graph: sparse.csr_array) -> SpanningTree:
    """Return breadth-first trees over the transitive reduction of a graph of (child, parent) edges.

    The roots are the nodes without a parent; of a cycle that nothing leads out of, the node with the most children.
    """
    reduced = transitive_reduction(graph)
    n = reduced.shape[0]
    below = sparse.csr_array(reduced.T)
    count, component = csgraph.connected_components(reduced, connection="strong")
    child, parent = reduced.nonzero()
    has_parent = np.zeros(count, bool)
    has_parent[component[child[component[child] != component[parent]]]] = True
    by_children = np.argsort(np.diff(below.indptr), kind="stable")
    chosen = np.empty(count, np.intp)
    chosen[component[by_children]] = by_children  # the last one written has the most children
    roots = np.sort(chosen[~has_parent])
    above_all = sparse.csr_array((np.ones(len(roots), np.int8), (np.zeros(len(roots), np.intp), roots)), (1, n))
    rooted = sparse.block_array([[below, sparse.csr_array((n, 1), dtype=np.int8)], [above_all, None]], format="csr")
    order, before = csgraph.breadth_first_order(rooted, n, directed=True, return_predecessors=True)
    order, tree = order[1:].astype(np.intp), np.where(before[:n] == n, -1, before[:n]).astype(np.intp)
    depth = np.zeros(n, np.intp)
    for u in order:
        if tree[u] >= 0:
            depth[u] = depth[tree[u]] + 1
    leaves = np.ones(n, np.intp)
    leaves[tree[tree >= 0]] = 0
    for u in order[::-1]:
        if tree[u] >= 0:
            leaves[tree[u]] += leaves[u]
    return SpanningTree(order, tree, depth, leaves)


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
    radius = np.clip(2 * np.log(4 / width), 0.0, LAYOUT_MAX_RADIUS)
    rho = np.tanh(LAYOUT_SHRINK * radius / 2)
    return np.stack([rho * np.cos(angle), rho * np.sin(angle)], axis=1)

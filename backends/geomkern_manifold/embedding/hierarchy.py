"""The tree inside a graph: which edges are implied, and who hangs below whom."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

__all__ = ["SpanningTree", "spanning_tree", "transitive_reduction"]


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
    links : ndarray of int, shape (n_links, 2)
        The edges (child, parent) of the graph's transitive reduction that are not in the tree.
    """

    order: NDArray[np.intp]
    parent: NDArray[np.intp]
    depth: NDArray[np.intp]
    leaves: NDArray[np.intp]
    links: NDArray[np.intp]


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

    In a graph without cycles a node hangs below that of its parents which itself has the most, so that in a transitive
    closure as many as can be of its ancestors are above it in the tree. The roots are the nodes without a parent; of
    a cycle that nothing leads out of, the node with the most children.
    """
    reduced = transitive_reduction(graph)
    n = reduced.shape[0]
    count, component = csgraph.connected_components(reduced, connection="strong")
    deepest = _deepest(reduced, np.diff(graph.indptr)) if count == n else reduced
    below = sparse.csr_array(deepest.T)
    links = np.stack(reduced.nonzero(), axis=1)
    child, parent = links.T
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
    return SpanningTree(order, tree, depth, leaves, links[tree[child] != parent].astype(np.intp))


def _deepest(reduced: sparse.csr_array, ancestors: NDArray[np.intp]) -> sparse.csr_array:
    """Return the edges from each node to the one of its parents that has the most ancestors."""
    child, parent = reduced.nonzero()
    ranked = np.lexsort((-parent, ancestors[parent], child))
    last = ranked[np.flatnonzero(np.diff(child[ranked], append=-1))]
    return sparse.csr_array((np.ones(len(last), np.int8), (child[last], parent[last])), reduced.shape)

"""Lists of edges from others: both ways, joined, and between other numbers."""

from collections.abc import Hashable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geomkern.errors import DomainError

from .edges import EdgeList, index_edges

__all__ = ["Edges", "between", "both_ways", "edge_list", "from_rows", "joined", "same"]

Edges = EdgeList | Iterable[tuple[Hashable, Hashable]] | NDArray
"""What is taken for edges."""


def edge_list(edges: Edges) -> EdgeList:
    """Return edges as an EdgeList, whatever they come as."""
    return edges if isinstance(edges, EdgeList) else index_edges(edges)


def from_rows(nodes: Sequence[Hashable], parent: NDArray, first: NDArray) -> EdgeList:
    """Return the edges of compressed rows."""
    child = np.repeat(np.arange(len(nodes), dtype=np.int32), np.diff(first))
    return EdgeList(list(nodes), child, parent.astype(np.int32, copy=False), first.astype(np.int64, copy=False))


def same(edges: EdgeList, others: EdgeList) -> bool:
    """Return whether two lists have the same nodes and edges in the same order."""
    return (
        edges.nodes == others.nodes
        and np.array_equal(edges.first, others.first)
        and np.array_equal(edges.parent, others.parent)
    )


def both_ways(edges: EdgeList) -> EdgeList:
    """Return the edges and their reverses, each once."""
    graph = edges.graph()
    return _from_graph(edges.nodes, graph + graph.T)


def joined(old: EdgeList, new: EdgeList) -> EdgeList:
    """Return the edges of both, each once; the nodes of `old` keep their numbers, and new ones follow."""
    known = set(old.nodes)
    nodes = old.nodes + [name for name in new.nodes if name not in known]
    size = (len(nodes), len(nodes))
    child, parent = _renumbered(new, {name: i for i, name in enumerate(nodes)})
    added = sparse.coo_array((np.ones(len(child), np.int32), (child, parent)), size).tocsr()
    before = old.graph().copy()
    before.resize(size)
    return _from_graph(nodes, before + added)


def between(edges: EdgeList, nodes: Sequence[Hashable], index: dict[Hashable, int]) -> EdgeList:
    """Return edges by the numbers that `index` gives to their nodes, which must all be among `nodes`.

    Raises
    ------
    DomainError
        If a node is not.
    """
    missing = [name for name in edges.nodes if name not in index]
    if missing:
        raise DomainError(f"{len(missing)} of {len(edges.nodes)} nodes of the edges are not in the embedding, "
                          f"such as {missing[0]!r}")  # fmt: skip
    child, parent = _renumbered(edges, index)
    ones = np.ones(len(child), np.int32)
    return _from_graph(nodes, sparse.coo_array((ones, (child, parent)), (len(nodes), len(nodes))).tocsr())


def _renumbered(edges: EdgeList, index: dict[Hashable, int]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    number = np.fromiter((index[name] for name in edges.nodes), np.int32, len(edges.nodes))
    return number[edges.child], number[edges.parent]


def _from_graph(nodes: Sequence[Hashable], graph: sparse.csr_array) -> EdgeList:
    graph.sort_indices()
    return from_rows(nodes, graph.indices, graph.indptr)

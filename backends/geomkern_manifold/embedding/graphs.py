"""Lists of edges from others: both ways, joined, and between other numbers."""

from collections.abc import Hashable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geomkern.errors import DomainError

from .edges import EdgeList, index_edges

__all__ = ["Edges", "as_edge_list", "between", "both_ways", "from_rows", "joined", "same"]

Edges = EdgeList | Iterable[tuple[Hashable, Hashable]] | NDArray
"""What is taken for edges."""


def as_edge_list(edges: Edges) -> EdgeList:
    """Return edges as an EdgeList, whatever they come as."""
    return edges if isinstance(edges, EdgeList) else index_edges(edges)


def same(edges: EdgeList, others: EdgeList) -> bool:
    """Return whether two lists have the same nodes and edges in the same order."""
    return (
        edges.nodes == others.nodes
        and np.array_equal(edges.first, others.first)
        and np.array_equal(edges.parent, others.parent)
    )


def both_ways(edges: EdgeList) -> EdgeList:
    """Return the edges and their reverses, each once."""
    child, parent = edges.child, edges.parent
    return _numbered(edges.nodes, np.concatenate([child, parent]), np.concatenate([parent, child]))


def joined(old: EdgeList, new: EdgeList) -> EdgeList:
    """Return the edges of both, each once; the nodes of `old` keep their numbers, and new ones follow."""
    index = {name: i for i, name in enumerate(old.nodes)}
    for name in new.nodes:
        index.setdefault(name, len(index))
    child, parent = _renumbered(new, index)
    return _numbered(list(index), np.concatenate([old.child, child]), np.concatenate([old.parent, parent]))


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
    return _numbered(list(nodes), *_renumbered(edges, index))


def from_rows(nodes: list[Hashable], parent: NDArray[np.int32], first: NDArray[np.int64]) -> EdgeList:
    """Return the edges of compressed rows."""
    return EdgeList(nodes, np.repeat(np.arange(len(nodes), dtype=np.int32), np.diff(first)), parent, first)


def _renumbered(edges: EdgeList, index: dict[Hashable, int]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    number = np.fromiter((index[name] for name in edges.nodes), np.int32, len(edges.nodes))
    return number[edges.child], number[edges.parent]


def _numbered(nodes: list[Hashable], child: NDArray[np.int32], parent: NDArray[np.int32]) -> EdgeList:
    """Sort edges and leave out repetitions."""
    size = (len(nodes), len(nodes))
    graph = sparse.coo_array((np.ones(len(child), np.int32), (child, parent)), size).tocsr()
    graph.sort_indices()
    return from_rows(nodes, graph.indices.astype(np.int32), graph.indptr.astype(np.int64))

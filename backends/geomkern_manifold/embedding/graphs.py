"""Lists of edges from others: both ways, joined, and between other numbers."""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geomkern.errors import DomainError

from .edges import EdgeList, edge_list, index_edges

__all__ = ["Edges", "as_edge_list", "between", "both_ways", "from_rows", "joined", "same"]

Edges = EdgeList | Any
"""What is taken for edges: an EdgeList, or what :func:`index_edges` makes one of."""

Weights = NDArray[np.float32] | None


def as_edge_list(edges: Edges) -> EdgeList:
    """Return edges as an EdgeList, whatever they come as."""
    return edges if isinstance(edges, EdgeList) else index_edges(edges)


def same(edges: EdgeList, others: EdgeList) -> bool:
    """Return whether two lists have the same nodes and edges in the same order."""
    return (
        edges.nodes == others.nodes
        and np.array_equal(edges.first, others.first)
        and np.array_equal(edges.parent, others.parent)
        and np.array_equal(_weights(edges), _weights(others))
    )


def both_ways(edges: EdgeList) -> EdgeList:
    """Return the edges and their reverses, each once; one that is there already keeps its weight."""
    child, parent = edges.child, edges.parent
    ends = np.concatenate([child, parent]), np.concatenate([parent, child])
    return edge_list(edges.nodes, *ends, _together(edges, edges))


def joined(old: EdgeList, new: EdgeList) -> EdgeList:
    """Return the edges of both, each once with the weight that it first had.

    The nodes of `old` keep their numbers, and new ones follow.
    """
    index = {name: i for i, name in enumerate(old.nodes)}
    for name in new.nodes:
        index.setdefault(name, len(index))
    child, parent = _renumbered(new, index)
    ends = np.concatenate([old.child, child]), np.concatenate([old.parent, parent])
    return edge_list(list(index), *ends, _together(old, new))


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
    return edge_list(list(nodes), *_renumbered(edges, index), None if edges.weight is None else edges.weight.copy())


def from_rows(
    nodes: list[Hashable], parent: NDArray[np.int32], first: NDArray[np.int64], weight: Weights = None
) -> EdgeList:
    """Return the edges of compressed rows."""
    return EdgeList(nodes, np.repeat(np.arange(len(nodes), dtype=np.int32), np.diff(first)), parent, first, weight)


def _renumbered(edges: EdgeList, index: dict[Hashable, int]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    number = np.fromiter((index[name] for name in edges.nodes), np.int32, len(edges.nodes))
    return number[edges.child], number[edges.parent]


def _weights(edges: EdgeList) -> NDArray[np.float32]:
    return np.ones(len(edges.parent), np.float32) if edges.weight is None else edges.weight


def _together(one: EdgeList, other: EdgeList) -> Weights:
    """Return the weights of both lists, one behind the other; None where all are 1."""
    if one.weight is None and other.weight is None:
        return None
    return np.concatenate([_weights(one), _weights(other)])

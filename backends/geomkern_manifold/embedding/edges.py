"""Edges: from what holds them in memory to the arrays that training walks."""

import warnings
from array import array
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from geomkern.errors import DomainError, DTypeError, ShapeError

from . import _edges

__all__ = ["Column", "EdgeList", "EdgeReport", "announced", "edge_list", "index_edges", "packed", "single_weights"]

Column = tuple[NDArray[np.int64], NDArray[np.uint8]]
"""Names as an EdgeTable takes them: where each begins and the last ends, and the bytes of them all."""

PART = 1 << 16
"""How many rows of an array are numbered at a time."""


class EdgeReport(NamedTuple):
    """What became of the edges that were given.

    Attributes
    ----------
    read : int
        How many edges were given.
    loops : int
        Edges from a node to itself, which are left out.
    repeated : int
        Edges that were given before, which are left out.
    conflicting : int
        Repeated edges whose weight is not that of the first, which counts.
    mutual : int
        Pairs of nodes with edges in both directions, which are kept.
    """

    read: int = 0
    loops: int = 0
    repeated: int = 0
    conflicting: int = 0
    mutual: int = 0


@dataclass(frozen=True, eq=False)
class EdgeList:
    """The edges of a graph, sorted by child and then by parent; both as pairs and as compressed rows.

    Attributes
    ----------
    nodes : list of hashable
        The names, in the order in which they first occur; everything else holds positions in this list.
    child, parent : ndarray of int32, shape (n_edges,)
        The two ends of each edge.
    first : ndarray of int64, shape (n_nodes + 1,)
        The parents of node ``u`` are ``parent[first[u]:first[u + 1]]``.
    weight : ndarray of float32, shape (n_edges,), or None
        The weight of each edge; None if all are 1.
    report : EdgeReport
        How many edges were given and how many of them were left out.
    """

    nodes: list[Hashable]
    child: NDArray[np.int32]
    parent: NDArray[np.int32]
    first: NDArray[np.int64]
    weight: NDArray[np.float32] | None = None
    report: EdgeReport = field(default_factory=EdgeReport)

    def graph(self) -> sparse.csr_array:
        """Return the adjacency matrix: entry (u, v) is 1 where v is a parent of u."""
        n = len(self.nodes)
        return sparse.csr_array((np.ones(len(self.parent), np.int32), self.parent, self.first), shape=(n, n))


def index_edges(edges: Any) -> EdgeList:
    """Number the nodes and sort the edges.

    Parameters
    ----------
    edges : iterable, ndarray, sparse matrix, graph or data frame
        One of

        - an iterable of (child, parent) or of (child, parent, weight), where each end is a string, a whole number or
          any other hashable,
        - an ndarray of shape (n_edges, 2) of names or whole numbers,
        - a square matrix or array of ``scipy.sparse``, whose entry (u, v) is the weight of the edge from u to its
          parent v; the nodes are then 0, 1, ..., n - 1,
        - a graph of NetworkX, whose edges lead from a child to its parent, with their attribute ``weight`` where they
          have one; an edge of an undirected graph leads in both directions,
        - a data frame of pandas with the columns child, parent and perhaps weight.

        Weights are positive finite numbers.

    Returns
    -------
    EdgeList
        Without self-loops and without repetitions; of an edge that is given more than once, the first weight counts.
        A warning says how many were left out.

    Raises
    ------
    ShapeError
        If an entry is not a pair, an array does not have two columns or a sparse matrix is not square.
    DTypeError
        If a name is not hashable, an array holds floating-point numbers, a weight is not a number, or `edges` is
        nothing of the above.
    DomainError
        If a weight is not positive and finite, or if no edge between two different nodes is left.

    Examples
    --------
    >>> from geomkern_manifold.embedding import index_edges
    >>> edges = index_edges([("cat", "mammal"), ("dog", "mammal"), ("mammal", "animal")])
    >>> edges.nodes
    ['cat', 'mammal', 'dog', 'animal']
    >>> edges.parent.tolist()
    [1, 3, 1]
    """
    if sparse.issparse(edges):
        return announced(_of_matrix(edges))
    if isinstance(edges, np.ndarray):
        return announced(_of_array(edges))
    if all(hasattr(edges, name) for name in ("nodes", "edges", "is_directed")):
        return announced(_of_graph(edges))
    if hasattr(edges, "itertuples"):
        edges = edges.itertuples(index=False, name=None)
    if not isinstance(edges, Iterable):
        raise DTypeError(f"edges need pairs, an array, a sparse matrix or a graph, not {type(edges).__name__}")
    return announced(_of_rows(edges, {}))


def edge_list(
    nodes: list[Hashable],
    child: NDArray[np.int32],
    parent: NDArray[np.int32],
    weight: NDArray[np.float32] | None = None,
) -> EdgeList:
    """Sort numbered edges; the arrays become the EdgeList's own."""
    given = len(child)
    left, first, counts = _edges.compress(len(nodes), child, parent, weight)
    if left == 0:
        if given == 0:
            raise DomainError("an embedding needs at least one edge, and there is none")
        raise DomainError(f"an embedding needs an edge between two different nodes; all {given} are self-loops")
    child, parent = _shortened(child, left), _shortened(parent, left)
    if weight is not None:
        weight = None if (weight[:left] == 1).all() else _shortened(weight, left)
    return EdgeList(nodes, child, parent, first, weight, EdgeReport(given, *counts))


def _shortened(values: NDArray, size: int) -> NDArray:
    return values if len(values) == size else values[:size].copy()


def announced(edges: EdgeList) -> EdgeList:
    """Warn the caller's caller of what was left out."""
    report = edges.report
    counts = {"self-loop": report.loops, "repeated edge": report.repeated}
    found = [f"{n} {what}{'s' if n > 1 else ''}" for what, n in counts.items() if n]
    if found:
        other = f", {report.conflicting} of them with another weight than the first" if report.conflicting else ""
        warnings.warn(f"left out of the edges: {' and '.join(found)}{other}", stacklevel=3)
    return edges


def single_weights(values: ArrayLike) -> tuple[NDArray[np.float32], int]:
    """Return weights in single precision, and the place of the first that is not positive and finite, or -1."""
    with np.errstate(over="ignore"):
        weight = np.asarray(values).astype(np.float32)
    wrong = np.flatnonzero(~(np.isfinite(weight) & (weight > 0)))
    return weight, int(wrong[0]) if len(wrong) else -1


def _weights(values: NDArray) -> NDArray[np.float32]:
    if values.dtype.kind not in "iuf":
        raise DTypeError(f"edges need weights that are numbers, not {values.dtype}")
    weight, wrong = single_weights(values)
    if wrong >= 0:
        raise DomainError(f"a weight must be a positive finite number; that of edge number {wrong} is {values[wrong]}")
    return weight


def _of_rows(rows: Iterable[Any], index: dict[Hashable, int]) -> EdgeList:
    """Number the names of rows; those in `index` have numbers."""
    ends, weights, columns = array("i"), array("d"), 0
    for i, row in enumerate(rows):
        size = len(row) if hasattr(row, "__len__") and not isinstance(row, str | bytes) else 0
        columns = columns or (3 if size == 3 else 2)
        if size != columns:
            kind = "(child, parent) pairs" if columns == 2 else "(child, parent, weight), like the first of them"
            raise ShapeError(f"edges need {kind}; number {i} is {row!r}")
        child, parent, *weight = row
        try:
            ends.append(index.setdefault(child, len(index)))
            ends.append(index.setdefault(parent, len(index)))
        except TypeError as error:
            raise DTypeError(f"edges need names that can be hashed, such as strings or numbers: {error}") from error
        try:
            weights.extend(weight)
        except TypeError as error:
            raise DTypeError(f"edges need weights that are numbers; number {i} is {row!r}") from error
    pairs = np.frombuffer(ends, np.int32).reshape(-1, 2)
    weight = _weights(np.frombuffer(weights)) if columns == 3 else None
    return edge_list(list(index), pairs[:, 0].copy(), pairs[:, 1].copy(), weight)


def _of_array(pairs: NDArray) -> EdgeList:
    if pairs.ndim != 2 or pairs.shape[1] != 2:
        raise ShapeError(f"edges need an array of shape (n_edges, 2), not {pairs.shape}")
    if pairs.dtype.kind in "USO":
        return _of_rows((row for i in range(0, len(pairs), PART) for row in pairs[i : i + PART].tolist()), {})
    if pairs.dtype.kind not in "iu":
        raise DTypeError(f"edges need names or whole numbers, not an array of {pairs.dtype}")
    integers = np.uint64 if pairs.dtype.kind == "u" else np.int64
    table = _edges.EdgeTable("the array", False)
    for i in range(0, len(pairs), PART):
        part = pairs[i : i + PART].astype(integers)
        table.add(packed(part[:, 0]), packed(part[:, 1]))
    return edge_list(*table.finish(integers))


def packed(integers: NDArray) -> Column:
    """Return whole numbers of 64 bits as the names of an EdgeTable."""
    return np.arange(0, 8 * len(integers) + 1, 8), np.ascontiguousarray(integers).view(np.uint8)


def _of_matrix(matrix: Any) -> EdgeList:
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ShapeError(f"edges need a square sparse matrix, not one of shape {matrix.shape}")
    entries = sparse.csr_array(matrix).tocoo()
    there = entries.data != 0
    child, parent = (ends[there].astype(np.int32) for ends in (entries.row, entries.col))
    weight = None if entries.dtype == bool else _weights(entries.data[there])
    return edge_list(list(range(matrix.shape[0])), child, parent, weight)


def _of_graph(graph: Any) -> EdgeList:
    rows = graph.edges(data="weight", default=1)
    if not graph.is_directed():
        rows = (way for u, v, weight in rows for way in ((u, v, weight), (v, u, weight)))
    return _of_rows(rows, {node: i for i, node in enumerate(graph.nodes)})

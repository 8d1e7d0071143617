"""Edges: from pairs of names or a text file to the arrays that training walks."""

import csv
import gzip
import os
import warnings
import zlib
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geomkern.errors import DomainError, DTypeError, FormatError, ShapeError

__all__ = ["BUILT_IN", "EdgeList", "index_edges", "read_edges"]

BUILT_IN = {"mammals": "mammals.tsv"}
"""The sets of edges that come with the package: name -> file in ``geomkern_manifold.data``."""

HEADERS = {("child", "parent"), ("id1", "id2"), ("source", "target"), ("from", "to"), ("u", "v")}
"""The first lines that are taken for a header, in any case."""

Pair = tuple[Hashable, Hashable]


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
    """

    nodes: list[Hashable]
    child: NDArray[np.int32]
    parent: NDArray[np.int32]
    first: NDArray[np.int64]

    def graph(self) -> sparse.csr_array:
        """Return the adjacency matrix: entry (u, v) is 1 where v is a parent of u."""
        n = len(self.nodes)
        return sparse.csr_array((np.ones(len(self.parent), np.int32), self.parent, self.first), shape=(n, n))


def index_edges(pairs: Iterable[Pair] | NDArray) -> EdgeList:
    """Number the nodes and sort the edges.

    Parameters
    ----------
    pairs : iterable of (child, parent), or ndarray of shape (n_edges, 2)
        Each end is a string, a whole number or any other hashable.

    Returns
    -------
    EdgeList
        Without self-loops and without repetitions. A warning says how many of either were left out.

    Raises
    ------
    ShapeError
        If an entry is not a pair or the array does not have two columns.
    DTypeError
        If a name is not hashable or an array holds floating-point numbers.
    DomainError
        If no edge between two different nodes is left.

    Examples
    --------
    >>> from geomkern_manifold.embedding import index_edges
    >>> edges = index_edges([("cat", "mammal"), ("dog", "mammal"), ("mammal", "animal")])
    >>> edges.nodes
    ['cat', 'mammal', 'dog', 'animal']
    >>> edges.parent.tolist()
    [1, 3, 1]
    """
    names = _flat_names(pairs)
    index: dict[Hashable, int] = {}
    try:
        flat = np.fromiter((index.setdefault(name, len(index)) for name in names), np.int32, len(names))
    except TypeError as error:
        raise DTypeError(f"edges need names that can be hashed, such as strings or whole numbers: {error}") from error
    child, parent = flat[0::2], flat[1::2]
    between = child != parent
    nodes = len(index)
    ones = np.ones(int(between.sum()), np.int32)
    graph = sparse.coo_array((ones, (child[between], parent[between])), shape=(nodes, nodes)).tocsr()
    graph.sort_indices()
    if graph.nnz == 0:
        if len(names) == 0:
            raise DomainError("an embedding needs at least one edge, and there is none")
        raise DomainError(f"an embedding needs an edge between two different nodes; all {len(child)} are self-loops")
    _report_left_out(loops=len(child) - len(ones), repeated=len(ones) - graph.nnz)
    return EdgeList(
        nodes=list(index),
        child=np.repeat(np.arange(nodes, dtype=np.int32), np.diff(graph.indptr)),
        parent=graph.indices.astype(np.int32),
        first=graph.indptr.astype(np.int64),
    )


def _flat_names(pairs: Iterable[Pair] | NDArray) -> list[Hashable]:
    """Return child, parent, child, parent, ..."""
    if isinstance(pairs, np.ndarray):
        if pairs.ndim != 2 or pairs.shape[1] != 2:
            raise ShapeError(f"edges need an array of shape (n_edges, 2), not {pairs.shape}")
        if pairs.dtype.kind not in "iuUSO":
            raise DTypeError(f"edges need names or whole numbers, not an array of {pairs.dtype}")
        return pairs.ravel().tolist()
    names: list[Hashable] = []
    for i, pair in enumerate(pairs):
        if isinstance(pair, str | bytes) or not hasattr(pair, "__len__") or len(pair) != 2:
            raise ShapeError(f"edges need (child, parent) pairs; number {i} is {pair!r}")
        names += pair
    return names


def _report_left_out(loops: int, repeated: int) -> None:
    counts = {"self-loop": loops, "repeated edge": repeated}
    found = [f"{n} {what}{'s' if n > 1 else ''}" for what, n in counts.items() if n]
    if found:
        warnings.warn(f"left out of the edges: {' and '.join(found)}", stacklevel=3)


def read_edges(source: str | os.PathLike[str]) -> list[tuple[str, str]]:
    """Read (child, parent) pairs from a text file or a set that comes with the package.

    Parameters
    ----------
    source : str or os.PathLike
        The name of a built-in set (``"mammals"``: the 6,540 hypernym pairs among 1,180 mammals of WordNet 3.0), or
        the path of a UTF-8 text file with one edge on a line: comma-separated with CSV quoting where the name ends
        in ``.csv``, otherwise separated by tabs; with ``.gz`` behind it, compressed. Empty lines and lines that
        start with ``#`` are skipped, and so is a first line that reads ``child, parent`` or ``id1, id2`` or
        ``source, target`` or ``from, to`` or ``u, v``. A file that is called like a built-in set is reached as
        ``./mammals``.

    Raises
    ------
    FileNotFoundError
        If there is neither such a set nor such a file.
    FormatError
        If the file is not UTF-8 text or not a valid archive, if a line does not have two columns, or if there is no
        edge. The message names the line.

    Examples
    --------
    >>> from geomkern_manifold.embedding import read_edges
    >>> read_edges("mammals")[0]
    ('aardvark.n.01', 'mammal.n.01')
    """
    name = os.fspath(source)
    if name in BUILT_IN:
        with resources.files("geomkern_manifold").joinpath("data", BUILT_IN[name]).open("rb") as file:
            return _parse(file, name, comma=False)
    path = Path(name)
    if not path.exists():
        raise FileNotFoundError(f"there is no file {name!r} and no built-in set of that name ({', '.join(BUILT_IN)})")
    suffixes = [suffix.lower() for suffix in path.suffixes]
    zipped = suffixes[-1:] == [".gz"]
    comma = (suffixes[:-1] if zipped else suffixes)[-1:] == [".csv"]
    try:
        with gzip.open(path) if zipped else path.open("rb") as file:
            return _parse(file, name, comma)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise FormatError(f"{name!r} is not a complete gzip file: {error}") from error
    except OSError as error:
        raise type(error)(f"cannot read {name!r}: {error.strerror or error}") from error


def _parse(file: Iterable[bytes], name: str, comma: bool) -> list[tuple[str, str]]:
    kind = "commas" if comma else "tabs"
    rows = csv.reader(_lines(file, name), delimiter="," if comma else "\t", strict=True,
                      quoting=csv.QUOTE_MINIMAL if comma else csv.QUOTE_NONE)  # fmt: skip
    pairs: list[tuple[str, str]] = []
    try:
        for row in rows:
            if not row or row[0].startswith("#"):
                continue
            if len(row) != 2:
                raise FormatError(f"{name!r} line {rows.line_num}: an edge needs 2 columns separated by {kind}, "
                                  f"not {len(row)}")  # fmt: skip
            child, parent = row[0].strip(), row[1].strip()
            if not child or not parent:
                raise FormatError(f"{name!r} line {rows.line_num}: an edge needs two names, and one is empty")
            if pairs or (child.lower(), parent.lower()) not in HEADERS:
                pairs.append((child, parent))
    except csv.Error as error:
        raise FormatError(f"{name!r} line {rows.line_num}: {error}") from error
    if not pairs:
        raise FormatError(f"{name!r} holds no edges")
    return pairs


def _lines(file: Iterable[bytes], name: str) -> Iterator[str]:
    """Decode one line after the other, so that an error can name its line."""
    for number, line in enumerate(file, 1):
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise FormatError(f"{name!r} line {number}: byte {error.start + 1} is not UTF-8 text") from error
        yield text

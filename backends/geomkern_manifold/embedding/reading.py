"""Edges from files, in as much memory as the names and the numbers of the edges need."""

import csv
import gzip
import io
import itertools
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from geomkern.errors import BackendUnavailable, FormatError

from ._edges import EdgeTable
from .edges import Column, EdgeList, announced, edge_list, packed, single_weights
from .wordnet import wordnet_closure

__all__ = ["BUILT_IN", "read_edges"]

HEADERS = {("child", "parent"), ("id1", "id2"), ("source", "target"), ("from", "to"), ("u", "v")}
"""The first lines that are taken for a header, in any case, and whatever stands above the weights."""

Bytes = IO[bytes] | gzip.GzipFile

BLOCK = 1 << 20
"""How many bytes of a file are read at a time."""

ROWS = 1 << 16
"""How many rows are read at a time where they do not come as bytes."""


def read_edges(source: str | os.PathLike[str]) -> EdgeList:
    """Read edges from a file or a built-in set.

    Parameters
    ----------
    source : str or os.PathLike
        The name of a built-in set or the path of a file. A file that is called like a built-in set is reached as
        ``./mammals``.

        The built-in sets are closures of WordNet's hypernyms: ``"mammals"``, the 6,540 pairs among 1,180 mammals, comes
        with the package, and ``"nouns"``, with 743,086 pairs among 82,115 nouns, is built from an installed dictionary
        (see :func:`wordnet_closure`).

        A text file is UTF-8 with one edge on a line, child and parent and perhaps a weight: comma-separated with CSV
        quoting where the name ends in ``.csv``, otherwise separated by tabs; with ``.gz`` behind it, compressed. Empty
        lines and lines that start with ``#`` are skipped, and so is a first line that reads ``child, parent`` or
        ``id1, id2`` or ``source, target`` or ``from, to`` or ``u, v``, whatever stands above the weights.

        A ``.parquet`` file has columns that are called like this, and perhaps a column ``weight``, or it has only two
        or three columns. Its names are text or whole numbers.

    Returns
    -------
    EdgeList
        Without self-loops and without repetitions; of an edge that is given more than once, the first weight counts.
        A warning says how many were left out. Names of text files are strings, without white space around them.

    Raises
    ------
    FileNotFoundError
        If there is neither such a set nor such a file, or no dictionary to build a set from.
    FormatError
        If the file is not UTF-8 text, not a valid archive or not valid Parquet, if a line does not have as many columns
        as the first one, two or three, if a weight is not a positive finite number, or if there is no edge. The message
        names the line.
    DomainError
        If all edges are self-loops.
    BackendUnavailable
        If a ``.parquet`` file is to be read and pyarrow (the extra ``parquet``) is not installed.

    Examples
    --------
    >>> from geomkern_manifold.embedding import read_edges
    >>> edges = read_edges("mammals")
    >>> edges.nodes[edges.child[0]], edges.nodes[edges.parent[0]]
    ('aardvark.n.01', 'mammal.n.01')
    """
    name = os.fspath(source)
    if name in BUILT_IN:
        return announced(BUILT_IN[name]())
    path = Path(name)
    if not path.exists():
        raise FileNotFoundError(f"there is no file {name!r} and no built-in set of that name ({', '.join(BUILT_IN)})")
    suffixes = [suffix.lower() for suffix in path.suffixes]
    zipped = suffixes[-1:] == [".gz"]
    comma = (suffixes[:-1] if zipped else suffixes)[-1:] == [".csv"]
    try:
        if suffixes[-1:] == [".parquet"]:
            return announced(_read_parquet(path, name))
        with gzip.open(path) if zipped else path.open("rb") as file:
            return announced(_read_text(file, name, "," if comma else "\t"))
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise FormatError(f"{name!r} is not a complete gzip file: {error}") from error
    except OSError as error:
        raise type(error)(f"cannot read {name!r}: {error.strerror or error}") from error


def _mammals() -> EdgeList:
    with resources.files("geomkern_manifold").joinpath("data", "mammals.tsv").open("rb") as file:
        return _read_text(file, "mammals", "\t")


BUILT_IN: dict[str, Callable[[], EdgeList]] = {"mammals": _mammals, "nouns": wordnet_closure}
"""The sets of edges that can be asked for by name: name -> function that returns them."""


def _finished(table: EdgeTable, integers: Any = None) -> EdgeList:
    if len(table) == 0:
        raise FormatError(f"{table.source!r} holds no edges")
    return edge_list(*table.finish(integers))


def _read_text(file: Bytes, name: str, delimiter: str) -> EdgeList:
    head, before = _head(file)
    if delimiter == "," and b'"' in head:
        return _read_quoted(itertools.chain([head], file), name, before)
    row = _decoded(head, name, before + 1).split(delimiter)
    table = EdgeTable(name, weighted=len(row) == 3)
    table.skip_lines(before)
    if _is_header(row):
        table.skip_lines(1)
        head = b""
    for block in _blocks(file, head):
        if delimiter == "," and b'"' in block:
            _add_rows(_quoted_rows(itertools.chain(io.BytesIO(block), file), name, table.lines), table)
            break
        _read_block(block, table, delimiter)
    return _finished(table)


def _head(file: Bytes) -> tuple[bytes, int]:
    """Return the first line that is neither empty nor a comment, and the number of lines before it."""
    for before, line in enumerate(iter(file.readline, b"")):
        head = line.removeprefix(b"\xef\xbb\xbf") if before == 0 else line
        if head.rstrip(b"\r\n") and not head.startswith(b"#"):
            return head, before
    return b"", 0


def _is_header(row: list[str]) -> bool:
    return len(row) in (2, 3) and (row[0].strip().lower(), row[1].strip().lower()) in HEADERS


def _blocks(file: Bytes, rest: bytes) -> Iterator[bytes]:
    """Yield whole lines: `rest` and what follows."""
    while data := file.read(BLOCK):
        yield rest + data + file.readline()
        rest = b""
    if rest:
        yield rest


def _read_block(block: bytes, table: EdgeTable, delimiter: str) -> None:
    wrong = len(block)
    try:
        block.decode()
    except UnicodeDecodeError as error:
        wrong = block.rfind(b"\n", 0, error.start) + 1
    refused = table.read_lines(block[:wrong], delimiter)
    if refused >= 0:
        line, where = block[refused:].split(b"\n", 1)[0].decode(), f"{table.source!r} line {table.lines}"
        if "\r" in line.removesuffix("\r"):
            raise FormatError(f"{where}: there is a carriage return inside of the line")
        _checked(line.split(delimiter), table.weighted, delimiter, where)
        raise FormatError(f"{where} is not an edge")
    if wrong < len(block):
        _decoded(block[wrong:], table.source, table.lines + 1)


def _decoded(line: bytes, name: str, number: int) -> str:
    """Decode a line, so that an error can name it."""
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise FormatError(f"{name!r} line {number}: byte {error.start + 1} is not UTF-8 text") from error


def _checked(row: list[str], weighted: bool, delimiter: str, where: str) -> tuple[str, str, float]:
    """Return child, parent and weight of a row; an error says what is wrong with it."""
    wanted = 3 if weighted else 2
    if len(row) != wanted:
        kind = "commas" if delimiter == "," else "tabs"
        raise FormatError(f"{where}: an edge needs {wanted} columns separated by {kind}, not {len(row)}")
    child, parent = row[0].strip(), row[1].strip()
    if not child or not parent:
        raise FormatError(f"{where}: an edge needs two names, and one is empty")
    return child, parent, _weight(row[2].strip(), where) if weighted else 1.0


def _weight(text: str, where: str) -> float:
    try:
        if text.isascii() and "_" not in text:  # which Python reads in numbers, and files do not mean
            weight, wrong = single_weights([float(text)])
            if wrong < 0:
                return float(weight[0])
    except ValueError:
        pass
    raise FormatError(f"{where}: a weight must be a positive finite number, not {text!r}")


def _quoted_rows(lines: Iterable[bytes], name: str, before: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of CSV with quotes and the number of the line that each ends in; `before` lines have been read."""
    text = (_decoded(line, name, number) for number, line in enumerate(lines, before + 1))
    rows = csv.reader(text, strict=True)
    try:
        for row in rows:
            if row and not row[0].startswith("#"):
                yield before + rows.line_num, row
    except csv.Error as error:
        raise FormatError(f"{name!r} line {before + rows.line_num}: {error}") from error


def _read_quoted(lines: Iterable[bytes], name: str, before: int) -> EdgeList:
    """Read CSV whose first row has quotes."""
    rows = _quoted_rows(lines, name, before)
    first = next(rows)
    table = EdgeTable(name, weighted=len(first[1]) == 3)
    _add_rows(rows if _is_header(first[1]) else itertools.chain([first], rows), table)
    return _finished(table)


def _add_rows(rows: Iterator[tuple[int, list[str]]], table: EdgeTable) -> None:
    while part := [
        _checked(row, table.weighted, ",", f"{table.source!r} line {number}")
        for number, row in itertools.islice(rows, ROWS)
    ]:
        child, parent, weight = zip(*part, strict=True)
        table.add(_text_column(child), _text_column(parent), np.array(weight, np.float32) if table.weighted else None)


def _text_column(names: Sequence[str]) -> Column:
    parts = [name.encode() for name in names]
    offsets = np.concatenate([[0], np.cumsum([len(part) for part in parts])])
    return offsets, np.frombuffer(b"".join(parts), np.uint8)


def _read_parquet(path: Path, name: str) -> EdgeList:
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError as error:
        raise BackendUnavailable(
            f'Parquet files need pyarrow, and it does not load ({error}): pip install "geomkern[parquet]"'
        ) from error
    with path.open("rb") as file:
        try:
            with parquet.ParquetFile(file) as content:
                return _read_columns(content, name, arrow)
        except (arrow.ArrowException, OSError) as error:
            if getattr(error, "errno", None) is not None:
                raise
            raise FormatError(f"{name!r} cannot be read as Parquet: {error}") from error


def _read_columns(content: Any, name: str, arrow: Any) -> EdgeList:
    schema = content.schema_arrow
    columns = _columns(schema.names, name)
    kinds = [_kind(schema.field(column).type, arrow) for column in columns]
    if kinds[:2] not in (["text", "text"], ["integer", "integer"]):
        raise FormatError(f"{name!r}: the columns {columns[0]!r} and {columns[1]!r} must both be text or whole numbers")
    if kinds[2:] not in ([], ["integer"], ["float"]):
        raise FormatError(f"{name!r}: the column {columns[2]!r} must be numbers")
    table = EdgeTable(name, weighted=len(columns) == 3)
    for batch in content.iter_batches(ROWS, columns=columns):
        values = [batch.column(column) for column in columns]
        for column, cells in zip(columns, values, strict=True):
            _refuse_first(cells.is_null().to_numpy(zero_copy_only=False), table, f"there is no value in {column!r}")
        if kinds[0] == "integer":
            child, parent = (packed(cells.cast(arrow.int64()).to_numpy()) for cells in values[:2])
        else:
            child, parent = (_arrow_column(cells.cast(arrow.large_string())) for cells in values[:2])
            for offsets, _ in (child, parent):
                _refuse_first(np.diff(offsets) == 0, table, "an edge needs two names, and one is empty")
        weight = None
        if table.weighted:
            given = values[2].to_numpy(zero_copy_only=False)
            weight, wrong = single_weights(given)
            text = f"a weight must be a positive finite number, not {given[wrong]}"
            _refuse_first(np.arange(len(given)) == wrong, table, text)
        table.add(child, parent, weight)
    return _finished(table, np.int64 if kinds[0] == "integer" else None)


def _columns(names: list[str], name: str) -> list[str]:
    """Return what the columns of the edges are called: child, parent and perhaps weight."""
    lower = [column.lower() for column in names]
    for pair in HEADERS:
        if set(pair) <= set(lower):
            return [names[lower.index(column)] for column in (*pair, "weight") if column in lower]
    if len(names) not in (2, 3):
        raise FormatError(f"{name!r} needs the columns child and parent, or only two or three; it has {len(names)}")
    return names


def _kind(data: Any, arrow: Any) -> str:
    is_a = arrow.types
    if is_a.is_dictionary(data):
        data = data.value_type
    if is_a.is_string(data) or is_a.is_large_string(data):
        return "text"
    return "integer" if is_a.is_integer(data) else "float" if is_a.is_floating(data) else "other"


def _refuse_first(wrong: NDArray[np.bool_], table: EdgeTable, what: str) -> None:
    if wrong.any():
        raise FormatError(f"{table.source!r} row {len(table) + wrong.argmax() + 1}: {what}")


def _arrow_column(cells: Any) -> Column:
    _, offsets, text = cells.buffers()
    begin = np.frombuffer(offsets, np.int64)[cells.offset : cells.offset + len(cells) + 1]
    return begin, np.frombuffer(text or b"", np.uint8)

"""The formats of word2vec, which gensim and others read and write: points with names, as text or as binary numbers."""

import os
from collections.abc import Hashable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geomkern.errors import FormatError
from geomkern.io import atomic_path

__all__ = ["load_binary", "load_text", "save_binary", "save_text", "save_tsv"]

Named = tuple[list[str], NDArray[np.floating]]


def save_text(path: str | os.PathLike[str], nodes: Sequence[Hashable], points: NDArray[np.floating]) -> None:
    """Write ``n_nodes dim`` and then a line for each node: its name and its coordinates, separated by spaces."""
    _save_lines(path, nodes, points, " ")


def save_tsv(path: str | os.PathLike[str], nodes: Sequence[Hashable], points: NDArray[np.floating]) -> None:
    """Write the same with tabs, so that names may have spaces in them."""
    _save_lines(path, nodes, points, "\t")


def _save_lines(
    path: str | os.PathLike[str], nodes: Sequence[Hashable], points: NDArray[np.floating], between: str
) -> None:
    names = _names(path, nodes, "\t" if between == "\t" else " ")
    with atomic_path(path) as partial, partial.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f"{points.shape[0]} {points.shape[1]}\n")
        for name, point in zip(names, points, strict=True):
            file.write(between.join([name, *map(str, point)]) + "\n")


def save_binary(path: str | os.PathLike[str], nodes: Sequence[Hashable], points: NDArray[np.floating]) -> None:
    """Write ``n_nodes dim`` and then, for each node, its name, a space and its coordinates as float32.

    Raises
    ------
    FormatError
        If a name cannot be written, or the points are float64, which near the boundary is not to be rounded.
    """
    if points.dtype != np.float32:
        raise FormatError(f"cannot write {os.fspath(path)!r}: word2vec's binary format holds float32, "
                          f"and the points are {points.dtype}; .txt holds all digits")  # fmt: skip
    names = _names(path, nodes, " ")
    with atomic_path(path) as partial, partial.open("wb") as file:
        file.write(f"{points.shape[0]} {points.shape[1]}\n".encode())
        for name, point in zip(names, points.astype("<f4"), strict=True):
            file.write(name.encode() + b" " + point.tobytes())


def _names(path: str | os.PathLike[str], nodes: Sequence[Hashable], between: str) -> list[str]:
    names = [str(name) for name in nodes]
    what = "tab or a line break" if between == "\t" else "space, a tab or a line break"
    for name in names:
        if any(character in name for character in between + "\t\n\r"):
            suffix = Path(path).suffix.lower()
            raise FormatError(f"a {suffix} embedding cannot hold the name {name!r}: it has a {what} in it")
    return names


def load_text(path: str | os.PathLike[str]) -> Named:
    """Read what :func:`save_text`, :func:`save_tsv` or another library's word2vec text wrote.

    Numbers are taken for float32 where they are the shortest forms of such, and for float64 otherwise.
    """
    name = os.fspath(path)
    with open(path, encoding="utf-8") as file:
        try:
            count, dim = _header(file.readline(), name)
            names, rows = [], np.empty((count, dim))
            for i in range(count):
                line = file.readline().rstrip("\n").rstrip(" ")
                parts = line.rsplit("\t" if "\t" in line else " ", dim)
                if len(parts) != dim + 1:
                    raise FormatError(f"{name!r} line {i + 2}: expected a name and {dim} numbers, not {line[:60]!r}")
                names.append(parts[0])
                rows[i] = [float(part) for part in parts[1:]]
            if file.readline().strip():
                raise FormatError(f"{name!r} has more than the {count} lines that its first line promises")
        except UnicodeDecodeError as error:
            raise FormatError(f"{name!r} is not an embedding: it is not UTF-8 text") from error
        except ValueError as error:
            if isinstance(error, FormatError):
                raise
            raise FormatError(f"{name!r} line {len(names) + 1}: {error}") from error
    with np.errstate(over="ignore"):
        short = rows.astype(np.float32)
    return names, short if np.array_equal(short.astype(str).astype(np.float64), rows, equal_nan=True) else rows


def load_binary(path: str | os.PathLike[str]) -> Named:
    """Read what :func:`save_binary` or another library's binary word2vec wrote."""
    name = os.fspath(path)
    data = Path(path).read_bytes()
    begin = data.find(b"\n", 0, 64) + 1
    count, dim = _header(data[:begin].decode("ascii", "replace"), name)
    names, rows = [], np.empty((count, dim), np.float32)
    for i in range(count):
        space = data.find(b" ", begin)
        end = space + 1 + 4 * dim
        if space < 0 or end > len(data):
            raise FormatError(f"{name!r} ends in the middle of node {i + 1} of {count}")
        try:
            names.append(data[begin:space].lstrip(b"\n").decode())  # the first word2vec wrote line breaks in between
        except UnicodeDecodeError as error:
            raise FormatError(f"{name!r}: the name of node {i + 1} is not UTF-8 text") from error
        rows[i] = np.frombuffer(data, "<f4", dim, space + 1)
        begin = end
    if data[begin:].strip(b"\n"):
        raise FormatError(f"{name!r} holds more than the {count} nodes that its first line promises")
    return names, rows


def _header(line: str, name: str) -> tuple[int, int]:
    parts = line.split()
    if len(parts) != 2 or not all(part.isdecimal() for part in parts) or "0" in parts:
        raise FormatError(f"{name!r} is not an embedding: it must begin with the numbers of nodes and of dimensions")
    return int(parts[0]), int(parts[1])

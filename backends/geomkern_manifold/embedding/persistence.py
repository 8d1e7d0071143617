"""Models as files."""

import json
import os
import zipfile
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geomkern.errors import FormatError
from geomkern.io import atomic_path

from . import word2vec
from .edges import EdgeList
from .graphs import from_rows

__all__ = [
    "SUFFIXES", "check_suffix", "check_writable", "load_npz", "load_points", "save_npz", "save_points", "stored_names",
]  # fmt: skip

VERSION = 2
FIELDS = ("nodes", "embedding", "parent", "first", "state")

WRITERS: dict[str, Callable[[str | os.PathLike[str], Sequence[Hashable], NDArray[np.floating]], None]] = {
    ".tsv": word2vec.save_tsv,
    ".txt": word2vec.save_text,
    ".vec": word2vec.save_text,
    ".bin": word2vec.save_binary,
}
READERS = {".tsv": word2vec.load_text, ".txt": word2vec.load_text, ".vec": word2vec.load_text,
           ".bin": word2vec.load_binary}  # fmt: skip

SUFFIXES = (".npz", *WRITERS)
"""The formats of a model; all but the first hold the names and the points only."""


def check_suffix(path: str | os.PathLike[str]) -> str:
    """Return the suffix of the name of a model, or raise FormatError if there is no such format."""
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise FormatError(f"the name of an embedding must end in {' or '.join(SUFFIXES)}, not {os.fspath(path)!r}")
    return suffix


def check_writable(path: str | os.PathLike[str]) -> None:
    """Raise OSError if a file cannot be written at `path`, without a trace."""
    try:
        with atomic_path(path):
            raise _Abandon
    except _Abandon:
        return


class _Abandon(Exception):
    """Leaves a file as it was."""


def stored_names(nodes: Sequence[Hashable]) -> NDArray[Any]:
    """Return names as an array that needs no pickle, or raise FormatError."""
    if not (all(isinstance(name, str) for name in nodes) or all(type(name) is int for name in nodes)):
        raise FormatError("an .npz embedding needs names that are all strings or all whole numbers")
    names = np.array(nodes)
    if names.dtype == object or names.tolist() != list(nodes):
        raise FormatError(
            "an .npz embedding needs whole numbers of 64 bits or strings that do not end in a null character"
        )
    return names


def save_npz(
    path: str | os.PathLike[str], points: NDArray[np.floating], edges: EdgeList, state: dict[str, Any]
) -> None:
    """Write an archive of arrays: ``nodes``, ``embedding``, the edges as compressed rows and ``state`` as JSON.

    Where edges have weights, there is an array ``weight`` as well.
    """
    names = stored_names(edges.nodes)
    text = json.dumps({"version": VERSION, **state}, default=_plain)
    with atomic_path(path) as partial, partial.open("wb") as file:
        weight: dict[str, Any] = {} if edges.weight is None else {"weight": edges.weight}
        np.savez_compressed(
            file, nodes=names, embedding=points, parent=edges.parent, first=edges.first, state=np.array(text), **weight
        )
        file.flush()
        os.fsync(file.fileno())  # the name must not point to a file that is not on the disk yet


def load_npz(path: str | os.PathLike[str]) -> tuple[NDArray[np.floating], EdgeList, dict[str, Any]]:
    """Read what :func:`save_npz` wrote."""
    name = os.fspath(path)
    _refuse_pickles(path)
    try:
        with np.load(path, allow_pickle=False) as archive:
            missing = [field for field in FIELDS if field not in archive]
            if missing:
                raise FormatError(f"{name!r} is not an embedding: it lacks {', '.join(missing)}")
            nodes, points, parent, first, text = (archive[field] for field in FIELDS)
            weight = archive.get("weight")
        state = json.loads(str(text))
        version = state.pop("version")
    except FormatError:
        raise
    except OSError as error:
        raise type(error)(f"cannot read {name!r}: {error.strerror or error}") from error
    except (ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise FormatError(f"{name!r} is not an embedding that geomkern wrote: {error}") from error
    if version != VERSION:
        raise FormatError(f"{name!r} is an embedding of format {version}, and this geomkern reads format {VERSION}")
    return points, from_rows(nodes.tolist(), parent, first, weight), state


def save_points(path: str | os.PathLike[str], nodes: Sequence[Hashable], points: NDArray[np.floating]) -> None:
    """Write names and points in the format of word2vec that the suffix names."""
    WRITERS[check_suffix(path)](path, nodes, points)


def load_points(path: str | os.PathLike[str]) -> word2vec.Named:
    """Read names and points in the format of word2vec that the suffix names."""
    name = os.fspath(path)
    _refuse_pickles(path)
    suffix = check_suffix(path)
    try:
        nodes, points = READERS[suffix](path)
    except OSError as error:
        raise type(error)(f"cannot read {name!r}: {error.strerror or error}") from error
    if len(set(nodes)) < len(nodes):
        raise FormatError(f"{name!r} has a name twice")
    return nodes, points


def _refuse_pickles(path: str | os.PathLike[str]) -> None:
    name = os.fspath(path)
    try:
        with open(path, "rb") as file:
            begin = file.read(2)
    except OSError as error:
        raise type(error)(f"cannot read {name!r}: {error.strerror or error}") from error
    if len(begin) == 2 and begin[0] == 0x80 and 2 <= begin[1] <= 5:
        raise FormatError(
            f"{name!r} is a pickle, as gensim's save writes it, and reading one runs whatever code it holds; where "
            "gensim is installed, convert it by PoincareModel.load(...).kv.save_word2vec_format('points.txt')"
        )


def _plain(value: object) -> object:
    """Turn NumPy's numbers into Python's."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"cannot store {value!r}")

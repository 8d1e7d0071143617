"""Models as files."""

import json
import os
import zipfile
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geomkern.errors import FormatError
from geomkern.io import atomic_path

from .edges import EdgeList

__all__ = ["SUFFIXES", "load", "save", "save_npz", "save_tsv"]

VERSION = 1
FIELDS = ("nodes", "embedding", "parent", "first", "state")


def save(
    path: str | os.PathLike[str],
    nodes: Sequence[Hashable],
    points: NDArray[np.float32],
    edges: EdgeList,
    state: dict[str, Any],
) -> None:
    """Write a model in the format that the suffix names, or raise FormatError."""
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise FormatError(
            f"cannot save an embedding as {os.fspath(path)!r}: the name must end in {' or '.join(SUFFIXES)}"
        )
    SUFFIXES[suffix](path, nodes, points, edges, state)


def save_npz(
    path: str | os.PathLike[str],
    nodes: Sequence[Hashable],
    points: NDArray[np.float32],
    edges: EdgeList,
    state: dict[str, Any],
) -> None:
    """Write an archive of arrays: ``nodes``, ``embedding``, the edges as compressed rows, and ``state`` as JSON."""
    if not (all(isinstance(name, str) for name in nodes) or all(type(name) is int for name in nodes)):
        raise FormatError("an .npz embedding needs names that are all strings or all whole numbers")
    names = np.array(nodes)
    if names.dtype == object or names.tolist() != list(nodes):
        raise FormatError(
            "an .npz embedding needs whole numbers of 64 bits or strings that do not end in a null character"
        )
    text = json.dumps({"version": VERSION, **state}, default=_plain)
    with atomic_path(path) as partial, partial.open("wb") as file:
        np.savez_compressed(
            file, nodes=names, embedding=points, parent=edges.parent, first=edges.first, state=np.array(text)
        )


def save_tsv(
    path: str | os.PathLike[str],
    nodes: Sequence[Hashable],
    points: NDArray[np.float32],
    edges: EdgeList,
    state: dict[str, Any],
) -> None:
    """Write ``n_nodes dim`` and then a line for each node: its name and its coordinates, separated by tabs."""
    names = [str(name) for name in nodes]
    for name in names:
        if any(character in name for character in "\t\n\r"):
            raise FormatError(f"a .tsv embedding cannot hold the name {name!r}: it has a tab or a line break in it")
    with atomic_path(path) as partial, partial.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f"{points.shape[0]} {points.shape[1]}\n")
        for name, point in zip(names, points, strict=True):
            file.write("\t".join([name, *map(str, point)]) + "\n")


SUFFIXES = {".npz": save_npz, ".tsv": save_tsv}


def load(path: str | os.PathLike[str]) -> tuple[NDArray[np.float32], EdgeList, dict[str, Any]]:
    """Read what :func:`save_npz` wrote."""
    name = os.fspath(path)
    try:
        with np.load(path, allow_pickle=False) as archive:
            missing = [field for field in FIELDS if field not in archive]
            if missing:
                raise FormatError(f"{name!r} is not an embedding: it lacks {', '.join(missing)}")
            nodes, points, parent, first, text = (archive[field] for field in FIELDS)
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
    child = np.repeat(np.arange(len(nodes), dtype=np.int32), np.diff(first))
    return points, EdgeList(nodes.tolist(), child, parent, first), state


def _plain(value: object) -> object:
    """Turn NumPy's numbers into Python's."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"cannot store {value!r}")

"""States, flat mappings of names to arrays, as safetensors files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..autograd._tape import TensorBase
from ..errors import BackendUnavailable, DTypeError, FormatError
from .files import atomic_path

__all__ = ["load", "save"]

DTYPES = (
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64", "complex64"),
)


def save(state: Mapping[str, Any], path: str | os.PathLike[str]) -> None:
    """Write a state to a safetensors file, whole or not at all.

    Parameters
    ----------
    state : mapping of str to ndarray or Tensor
        What ``state_dict()`` returns, for instance.
    path : str or os.PathLike
        The file to write; an existing one is replaced.

    Raises
    ------
    FormatError
        If a key is not a string or a value not an array.
    DTypeError
        If an array has a type that the format lacks.
    BackendUnavailable
        If the package safetensors is not installed.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> import geomkern as gk
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     gk.save({"weight": np.ones(2)}, Path(folder, "state.safetensors"))
    ...     gk.load(Path(folder, "state.safetensors"))
    {'weight': array([1., 1.])}
    """
    arrays = {}
    for key, value in state.items():
        array = value.data if isinstance(value, TensorBase) else value
        if not isinstance(key, str):
            raise FormatError(f"the keys of a state are strings, not {key!r}")
        if not isinstance(array, (np.ndarray, np.generic)):
            raise FormatError(f"the values of a state are arrays and tensors, and {key!r} is {type(value).__name__}")
        if array.dtype.name not in DTYPES:
            raise DTypeError(f"a safetensors file cannot hold {array.dtype}, the type of {key!r}")
        arrays[key] = np.array(array, order="C")  # the package writes memory as it lies
    packed = _safetensors().save(arrays)
    with atomic_path(path) as partial:
        partial.write_bytes(packed)


def load(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    """Read a state from a safetensors file.

    Parameters
    ----------
    path : str or os.PathLike
        The file to read.

    Returns
    -------
    dict of str to ndarray
        The arrays by name.

    Raises
    ------
    FormatError
        If the file is not a whole safetensors file.
    BackendUnavailable
        If the package safetensors is not installed.
    """
    safetensors = _safetensors()
    with open(path, "rb") as file:
        packed = file.read()
    try:
        return dict(safetensors.load(packed))
    except Exception as error:  # the package raises whatever its parser meets
        raise FormatError(f"{os.fspath(path)!r} is not a safetensors file: {error}") from error


def _safetensors() -> Any:
    try:
        import safetensors.numpy
    except ImportError as error:
        raise BackendUnavailable(
            'saving and loading states needs the package safetensors: pip install "geomkern[safetensors]"'
        ) from error
    return safetensors.numpy

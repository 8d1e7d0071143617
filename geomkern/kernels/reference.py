"""What the core's kernels compute, in plain NumPy."""

from __future__ import annotations

import numpy as np

__all__ = ["scatter_add", "sum"]


def sum(x: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    """Return the sums over `axes`, which are ascending and stay with length one."""
    if x.dtype == np.float32:
        return np.sum(x, axis=axes, keepdims=True, dtype=np.float64).astype(np.float32)
    return np.sum(x, axis=axes, keepdims=True)


def scatter_add(table: np.ndarray, index: np.ndarray, rows: np.ndarray) -> None:
    """Add ``rows[i]`` to ``table[index[i]]``, for every i of the index, also where an index repeats."""
    np.add.at(table, index, rows)

"""What the core's kernels compute, in plain NumPy."""

from __future__ import annotations

import numpy as np

__all__ = ["scatter_add", "sum"]


def sum(x: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    """Return the sums over `axes`, which are ascending; floats are added up in double."""
    wide = x.astype(np.float64) if x.dtype == np.float32 else x
    total = np.asarray(np.sum(wide, axis=axes))
    return total.astype(np.float32) if x.dtype == np.float32 else total


def scatter_add(table: np.ndarray, index: np.ndarray, rows: np.ndarray) -> None:
    """Add ``rows[i]`` to ``table[index[i]]``, for every i of the index, also where an index repeats."""
    np.add.at(table, index, rows)

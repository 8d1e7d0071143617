"""The core's kernels on the CPU. What each one computes is defined by its namesake in ``reference``."""

from __future__ import annotations

import math

import numpy as np

from ._scatter import scatter_add_rows
from ._sum import sum_middle

__all__ = ["scatter_add", "sum"]


def sum(x: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    """Return the sums over `axes`, which are ascending; floats are added up in double."""
    if x.dtype.char not in "fd":
        return np.asarray(np.sum(x, axis=axes))
    if not axes:
        return x.copy()
    shape = tuple([n for i, n in enumerate(x.shape) if i not in axes])
    first, last = axes[0], axes[-1] + 1
    if last - first != len(axes):  # not side by side: bring them together at the end
        order = [i for i in range(x.ndim) if i not in axes] + list(axes)
        x, first, last = x.transpose(order), x.ndim - len(axes), x.ndim
    outer, inner = math.prod(x.shape[:first]), math.prod(x.shape[last:])
    return sum_middle(x, outer, math.prod(x.shape[first:last]), inner, shape)


def scatter_add(table: np.ndarray, index: np.ndarray, rows: np.ndarray) -> None:
    """Add ``rows[i]`` to ``table[index[i]]``, for every i of the index, also where an index repeats."""
    width = math.prod(table.shape[1:])
    scatter_add_rows(
        table.reshape(len(table), width),
        np.ascontiguousarray(index, np.int64),
        np.ascontiguousarray(rows, table.dtype).reshape(index.size, width),
    )

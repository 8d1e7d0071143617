"""Gradients that are zero but for a few rows."""

from typing import Any

import numpy as np

from ..errors import DomainError, ShapeError
from ..kernels import cpu

__all__ = ["RowGradient"]


class RowGradient:
    """The gradient of a table of which few rows were used: those rows, and where they belong.

    An operation returns one from its backward in place of an array. A leaf keeps it as its ``grad``, and optimisers
    move the rows that are in it and no others; anywhere else on the tape it becomes a plain array.

    Parameters
    ----------
    indices : ndarray of int, shape (m,)
        Which rows; repeated ones add up.
    rows : ndarray, shape (m, ...)
        Their gradients.
    shape : tuple of int
        The shape of the whole, (n, ...).

    Attributes
    ----------
    indices, rows, shape
        As given.
    data : ndarray, shape `shape`
        The whole as an array, made anew each time.
    dtype : dtype

    Raises
    ------
    ShapeError
        If the shapes do not fit.
    DomainError
        If there is no such row.

    Examples
    --------
    >>> import numpy as np
    >>> import geomkern as gk
    >>> table = gk.nn.Embedding(4, 2, sparse=True, rng=0)
    >>> table(np.array([3, 1, 3])).sum().backward()
    >>> table.weight.grad
    RowGradient(3 rows, shape=(4, 2))
    >>> table.weight.grad.data
    array([[0., 0.],
           [1., 1.],
           [0., 0.],
           [2., 2.]], dtype=float32)
    """

    def __init__(self, indices: np.ndarray, rows: np.ndarray, shape: tuple[int, ...]) -> None:
        if rows.shape != (*np.shape(indices), *shape[1:]) or np.ndim(indices) != 1:
            raise ShapeError(
                f"RowGradient needs one row of {shape[1:]} for each index, not indices {np.shape(indices)} and rows "
                f"{rows.shape}"
            )
        if len(indices) and not 0 <= indices.min() <= indices.max() < shape[0]:
            raise DomainError(
                f"RowGradient needs indices from 0 to {shape[0] - 1}, not from {indices.min()} to {indices.max()}"
            )
        self.indices, self.rows, self.shape = indices, rows, tuple(shape)

    @property
    def dtype(self) -> np.dtype:
        """The type of the numbers."""
        return self.rows.dtype

    @property
    def data(self) -> np.ndarray:
        """The whole as an array."""
        whole = np.zeros(self.shape, self.dtype)
        cpu.scatter_add(whole, self.indices, self.rows)
        return whole

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self.data.astype(dtype or self.dtype, copy=False)

    def joined(self, other: "RowGradient") -> "RowGradient":
        """Return the sum with another one of the same shape."""
        return RowGradient(
            np.concatenate([self.indices, other.indices]), np.concatenate([self.rows, other.rows]), self.shape
        )

    def unique(self) -> "RowGradient":
        """Return the same gradient with each row once, in order."""
        indices, places = np.unique(self.indices, return_inverse=True)
        if len(indices) == len(self.indices) and np.array_equal(indices, self.indices):
            return self
        rows = np.zeros((len(indices), *self.shape[1:]), self.dtype)
        cpu.scatter_add(rows, places, self.rows)
        return RowGradient(indices, rows, self.shape)

    def __repr__(self) -> str:
        return f"RowGradient({len(self.indices)} rows, shape={self.shape})"

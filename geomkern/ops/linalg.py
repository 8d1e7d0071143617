"""Matrix products."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd._function import Function
from ..errors import ShapeError

__all__ = ["matmul"]


def _rows(x: np.ndarray) -> np.ndarray:
    """Return all leading axes as one."""
    return x.reshape(-1, x.shape[-1]) if x.size else x.reshape(int(np.prod(x.shape[:-1])), x.shape[-1])


class MatMul(Function):
    """``x @ y``. A right operand of two axes makes it one product of matrices, forward and back."""

    @staticmethod
    def forward(ctx: Any, x: Any, y: Any) -> Any:
        x, y = np.asarray(x), np.asarray(y)
        if not x.ndim or not y.ndim or x.shape[-1] != y.shape[max(y.ndim - 2, 0)]:
            raise ShapeError(
                f"matmul needs the last axis of the left operand to be as long as the second last (or only) axis of "
                f"the right one, got {x.shape} and {y.shape}"
            )
        ctx.save_for_backward(x if ctx.needs_input_grad[1] else None, y if ctx.needs_input_grad[0] else None)
        ctx.shapes = x.shape, y.shape
        if x.ndim > 2 and y.ndim == 2:
            return (_rows(x) @ y).reshape(*x.shape[:-1], y.shape[1])
        try:
            return x @ y
        except ValueError as error:
            raise ShapeError(f"matmul needs leading axes that broadcast, got {x.shape} and {y.shape}") from error

    @staticmethod
    def backward(ctx: Any, g: np.ndarray) -> tuple[Any, Any]:
        x, y = ctx.saved
        x_shape, y_shape = ctx.shapes
        # An operand of one axis is a row on the left and a column on the right.
        left, right = len(x_shape) == 1, len(y_shape) == 1
        if right:
            g = g[..., None]
        if left:
            g = g[..., None, :]
        gx = gy = None
        if y is not None:
            y = y[:, None] if right else y
            gx = (_rows(g) @ y.T).reshape(*g.shape[:-1], y.shape[0]) if y.ndim == 2 else g @ y.mT
            gx = gx[..., 0, :] if left else gx
        if x is not None:
            x = x[None] if left else x
            together = len(y_shape) <= 2 and x.ndim >= 2 and g.shape[:-1] == x.shape[:-1]
            gy = _rows(x).T @ _rows(g) if together else x.mT @ g
            gy = gy[..., 0] if right else gy
        return gx, gy


def matmul(x: Any, y: Any) -> Any:
    """Return the matrix product, by NumPy's rules.

    Parameters
    ----------
    x : array_like or Tensor, shape (..., n, k) or (k,)
        The left operand; one of a single axis is a row.
    y : array_like or Tensor, shape (..., k, m) or (k,)
        The right operand; one of a single axis is a column.

    Returns
    -------
    ndarray or Tensor, shape (..., n, m)
        Without the axis that a vector stood in for.

    Raises
    ------
    ShapeError
        If an operand has no axes, the inner lengths differ or the leading axes do not broadcast.

    Examples
    --------
    >>> import numpy as np
    >>> import geomkern as gk
    >>> gk.matmul(np.ones((5, 2, 3)), np.ones((3, 4))).shape
    (5, 2, 4)
    """
    return MatMul.apply(x, y)

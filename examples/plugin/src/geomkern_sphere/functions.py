"""Differentiable functions of directions."""

from typing import Any

import numpy as np

from geomkern.autograd import Function
from geomkern.errors import DomainError, DTypeError, ShapeError

__all__ = ["angle"]


class _Angle(Function):
    backend = "sphere"  # whose kernel set ctx.kernels is

    @staticmethod
    def forward(ctx: Any, x: Any, y: Any) -> np.ndarray:
        x, y = _vectors(x), _vectors(y)
        if x.shape[-1] != y.shape[-1]:
            raise ShapeError(f"angle needs vectors of one dimension, not of {x.shape[-1]} and {y.shape[-1]}")
        ctx.save_for_backward(x, y)
        return ctx.kernels.angle(x, y)

    @staticmethod
    def backward(ctx: Any, grad: np.ndarray) -> tuple[np.ndarray | None, ...]:
        return ctx.kernels.angle_vjp(grad, *ctx.saved, ctx.needs_input_grad)


def angle(x: Any, y: Any) -> Any:
    """Return the angle between x and y, in radians from 0 to pi.

    Parameters
    ----------
    x, y : array_like or Tensor, shape (..., d)
        Vectors of any length but zero; leading axes broadcast.

    Returns
    -------
    ndarray or Tensor, shape (...)

    Raises
    ------
    DomainError
        If a vector is zero, and so has no direction.
    DTypeError
        If the elements are not real numbers in float32, float64 or integers.
    ShapeError
        If there is no last axis, or the dimensions differ.

    Notes
    -----
    The gradient of parallel vectors is taken to be zero.

    Examples
    --------
    >>> import numpy as np
    >>> angle([1.0, 0.0], np.array([[0.0, 2.0], [-1.0, 0.0]])).round(4)
    array([1.5708, 3.1416])
    """
    return _Angle.apply(x, y)


def _vectors(x: Any) -> np.ndarray:
    x = np.asarray(x)
    if x.dtype.kind in "biu":
        x = x.astype(np.float64)
    if x.dtype not in (np.float32, np.float64):
        raise DTypeError(f"angle needs float32 or float64, not {x.dtype}")
    if not x.ndim:
        raise ShapeError("angle needs vectors along the last axis, not a number")
    if not x.any(-1).all():
        raise DomainError("angle needs vectors that are not zero")
    return np.ascontiguousarray(x)

"""The layers as functions without state: arrays in, arrays out; any tensor in, tensor out."""

import math
from typing import Any

import numpy as np

from ..autograd import Function
from ..errors import DomainError, DTypeError, ShapeError
from ..ops import log_softmax, relu, softmax, tanh
from .cross_entropy import check_reduction, cross_entropy

__all__ = ["cross_entropy", "embedding", "linear", "log_softmax", "mse_loss", "relu", "softmax", "tanh"]


def _rows(x: np.ndarray) -> np.ndarray:
    return x.reshape(math.prod(x.shape[:-1]), x.shape[-1])


class Linear(Function):
    """One matrix product forward, and one back for each gradient, whatever the leading axes."""

    @staticmethod
    def forward(ctx: Any, x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None) -> np.ndarray:
        if np.ndim(weight) != 2 or np.ndim(x) < 1 or x.shape[-1] != weight.shape[1]:
            raise ShapeError(
                f"linear needs x (..., in) and a weight (out, in), not {np.shape(x)} and {np.shape(weight)}"
            )
        if bias is not None and np.shape(bias) != weight.shape[:1]:
            raise ShapeError(f"linear needs a bias of shape {weight.shape[:1]}, not {np.shape(bias)}")
        ctx.save_for_backward(x, weight)
        out = _rows(x) @ weight.T
        if bias is not None:
            out = np.add(out, bias, out=out if bias.dtype == out.dtype else None)
        return out.reshape(*x.shape[:-1], len(weight))

    @staticmethod
    def backward(ctx: Any, grad: np.ndarray) -> tuple[np.ndarray | None, ...]:
        x, weight = ctx.saved
        needs_x, needs_weight, needs_bias = ctx.needs_input_grad
        rows = _rows(grad)
        return (
            (rows @ weight).reshape(x.shape) if needs_x else None,
            rows.T @ _rows(x) if needs_weight else None,
            np.ones(len(rows), rows.dtype) @ rows if needs_bias else None,
        )


def linear(x: Any, weight: Any, bias: Any = None) -> Any:
    r"""Map the last axis by a matrix: :math:`x W^T + b`.

    Parameters
    ----------
    x : array_like or Tensor, shape (..., in)
        The inputs.
    weight : array_like or Tensor, shape (out, in)
        The matrix.
    bias : array_like or Tensor, shape (out,), optional
        Added to every output.

    Returns
    -------
    ndarray or Tensor, shape (..., out)

    Raises
    ------
    ShapeError
        If the shapes do not match.

    Examples
    --------
    >>> import numpy as np
    >>> import geomkern as gk
    >>> gk.nn.functional.linear(np.array([1.0, 2.0]), np.array([[1.0, 1.0]]), np.array([0.5]))
    array([3.5])
    """
    return Linear.apply(x, weight, bias)


class MeanSquaredError(Function):
    """The difference is all that the way back needs."""

    @staticmethod
    def forward(ctx: Any, x: np.ndarray, target: np.ndarray, *, reduction: str) -> np.ndarray:
        if np.shape(x) != np.shape(target):
            raise ShapeError(f"mse_loss needs x and target of one shape, not {np.shape(x)} and {np.shape(target)}")
        difference = np.subtract(x, target)
        ctx.save_for_backward(difference)
        ctx.scale = 2.0 / max(difference.size, 1) if reduction == "mean" else 2.0
        if reduction == "none":
            return difference * difference
        flat = difference.ravel()
        total = flat @ flat
        return np.asarray(total / flat.dtype.type(difference.size) if reduction == "mean" else total)

    @staticmethod
    def backward(ctx: Any, grad: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        (difference,) = ctx.saved
        towards_x = difference * (grad * ctx.scale)
        return towards_x, -towards_x

"""Softmax and its relatives, in the form that neither overflows nor underflows.

With the largest element m taken out, ``exp(x - m)`` is at most 1. A row that is all -inf has the log-sum-exp -inf and
no softmax (NaN); +inf in a row makes its log-sum-exp +inf and its softmax NaN; NaN makes everything NaN.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd._function import Function
from .reductions import Axis, axes_of

__all__ = ["log_softmax", "logsumexp", "softmax"]


def _floats(x: Any) -> np.ndarray:
    x = np.asarray(x)
    return x if x.dtype.kind in "fc" else x.astype(np.float64)


def _shifted(x: np.ndarray, axes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return the largest element along `axes`, 0 where it is infinite, and ``x`` less it."""
    largest = np.max(x, axis=axes, keepdims=True, initial=-np.inf)
    largest = np.where(np.isinf(largest), 0, largest).astype(x.dtype, copy=False)
    return largest, x - largest


class Softmax(Function):
    @staticmethod
    def forward(ctx: Any, x: Any, *, axis: Axis) -> np.ndarray:
        x = _floats(x)
        ctx.axes = axes_of("softmax", x, axis)
        out = _shifted(x, ctx.axes)[1]
        np.exp(out, out=out)
        with np.errstate(invalid="ignore"):
            out /= out.sum(axis=ctx.axes, keepdims=True)
        ctx.save_for_backward(out)
        return out

    @staticmethod
    def backward(ctx: Any, g: np.ndarray) -> np.ndarray:
        (out,) = ctx.saved
        return out * (g - (g * out).sum(axis=ctx.axes, keepdims=True))


class LogSoftmax(Function):
    @staticmethod
    def forward(ctx: Any, x: Any, *, axis: Axis) -> np.ndarray:
        x = _floats(x)
        ctx.axes = axes_of("log_softmax", x, axis)
        out = _shifted(x, ctx.axes)[1]
        with np.errstate(divide="ignore", invalid="ignore"):
            out -= np.log(np.exp(out).sum(axis=ctx.axes, keepdims=True))
        ctx.save_for_backward(out)
        return out

    @staticmethod
    def backward(ctx: Any, g: np.ndarray) -> np.ndarray:
        (out,) = ctx.saved
        return g - np.exp(out) * g.sum(axis=ctx.axes, keepdims=True)


class LogSumExp(Function):
    @staticmethod
    def forward(ctx: Any, x: Any, *, axis: Axis, keepdims: bool) -> Any:
        x = _floats(x)
        axes = axes_of("logsumexp", x, axis)
        largest, rest = _shifted(x, axes)
        with np.errstate(divide="ignore"):
            out = np.log(np.exp(rest).sum(axis=axes, keepdims=True)) + largest
        ctx.save_for_backward(x, out)
        return out.copy() if keepdims else out.reshape([n for i, n in enumerate(x.shape) if i not in axes])

    @staticmethod
    def backward(ctx: Any, g: np.ndarray) -> np.ndarray:
        x, out = ctx.saved
        with np.errstate(invalid="ignore"):
            return g.reshape(out.shape) * np.exp(x - out)


def softmax(x: Any, axis: Axis = -1) -> Any:
    """Return ``exp(x) / sum(exp(x))`` along an axis.

    Parameters
    ----------
    x : array_like or Tensor
        Logits.
    axis : int, tuple of int or None
        The axes along which the result adds up to one; None is all of them.

    Raises
    ------
    ShapeError
        If an axis is not there.

    Examples
    --------
    >>> import geomkern as gk
    >>> gk.softmax([1000.0, 1000.0])
    array([0.5, 0.5])
    """
    return Softmax.apply(x, axis=axis)


def log_softmax(x: Any, axis: Axis = -1) -> Any:
    """Return the logarithm of :func:`softmax`, without taking the logarithm of something that underflowed.

    Parameters
    ----------
    x : array_like or Tensor
        Logits.
    axis : int, tuple of int or None
        The axes along which the softmax adds up to one; None is all of them.

    Raises
    ------
    ShapeError
        If an axis is not there.

    Examples
    --------
    >>> import geomkern as gk
    >>> gk.log_softmax([0.0, 1000.0])
    array([-1000.,     0.])
    """
    return LogSoftmax.apply(x, axis=axis)


def logsumexp(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Return ``log(sum(exp(x)))`` over one axis, several, or all.

    Parameters
    ----------
    x : array_like or Tensor
        Logits.
    axis : int or tuple of int, optional
        The axes to sum over; all of them by default.
    keepdims : bool
        Keep the axes, with length one.

    Raises
    ------
    ShapeError
        If an axis is not there.

    Examples
    --------
    >>> import geomkern as gk
    >>> print(gk.logsumexp([-1000.0, -1000.0]).round(4))
    -999.3069
    """
    return LogSumExp.apply(x, axis=axis, keepdims=keepdims)

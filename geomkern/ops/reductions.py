"""Sums, means and extrema over axes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from ..autograd._function import Function
from ..errors import ShapeError

__all__ = ["max", "mean", "min", "sum"]

Axis = int | tuple[int, ...] | None


def axes_of(name: str, x: Any, axis: Axis) -> tuple[int, ...]:
    """Return the axes to reduce, none of them negative, in ascending order."""
    ndim = x.ndim if isinstance(x, np.ndarray) else np.ndim(x)
    if axis is None:
        return tuple(range(ndim))
    if type(axis) is int and -ndim <= axis < ndim:
        return (axis % ndim,)
    try:
        return tuple(sorted(normalize_axis_tuple(axis, ndim)))
    except ValueError as error:
        raise ShapeError(f"{name} over axis {axis} of shape {np.shape(x)}: {error}") from error


class Sum(Function):
    @staticmethod
    def forward(ctx: Any, x: Any, *, axis: Axis, keepdims: bool) -> Any:
        x = np.asarray(x)
        ctx.axes, ctx.shape = axes_of("sum", x, axis), x.shape
        return _finish(ctx.kernels.sum(x, ctx.axes), ctx, keepdims)

    @staticmethod
    def backward(ctx: Any, g: np.ndarray) -> np.ndarray:
        return np.broadcast_to(_restore(g, ctx), ctx.shape)


class Mean(Function):
    @staticmethod
    def forward(ctx: Any, x: Any, *, axis: Axis, keepdims: bool) -> Any:
        x = np.asarray(x)
        ctx.axes, ctx.shape = axes_of("mean", x, axis), x.shape
        ctx.count = math.prod(x.shape[i] for i in ctx.axes)
        if x.dtype.kind not in "fc":
            x = x.astype(np.float64)
        return _finish(ctx.kernels.sum(x, ctx.axes) / ctx.count, ctx, keepdims)

    @staticmethod
    def backward(ctx: Any, g: np.ndarray) -> np.ndarray:
        return np.broadcast_to(_restore(g, ctx) / ctx.count if ctx.count else _restore(g, ctx), ctx.shape)


class Extremum(Function):
    """The largest or smallest element; elements that tie for it share the gradient evenly, as in torch.amax."""

    @staticmethod
    def forward(ctx: Any, x: Any, *, name: str, axis: Axis, keepdims: bool) -> Any:
        x = np.asarray(x)
        ctx.axes, ctx.shape = axes_of(name, x, axis), x.shape
        if not x.size and any(x.shape[i] == 0 for i in ctx.axes):
            raise ShapeError(f"{name} needs an element to choose, got shape {x.shape}, axis {axis}")
        out = (np.maximum if name == "max" else np.minimum).reduce(x, axis=ctx.axes)
        ctx.save_for_backward(x, out)
        return _finish(out, ctx, keepdims)

    @staticmethod
    def backward(ctx: Any, g: np.ndarray) -> np.ndarray:
        x, out = ctx.saved
        out = _restore(out, ctx)
        # The extremum of numbers with a NaN among them is NaN, which equals nothing: the gradient goes to the NaN.
        chosen = (x == out) | (x != x)
        return np.where(chosen, _restore(g, ctx) / chosen.sum(axis=ctx.axes, keepdims=True), 0)


def _finish(out: Any, ctx: Any, keepdims: bool) -> Any:
    """Return a reduction with the axes that it took away, if they are to stay; without axes, as a scalar."""
    return _restore(out, ctx) if keepdims else out[()]


def _restore(g: np.ndarray, ctx: Any) -> np.ndarray:
    """Give a gradient back the axes that the reduction took away."""
    return g.reshape([1 if i in ctx.axes else n for i, n in enumerate(ctx.shape)])


def sum(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Return the sum over one axis, several, or all.

    Parameters
    ----------
    x : array_like or Tensor
        What to add up.
    axis : int or tuple of int, optional
        The axes to sum over; all of them by default.
    keepdims : bool
        Keep the axes, with length one.

    Raises
    ------
    ShapeError
        If an axis is not there or is named twice.

    Examples
    --------
    >>> import numpy as np
    >>> import geomkern as gk
    >>> gk.sum(np.ones((2, 3)), axis=1)
    array([3., 3.])
    """
    return Sum.apply(x, axis=axis, keepdims=keepdims)


def mean(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Return the mean over one axis, several, or all; the mean of nothing is NaN.

    Parameters
    ----------
    x : array_like or Tensor
        What to average.
    axis : int or tuple of int, optional
        The axes to average over; all of them by default.
    keepdims : bool
        Keep the axes, with length one.

    Raises
    ------
    ShapeError
        If an axis is not there or is named twice.

    Examples
    --------
    >>> import geomkern as gk
    >>> print(gk.mean([[1.0, 2.0], [3.0, 6.0]]))
    3.0
    """
    return Mean.apply(x, axis=axis, keepdims=keepdims)


def max(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Return the largest element over one axis, several, or all; NaN where there is a NaN.

    Elements that tie for the largest share the gradient evenly.

    Parameters
    ----------
    x : array_like or Tensor
        Where to look.
    axis : int or tuple of int, optional
        The axes to reduce; all of them by default.
    keepdims : bool
        Keep the axes, with length one.

    Raises
    ------
    ShapeError
        If an axis is not there or is named twice, or there is no element to choose from.

    Examples
    --------
    >>> import geomkern as gk
    >>> x = gk.tensor([1.0, 3.0, 3.0], requires_grad=True)
    >>> gk.max(x).backward()
    >>> x.grad
    tensor([0. , 0.5, 0.5])
    """
    return Extremum.apply(x, name="max", axis=axis, keepdims=keepdims)


def min(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Return the smallest element over one axis, several, or all; NaN where there is a NaN.

    Elements that tie for the smallest share the gradient evenly.

    Parameters
    ----------
    x : array_like or Tensor
        Where to look.
    axis : int or tuple of int, optional
        The axes to reduce; all of them by default.
    keepdims : bool
        Keep the axes, with length one.

    Raises
    ------
    ShapeError
        If an axis is not there or is named twice, or there is no element to choose from.

    Examples
    --------
    >>> import geomkern as gk
    >>> print(gk.min([[1.0, 2.0], [3.0, 6.0]], axis=1))
    [1. 3.]
    """
    return Extremum.apply(x, name="min", axis=axis, keepdims=keepdims)

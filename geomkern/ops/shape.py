"""Functions that rearrange elements. What NumPy returns as a view is a view here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..autograd._function import Function
from ..autograd._tape import TensorBase
from ..errors import ShapeError
from .reductions import Axis, axes_of

__all__ = [
    "broadcast_to",
    "concatenate",
    "expand_dims",
    "getitem",
    "permute",
    "reshape",
    "squeeze",
    "stack",
    "swapaxes",
    "transpose",
]


class Reshape(Function):
    @staticmethod
    def forward(ctx: Any, x: Any, *, shape: Any) -> np.ndarray:
        x = np.asarray(x)
        ctx.shape = x.shape
        try:
            return x.reshape(shape)
        except ValueError as error:
            raise ShapeError(f"reshape cannot make {shape} of shape {x.shape}") from error

    @staticmethod
    def backward(ctx: Any, g: np.ndarray) -> np.ndarray:
        return g.reshape(ctx.shape)


class Transpose(Function):
    @staticmethod
    def forward(ctx: Any, x: Any, *, axes: Sequence[int] | None) -> np.ndarray:
        x = np.asarray(x)
        order = range(x.ndim)[::-1] if axes is None else axes
        try:
            out = x.transpose(order)
        except ValueError as error:
            raise ShapeError(f"transpose needs each axis of shape {x.shape} once, got {axes}") from error
        ctx.inverse = np.argsort([axis % x.ndim for axis in order])
        return out

    @staticmethod
    def backward(ctx: Any, g: np.ndarray) -> np.ndarray:
        return g.transpose(ctx.inverse)


class BroadcastTo(Function):
    @staticmethod
    def forward(ctx: Any, x: Any, *, shape: Any) -> np.ndarray:
        try:
            return np.broadcast_to(x, shape)
        except ValueError as error:
            raise ShapeError(f"broadcast_to cannot make {shape} of shape {np.shape(x)}") from error

    @staticmethod
    def backward(ctx: Any, g: np.ndarray) -> np.ndarray:
        return g  # the tape sums over what was broadcast


class GetItem(Function):
    @staticmethod
    def forward(ctx: Any, x: Any, *, index: Any) -> Any:
        x = np.asarray(x)
        ctx.shape, ctx.dtype, ctx.index = x.shape, x.dtype, index
        return x[index]

    @staticmethod
    def backward(ctx: Any, g: np.ndarray) -> np.ndarray:
        out = np.zeros(ctx.shape, g.dtype)
        parts = ctx.index if isinstance(ctx.index, tuple) else (ctx.index,)
        if not any(map(_repeats, parts)):
            out[ctx.index] = g
        elif len(parts) == 1:
            ctx.kernels.scatter_add(out, np.asarray(parts[0]), g)
        else:
            np.add.at(out, ctx.index, g)
        return out


class SetItem(Function):
    """A copy of `x` with `value` at `index`."""

    @staticmethod
    def forward(ctx: Any, x: np.ndarray, value: Any, *, index: Any) -> np.ndarray:
        ctx.index = index
        out = x.copy()
        out[index] = value
        return out

    @staticmethod
    def backward(ctx: Any, g: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rest = g.copy()
        rest[ctx.index] = 0
        return rest, g[ctx.index]


class Concatenate(Function):
    @staticmethod
    def forward(ctx: Any, *arrays: Any, axis: int) -> np.ndarray:
        try:
            out = np.concatenate(arrays, axis=axis)
        except ValueError as error:
            shapes = ", ".join(str(np.shape(array)) for array in arrays)
            raise ShapeError(f"concatenate along axis {axis} of shapes {shapes}: {error}") from error
        ctx.axis = axis
        ctx.cuts = np.cumsum([np.shape(array)[axis] for array in arrays])[:-1]
        return out

    @staticmethod
    def backward(ctx: Any, g: np.ndarray) -> tuple[np.ndarray, ...]:
        return tuple(np.split(g, ctx.cuts, axis=ctx.axis))


class Stack(Function):
    @staticmethod
    def forward(ctx: Any, *arrays: Any, axis: int) -> np.ndarray:
        try:
            out = np.stack(arrays, axis=axis)
        except ValueError as error:
            shapes = ", ".join(str(np.shape(array)) for array in arrays)
            raise ShapeError(f"stack along axis {axis} of shapes {shapes}: {error}") from error
        ctx.axis = axis
        return out

    @staticmethod
    def backward(ctx: Any, g: np.ndarray) -> tuple[np.ndarray, ...]:
        return tuple(np.moveaxis(g, ctx.axis, 0))


def _repeats(part: Any) -> bool:
    """Whether one part of an index can name an element more than once: an integer array can."""
    return not (part is None or part is Ellipsis or isinstance(part, (slice, int, np.integer))) and (
        np.asarray(part).dtype != np.bool_
    )


def index_of(index: Any) -> Any:
    """Return an index with arrays in the place of tensors."""
    if isinstance(index, tuple):
        return tuple(part.data if isinstance(part, TensorBase) else part for part in index)
    return index.data if isinstance(index, TensorBase) else index


def _shape_of(shape: tuple[Any, ...]) -> Any:
    """Accept a shape as one sequence or as several lengths."""
    return shape[0] if len(shape) == 1 else shape


def reshape(x: Any, *shape: Any) -> Any:
    """Return the same elements in another shape.

    Parameters
    ----------
    x : array_like or Tensor
        The elements, in row-major order.
    *shape : int or sequence of int
        The new lengths; one of them may be -1.

    Raises
    ------
    ShapeError
        If the new shape has another number of elements.

    Examples
    --------
    >>> import numpy as np
    >>> import geomkern as gk
    >>> gk.reshape(np.arange(4), (2, 2))
    array([[0, 1],
           [2, 3]])
    """
    return Reshape.apply(x, shape=_shape_of(shape))


def transpose(x: Any, *axes: Any) -> Any:
    """Return the elements with their axes in another order, reversed by default.

    Parameters
    ----------
    x : array_like or Tensor
        What to transpose.
    *axes : int or sequence of int
        The old axis in each place.

    Raises
    ------
    ShapeError
        If `axes` does not name each axis once.

    Examples
    --------
    >>> import numpy as np
    >>> import geomkern as gk
    >>> gk.transpose(np.ones((2, 3, 4)), (1, 0, 2)).shape
    (3, 2, 4)
    """
    return Transpose.apply(x, axes=_shape_of(axes) if axes else None)


permute = transpose


def swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    """Return the elements with two axes exchanged.

    Parameters
    ----------
    x : array_like or Tensor
        What to transpose.
    axis1, axis2 : int
        The axes to exchange.

    Raises
    ------
    ShapeError
        If an axis is not there.

    Examples
    --------
    >>> import numpy as np
    >>> import geomkern as gk
    >>> gk.swapaxes(np.ones((2, 3, 4)), 0, -1).shape
    (4, 3, 2)
    """
    (first,), (second,) = axes_of("swapaxes", x, axis1), axes_of("swapaxes", x, axis2)
    order = list(range(np.ndim(x)))
    order[first], order[second] = second, first
    return Transpose.apply(x, axes=order)


def squeeze(x: Any, axis: Axis = None) -> Any:
    """Return the elements without axes of length one.

    Parameters
    ----------
    x : array_like or Tensor
        What to squeeze.
    axis : int or tuple of int, optional
        The axes to take away; by default all of length one.

    Raises
    ------
    ShapeError
        If an axis is not there or is longer than one.

    Examples
    --------
    >>> import numpy as np
    >>> import geomkern as gk
    >>> gk.squeeze(np.ones((1, 3, 1)), axis=0).shape
    (3, 1)
    """
    shape = np.shape(x)
    axes = [i for i, n in enumerate(shape) if n == 1] if axis is None else axes_of("squeeze", x, axis)
    if any(shape[i] != 1 for i in axes):
        raise ShapeError(f"squeeze takes away axes of length one, got axis {axis} of shape {shape}")
    return Reshape.apply(x, shape=tuple(n for i, n in enumerate(shape) if i not in axes))


def expand_dims(x: Any, axis: int | tuple[int, ...]) -> Any:
    """Return the elements with new axes of length one.

    Parameters
    ----------
    x : array_like or Tensor
        What to expand.
    axis : int or tuple of int
        Where the new axes stand in the result.

    Raises
    ------
    ShapeError
        If an axis is not one of the result.

    Examples
    --------
    >>> import numpy as np
    >>> import geomkern as gk
    >>> gk.expand_dims(np.ones(3), (0, -1)).shape
    (1, 3, 1)
    """
    count = 1 if isinstance(axis, int) else len(axis)
    axes = axes_of("expand_dims", np.empty((1,) * (np.ndim(x) + count)), axis)
    lengths = iter(np.shape(x))
    return Reshape.apply(x, shape=tuple(1 if i in axes else next(lengths) for i in range(np.ndim(x) + count)))


def broadcast_to(x: Any, shape: Any) -> Any:
    """Return the elements repeated along new axes and axes of length one, as a read-only view.

    Parameters
    ----------
    x : array_like or Tensor
        What to repeat.
    shape : tuple of int
        The shape of the result.

    Raises
    ------
    ShapeError
        If `x` does not broadcast to `shape`.

    Examples
    --------
    >>> import numpy as np
    >>> import geomkern as gk
    >>> gk.broadcast_to(np.ones(3), (2, 3)).shape
    (2, 3)
    """
    return BroadcastTo.apply(x, shape=shape)


def getitem(x: Any, index: Any) -> Any:
    """Return ``x[index]`` by NumPy's rules; the gradients of elements that are taken several times add up.

    Parameters
    ----------
    x : array_like or Tensor
        Where to take from.
    index : int, slice, array, Ellipsis, None or a tuple of them
        What to take. Integer and boolean arrays may be tensors.

    Examples
    --------
    >>> import geomkern as gk
    >>> x = gk.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> x[[0, 0, 2]].sum().backward()
    >>> x.grad
    tensor([2., 0., 1.])
    """
    return GetItem.apply(x, index=index_of(index))


def concatenate(arrays: Sequence[Any], axis: int = 0) -> Any:
    """Join arrays along an axis.

    Parameters
    ----------
    arrays : sequence of array_like or Tensor
        Equal in all other axes.
    axis : int
        The axis to join along.

    Raises
    ------
    ShapeError
        If the shapes do not fit, or there is no array.

    Examples
    --------
    >>> import numpy as np
    >>> import geomkern as gk
    >>> gk.concatenate([np.ones((1, 2)), np.ones((3, 2))]).shape
    (4, 2)
    """
    return Concatenate.apply(*arrays, axis=axis)


def stack(arrays: Sequence[Any], axis: int = 0) -> Any:
    """Join arrays along a new axis.

    Parameters
    ----------
    arrays : sequence of array_like or Tensor
        All of one shape.
    axis : int
        Where the new axis stands in the result.

    Raises
    ------
    ShapeError
        If the shapes differ, or there is no array.

    Examples
    --------
    >>> import numpy as np
    >>> import geomkern as gk
    >>> gk.stack([np.ones(2), np.ones(2)], axis=1).shape
    (2, 2)
    """
    return Stack.apply(*arrays, axis=axis)

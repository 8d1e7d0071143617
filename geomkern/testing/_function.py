"""What every differentiable function must do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..autograd import gradcheck
from ..autograd._tape import TensorBase
from ..config import get_num_threads, set_num_threads
from ..errors import AutogradError
from ..tensor import Tensor
from ._errors import ConformanceError, compare, demand

__all__ = ["check_function"]

# Enough repetitions of the leading axis that kernels with a serial threshold use their threads.
ROWS_FOR_THREADS = 100_000


def check_function(
    function: Callable[..., Any],
    *args: Any,
    batched: bool = True,
    rtol: float = 1e-5,
    atol: float = 1e-7,
    rtol32: float = 1e-4,
    **options: Any,
) -> None:
    """Check that a function keeps the rules of geomkern's public functions.

    The gradients agree with central differences in float64; float32 and float64 are kept, forward and back; arrays give
    arrays and tensors give tensors; non-contiguous input gives the same values; leading axes broadcast; an empty batch
    works; and one thread gives the same bits as several.

    Parameters
    ----------
    function : callable
        Takes `args` and `options`; returns an array or tensor, or a tuple of them.
    *args : ndarray or other
        Valid arguments. Arrays of floats are differentiated by and converted; everything else is passed as it is.
    batched : bool
        Whether arrays with axes have a first axis that is a batch, so that it may be repeated, be empty, and gain
        others before it. Arrays without axes are parameters.
    rtol, atol : float
        The tolerance of the gradients in float64.
    rtol32 : float
        The tolerance of values in float32 against float64, relative to the largest element.
    **options
        Keyword arguments of `function`.

    Raises
    ------
    ConformanceError
        If a rule is broken.

    Examples
    --------
    >>> import numpy as np
    >>> import geomkern as gk
    >>> gk.testing.check_function(gk.softmax, np.array([[1.0, 2.0, 3.0]]))
    """
    check = _Check(function, args, options)
    check.kinds()
    check.types(rtol32)
    check.gradients(rtol, atol)
    check.strides()
    if batched:
        check.broadcasting(rtol, atol)
        check.empty()
        check.threads()


class _Check:
    """The checks of one function at one set of arguments."""

    def __init__(self, function: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]) -> None:
        self.name = getattr(function, "__name__", repr(function))
        self.function = function
        self.options = options
        self.args = [value.astype(np.float64) if _is_float(value) else value for value in args]
        demand(
            any(map(_is_float, self.args)), f"check_function({self.name}) needs an argument that is an array of floats"
        )

    def call(self, args: list[Any]) -> tuple[Any, ...]:
        out = self.function(*args, **self.options)
        return out if isinstance(out, tuple) else (out,)

    def each(self, change: Callable[[np.ndarray], Any], axes: int = 0) -> list[Any]:
        """Return the arguments with a change made to every float array that has so many axes or more."""
        return [change(value) if _is_float(value) and value.ndim >= axes else value for value in self.args]

    def kinds(self) -> None:
        """Arrays in, arrays out; tensors in, tensors out; the same values."""
        arrays = self.call(self.args)
        for out in arrays:
            demand(
                isinstance(out, (np.ndarray, np.generic)),
                f"{self.name} of arrays returned {type(out).__name__}, not an array",
            )
        tensors = self.call(self.each(lambda x: Tensor(x, requires_grad=True)))
        for got, expected in zip(tensors, arrays, strict=True):
            demand(isinstance(got, TensorBase), f"{self.name} of tensors returned {type(got).__name__}, not a tensor")
            compare(got.data, expected, 0, 0, f"{self.name} of tensors against arrays")

    def types(self, rtol: float) -> None:
        """float32 and float64 are kept."""
        exact = self.call(self.args)
        single = self.each(lambda x: x.astype(np.float32))
        for got, expected in zip(self.call(single), exact, strict=True):
            if expected.dtype.kind != "f":
                continue
            demand(expected.dtype == np.float64, f"{self.name} of float64 returned {expected.dtype}")
            demand(got.dtype == np.float32, f"{self.name} of float32 returned {got.dtype}")
            scale = float(np.max(np.abs(expected), initial=0, where=np.isfinite(expected)))
            compare(got, expected, rtol, rtol * scale, f"{self.name} in float32 against float64")
        tensors = [Tensor(x, requires_grad=True) if _is_float(x) else x for x in single]
        for out in self.call(tensors):
            if out.requires_grad:
                out.backward(np.ones(out.shape, out.dtype), retain_graph=True)
        for i, tensor in enumerate(tensors):
            if isinstance(tensor, Tensor) and tensor.grad is None:
                raise ConformanceError(f"{self.name}: argument {i} got no gradient in float32")

    def gradients(self, rtol: float, atol: float) -> None:
        """The tape agrees with central differences."""
        try:
            gradcheck(lambda *args: self.function(*args, **self.options), *self.args, rtol=rtol, atol=atol)
        except AutogradError as error:
            raise ConformanceError(f"{self.name}: {error}") from error

    def strides(self) -> None:
        """Non-contiguous input gives the values of contiguous input."""
        expected = self.call(self.args)
        for got, wanted in zip(self.call(self.each(_strided)), expected, strict=True):
            compare(got, wanted, 0, 0, f"{self.name} of non-contiguous input")

    def broadcasting(self, rtol: float, atol: float) -> None:
        """A further leading axis on any one argument broadcasts against the others."""
        expected = self.call(self.args)
        for i, value in enumerate(self.args):
            if not _is_float(value) or not value.ndim:
                continue
            wider = [*self.args]
            wider[i] = np.stack([value, value])
            for got, wanted in zip(self.call(wider), expected, strict=True):
                compare(
                    got,
                    np.broadcast_to(wanted, (2, *wanted.shape)),
                    0,
                    0,
                    f"{self.name} with a further leading axis on argument {i}",
                )
            try:
                gradcheck(lambda *args: self.function(*args, **self.options), *wider, rtol=rtol, atol=atol)
            except AutogradError as error:
                raise ConformanceError(f"{self.name} with a further leading axis on argument {i}: {error}") from error

    def empty(self) -> None:
        """An empty batch works, forward and back."""
        tensors = [Tensor(x[:0] if x.ndim > 1 else x, requires_grad=True) if _is_float(x) else x for x in self.args]
        if not any(isinstance(x, Tensor) and x.ndim > 1 for x in tensors):
            return
        try:
            outputs = self.call(tensors)
            for out in outputs:
                if out.requires_grad:
                    out.backward(np.zeros(out.shape), retain_graph=True)
        except Exception as error:
            raise ConformanceError(f"{self.name} of an empty batch: {type(error).__name__}: {error}") from error
        for i, tensor in enumerate(tensors):
            if isinstance(tensor, Tensor):
                demand(
                    tensor.grad is not None and tensor.grad.shape == tensor.shape and not tensor.grad.data.any(),
                    f"{self.name}: the gradient of argument {i} of an empty batch is not zero",
                )

    def threads(self) -> None:
        """One thread and several give the same bits, values and gradients."""
        batches = [x for x in self.args if _is_float(x) and x.ndim > 1]
        if not batches:
            return
        times = -(-ROWS_FOR_THREADS // max(len(x) for x in batches))
        many = self.each(lambda x: np.concatenate([x] * times) if len(x) > 1 or len(batches) == 1 else x, axes=2)
        before = get_num_threads()
        try:
            found = []
            for count in (1, 2, 3):
                set_num_threads(count)
                tensors = [Tensor(x, requires_grad=True) if _is_float(x) else x for x in many]
                outputs = self.call(tensors)
                for out in outputs:
                    if out.requires_grad:
                        out.backward(np.ones(out.shape, out.dtype), retain_graph=True)
                grads = [x.grad.data for x in tensors if isinstance(x, Tensor) and x.grad is not None]
                found.append([out.data for out in outputs] + grads)
        finally:
            set_num_threads(before)
        for count, other in zip((2, 3), found[1:], strict=True):
            for got, expected in zip(other, found[0], strict=True):
                demand(
                    got.tobytes() == expected.tobytes(),
                    f"{self.name}: {count} threads give other bits than one thread",
                )


def _is_float(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def _strided(x: np.ndarray) -> np.ndarray:
    """Return the same values with gaps between them, along every axis."""
    wide = np.full([2 * n for n in x.shape], np.nan, x.dtype)
    for axis in range(x.ndim):
        wide = np.moveaxis(np.moveaxis(wide, axis, 0)[::2], 0, axis)
    wide[...] = x
    return wide

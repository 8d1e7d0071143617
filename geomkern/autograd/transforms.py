"""What is built from the tape: gradients of functions of arrays, and operations from two callables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import AutogradError, DTypeError
from ._backward import gradients
from ._function import Function
from ._modes import enable_grad
from ._tape import TensorBase, leaf

__all__ = ["custom_op", "grad", "value_and_grad"]


def value_and_grad(function: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., tuple[Any, Any]]:
    """Return a function of arrays that computes the value of `function` and its gradient.

    Parameters
    ----------
    function : callable
        Returns a tensor of one element when it is given tensors.
    argnums : int or sequence of int
        The positions of the arguments to differentiate by.

    Returns
    -------
    callable
        Takes what `function` takes, arrays in the place of tensors; returns the value and the gradient, or the value
        and a tuple of gradients if `argnums` is a sequence. No other tensor's ``grad`` is touched.

    Raises
    ------
    DTypeError
        When called, if an argument to differentiate by is not of floats.
    AutogradError
        When called, if the value is not a tensor of one element on the tape.

    Examples
    --------
    >>> import numpy as np
    >>> import geomkern as gk
    >>> value, gradient = gk.value_and_grad(lambda x: (x * x).sum())(np.array([1.0, 2.0]))
    >>> print(value, gradient)
    5.0 [2. 4.]
    """
    positions = (argnums,) if isinstance(argnums, int) else tuple(argnums)

    def value_and_gradient(*args: Any, **options: Any) -> tuple[Any, Any]:
        arguments = list(args)
        for position in positions:
            if not -len(args) <= position < len(args):
                raise AutogradError(f"there is no argument {position} to differentiate by; got {len(args)}")
            arguments[position] = _leaf(arguments[position], position)
        with enable_grad():
            value = function(*arguments, **options)
        if not isinstance(value, TensorBase) or not value.requires_grad or value.size != 1:
            got = f"a tensor of shape {value.shape}" if isinstance(value, TensorBase) else type(value).__name__
            raise AutogradError(
                f"the function to differentiate must return a tensor of one element made from its arguments, got {got}"
            )
        found = gradients(value, None, [arguments[position] for position in positions])
        return value.data[()], found[0] if isinstance(argnums, int) else tuple(found)

    return value_and_gradient


def grad(function: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """Return a function of arrays that computes the gradient of `function`.

    Parameters
    ----------
    function : callable
        Returns a tensor of one element when it is given tensors.
    argnums : int or sequence of int
        The positions of the arguments to differentiate by.

    Returns
    -------
    callable
        As :func:`value_and_grad`, without the value.

    Examples
    --------
    >>> import geomkern as gk
    >>> print(gk.grad(gk.tanh)(0.0))
    1.0
    """
    both = value_and_grad(function, argnums)

    def gradient(*args: Any, **options: Any) -> Any:
        return both(*args, **options)[1]

    return gradient


def custom_op(name: str, forward: Callable[..., Any], backward: Callable[..., Any]) -> Callable[..., Any]:
    """Return a differentiable operation made of two callables on arrays.

    Parameters
    ----------
    name : str
        What errors and reprs call it.
    forward : callable
        ``forward(*arrays, **static)`` returns the output, an array or a tuple of arrays.
    backward : callable
        ``backward(grad, out, *arrays, **static)`` returns the gradient of each array, None where there is none; for
        several outputs `grad` and `out` are tuples.

    Returns
    -------
    callable
        Arrays in, arrays out; with a tensor among the inputs, tensors out.

    Examples
    --------
    >>> import geomkern as gk
    >>> cube = gk.custom_op("cube", lambda x: x**3, lambda grad, out, x: 3 * x**2 * grad)
    >>> x = gk.tensor([1.0, 2.0], requires_grad=True)
    >>> cube(x).sum().backward()
    >>> x.grad
    tensor([ 3., 12.])
    """

    def run_forward(ctx: Any, *arrays: Any, **static: Any) -> Any:
        out = forward(*arrays, **static)
        outputs = out if isinstance(out, tuple) else (out,)
        ctx.count, ctx.static = len(outputs) if isinstance(out, tuple) else None, static
        ctx.save_for_backward(*outputs, *arrays)
        return out

    def run_backward(ctx: Any, *grads: Any) -> Any:
        saved = ctx.saved
        if ctx.count is None:
            return backward(grads[0], *saved, **ctx.static)
        return backward(grads, saved[: ctx.count], *saved[ctx.count :], **ctx.static)

    kind: Any = type(name, (Function,), {"forward": staticmethod(run_forward), "backward": staticmethod(run_backward)})

    def operation(*inputs: Any, **static: Any) -> Any:
        return kind.apply(*inputs, **static)

    operation.__name__ = operation.__qualname__ = name
    operation.__doc__ = forward.__doc__
    return operation


def _leaf(value: Any, position: int) -> TensorBase:
    array = value.data if isinstance(value, TensorBase) else np.asarray(value)
    if array.dtype not in (np.float32, np.float64):
        raise DTypeError(f"argument {position} must hold float32 or float64 to differentiate by it, not {array.dtype}")
    return leaf(array)

"""Gradients against central differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import AutogradError
from ._backward import gradients
from ._modes import enable_grad, no_grad
from ._tape import TensorBase, leaf

__all__ = ["gradcheck", "numeric_gradient"]

# The step that balances the truncation error h**2 against the rounding error eps / h in float64.
STEP = float(np.finfo(np.float64).eps ** (1 / 3))


def numeric_gradient(value: Callable[[], float], array: np.ndarray, step: float = STEP) -> np.ndarray:
    """Return the central differences of ``value()`` in the elements of `array`, which is written into and restored.

    Parameters
    ----------
    value : callable
        Computes a number from the current contents of `array`.
    array : ndarray of float64
        The variables.
    step : float
        The step, relative to elements above one.

    Returns
    -------
    ndarray
        Of the shape of `array`.
    """
    slopes = np.empty_like(array)
    for index in np.ndindex(array.shape):
        middle = array[index]
        h = step * max(1.0, abs(float(middle)))
        array[index] = high = middle + h
        above = value()
        array[index] = low = middle - h
        slopes[index] = (above - value()) / (high - low)
        array[index] = middle
    return slopes


def gradcheck(
    function: Callable[..., Any],
    *args: Any,
    rtol: float = 1e-5,
    atol: float = 1e-7,
    step: float = STEP,
    seed: int = 0,
) -> bool:
    """Compare the gradients of a function with central differences in float64.

    The outputs are added up with random weights, so that one pass checks all of them.

    Parameters
    ----------
    function : callable
        Takes tensors, returns a tensor or a tuple of them.
    *args
        Arguments. Tensors and arrays of floats are converted to float64 and differentiated by; the others are passed
        as they are.
    rtol, atol : float
        The tolerance, relative to the numeric gradient and absolute.
    step : float
        The step of the differences.
    seed : int
        Seeds the weights.

    Returns
    -------
    bool
        True. A difference raises.

    Raises
    ------
    AutogradError
        If an element of a gradient differs; it says which, what the tape got and what the differences say.

    Examples
    --------
    >>> import geomkern as gk
    >>> gk.gradcheck(gk.matmul, gk.tensor([[1.0, 2.0]]), gk.tensor([[3.0], [4.0]]))
    True
    """
    arguments = [_variable(value) for value in args]
    variables = {i: value for i, value in enumerate(arguments) if isinstance(value, TensorBase)}
    if not variables:
        raise AutogradError("gradcheck needs an argument that is an array or a tensor of floats")
    with enable_grad():
        outputs = _outputs(function(*arguments))
    rng = np.random.default_rng(seed)
    weights = [rng.uniform(0.5, 1.5, output.shape) * rng.choice([-1, 1], output.shape) for output in outputs]
    found = [np.zeros(value.shape) for value in variables.values()]
    for output, weight in zip(outputs, weights, strict=True):
        if not isinstance(output, TensorBase) or not output.requires_grad:
            raise AutogradError(f"gradcheck: an output of shape {np.shape(output)} is not on the tape")
        for total, part in zip(
            found, gradients(output, weight, list(variables.values()), retain_graph=True), strict=True
        ):
            total += part

    def value() -> float:
        with no_grad():
            now = _outputs(function(*arguments))
        return float(sum(np.sum(np.multiply(part.data, weight)) for part, weight in zip(now, weights, strict=True)))

    for (position, variable), got in zip(variables.items(), found, strict=True):
        expected = numeric_gradient(value, variable.data, step)
        wrong = ~np.isclose(got, expected, rtol=rtol, atol=atol)
        if wrong.any():
            worst = np.unravel_index(np.argmax(np.where(wrong, np.abs(got - expected), -1)), got.shape)
            raise AutogradError(
                f"gradcheck: argument {position} of shape {variable.shape} has a wrong gradient in {wrong.sum()} of "
                f"{wrong.size} elements; at {tuple(map(int, worst))} the tape got {got[worst]:.9g} and central "
                f"differences say {expected[worst]:.9g}"
            )
    return True


def _variable(value: Any) -> Any:
    """Return a float64 leaf for an array or tensor of floats, anything else as it is."""
    array = value.data if isinstance(value, TensorBase) else value
    if isinstance(array, np.ndarray) and array.dtype.kind == "f":
        return leaf(array.astype(np.float64))
    return value


def _outputs(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)

"""What every layer must do."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np

from ..autograd import no_grad, numeric_gradient
from ..tensor import Tensor
from ._errors import ConformanceError, compare, demand

__all__ = ["check_layer"]


def check_layer(
    factory: Callable[[], Any], *inputs: Any, rtol: float = 1e-5, atol: float = 1e-7, step: float | None = None
) -> None:
    """Check that a layer keeps the rules of geomkern's layers.

    It runs; every parameter gets a gradient that is finite and agrees with central differences, made with the
    parameters in float64, and so do inputs of floats; ``state_dict`` carries everything that decides the output into a
    second layer, and refuses a state that lacks a key; and the layer survives pickling.

    Parameters
    ----------
    factory : callable
        Creates the layer. Two of them may differ in their initial values.
    *inputs : ndarray
        What the layer is called with. Arrays of floats are converted to float64.
    rtol, atol : float
        The tolerance of the gradients.
    step : float, optional
        The step of the differences.

    Raises
    ------
    ConformanceError
        If a rule is broken.
    """
    layer = factory()
    name = type(layer).__name__
    parameters = dict(layer.named_parameters())
    for parameter in parameters.values():
        if parameter.dtype == np.float32:
            parameter.data = parameter.data.astype(np.float64)
    arrays = [x.astype(np.float64) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x for x in inputs]
    tensors = [Tensor(x, requires_grad=x.dtype.kind == "f") if isinstance(x, np.ndarray) else x for x in arrays]

    out = layer(*tensors)
    demand(isinstance(out, Tensor), f"{name} of tensors returned {type(out).__name__}, not a tensor")
    weights = np.random.default_rng(0).uniform(0.5, 1.5, out.shape)
    demand(out.requires_grad, f"{name}: the output is not on the tape")
    out.backward(weights)

    def value() -> float:
        with no_grad():
            return float(np.sum(layer(*tensors).data * weights))

    options = {} if step is None else {"step": step}
    variables = {f"parameter {key!r}": parameter for key, parameter in parameters.items() if parameter.requires_grad}
    variables |= {f"input {i}": x for i, x in enumerate(tensors) if isinstance(x, Tensor) and x.requires_grad}
    for label, variable in variables.items():
        demand(variable.grad is not None, f"{name}: {label} got no gradient")
        demand(bool(np.isfinite(variable.grad.data).all()), f"{name}: the gradient of {label} is not finite")
        expected = numeric_gradient(value, variable.data, **options)
        compare(
            variable.grad.data, expected, rtol, atol, f"{name}: the gradient of {label} against central differences"
        )

    expected = out.data
    state = layer.state_dict()
    missing = [key for key in parameters if key not in state]
    demand(not missing, f"{name}: state_dict lacks {', '.join(missing)}")
    second = factory()
    for parameter in dict(second.named_parameters()).values():
        if parameter.dtype == np.float32:
            parameter.data = parameter.data.astype(np.float64)
    second.load_state_dict(state)
    compare(_run(second, tensors), expected, 0, 0, f"{name}: a second layer with the same state_dict")
    if state:
        partial = dict(list(state.items())[1:])
        try:
            factory().load_state_dict(partial)
        except Exception as error:
            dropped = next(iter(state))
            demand(dropped in str(error), f"{name}: load_state_dict does not name the missing key {dropped!r}: {error}")
        else:
            raise ConformanceError(f"{name}: load_state_dict accepts a state that lacks {next(iter(state))!r}")
    try:
        copy = pickle.loads(pickle.dumps(layer))
    except Exception as error:
        raise ConformanceError(f"{name} cannot be pickled: {type(error).__name__}: {error}") from error
    compare(_run(copy, tensors), expected, 0, 0, f"{name}: after pickling")


def _run(layer: Any, inputs: list[Any]) -> np.ndarray:
    with no_grad():
        return layer(*inputs).data

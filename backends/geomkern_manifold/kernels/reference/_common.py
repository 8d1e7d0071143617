"""What the reference kernels share: rows, smooth ratios, and the way from a formula to a pair of kernels."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

import geomkern as gk

Array = NDArray[np.float64]

# The operands that are one number for each row; all others are rows.
NUMBERS = frozenset({"c", "k", "t", "r", "eps", "lam"})


def numbers(*values: Any) -> Any:
    """Return numbers with an axis for the coordinates."""
    return tuple(value[..., None] for value in values)


def dot(u: Any, v: Any) -> Any:
    """The inner product of rows, shape (..., 1)."""
    return (u * v).sum(-1, keepdims=True)


def length(v: Any) -> Any:
    """The Euclidean length of rows, shape (..., 1), with the subgradient 0 at 0."""
    square = dot(v, v)
    return where_nonzero(square, np.sqrt, 0.0)


def where_nonzero(x: Any, function: Callable[[Any], Any], at_zero: float) -> Any:
    """Return function(x), and `at_zero` with the derivative 0 where x is 0."""
    zero = np.asarray(x) == 0
    return np.where(zero, at_zero, function(np.where(zero, 1.0, x)))


def elementwise(value: Callable[[Array], Array], slope: Callable[[Array], Array]) -> Callable[[Any], Any]:
    """Return a function of arrays or tensors from its value and its derivative."""
    return gk.custom_op("elementwise", value, lambda grad, _, x: grad * slope(x))


def _of_either_sign(q: Array, hyperbolic: Callable[[Array], Array], circular: Callable[[Array], Array]) -> Array:
    """hyperbolic(z)/z at z = sqrt(q) for q > 0, circular(z)/z at z = sqrt(-q) for q < 0, and 1 at 0."""
    z = np.sqrt(np.abs(np.where(q == 0, 1.0, q)))
    ratio = np.where(q > 0, hyperbolic(np.where(q > 0, z, 0.5)), circular(np.where(q > 0, 0.5, z))) / z
    return np.where(q == 0, 1.0, ratio)


def _tanhc(q: Array) -> Array:
    return _of_either_sign(q, np.tanh, np.tan)


def _tanhc_slope(q: Array) -> Array:
    series = -1 / 3 + q * (4 / 15 + q * (-17 / 105 + q * 248 / 2835))
    # the derivative of tanh in z, for q < 0 that of tan
    steepness = np.where(q > 0, 1 / np.cosh(np.sqrt(np.clip(q, 0.0, 350.0**2))) ** 2, 1 - q * _tanhc(q) ** 2)
    return np.where(np.abs(q) < 1e-4, series, (steepness - _tanhc(q)) / np.where(q == 0, 1.0, 2 * q))


def _artanhc(q: Array) -> Array:
    return _of_either_sign(q, np.arctanh, np.arctan)


def _artanhc_slope(q: Array) -> Array:
    series = 1 / 3 + q * (2 / 5 + q * (3 / 7 + q * 4 / 9))
    return np.where(np.abs(q) < 1e-4, series, (1 / (1 - q) - _artanhc(q)) / np.where(q == 0, 1.0, 2 * q))


def _arsinhc(q: Array) -> Array:
    z = np.sqrt(q)
    return np.where(z == 0, 1.0, np.arcsinh(z) / np.where(z == 0, 1.0, z))


def _arsinhc_slope(q: Array) -> Array:
    series = -1 / 6 + q * (3 / 20 + q * (-15 / 112 + q * 35 / 288))
    return np.where(q < 1e-4, series, (1 / np.sqrt(1 + q) - _arsinhc(q)) / np.where(q == 0, 1.0, 2 * q))


def _sinhc(q: Array) -> Array:
    z = np.sqrt(q)
    return np.where(z == 0, 1.0, np.sinh(z) / np.where(z == 0, 1.0, z))


def _sinhc_slope(q: Array) -> Array:
    series = 1 / 6 + q * (1 / 60 + q * (1 / 1680 + q / 90720))
    return np.where(q < 1e-2, series, (np.cosh(np.sqrt(q)) - _sinhc(q)) / np.where(q == 0, 1.0, 2 * q))


# tanh(z)/z, artanh(z)/z, arsinh(z)/z and sinh(z)/z as functions of the square q = z^2, in which they are smooth at 0;
# slopes by their series where the difference cancels. The first two go on to q < 0 as tan(z)/z and arctan(z)/z of
# z = sqrt(-q).
tanhc = elementwise(_tanhc, _tanhc_slope)
artanhc = elementwise(_artanhc, _artanhc_slope)
arsinhc = elementwise(_arsinhc, _arsinhc_slope)
sinhc = elementwise(_sinhc, _sinhc_slope)


def kernels(formula: Callable[..., Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return the kernel that computes a formula, and its backward kernel, by the tape.

    The formula takes tensors or arrays of float64. Kernels take array_like; the backward one takes the upstream
    gradient first and `wanted`, one flag a result, last, and returns gradients of the broadcast shape, which the tape
    will sum.
    """
    names = list(inspect.signature(formula).parameters)

    def forward(*operands: ArrayLike, out: Array | None = None) -> Any:
        result = formula(*(np.asarray(operand, np.float64) for operand in operands))
        if out is None:
            return result
        out[...] = result
        return out

    def backward(g: ArrayLike, *operands: Any) -> tuple[Any, ...]:
        *inputs, wanted = operands
        g, *arrays = (np.asarray(value, np.float64) for value in (g, *inputs))
        lead = np.broadcast_shapes(
            *(a.shape if name in NUMBERS else a.shape[:-1] for name, a in zip(names, arrays, strict=True))
        )
        leaves = (
            np.broadcast_to(a, lead if name in NUMBERS else (*lead, a.shape[-1]))
            for name, a in zip(names, arrays, strict=True)
        )
        found = gk.grad(lambda *values: (formula(*values) * g).sum(), range(len(names)))(*leaves)
        return tuple(value if want else None for value, want in zip(found, wanted, strict=True))

    positional = inspect.Parameter.POSITIONAL_OR_KEYWORD
    operands = [inspect.Parameter(name, positional) for name in names]
    forward.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [*operands, inspect.Parameter("out", positional, default=None)]
    )
    backward.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter("g", positional), *operands, inspect.Parameter("wanted", positional)]
    )
    forward.__module__ = backward.__module__ = formula.__module__
    forward.__doc__, backward.__doc__ = formula.__doc__, f"Gradients of: {formula.__doc__}"
    return forward, backward

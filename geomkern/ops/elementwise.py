"""Elementwise functions: one table of names, forwards and derivative rules.

A rule takes the gradient of the output and, by name, what else it needs: ``out``, or the operands ``x``, ``y``, ``z``.
Nothing else is saved. At the points where a derivative does not exist the rules give

- 0 for ``abs`` and ``relu`` at 0 and for ``sign`` everywhere,
- half to each side for ``maximum`` and ``minimum`` of equal operands,
- the whole gradient to `x` for ``clip`` on a bound,
- 0 for the base of ``pow`` where the exponent is 0, and for the exponent where the base is 0 and the exponent is not
  negative.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd._elementwise import Elementwise

Array = Any
Rule = Callable[..., Any] | None


def _sigmoid(x: Array) -> Array:
    e = np.exp(-np.abs(x))  # at most 1, so that nothing overflows and no digit of a small result is lost
    return np.where(np.asarray(x) < 0, e, 1) / (1 + e)


def _relu(x: Array) -> Array:
    return np.maximum(x, 0)


def _clip(x: Array, low: Array, high: Array) -> Array:
    out = np.positive(x) if low is None else np.maximum(x, low)
    return out if high is None else np.minimum(out, high)


def _outside(x: Array, low: Array, high: Array) -> Array:
    below = False if low is None else x < low
    return below | (False if high is None else x > high)


def _share(g: Array, won: Array, lost: Array) -> Array:
    """Give `g` to the winner and half of it to each side of a tie. NaN is neither, so that it goes through."""
    return np.where(won == lost, g / 2, np.where(won < lost, 0, g))


def _pow_base(g: Array, x: Array, y: Array) -> Array:
    if not isinstance(y, np.ndarray):
        return np.zeros_like(g) if y == 0 else g * (y * np.power(x, y - 1))
    flat = y == 0
    return np.where(flat, 0, g * (y * np.power(x, np.where(flat, 1, y - 1))))


def _pow_exponent(g: Array, out: Array, x: Array, y: Array) -> Array:
    zero = (np.asarray(x) == 0) & (np.asarray(y) >= 0)
    return np.where(zero, 0, g * out * np.log(np.where(zero, 1, x)))


# name: (forward, derivative rules, what it computes)
TABLE: dict[str, tuple[Callable[..., Any], tuple[Rule, ...], str]] = {
    "add": (np.add, (lambda g: g, lambda g: g), "x + y"),
    "sub": (np.subtract, (lambda g: g, lambda g: -g), "x - y"),
    "mul": (np.multiply, (lambda g, y: g * y, lambda g, x: g * x), "x * y"),
    "div": (np.true_divide, (lambda g, y: g / y, lambda g, out, y: -g * out / y), "x / y"),
    "pow": (np.power, (_pow_base, _pow_exponent), "x to the power y"),
    "maximum": (
        np.maximum,
        (lambda g, x, y: _share(g, x, y), lambda g, x, y: _share(g, y, x)),
        "the larger of x and y; NaN where one of them is NaN",
    ),
    "minimum": (
        np.minimum,
        (lambda g, x, y: _share(g, y, x), lambda g, x, y: _share(g, x, y)),
        "the smaller of x and y; NaN where one of them is NaN",
    ),
    "neg": (np.negative, (lambda g: -g,), "-x"),
    "abs": (np.absolute, (lambda g, x: g * np.sign(x),), "the absolute value of x"),
    "sign": (np.sign, (lambda g: np.zeros_like(g),), "-1, 0 or 1, as x is negative, zero or positive"),
    "square": (np.square, (lambda g, x: 2 * x * g,), "x * x"),
    "reciprocal": (np.reciprocal, (lambda g, out: -g * out * out,), "1 / x"),
    "sqrt": (np.sqrt, (lambda g, out: g / (2 * out),), "the square root of x"),
    "exp": (np.exp, (lambda g, out: g * out,), "e to the power x"),
    "expm1": (np.expm1, (lambda g, out: g * (out + 1),), "exp(x) - 1, accurate for small x"),
    "log": (np.log, (lambda g, x: g / x,), "the natural logarithm of x"),
    "log1p": (np.log1p, (lambda g, x: g / (1 + x),), "log(1 + x), accurate for small x"),
    "sin": (np.sin, (lambda g, x: g * np.cos(x),), "the sine of x"),
    "cos": (np.cos, (lambda g, x: -g * np.sin(x),), "the cosine of x"),
    "tanh": (np.tanh, (lambda g, out: g * ((1 - out) * (1 + out)),), "the hyperbolic tangent of x"),
    "sigmoid": (_sigmoid, (lambda g, out: g * (out * (1 - out)),), "1 / (1 + exp(-x)), without overflow"),
    "relu": (_relu, (lambda g, x: np.where(x <= 0, 0, g),), "the larger of x and 0"),
    "clip": (
        _clip,
        (
            lambda g, x, y, z: np.where(_outside(x, y, z), 0, g),
            lambda g, x, y: np.where(x < y, g, 0),
            lambda g, x, z: np.where(x > z, g, 0),
        ),
        "x, but at least y and at most z; a bound that is None is none",
    ),
    "where": (
        np.where,
        (None, lambda g, x: np.where(x, g, 0), lambda g, x: np.where(x, 0, g)),
        "y where the condition x holds, else z",
    ),
}

DOCSTRING = """Return {meaning}, element by element.

Parameters
----------
{operands} : array_like or Tensor
    Operands, broadcast against each other. Scalars and arrays without axes do not change the type of the others.

Returns
-------
ndarray or Tensor
    A tensor if an operand is one.

Raises
------
ShapeError
    If the shapes do not broadcast.
DTypeError
    If an operand does not hold numbers.
"""

for _name, (_forward, _vjps, _meaning) in TABLE.items():
    _operands = ", ".join(("x", "y", "z")[: len(_vjps)])
    globals()[_name] = Elementwise(
        _name, _forward, _vjps, DOCSTRING.format(meaning=_meaning, operands=_operands), __name__
    )

if TYPE_CHECKING:
    add: Elementwise
    sub: Elementwise
    mul: Elementwise
    div: Elementwise
    pow: Elementwise
    maximum: Elementwise
    minimum: Elementwise
    neg: Elementwise
    abs: Elementwise
    sign: Elementwise
    square: Elementwise
    reciprocal: Elementwise
    sqrt: Elementwise
    exp: Elementwise
    expm1: Elementwise
    log: Elementwise
    log1p: Elementwise
    sin: Elementwise
    cos: Elementwise
    tanh: Elementwise
    sigmoid: Elementwise
    relu: Elementwise
    clip: Elementwise
    where: Elementwise

__all__ = list(TABLE)

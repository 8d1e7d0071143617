"""Conversions of points and tangent vectors between the models of hyperbolic space of curvature -c.

Along the rays from the origin the models have, at distance r, sqrt(c)|x| = tanh(sqrt(c)r/2) (Poincaré), tanh(sqrt(c)r)
(Klein), sinh(sqrt(c)r) (Lorentz) and sqrt(c)r (polar); the half-space is the Cayley image of Poincaré's ball.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ._common import arsinhc, artanhc, dot, kernels, numbers, sinhc, tanhc, where_nonzero

# With q = c|x|^2: the ratio K of the result's length to |x|, and the derivative of the one length in the other.
RADIAL: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "poincare_to_lorentz": (lambda q: 2 / (1 - q), lambda q: 2 * (1 + q) / (1 - q) ** 2),
    "lorentz_to_poincare": (lambda q: 1 / (1 + np.sqrt(1 + q)), lambda q: 1 / (np.sqrt(1 + q) * (1 + np.sqrt(1 + q)))),
    "poincare_to_klein": (lambda q: 2 / (1 + q), lambda q: 2 * (1 - q) / (1 + q) ** 2),
    "klein_to_poincare": (lambda q: 1 / (1 + np.sqrt(1 - q)), lambda q: 1 / (np.sqrt(1 - q) * (1 + np.sqrt(1 - q)))),
    "lorentz_to_klein": (lambda q: 1 / np.sqrt(1 + q), lambda q: (1 + q) ** -1.5),
    "klein_to_lorentz": (lambda q: 1 / np.sqrt(1 - q), lambda q: (1 - q) ** -1.5),
    "poincare_to_polar": (lambda q: 2 * artanhc(q), lambda q: 2 / (1 - q)),
    "polar_to_poincare": (lambda q: tanhc(q / 4) / 2, lambda q: (1 - q / 4 * tanhc(q / 4) ** 2) / 2),
    "lorentz_to_polar": (arsinhc, lambda q: 1 / np.sqrt(1 + q)),
    "polar_to_lorentz": (sinhc, lambda q: np.sqrt(1 + q * sinhc(q) ** 2)),
    "klein_to_polar": (artanhc, lambda q: 1 / (1 - q)),
    "polar_to_klein": (tanhc, lambda q: 1 - q * tanhc(q) ** 2),
}


def _radial(ratio: Callable[[Any], Any], rate: Callable[[Any], Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    def points(x: Any, c: Any) -> Any:
        """The point on the same ray at the same distance."""
        (c,) = numbers(c)
        return ratio(c * dot(x, x)) * x

    def tangents(x: Any, v: Any, c: Any) -> Any:
        """What is parallel to x by the one factor, what is orthogonal to x by the other."""
        (c,) = numbers(c)
        q, parallel = c * dot(x, x), dot(x, v) * where_nonzero(dot(x, x), lambda square: 1 / square, 0.0) * x
        return ratio(q) * (v - parallel) + rate(q) * parallel

    return points, tangents


def _split(x: Any) -> tuple[Any, Any]:
    """Return all coordinates but the last, and the last."""
    return x[..., :-1], x[..., -1:]


def _join(others: Any, last: Any) -> Any:
    return np.concatenate([others, last], axis=-1)


def _poincare_to_half_space(x: Any, c: Any) -> Any:
    """The Cayley map (2b', 1 - |b|^2)/(|b'|^2 + (1 - b_d)^2) of b = sqrt(c) x."""
    (c,) = numbers(c)
    b, last = _split(np.sqrt(c) * x)
    D = dot(b, b) + (1 - last) ** 2
    return _join(2 * b / D, (1 - c * dot(x, x)) / D)


def _poincare_to_half_space_tangent(x: Any, v: Any, c: Any) -> Any:
    """The derivative of the Cayley map."""
    (c,) = numbers(c)
    (b, last), (u, u_last) = _split(np.sqrt(c) * x), _split(np.sqrt(c) * v)
    D = dot(b, b) + (1 - last) ** 2
    rate = 2 * (dot(b, u) - (1 - last) * u_last) / D
    return _join(2 * (u - rate * b) / D, -2 * (u_last + rate * (1 - last)) / D)


def _half_space_to_poincare(x: Any, c: Any) -> Any:
    """(2s, |x|^2 - 1)/(|s|^2 + (1 + y)^2)/sqrt(c)."""
    (c,) = numbers(c)
    s, y = _split(x)
    return _join(2 * s, dot(x, x) - 1) / (dot(s, s) + (1 + y) ** 2) / np.sqrt(c)


def _half_space_to_poincare_tangent(x: Any, v: Any, c: Any) -> Any:
    """The derivative of that."""
    (c,) = numbers(c)
    (s, y), (u, u_last) = _split(x), _split(v)
    E = dot(s, s) + (1 + y) ** 2
    rate = 2 * (dot(s, u) + (1 + y) * u_last) / E
    return 2 * _join(u - rate * s, rate * (1 + y) - u_last) / E / np.sqrt(c)


def _lorentz_to_half_space(x: Any, c: Any) -> Any:
    """1/y = sqrt(1 + c|x|^2) - sqrt(c) x_d, s = sqrt(c) y x'."""
    (c,) = numbers(c)
    others, last = _split(x)
    y = 1 / (np.sqrt(1 + c * dot(x, x)) - np.sqrt(c) * last)
    return _join(np.sqrt(c) * y * others, y)


def _lorentz_to_half_space_tangent(x: Any, v: Any, c: Any) -> Any:
    """The derivative of that."""
    (c,) = numbers(c)
    (s, y), (u, u_last) = _split(_lorentz_to_half_space(x, c[..., 0])), _split(v)
    rate = np.sqrt(c) * (u_last - dot(s, u)) / np.sqrt(1 + c * dot(x, x))
    return _join(np.sqrt(c) * y * u + rate * s, rate * y)


def _half_space_to_lorentz(x: Any, c: Any) -> Any:
    """(s, (|x|^2 - 1)/2)/(sqrt(c) y)."""
    (c,) = numbers(c)
    s, y = _split(x)
    return _join(s, (dot(x, x) - 1) / 2) / (np.sqrt(c) * y)


def _half_space_to_lorentz_tangent(x: Any, v: Any, c: Any) -> Any:
    """The derivative of that."""
    (c,) = numbers(c)
    (s, y), (u, u_last) = _split(x), _split(v)
    last = dot(s, u) + (y * y + 1 - dot(s, s)) / (2 * y) * u_last
    return _join(u - s * u_last / y, last) / (np.sqrt(c) * y)


def _conversions() -> dict[str, Callable[..., Any]]:
    formulas: dict[str, Callable[..., Any]] = {
        "poincare_to_half_space": _poincare_to_half_space,
        "poincare_to_half_space_tangent": _poincare_to_half_space_tangent,
        "half_space_to_poincare": _half_space_to_poincare,
        "half_space_to_poincare_tangent": _half_space_to_poincare_tangent,
        "lorentz_to_half_space": _lorentz_to_half_space,
        "lorentz_to_half_space_tangent": _lorentz_to_half_space_tangent,
        "half_space_to_lorentz": _half_space_to_lorentz,
        "half_space_to_lorentz_tangent": _half_space_to_lorentz_tangent,
    }
    for name, ratios in RADIAL.items():
        formulas[name], formulas[f"{name}_tangent"] = _radial(*ratios)
    found = {}
    for name, formula in formulas.items():
        found[name], found[f"{name}_vjp"] = kernels(formula)
    return found


_found = _conversions()
globals().update(_found)
__all__ = sorted(_found)

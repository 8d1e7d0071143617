"""The operations of hyperbolic space on the hyperboloid, for the charts whose kernels do without it.

Points and vectors of the ambient space are pairs (time, space) of shapes (..., 1) and (..., d), in units in which the
curvature is -1. A chart brings them from its coordinates and back.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ._common import arsinhc, dot, elementwise, numbers

Pair = tuple[Any, Any]


class Chart(NamedTuple):
    """Maps between coordinates and the ambient space: lift(x, c), push(x, v, c), drop(X, c), pull(X, V, c)."""

    lift: Callable[[Any, Any], Pair]
    push: Callable[[Any, Any, Any], Pair]
    drop: Callable[[Pair, Any], Any]
    pull: Callable[[Pair, Pair, Any], Any]


def _sinhc(q: Any) -> Any:
    z = np.sqrt(q)
    return np.where(z == 0, 1.0, np.sinh(z) / np.where(z == 0, 1.0, z))


def _sinhc_slope(q: Any) -> Any:
    series = 1 / 6 + q * (1 / 60 + q * (1 / 1680 + q * (1 / 90720 + q / 7983360)))
    return np.where(q < 1e-2, series, (np.cosh(np.sqrt(q)) - _sinhc(q)) / np.where(q == 0, 1.0, 2 * q))


def _sinhc_bend(q: Any) -> Any:
    series = 1 / 60 + q * (1 / 840 + q * (1 / 30240 + q / 1995840))
    return np.where(q < 1e-2, series, (_sinhc(q) / 4 - 1.5 * _sinhc_slope(q)) / np.where(q == 0, 1.0, q))


# sinh(z)/z, its derivative, and cosh(z), as functions of the square q = z^2
sinhc = elementwise(_sinhc, _sinhc_slope)
sinhc_slope = elementwise(_sinhc_slope, _sinhc_bend)
cosh = elementwise(lambda q: np.cosh(np.sqrt(q)), lambda q: _sinhc(q) / 2)


def form(u: Pair, v: Pair) -> Any:
    """The Lorentz product."""
    return dot(u[1], v[1]) - u[0] * v[0]


def combine(a: Any, u: Pair, b: Any, v: Pair) -> Pair:
    """The ambient vector a u + b v."""
    return a * u[0] + b * v[0], a * u[1] + b * v[1]


def operations(chart: Chart) -> dict[str, Callable[..., Any]]:
    """Return the formulas of the chart's dist, inner, norm, expmap, logmap, geodesic and transp."""

    def exponential(X: Pair, V: Pair, c: Any) -> Any:
        q = form(V, V)
        return chart.drop(combine(cosh(q), X, sinhc(q), V), c)

    def logarithm(X: Pair, Y: Pair) -> Pair:
        chord = combine(1, Y, -1, X)
        q = form(chord, chord)
        angle = arsinhc(q / 4) ** 2 * q
        return combine(1 / sinhc(angle), chord, -q / (2 * sinhc(angle)), X)

    def dist(x: Any, y: Any, c: Any) -> Any:
        """2/sqrt(c) asinh of half the chord."""
        (c,) = numbers(c)
        chord = combine(1, chart.lift(y, c), -1, chart.lift(x, c))
        q = form(chord, chord)
        return (arsinhc(q / 4) * np.sqrt(q / c))[..., 0]

    def inner(x: Any, u: Any, v: Any, c: Any) -> Any:
        """The Lorentz product of the ambient vectors."""
        (c,) = numbers(c)
        return (form(chart.push(x, u, c), chart.push(x, v, c)) / c)[..., 0]

    def norm(x: Any, u: Any, c: Any) -> Any:
        """The length of the ambient vector."""
        (c,) = numbers(c)
        U = chart.push(x, u, c)
        return np.sqrt(form(U, U) / c)[..., 0]

    def expmap(x: Any, v: Any, c: Any) -> Any:
        """cosh(|V|) X + sinh(|V|) V/|V|."""
        (c,) = numbers(c)
        return exponential(chart.lift(x, c), chart.push(x, v, c), c)

    def logmap(x: Any, y: Any, c: Any) -> Any:
        """d/sinh(d) (Y - cosh(d) X)."""
        (c,) = numbers(c)
        X = chart.lift(x, c)
        return chart.pull(X, logarithm(X, chart.lift(y, c)), c)

    def geodesic(x: Any, y: Any, t: Any, c: Any) -> Any:
        """The exponential of t times the logarithm."""
        t, c = numbers(t, c)
        X = chart.lift(x, c)
        V = logarithm(X, chart.lift(y, c))
        return exponential(X, combine(t, V, 0, X), c)

    def transp(x: Any, y: Any, v: Any, c: Any) -> Any:
        """V + <Y, V>/(1 - <X, Y>) (X + Y)."""
        (c,) = numbers(c)
        X, Y, V = chart.lift(x, c), chart.lift(y, c), chart.push(x, v, c)
        share = form(Y, V) / (1 - form(X, Y))
        return chart.pull(Y, combine(1, V, share, combine(1, X, 1, Y)), c)

    found = (dist, inner, norm, expmap, logmap, geodesic, transp)
    return {operation.__name__: operation for operation in found}

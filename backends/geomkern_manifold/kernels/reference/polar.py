"""The polar chart of curvature -c, on the hyperboloid: space is sinh(r) times the direction of x."""

from typing import Any

import numpy as np

from ._common import arsinhc, dot, kernels, length, numbers
from .hyperboloid import Chart, Pair, cosh, operations, sinhc, sinhc_slope


def _lift(x: Any, c: Any) -> Pair:
    q = c * dot(x, x)
    return cosh(q), sinhc(q) * np.sqrt(c) * x


def _push(x: Any, v: Any, c: Any) -> Pair:
    q, rate = c * dot(x, x), c * dot(x, v)
    return sinhc(q) * rate, np.sqrt(c) * (sinhc(q) * v + 2 * rate * sinhc_slope(q) * x)


def _drop(X: Pair, c: Any) -> Any:
    return arsinhc(dot(X[1], X[1])) * X[1] / np.sqrt(c)


def _pull(X: Pair, V: Pair, c: Any) -> Any:
    square, inverse = dot(X[1], X[1]), arsinhc(dot(X[1], X[1]))
    zero = np.asarray(square) == 0
    along = dot(X[1], V[1]) * (1 / np.sqrt(1 + square) - inverse) / np.where(zero, 1.0, square)
    return (inverse * V[1] + along * X[1]) / np.sqrt(c)


def _dist0(x: Any, c: Any) -> Any:
    """|x|."""
    return length(x)[..., 0] + 0 * c


def _egrad2rgrad(x: Any, u: Any, c: Any) -> Any:
    """The radial part of u, and the tangential one over sinh(r)^2/r^2."""
    (c,) = numbers(c)
    square = dot(x, x)
    radial = dot(x, u) / np.where(np.asarray(square) == 0, 1.0, square) * x
    return radial + (u - radial) / sinhc(c * square) ** 2


_of = operations(Chart(_lift, _push, _drop, _pull))
polar_dist, polar_dist_vjp = kernels(_of["dist"])
polar_dist0, polar_dist0_vjp = kernels(_dist0)
polar_inner, polar_inner_vjp = kernels(_of["inner"])
polar_norm, polar_norm_vjp = kernels(_of["norm"])
polar_egrad2rgrad, polar_egrad2rgrad_vjp = kernels(_egrad2rgrad)
polar_expmap, polar_expmap_vjp = kernels(_of["expmap"])
polar_logmap, polar_logmap_vjp = kernels(_of["logmap"])
polar_geodesic, polar_geodesic_vjp = kernels(_of["geodesic"])
polar_transp, polar_transp_vjp = kernels(_of["transp"])

__all__ = sorted(name for name in globals() if name.startswith("polar_"))

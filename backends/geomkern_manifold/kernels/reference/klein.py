"""Klein's ball of curvature -c (Ungar 2008), on the hyperboloid: x is space over time."""

from typing import Any

import numpy as np

from . import poincare
from ._common import artanhc, dot, kernels, length, numbers
from .hyperboloid import Chart, Pair, operations


def _lift(x: Any, c: Any) -> Pair:
    k = np.sqrt(c) * x
    time = 1 / np.sqrt(1 - dot(k, k))
    return time, time * k


def _push(x: Any, v: Any, c: Any) -> Pair:
    time, _ = _lift(x, c)
    rate = time**3 * c * dot(x, v)
    return rate, np.sqrt(c) * (time * v + rate * x)


def _drop(X: Pair, c: Any) -> Any:
    return X[1] / (X[0] * np.sqrt(c))


def _pull(X: Pair, V: Pair, c: Any) -> Any:
    return (V[1] - V[0] / X[0] * X[1]) / (X[0] * np.sqrt(c))


def _dist0(x: Any, c: Any) -> Any:
    """artanh(sqrt(c)|x|)/sqrt(c)."""
    return artanhc(c * (x * x).sum(-1)) * length(x)[..., 0]


def _egrad2rgrad(x: Any, u: Any, c: Any) -> Any:
    """(1 - c|x|^2) (u - c<x, u> x), by the inverse of the metric."""
    (c,) = numbers(c)
    return (1 - c * dot(x, x)) * (u - c * dot(x, u) * x)


def _mobius_add(x: Any, y: Any, c: Any) -> Any:
    """Einstein addition."""
    (c,) = numbers(c)
    gamma = 1 / np.sqrt(1 - c * dot(x, x))
    return (x + y / gamma + c * gamma / (1 + gamma) * dot(x, y) * x) / (1 + c * dot(x, y))


_of = operations(Chart(_lift, _push, _drop, _pull))
klein_dist, klein_dist_vjp = kernels(_of["dist"])
klein_dist0, klein_dist0_vjp = kernels(_dist0)
klein_inner, klein_inner_vjp = kernels(_of["inner"])
klein_norm, klein_norm_vjp = kernels(_of["norm"])
klein_egrad2rgrad, klein_egrad2rgrad_vjp = kernels(_egrad2rgrad)
klein_expmap, klein_expmap_vjp = kernels(_of["expmap"])
klein_logmap, klein_logmap_vjp = kernels(_of["logmap"])
klein_geodesic, klein_geodesic_vjp = kernels(_of["geodesic"])
klein_transp, klein_transp_vjp = kernels(_of["transp"])
klein_mobius_add, klein_mobius_add_vjp = kernels(_mobius_add)
# On rays from the origin the two balls agree.
klein_mobius_scalar_mul = poincare.poincare_mobius_scalar_mul
klein_mobius_scalar_mul_vjp = poincare.poincare_mobius_scalar_mul_vjp
klein_expmap0, klein_expmap0_vjp = poincare.poincare_expmap0, poincare.poincare_expmap0_vjp
klein_logmap0, klein_logmap0_vjp = poincare.poincare_logmap0, poincare.poincare_logmap0_vjp
klein_projx, klein_projx_vjp = poincare.poincare_projx, poincare.poincare_projx_vjp

__all__ = sorted(name for name in globals() if name.startswith("klein_"))

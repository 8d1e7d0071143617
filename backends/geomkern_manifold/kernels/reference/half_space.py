"""The half-space of curvature -c, on the hyperboloid of which 1/h = time - last and x'/h are linear functions."""

from typing import Any

import numpy as np

from ._common import dot, kernels, length, numbers
from .hyperboloid import Chart, Pair, operations


def _light(X: Pair) -> Any:
    """1/h."""
    return X[0] - X[1][..., -1:]


def _ambient(flat: Any, less: Any, more: Any) -> Pair:
    """The vector with these flat coordinates, time - last = less, and time + last = more."""
    return (more + less) / 2, np.concatenate([flat, (more - less) / 2], -1)


def _lift(x: Any, c: Any) -> Pair:
    h = x[..., -1:]
    return _ambient(x[..., :-1] / h, 1 / h, dot(x, x) / h)


def _push(x: Any, v: Any, c: Any) -> Pair:
    h, rate = x[..., -1:], v[..., -1:] / x[..., -1:]
    flat = (v[..., :-1] - rate * x[..., :-1]) / h
    return _ambient(flat, -rate / h, (2 * dot(x, v) - rate * dot(x, x)) / h)


def _drop(X: Pair, c: Any) -> Any:
    h = 1 / _light(X)
    return np.concatenate([h * X[1][..., :-1], h], -1)


def _pull(X: Pair, V: Pair, c: Any) -> Any:
    h = 1 / _light(X)
    climb = -h * h * _light(V)
    return np.concatenate([h * V[1][..., :-1] + climb * X[1][..., :-1], climb], -1)


def _lambda_x(x: Any, c: Any) -> Any:
    """The conformal factor 1/(sqrt(c) h)."""
    return 1 / (np.sqrt(c) * x[..., -1])


def _inner(x: Any, u: Any, v: Any, c: Any) -> Any:
    """<u, v>/(c h^2)."""
    return _lambda_x(x, c) ** 2 * (u * v).sum(-1)


def _norm(x: Any, u: Any, c: Any) -> Any:
    """|u|/(sqrt(c) h)."""
    return _lambda_x(x, c) * length(u)[..., 0]


def _egrad2rgrad(x: Any, u: Any, c: Any) -> Any:
    """C h^2 u."""
    (c,) = numbers(c)
    return c * x[..., -1:] ** 2 * u


def _projx(x: Any, eps: Any, c: Any) -> Any:
    """x, with a height of at least eps, or, for eps = 0, positive."""
    (eps,) = numbers(eps)
    h = x[..., -1:]
    some = np.asarray(eps) > 0
    raised = np.where(some, np.asarray(h) < np.asarray(eps), np.asarray(h) <= 0)
    height = np.where(raised, np.where(some, eps, 2.0**-1022), h)
    return np.concatenate([x[..., :-1], height], -1) + 0 * c[..., None]


_of = operations(Chart(_lift, _push, _drop, _pull))
half_space_dist, half_space_dist_vjp = kernels(_of["dist"])
half_space_lambda_x, half_space_lambda_x_vjp = kernels(_lambda_x)
half_space_inner, half_space_inner_vjp = kernels(_inner)
half_space_norm, half_space_norm_vjp = kernels(_norm)
half_space_egrad2rgrad, half_space_egrad2rgrad_vjp = kernels(_egrad2rgrad)
half_space_expmap, half_space_expmap_vjp = kernels(_of["expmap"])
half_space_logmap, half_space_logmap_vjp = kernels(_of["logmap"])
half_space_geodesic, half_space_geodesic_vjp = kernels(_of["geodesic"])
half_space_transp, half_space_transp_vjp = kernels(_of["transp"])
half_space_projx, half_space_projx_vjp = kernels(_projx)

__all__ = sorted(name for name in globals() if name.startswith("half_space_"))

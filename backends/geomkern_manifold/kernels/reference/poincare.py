"""The Poincaré ball of curvature -c (Ungar 2008; Ganea, Bécigneul and Hofmann 2018)."""

from typing import Any

import numpy as np

from ._common import arsinhc, artanhc, dot, kernels, length, numbers, tanhc


def _lambda_x(x: Any, c: Any) -> Any:
    """The conformal factor 2/(1 - c|x|^2)."""
    (c,) = numbers(c)
    return (2 / (1 - c * dot(x, x)))[..., 0]


def _dist(x: Any, y: Any, c: Any) -> Any:
    """2/sqrt(c) asinh(sqrt(c)|x - y|/sqrt((1 - c|x|^2)(1 - c|y|^2)))."""
    half = length(x - y)[..., 0] * np.sqrt(_lambda_x(x, c) * _lambda_x(y, c)) / 2
    return 2 * arsinhc(c * half * half) * half


def _dist0(x: Any, c: Any) -> Any:
    """2/sqrt(c) artanh(sqrt(c)|x|)."""
    return 2 * artanhc(c * (x * x).sum(-1)) * length(x)[..., 0]


def _inner(x: Any, u: Any, v: Any, c: Any) -> Any:
    """lambda_x^2 <u, v>."""
    return _lambda_x(x, c) ** 2 * (u * v).sum(-1)


def _norm(x: Any, u: Any, c: Any) -> Any:
    """lambda_x |u|."""
    return _lambda_x(x, c) * length(u)[..., 0]


def _egrad2rgrad(x: Any, u: Any, c: Any) -> Any:
    """u/lambda_x^2."""
    return u / _lambda_x(x, c)[..., None] ** 2


def _mobius_add(x: Any, y: Any, c: Any) -> Any:
    """Möbius addition."""
    (c,) = numbers(c)
    xx, yy, xy = dot(x, x), dot(y, y), dot(x, y)
    return ((1 + 2 * c * xy + c * yy) * x + (1 - c * xx) * y) / (1 + 2 * c * xy + c * c * xx * yy)


def _mobius_scalar_mul(x: Any, r: Any, c: Any) -> Any:
    """R times the geodesic from the origin to x: tanh(r artanh(sqrt(c)|x|)) x/(sqrt(c)|x|)."""
    r, c = numbers(r, c)
    half = r * artanhc(c * dot(x, x)) * x
    return tanhc(c * dot(half, half)) * half


def _gyration(u: Any, v: Any, w: Any, c: Any) -> Any:
    """gyr[u, v]w = -(u + v) + (u + (v + w)), the rotation by which Möbius addition fails to associate."""
    (c,) = numbers(c)
    uu, vv, uv, uw, vw = dot(u, u), dot(v, v), dot(u, v), dot(u, w), dot(v, w)
    A = -c * c * uw * vv + c * vw + 2 * c * c * uv * vw
    B = -c * c * vw * uu - c * uw
    return w + 2 * (A * u + B * v) / (1 + 2 * c * uv + c * c * uu * vv)


def _transp(x: Any, y: Any, v: Any, c: Any) -> Any:
    """lambda_x/lambda_y gyr[y, -x]v."""
    return (_lambda_x(x, c) / _lambda_x(y, c))[..., None] * _gyration(y, -x, v, c)


def _expmap0(v: Any, c: Any) -> Any:
    """tanh(sqrt(c)|v|) v/(sqrt(c)|v|)."""
    (c,) = numbers(c)
    return tanhc(c * dot(v, v)) * v


def _logmap0(y: Any, c: Any) -> Any:
    """artanh(sqrt(c)|y|) y/(sqrt(c)|y|)."""
    (c,) = numbers(c)
    return artanhc(c * dot(y, y)) * y


def _expmap(x: Any, v: Any, c: Any) -> Any:
    """X + exp_0(lambda_x v/2)."""
    return _mobius_add(x, _expmap0(_lambda_x(x, c)[..., None] / 2 * v, c), c)


def _logmap(x: Any, y: Any, c: Any) -> Any:
    """2/lambda_x log_0(-x + y)."""
    return 2 / _lambda_x(x, c)[..., None] * _logmap0(_mobius_add(-x, y, c), c)


def _geodesic(x: Any, y: Any, t: Any, c: Any) -> Any:
    """X + t (-x + y)."""
    return _mobius_add(x, _mobius_scalar_mul(_mobius_add(-x, y, c), t, c), c)


def _projx(x: Any, eps: Any, c: Any) -> Any:
    """X where sqrt(c)|x| < 1 - eps; elsewhere x scaled to that length, or, for eps = 0, just inside the ball."""
    eps, c = numbers(eps, c)
    size, some = np.sqrt(c) * length(x), np.asarray(eps) > 0
    outside = np.where(some, np.asarray(size) > 1 - np.asarray(eps), np.asarray(size) >= 1)
    most = np.where(some, 1 - eps, 1 - 2**-53 - eps)
    return np.where(outside, most / np.where(outside, size, 1.0), 1.0) * x


poincare_lambda_x, poincare_lambda_x_vjp = kernels(_lambda_x)
poincare_dist, poincare_dist_vjp = kernels(_dist)
poincare_dist0, poincare_dist0_vjp = kernels(_dist0)
poincare_inner, poincare_inner_vjp = kernels(_inner)
poincare_norm, poincare_norm_vjp = kernels(_norm)
poincare_egrad2rgrad, poincare_egrad2rgrad_vjp = kernels(_egrad2rgrad)
poincare_mobius_add, poincare_mobius_add_vjp = kernels(_mobius_add)
poincare_mobius_scalar_mul, poincare_mobius_scalar_mul_vjp = kernels(_mobius_scalar_mul)
poincare_gyration, poincare_gyration_vjp = kernels(_gyration)
poincare_transp, poincare_transp_vjp = kernels(_transp)
poincare_expmap0, poincare_expmap0_vjp = kernels(_expmap0)
poincare_logmap0, poincare_logmap0_vjp = kernels(_logmap0)
poincare_expmap, poincare_expmap_vjp = kernels(_expmap)
poincare_logmap, poincare_logmap_vjp = kernels(_logmap)
poincare_geodesic, poincare_geodesic_vjp = kernels(_geodesic)
poincare_projx, poincare_projx_vjp = kernels(_projx)


__all__ = sorted(name for name in globals() if name.startswith("poincare_"))

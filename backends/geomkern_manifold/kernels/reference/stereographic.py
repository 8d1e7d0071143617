"""The stereographic model of curvature k, of either sign (Bachmann, Bécigneul and Ganea 2020; Skopek et al. 2020).

The textbooks' tan_k and artan_k are, but for a factor, functions of the signed square q = -k|v|^2 that are analytic at 0.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ._common import Array, dot, elementwise, kernels, length, numbers


def _by_sign(q: Array, hyperbolic: Callable[[Array], Array], circular: Callable[[Array], Array]) -> Array:
    """A function of sqrt(q) for q > 0 and of sqrt(-q) for q < 0, divided by that root; 1 at 0."""
    root = np.sqrt(np.where(q == 0, 1.0, np.abs(q)))
    positive = q > 0
    ratio = np.where(positive, hyperbolic(np.where(positive, root, 0.5)), circular(np.where(positive, 0.5, root))) / root
    return np.where(q == 0, 1.0, ratio)


def _slope(q: Array, difference: Callable[[Array], Array], *series: float) -> Array:
    """difference(q)/(2q), and its series where the difference cancels."""
    small = np.abs(q) < 1e-4
    safe = np.where(small, 1.0, q)
    return np.where(small, np.polyval(series[::-1], np.where(small, q, 0.0)), difference(safe) / (2 * safe))


def _tan_value(q: Array) -> Array:
    return _by_sign(q, np.tanh, np.tan)


def _artan_value(q: Array) -> Array:
    return _by_sign(q, np.arctanh, np.arctan)


def _tan_slope(q: Array) -> Array:
    # the derivative of tanh is 1 - tanh^2 = 1 - q T^2, that of tan 1 + tan^2 = 1 - q T^2 too
    return _slope(q, lambda q: 1 - q * _tan_value(q) ** 2 - _tan_value(q), -1 / 3, 4 / 15, -17 / 105, 248 / 2835)


def _artan_slope(q: Array) -> Array:
    return _slope(q, lambda q: 1 / (1 - q) - _artan_value(q), 1 / 3, 2 / 5, 3 / 7, 4 / 9)


_tan_ratio, _artan_ratio = elementwise(_tan_value, _tan_slope), elementwise(_artan_value, _artan_slope)


def _mobius_add(x: Any, y: Any, k: Any) -> Any:
    """((1 - 2k<x, y> - k|y|^2) x + (1 + k|x|^2) y)/(1 - 2k<x, y> + k^2|x|^2|y|^2)."""
    (k,) = numbers(k)
    xx, yy, xy = dot(x, x), dot(y, y), dot(x, y)
    return ((1 - 2 * k * xy - k * yy) * x + (1 + k * xx) * y) / (1 - 2 * k * xy + k * k * xx * yy)


def _mobius_scalar_mul(x: Any, r: Any, k: Any) -> Any:
    """tan_k(r artan_k(|x|)) x/|x|."""
    r, kk = numbers(r, k)
    u = -kk * dot(x, x)
    artan = _artan_ratio(u)
    return r * artan * _tan_ratio(r * r * artan * artan * u) * x


def _gyration(u: Any, v: Any, w: Any, k: Any) -> Any:
    """gyr[u, v]w = -(u + v) + (u + (v + w)), linear in w (Ungar 2008)."""
    (k,) = numbers(k)
    uu, vv, uv, uw, vw = dot(u, u), dot(v, v), dot(u, v), dot(u, w), dot(v, w)
    A = -k * k * uw * vv - k * vw + 2 * k * k * uv * vw
    B = -k * k * vw * uu + k * uw
    return w + 2 * (A * u + B * v) / (1 - 2 * k * uv + k * k * uu * vv)


def _expmap0(v: Any, k: Any) -> Any:
    """tan_k(|v|) v/|v|."""
    return _tan_ratio(-numbers(k)[0] * dot(v, v)) * v


def _logmap0(y: Any, k: Any) -> Any:
    """artan_k(|y|) y/|y|."""
    return _artan_ratio(-numbers(k)[0] * dot(y, y)) * y


def _expmap(x: Any, v: Any, k: Any) -> Any:
    """X + tan_k(lambda_x |v|/2) v/|v|, the sum being Möbius addition."""
    return _mobius_add(x, _expmap0(v / (1 + numbers(k)[0] * dot(x, x)), k), k)


def _logmap(x: Any, y: Any, k: Any) -> Any:
    """(2/lambda_x) artan_k(|w|) w/|w| with w = -x + y."""
    return (1 + numbers(k)[0] * dot(x, x)) * _logmap0(_mobius_add(-x, y, k), k)


def _geodesic(x: Any, y: Any, t: Any, k: Any) -> Any:
    """X + t * (-x + y) in gyrovector operations."""
    return _mobius_add(x, _mobius_scalar_mul(_mobius_add(-x, y, k), t, k), k)


def _transp(x: Any, y: Any, v: Any, k: Any) -> Any:
    """(lambda_x/lambda_y) gyr[y, -x]v."""
    (kk,) = numbers(k)
    return (1 + kk * dot(y, y)) / (1 + kk * dot(x, x)) * _gyration(y, -x, v, k)


def _dist0(x: Any, k: Any) -> Any:
    """2 artan_k(|x|)."""
    return (2 * length(x) * _artan_ratio(-numbers(k)[0] * dot(x, x)))[..., 0]


def _dist(x: Any, y: Any, k: Any) -> Any:
    """2 artan_k(|-x + y|)."""
    return _dist0(_mobius_add(-x, y, k), k)


def _lambda_x(x: Any, k: Any) -> Any:
    """The conformal factor 2/(1 + k|x|^2)."""
    return (2 / (1 + numbers(k)[0] * dot(x, x)))[..., 0]


def _inner(x: Any, u: Any, v: Any, k: Any) -> Any:
    """lambda_x^2 <u, v>."""
    return _lambda_x(x, k) ** 2 * dot(u, v)[..., 0]


def _norm(x: Any, u: Any, k: Any) -> Any:
    """lambda_x |u|."""
    return _lambda_x(x, k) * length(u)[..., 0]


def _egrad2rgrad(x: Any, u: Any, k: Any) -> Any:
    """u/lambda_x^2."""
    return u / (_lambda_x(x, k) ** 2)[..., None]


stereographic_dist, stereographic_dist_vjp = kernels(_dist)
stereographic_dist0, stereographic_dist0_vjp = kernels(_dist0)
stereographic_lambda_x, stereographic_lambda_x_vjp = kernels(_lambda_x)
stereographic_inner, stereographic_inner_vjp = kernels(_inner)
stereographic_norm, stereographic_norm_vjp = kernels(_norm)
stereographic_egrad2rgrad, stereographic_egrad2rgrad_vjp = kernels(_egrad2rgrad)
stereographic_expmap0, stereographic_expmap0_vjp = kernels(_expmap0)
stereographic_logmap0, stereographic_logmap0_vjp = kernels(_logmap0)
stereographic_expmap, stereographic_expmap_vjp = kernels(_expmap)
stereographic_logmap, stereographic_logmap_vjp = kernels(_logmap)
stereographic_geodesic, stereographic_geodesic_vjp = kernels(_geodesic)
stereographic_mobius_add, stereographic_mobius_add_vjp = kernels(_mobius_add)
stereographic_mobius_scalar_mul, stereographic_mobius_scalar_mul_vjp = kernels(_mobius_scalar_mul)
stereographic_gyration, stereographic_gyration_vjp = kernels(_gyration)
stereographic_transp, stereographic_transp_vjp = kernels(_transp)

"""The sphere of radius 1/sqrt(c) in ambient coordinates, with the origin (1/sqrt(c), 0, ..., 0)."""

from typing import Any

import numpy as np

from ._common import Array, artanhc, dot, elementwise, kernels, length, numbers


def _sinc(z: Array) -> Array:
    return np.sinc(z / np.pi)


def _sinc_slope(z: Array) -> Array:
    series = -z / 3 * (1 - z * z / 10 * (1 - z * z / 28))
    return np.where(np.abs(z) < 1e-3, series, (np.cos(z) - _sinc(z)) / np.where(z == 0, 1.0, z))


_cos, sinc = elementwise(np.cos, lambda z: -np.sin(z)), elementwise(_sinc, _sinc_slope)


def _angle(x: Any, y: Any) -> Any:
    """2 arctan(|y - x|/|x + y|) of the angle between two points, shape (..., 1)."""
    tangent = length(y - x) / length(x + y)
    return 2 * tangent * artanhc(-tangent * tangent)


def _axis_like(x: Any) -> Array:
    return np.eye(1, np.shape(x)[-1])[0]


def _dist(x: Any, y: Any, c: Any) -> Any:
    """The angle over sqrt(c)."""
    return _angle(x, y)[..., 0] / np.sqrt(c)


def _dist0(x: Any, c: Any) -> Any:
    """The angle between x and the first axis, over sqrt(c)."""
    return _dist(x / length(x), _axis_like(x), c)


def _inner(x: Any, u: Any, v: Any, c: Any) -> Any:
    """<u, v>."""
    return dot(u, v)[..., 0] + 0.0 * (x.sum(-1) + c)


def _norm(x: Any, u: Any, c: Any) -> Any:
    """|u|."""
    return length(u)[..., 0] + 0.0 * (x.sum(-1) + c)


def _egrad2rgrad(x: Any, u: Any, c: Any) -> Any:
    """U - c<x, u>x."""
    (c,) = numbers(c)
    return u - c * dot(x, u) * x


def _expmap(x: Any, v: Any, c: Any) -> Any:
    """cos(sqrt(c)|v|) x + sin(sqrt(c)|v|) v/(sqrt(c)|v|)."""
    (c,) = numbers(c)
    angle = np.sqrt(c) * length(v)
    return _cos(angle) * x + sinc(angle) * v


def _expmap0(v: Any, c: Any) -> Any:
    """The exponential map at the origin."""
    return _expmap(_axis_like(v) / np.sqrt(numbers(c)[0]), v, c)


def _logmap(x: Any, y: Any, c: Any) -> Any:
    """(angle/sin(angle)) times the tangential part of y - x."""
    return _egrad2rgrad(x, y - x, c) / sinc(_angle(x, y))


def _logmap0(y: Any, c: Any) -> Any:
    """The distance from the origin, in the direction of the coordinates that are orthogonal to it."""
    rest = y * (1 - _axis_like(y))
    size = length(rest)
    return _dist0(y, c)[..., None] / np.where(np.asarray(size) == 0, 1.0, size) * rest


def _geodesic(x: Any, y: Any, t: Any, c: Any) -> Any:
    """(sin((1 - t) angle) x + sin(t angle) y)/sin(angle) (Shoemake 1985)."""
    (t,) = numbers(t)
    angle = _angle(x, y)
    weights = (1 - t) * sinc((1 - t) * angle), t * sinc(t * angle)
    return (weights[0] * x + weights[1] * y) / sinc(angle) + 0.0 * numbers(c)[0]


def _transp(x: Any, y: Any, v: Any, c: Any) -> Any:
    """V - 2<y, v>/|x + y|^2 (x + y)."""
    return v - 2 * dot(y, v) / dot(x + y, x + y) * (x + y) + 0.0 * numbers(c)[0]


def _projx(x: Any, c: Any) -> Any:
    """x/(sqrt(c)|x|)."""
    return x / (np.sqrt(numbers(c)[0]) * length(x))


sphere_dist, sphere_dist_vjp = kernels(_dist)
sphere_dist0, sphere_dist0_vjp = kernels(_dist0)
sphere_inner, sphere_inner_vjp = kernels(_inner)
sphere_norm, sphere_norm_vjp = kernels(_norm)
sphere_egrad2rgrad, sphere_egrad2rgrad_vjp = kernels(_egrad2rgrad)
sphere_expmap, sphere_expmap_vjp = kernels(_expmap)
sphere_logmap, sphere_logmap_vjp = kernels(_logmap)
sphere_expmap0, sphere_expmap0_vjp = kernels(_expmap0)
sphere_logmap0, sphere_logmap0_vjp = kernels(_logmap0)
sphere_geodesic, sphere_geodesic_vjp = kernels(_geodesic)
sphere_transp, sphere_transp_vjp = kernels(_transp)
sphere_projx, sphere_projx_vjp = kernels(_projx)

__all__ = [name for name in globals() if name.startswith("sphere_")]

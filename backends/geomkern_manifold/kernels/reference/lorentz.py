"""Lorentz's model of curvature -c, by spatial coordinates (Nickel and Kiela 2018)."""

from typing import Any

import numpy as np

from ._common import arsinhc, dot, elementwise, kernels, length, numbers, sinhc

# cosh(z) as a function of the square q = z^2
_cosh = elementwise(lambda q: np.cosh(np.sqrt(q)), lambda q: sinhc(q) / 2)


def _lift(c: Any, x: Any) -> Any:
    """The time sqrt(1/c + |x|^2)."""
    return np.sqrt(1 / c + dot(x, x))


def _time(x: Any, c: Any) -> Any:
    """The time coordinate of a point."""
    (c,) = numbers(c)
    return _lift(c, x)[..., 0]


def _inner(x: Any, u: Any, v: Any, c: Any) -> Any:
    """<u, v> - u0 v0, u0 = <x, u>/x0."""
    (c,) = numbers(c)
    return (dot(u, v) - dot(x, u) * dot(x, v) / _lift(c, x) ** 2)[..., 0]


def _norm(x: Any, u: Any, c: Any) -> Any:
    """The length of u', and that of the part along x over sqrt(1 + c|x|^2), by Pythagoras."""
    (c,) = numbers(c)
    parallel = dot(x, u) / (1 + np.sqrt(1 + c * dot(x, x))) / _lift(c, x) * np.sqrt(c)
    return length(u - parallel * x)[..., 0]


def _egrad2rgrad(x: Any, u: Any, c: Any) -> Any:
    """U + c <x, u> x."""
    (c,) = numbers(c)
    return u + c * dot(x, u) * x


def _chord(x: Any, y: Any, c: Any) -> Any:
    """The square <Y - X, Y - X>_L of the chord."""
    delta = y - x
    times = dot(delta, x + y) / (_lift(c, x) + _lift(c, y))
    return dot(delta, delta) - times * times


def _dist(x: Any, y: Any, c: Any) -> Any:
    """2/sqrt(c) asinh(sqrt(c <Y - X, Y - X>_L)/2)."""
    (c,) = numbers(c)
    delta, total = y - x, (x + y) / (_lift(c, x) + _lift(c, y))
    # the chord is as long as delta shortened along x + y
    along = dot(delta, total) / (1 + np.sqrt(1 - dot(total, total)))
    chord = length(delta - along * total)
    return (arsinhc(c * chord * chord / 4) * chord)[..., 0]


def _dist0(x: Any, c: Any) -> Any:
    """asinh(sqrt(c)|x|)/sqrt(c)."""
    return arsinhc(c * (x * x).sum(-1)) * length(x)[..., 0]


def _expmap0(v: Any, c: Any) -> Any:
    """sinh(sqrt(c)|v|) v/(sqrt(c)|v|)."""
    (c,) = numbers(c)
    return sinhc(c * dot(v, v)) * v


def _logmap0(y: Any, c: Any) -> Any:
    """asinh(sqrt(c)|y|) y/(sqrt(c)|y|)."""
    (c,) = numbers(c)
    return arsinhc(c * dot(y, y)) * y


def _expmap(x: Any, v: Any, c: Any) -> Any:
    """cosh(theta) x + sinh(theta)/theta v, theta = sqrt(c)|v|_x."""
    q = (c * _inner(x, v, v, c))[..., None]
    return _cosh(q) * x + sinhc(q) * v


def _theta2(x: Any, y: Any, c: Any) -> Any:
    """The square of theta = sqrt(c) d = 2 asinh(sqrt(h)), h = c/4 <Y - X, Y - X>_L."""
    h = c * _chord(x, y, c) / 4
    return 4 * h * arsinhc(h) ** 2


def _logmap(x: Any, y: Any, c: Any) -> Any:
    """theta/sinh(theta) (y - cosh(theta) x)."""
    (c,) = numbers(c)
    return (y - x - c * _chord(x, y, c) / 2 * x) / sinhc(_theta2(x, y, c))


def _geodesic(x: Any, y: Any, t: Any, c: Any) -> Any:
    """(sinh((1 - t) theta) x + sinh(t theta) y)/sinh(theta)."""
    t, c = numbers(t, c)
    q = _theta2(x, y, c)
    return ((1 - t) * sinhc((1 - t) ** 2 * q) * x + t * sinhc(t * t * q) * y) / sinhc(q)


def _transp(x: Any, y: Any, v: Any, c: Any) -> Any:
    """V + c <Y, V>_L/(1 - c <X, Y>_L) (x + y)."""
    (c,) = numbers(c)
    inner = dot(y, v) - _lift(c, y) * dot(x, v) / _lift(c, x)
    return v + c * inner / (2 + c * _chord(x, y, c) / 2) * (x + y)


lorentz_time, lorentz_time_vjp = kernels(_time)
lorentz_dist, lorentz_dist_vjp = kernels(_dist)
lorentz_dist0, lorentz_dist0_vjp = kernels(_dist0)
lorentz_inner, lorentz_inner_vjp = kernels(_inner)
lorentz_norm, lorentz_norm_vjp = kernels(_norm)
lorentz_egrad2rgrad, lorentz_egrad2rgrad_vjp = kernels(_egrad2rgrad)
lorentz_expmap0, lorentz_expmap0_vjp = kernels(_expmap0)
lorentz_logmap0, lorentz_logmap0_vjp = kernels(_logmap0)
lorentz_expmap, lorentz_expmap_vjp = kernels(_expmap)
lorentz_logmap, lorentz_logmap_vjp = kernels(_logmap)
lorentz_geodesic, lorentz_geodesic_vjp = kernels(_geodesic)
lorentz_transp, lorentz_transp_vjp = kernels(_transp)

__all__ = sorted(name for name in globals() if name.startswith("lorentz_"))

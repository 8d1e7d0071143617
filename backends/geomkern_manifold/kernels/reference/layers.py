"""What the layers do around their matrix products, in the ball and in Lorentz's model."""

from typing import Any

import numpy as np

from ._common import arsinhc, artanhc, dot, kernels, numbers, sinhc
from .poincare import _expmap0, _mobius_add


def _poincare_log0_factor(x: Any, c: Any) -> Any:
    """artanh(sqrt(c)|x|)/(sqrt(c)|x|), by which log0 multiplies x."""
    return artanhc(c * (x * x).sum(-1))


def _poincare_mobius_bias(h: Any, b: Any, t: Any, c: Any) -> Any:
    """exp0(t h) + b, the Möbius sum."""
    return _mobius_add(_expmap0(t[..., None] * h, c), b, c)


def _poincare_tangent_bias(h: Any, b: Any, t: Any, c: Any) -> Any:
    """exp0(t h + b)."""
    return _expmap0(t[..., None] * h + b, c)


def _plane_reach(h: Any, gain: Any, shift: Any, reach: Any, lam: Any, c: Any) -> Any:
    """Sqrt(c) reach times the distance from each plane."""
    lam, c = numbers(lam, c)
    q = np.sqrt(c) * lam * gain * h - (lam - 1) * shift
    return reach * q * arsinhc(q * q)


def _poincare_planes(h: Any, gain: Any, shift: Any, reach: Any, lam: Any, c: Any) -> Any:
    """Reach asinh(sqrt(c) lam gain h - (lam - 1) shift)/sqrt(c)."""
    return _plane_reach(h, gain, shift, reach, lam, c) / np.sqrt(c[..., None])


def _poincare_fc(h: Any, gain: Any, shift: Any, reach: Any, lam: Any, c: Any) -> Any:
    """w/(1 + sqrt(1 + c|w|^2)) with w = sinh(sqrt(c) v)/sqrt(c) and v the result of ``planes``."""
    z = _plane_reach(h, gain, shift, reach, lam, c)
    (c,) = numbers(c)
    w = z * sinhc(z * z) / np.sqrt(c)
    return w / (1 + np.sqrt(1 + c * dot(w, w)))


def _lorentz_log0_factor(x: Any, c: Any) -> Any:
    """asinh(sqrt(c)|x|)/(sqrt(c)|x|), by which log0 multiplies x."""
    return arsinhc(c * (x * x).sum(-1))


def _lorentz_mobius_bias(h: Any, b: Any, t: Any, c: Any) -> Any:
    """The point b, carried along by the boost that takes the origin to exp0(t h)."""
    t, c = numbers(t, c)
    u = t * sinhc(c * t * t * dot(h, h)) * h
    time_u, time_b = np.sqrt(1 + c * dot(u, u)), np.sqrt(1 + c * dot(b, b))
    return b + (time_b + c * dot(u, b) / (1 + time_u)) * u


def _lorentz_tangent_bias(h: Any, b: Any, t: Any, c: Any) -> Any:
    """exp0(t h + b)."""
    t, c = numbers(t, c)
    v = t * h + b
    return sinhc(c * dot(v, v)) * v


poincare_log0_factor, poincare_log0_factor_vjp = kernels(_poincare_log0_factor)
poincare_mobius_bias, poincare_mobius_bias_vjp = kernels(_poincare_mobius_bias)
poincare_tangent_bias, poincare_tangent_bias_vjp = kernels(_poincare_tangent_bias)
poincare_planes, poincare_planes_vjp = kernels(_poincare_planes)
poincare_fc, poincare_fc_vjp = kernels(_poincare_fc)
lorentz_log0_factor, lorentz_log0_factor_vjp = kernels(_lorentz_log0_factor)
lorentz_mobius_bias, lorentz_mobius_bias_vjp = kernels(_lorentz_mobius_bias)
lorentz_tangent_bias, lorentz_tangent_bias_vjp = kernels(_lorentz_tangent_bias)

__all__ = sorted(name for name in globals() if name.startswith(("poincare_", "lorentz_")))

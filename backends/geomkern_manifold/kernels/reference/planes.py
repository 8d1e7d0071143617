"""Distances from geodesic hyperplanes and from ideal points, and translations, for curvature -c."""

from typing import Any

import numpy as np

from ._common import arsinhc, dot, kernels, length, numbers
from .poincare import _mobius_add


def _poincare_dist2plane(x: Any, p: Any, a: Any, c: Any) -> Any:
    """1/sqrt(c) asinh(2 sqrt(c) <w, a>/((1 - c|w|^2)|a|)) for w = -p + x."""
    w, (curvature,) = _mobius_add(-p, x, c), numbers(c)
    share = (2 * dot(w, a) / ((1 - curvature * dot(w, w)) * length(a)))[..., 0]
    return arsinhc(c * share * share) * share


def _lorentz_dist2plane(x: Any, p: Any, a: Any, c: Any) -> Any:
    """1/sqrt(c) asinh(sqrt(c) <X, A>/|A|), with the inner product of the ambient space."""
    (curvature,) = numbers(c)
    x0, p0 = np.sqrt(1 / curvature + dot(x, x)), np.sqrt(1 / curvature + dot(p, p))
    a0 = dot(p, a) / p0
    share = ((dot(x, a) - x0 * a0) / np.sqrt(dot(a, a) - a0 * a0))[..., 0]
    return arsinhc(c * share * share) * share


def _half_space_dist2plane(x: Any, p: Any, a: Any, c: Any) -> Any:
    """1/sqrt(c) asinh(((2r<s - q, a'> + (|s - q|^2 + y^2 - r^2) a_d)/(2yr|a|)) for x = (s, y) and p = (q, r)."""
    s, y, q, r = x[..., :-1], x[..., -1:], p[..., :-1], p[..., -1:]
    top = 2 * r * dot(s - q, a[..., :-1]) + (dot(s - q, s - q) + y * y - r * r) * a[..., -1:]
    H = (top / (2 * y * r * length(a)))[..., 0]
    return arsinhc(H * H) * H / np.sqrt(c)


def _poincare_busemann(x: Any, p: Any, c: Any) -> Any:
    """1/sqrt(c) log(|u - sqrt(c) x|^2/(1 - c|x|^2)) for u = p/|p|."""
    (curvature,) = numbers(c)
    away = p / length(p) - np.sqrt(curvature) * x
    return (np.log(dot(away, away) / (1 - curvature * dot(x, x))) / np.sqrt(curvature))[..., 0]


def _lorentz_busemann(x: Any, p: Any, c: Any) -> Any:
    """1/sqrt(c) log(sqrt(1 + c|x|^2) - sqrt(c) <x, u>) for u = p/|p|."""
    (c,) = numbers(c)
    return (np.log(np.sqrt(1 + c * dot(x, x)) - np.sqrt(c) * dot(x, p) / length(p)) / np.sqrt(c))[..., 0]


def _lorentz_translate(x: Any, by: Any, c: Any) -> Any:
    """X + (c <b, x>/(1 + sqrt(1 + c|b|^2)) + sqrt(1 + c|x|^2)) b."""
    (c,) = numbers(c)
    return x + (c * dot(by, x) / (1 + np.sqrt(1 + c * dot(by, by))) + np.sqrt(1 + c * dot(x, x))) * by


poincare_dist2plane, poincare_dist2plane_vjp = kernels(_poincare_dist2plane)
lorentz_dist2plane, lorentz_dist2plane_vjp = kernels(_lorentz_dist2plane)
half_space_dist2plane, half_space_dist2plane_vjp = kernels(_half_space_dist2plane)
poincare_busemann, poincare_busemann_vjp = kernels(_poincare_busemann)
lorentz_busemann, lorentz_busemann_vjp = kernels(_lorentz_busemann)
lorentz_translate, lorentz_translate_vjp = kernels(_lorentz_translate)

__all__ = sorted(name for name in globals() if name.startswith(("poincare_", "lorentz_", "half_space_")))

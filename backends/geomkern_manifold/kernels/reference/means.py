"""Means of sets of points: the Einstein midpoint (Ungar 2008) and the Fréchet mean (Karcher 1977; Pennec 2006)."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

import geomkern as gk

from ._common import Array, dot

__all__ = ["karcher_mean", "karcher_solve"]


def _ball(x: Any, w: Any, c: Any) -> Any:
    """1/2 times the sum of w lambda x over that of w (lambda - 1)."""
    conformal = 2 / (1 - c * dot(x, x))
    z = (w * conformal * x).sum(-2, keepdims=True) / (w * (conformal - 1)).sum(-2, keepdims=True)
    return z / (1 + np.sqrt(1 - c * dot(z, z)))


def _lorentz(x: Any, w: Any, c: Any) -> Any:
    """The sum of w X, scaled to the hyperboloid."""
    times = (w * np.sqrt(1 / c + dot(x, x))).sum(-2, keepdims=True)
    total = (w * x).sum(-2, keepdims=True)
    return total / np.sqrt(c * (times * times - dot(total, total)))


def _klein(x: Any, w: Any, c: Any) -> Any:
    """The mean of the points, weighted by w gamma."""
    gamma = w / np.sqrt(1 - c * dot(x, x))
    return (gamma * x).sum(-2, keepdims=True) / gamma.sum(-2, keepdims=True)


def _kernels(formula: Callable[..., Any], sign: int = 1) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return the kernels that take points (..., n, d), weights (..., n) and a curvature (..., 1)."""

    def compute(x: Any, w: Any, c: Any) -> Any:
        return formula(x, w[..., None], sign * c[..., None])[..., 0, :]

    def forward(x: ArrayLike, w: ArrayLike, c: ArrayLike, out: Array | None = None) -> Any:
        """Einstein midpoints."""
        result = compute(*(np.asarray(value, np.float64) for value in (x, w, c)))
        if out is None:
            return result
        out[...] = result
        return out

    def backward(g: ArrayLike, x: ArrayLike, w: ArrayLike, c: ArrayLike, wanted: tuple[bool, ...]) -> tuple[Any, ...]:
        """Gradients of Einstein midpoints."""
        x, w, c = (np.asarray(value, np.float64) for value in (x, w, c))
        *lead, n = np.broadcast_shapes(x.shape[:-1], w.shape, c.shape)
        shapes = ((*lead, n, x.shape[-1]), (*lead, n), (*lead, 1))
        leaves = (np.broadcast_to(value, shape) for value, shape in zip((x, w, c), shapes, strict=True))
        found = gk.grad(lambda *values: (compute(*values) * np.asarray(g, np.float64)).sum(), (0, 1, 2))(*leaves)
        return tuple(value if want else None for value, want in zip(found, wanted, strict=True))

    return forward, backward


def _angle(theta: Array, sign: int) -> Array:
    """Theta coth(theta), 1 or theta cot(theta)."""
    away = np.where(theta == 0, 1.0, theta)
    if sign == 0:
        return np.ones_like(theta)
    return np.where(theta == 0, 1.0, away / (np.tanh(away) if sign > 0 else np.tan(away)))


def _hessian(v: Array, w: Array, scale: Array, sign: int) -> Array:
    """Sum of w (kappa I + (1 - kappa) u u^T), kappa = theta coth(theta), theta = scale |v|, u = v/|v|."""
    size = np.sqrt(dot(v, v))
    u = v / np.where(size == 0, 1.0, size)
    kappa = _angle(scale[..., None, None] * size, sign)
    w = w[..., None]
    across = (w * kappa).sum(-2)[..., None] * np.eye(v.shape[-1])
    return np.asarray(across + np.swapaxes(w * (1 - kappa) * u, -1, -2) @ u)


def karcher_solve(g: ArrayLike, v: ArrayLike, w: ArrayLike, scale: ArrayLike, sign: int) -> Array:
    """H^-1 g, with H the Hessian at the base of half the weighted sum of squared distances."""
    g, v, w, scale = (np.asarray(value, np.float64) for value in (g, v, w, scale))
    return np.asarray(np.linalg.solve(_hessian(v, w, scale, sign), g[..., None])[..., 0], np.float64)


def karcher_mean(
    v: ArrayLike, w: ArrayLike, scale: ArrayLike, sign: int, tol: float, max_iter: int
) -> tuple[Array, Array]:
    """The tangent vector at the base that leads to the mean, and what it may miss the mean by.

    By the gradient method in the ambient space, where the base is (1, 0, ..., 0), with steps that never overshoot.
    """
    v, w, scale = (np.asarray(value, np.float64) for value in (v, w, scale))
    *lead, _, d = v.shape
    metric = np.append(-1.0 if sign > 0 else float(sign == -1), np.ones(d))
    out, residuals = np.zeros((*lead, d)), np.zeros(lead)
    for index in np.ndindex(*lead):
        points, weights = _lift(scale[index] * v[index], sign), w[index]
        mean = _lift(np.zeros((1, d)), sign)
        for _ in range(1000 * max_iter):
            logs, theta = _logs(mean, points, metric, sign)
            gradient = weights @ logs
            typical = np.sqrt(weights @ theta**2 / weights.sum())
            residuals[index] = np.sqrt(np.maximum(gradient @ (metric * gradient), 0.0)) / weights.sum()
            residuals[index] /= typical or 1.0
            if residuals[index] <= tol:
                break
            step = gradient / np.maximum(weights * _angle(theta, sign), weights).sum()
            mean = _exp(mean, step, metric, sign)
        tangent, _ = _logs(_lift(np.zeros((1, d)), sign), mean, metric, sign)
        out[index] = tangent[0, 1:] / scale[index]
    return out, residuals


def _lift(v: Array, sign: int) -> Array:
    """The ambient point that the tangent vectors v at (1, 0, ..., 0) lead to."""
    theta = np.sqrt(dot(v, v))
    away = np.where(theta == 0, 1.0, theta)
    rise = np.sinh(away) / away if sign > 0 else np.sin(away) / away if sign < 0 else np.ones_like(away)
    first = np.cosh(theta) if sign > 0 else np.cos(theta) if sign < 0 else np.ones_like(theta)
    return np.concatenate([first, np.where(theta == 0, 1.0, rise) * v], -1)


def _logs(x: Array, y: Array, metric: Array, sign: int) -> tuple[Array, Array]:
    """The ambient tangent vectors at x that lead to the points y, and their lengths."""
    if sign == 0:
        return y - x, np.sqrt(((y - x) ** 2)[:, 1:].sum(-1))
    chord = np.sqrt(np.maximum(((y - x) ** 2 * metric).sum(-1), 0.0))
    theta = 2 * (np.arcsinh(chord / 2) if sign > 0 else np.arcsin(np.minimum(chord / 2, 1.0)))
    away = np.where(theta == 0, 1.0, theta)
    by = np.where(theta == 0, 1.0, away / (np.sinh(away) if sign > 0 else np.sin(away)))
    inner = np.cosh(theta) if sign > 0 else np.cos(theta)
    return by[:, None] * (y - inner[:, None] * x), theta


def _exp(x: Array, v: Array, metric: Array, sign: int) -> Array:
    """The ambient point that the tangent vector v at x leads to."""
    theta = np.sqrt(np.maximum((v * v) @ metric, 0.0))
    if sign == 0 or theta == 0:
        return x + v
    return (
        np.cosh(theta) * x + np.sinh(theta) / theta * v if sign > 0 else np.cos(theta) * x + np.sin(theta) / theta * v
    )


poincare_einstein_midpoint, poincare_einstein_midpoint_vjp = _kernels(_ball)
stereographic_einstein_midpoint, stereographic_einstein_midpoint_vjp = _kernels(_ball, -1)
lorentz_einstein_midpoint, lorentz_einstein_midpoint_vjp = _kernels(_lorentz)
klein_einstein_midpoint, klein_einstein_midpoint_vjp = _kernels(_klein)
__all__ += sorted(name for name in globals() if name.endswith(("_midpoint", "_midpoint_vjp")))

"""All distances between two sets of points, in three models of hyperbolic space of curvature -c."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._common import Array, arsinhc, dot, kernels, numbers, where_nonzero
from .poincare import poincare_dist, poincare_dist_vjp


def _lorentz(x: Any, y: Any, c: Any) -> Any:
    """2/sqrt(c) asinh(sqrt(c)/2 sqrt(|x - y|^2 - (x0 - y0)^2)), by the chord of the hyperboloid."""
    (c,) = numbers(c)
    ahead = (dot(x, x) - dot(y, y)) / (np.sqrt(1 / c + dot(x, x)) + np.sqrt(1 / c + dot(y, y)))
    return _of_chord(dot(x - y, x - y) - ahead * ahead, c)


def _klein(x: Any, y: Any, c: Any) -> Any:
    """2/sqrt(c) asinh(sqrt((c|x - y|^2 + (h - k)^2)/(4hk))), h and k being the heights on a hemisphere."""
    (c,) = numbers(c)
    h, k = (np.sqrt(1 - c * dot(z, z)) for z in (x, y))
    rise = (dot(y, y) - dot(x, x)) / (h + k)
    return _of_chord((dot(x - y, x - y) + c * rise * rise) / (h * k), c)


def _of_chord(square: Any, c: Any) -> Any:
    """2/sqrt(c) asinh(sqrt(c) chord/2), from the square of the chord."""
    half = where_nonzero(np.maximum(square, 0.0), np.sqrt, 0.0) / 2
    return (2 * arsinhc(c * half * half) * half)[..., 0]


def _of_all_pairs(dist: Callable[..., Any], dist_vjp: Callable[..., Any]) -> tuple[Callable[..., Any], ...]:
    """Return the kernels of all pairs from those of one."""

    def pairwise_dist(x: ArrayLike, y: ArrayLike, c: float) -> Array:
        """Distances of every row of x from every row of y."""
        x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
        return dist(x[..., :, None, :], y[..., None, :, :], c)

    def pairwise_dist_vjp(
        g: ArrayLike, x: ArrayLike, y: ArrayLike, c: float, wanted: tuple[bool, ...]
    ) -> tuple[Any, ...]:
        """Gradients in x, y, c."""
        x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
        of_x, of_y, of_c = dist_vjp(g, x[..., :, None, :], y[..., None, :, :], c, (True,) * 3)
        found = (of_x.sum(-2), of_y.sum(-3), of_c.sum())
        return tuple(value if want else None for value, want in zip(found, wanted, strict=True))

    return pairwise_dist, pairwise_dist_vjp


poincare_pairwise_dist, poincare_pairwise_dist_vjp = _of_all_pairs(poincare_dist, poincare_dist_vjp)
lorentz_pairwise_dist, lorentz_pairwise_dist_vjp = _of_all_pairs(*kernels(_lorentz))
klein_pairwise_dist, klein_pairwise_dist_vjp = _of_all_pairs(*kernels(_klein))

__all__ = sorted(name for name in globals() if "pairwise_dist" in name and not name.startswith("_"))

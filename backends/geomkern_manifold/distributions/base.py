"""What the distributions on hyperbolic space have in common."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

import geomkern as gk
from geomkern import Tensor
from geomkern.config import config
from geomkern.errors import DomainError, ShapeError

if TYPE_CHECKING:
    from ..manifolds.base import Manifold

__all__ = ["HyperbolicDistribution", "log_sinhc", "log_sphere_area"]

Rng = int | np.random.Generator | None


class HyperbolicDistribution:
    """A distribution around a point of hyperbolic space, in any of its models.

    Densities are with respect to the Riemannian volume, so they do not depend on the model.

    Parameters
    ----------
    manifold : Manifold
        A model of hyperbolic space.
    mean : array_like or Tensor, shape (..., d)
        The points around which the distributions lie.

    Raises
    ------
    DomainError
        If the manifold is not hyperbolic, or a point lies outside it.
    """

    def __init__(self, manifold: Manifold, mean: Any) -> None:
        name = type(self).__name__
        if not np.all(np.asarray(manifold._sectional) < 0):
            raise DomainError(f"{name} needs a model of hyperbolic space, not {manifold}")
        self.manifold, self.mean = manifold, mean if isinstance(mean, Tensor) else np.asarray(mean)
        if self.mean.ndim < 1:
            raise ShapeError(f"{name} needs a point (..., d) for the mean, not the shape {self.mean.shape}")
        manifold.check_point(self.mean)

    @property
    def dim(self) -> int:
        """The dimension."""
        return int(self.mean.shape[-1])

    @property
    def _dtype(self) -> np.dtype:
        return np.dtype(self.mean.dtype if self.mean.dtype == np.float32 else np.float64)

    def _place(self, u: Any) -> Any:
        """Return the points at the distance vectors u from the mean, in an orthonormal frame there."""
        v = self.manifold._unframe(self.mean, u / self.manifold._basis_length(self.mean)[..., None])
        return self.manifold.expmap(self.mean, v)

    def _distance_vectors(self, x: Any) -> Any:
        """Return the inverse of :meth:`_place`."""
        v = self.manifold._frame(self.mean, self.manifold.logmap(self.mean, x))
        return v * self.manifold._basis_length(self.mean)[..., None]

    def _one_curvature(self) -> float:
        """Return -curvature, of which there must be one."""
        curvature = np.asarray(self.manifold._sectional)
        if curvature.ndim:
            raise ShapeError(f"{type(self).__name__} needs one curvature, not an array {curvature.shape} of them")
        return -float(curvature)

    def _directions(self, size: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
        """Draw unit vectors (*size, ..., d)."""
        draws = rng.standard_normal((*size, *self.mean.shape))
        return np.asarray(draws / np.linalg.norm(draws, axis=-1, keepdims=True))

    def _draw_radial(self, size: tuple[int, ...], rng: Rng, quantile: Any, c: float) -> np.ndarray:
        """Draw points whose distance from the mean, times sqrt(c), has this quantile function."""
        generator = config.generator(rng)
        directions = self._directions(size, generator)
        radius = quantile(generator.random(directions.shape[:-1])) / math.sqrt(c)
        place = type(self)._place
        still = object.__new__(type(self))
        still.manifold, still.mean = self.manifold.detach(), np.asarray(self.mean)
        return np.asarray(place(still, (radius[..., None] * directions).astype(self._dtype)))


def log_sphere_area(d: int) -> float:
    """Return the logarithm of the area of the unit sphere in d dimensions, 2 pi^(d/2)/Gamma(d/2)."""
    return math.log(2.0) + 0.5 * d * math.log(math.pi) - math.lgamma(0.5 * d)


# log(sinh(z)/z) = sum 2^(2n - 1) B_2n z^2n/(n (2n)!) with the Bernoulli numbers B
_SERIES = np.array([-691 / 3831077250, 1 / 467775, -1 / 37800, 1 / 2835, -1 / 180, 1 / 6, 0.0])


def _log_sinhc(q: np.ndarray) -> np.ndarray:
    z = np.sqrt(np.maximum(q, 0.01))
    direct = z - np.log(2 * z) + np.log1p(-np.exp(-2 * z))
    return np.where(q < 0.01, np.polyval(_SERIES, np.minimum(q, 0.01)), direct)


def _log_sinhc_slope(q: np.ndarray) -> np.ndarray:
    z = np.sqrt(np.maximum(q, 0.01))
    direct = (1 / np.tanh(z) - 1 / z) / (2 * z)
    return np.where(q < 0.01, np.polyval(np.polyder(_SERIES), np.minimum(q, 0.01)), direct)


# log(sinh(z)/z) as a function of the square q = z^2: the volume element of normal coordinates is (sinh(z)/z)^(d - 1)
log_sinhc = gk.custom_op("log_sinhc", _log_sinhc, lambda grad, _, q: grad * _log_sinhc_slope(q))

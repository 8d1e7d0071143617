"""The uniform distribution in a geodesic ball."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from geomkern.errors import DomainError

from .base import HyperbolicDistribution, Rng, log_sphere_area
from .radial import RadialLaw

if TYPE_CHECKING:
    from ..manifolds.base import Manifold

__all__ = ["UniformBall"]


class UniformBall(HyperbolicDistribution):
    r"""The uniform distribution of the points at most a distance R from a point.

    The distance has the density :math:`\sinh(\sqrt c\,r)^{d-1}`, up to a constant.

    Parameters
    ----------
    manifold : Manifold
        A model of hyperbolic space, of one curvature.
    mean : array_like or Tensor, shape (..., d)
        The centres.
    radius : float
        The radius R, positive.

    Raises
    ------
    DomainError
        If the manifold is not hyperbolic, a point lies outside it, or the radius is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import PoincareBall
    >>> from geomkern_manifold.distributions import UniformBall
    >>> ball = PoincareBall()
    >>> x = UniformBall(ball, np.zeros(2), radius=3.0).sample(1000, rng=0)
    >>> bool(ball.dist0(x).max() <= 3.0)
    True
    """

    def __init__(self, manifold: Manifold, mean: Any, radius: float) -> None:
        super().__init__(manifold, mean)
        c = self._one_curvature()
        if not 0 < radius < math.inf:
            raise DomainError(f"UniformBall needs a positive radius, not {radius}")
        self.radius = float(radius)
        self._law = _law(math.sqrt(c) * self.radius, self.dim)

    @property
    def log_volume(self) -> float:
        """The logarithm of the volume of the ball."""
        return log_sphere_area(self.dim) - 0.5 * self.dim * math.log(self._one_curvature()) + self._law.log_total

    def sample(self, *size: int, rng: Rng = None) -> np.ndarray:
        """Draw points, which carry no gradients.

        Parameters
        ----------
        *size : int
            The leading shape of the result, before that of the centres.
        rng : int, numpy.random.Generator or None
            A seed or a generator; None takes the default generator.

        Returns
        -------
        ndarray, shape `size` + (..., d)
        """
        return self._draw_radial(size, rng, self._law.quantile, self._one_curvature())

    def log_prob(self, x: Any) -> np.ndarray:
        """Return the logarithm of the density at x: the same everywhere inside, minus infinity outside.

        Parameters
        ----------
        x : array_like or Tensor, shape (..., d)
            Points.

        Returns
        -------
        ndarray, shape (...)

        Raises
        ------
        DomainError
            If a point lies outside the manifold.
        """
        far = self.manifold.detach().dist(np.asarray(self.mean), np.asarray(x))
        return np.where(np.isnan(far), np.nan, np.where(far <= self.radius, -self.log_volume, -np.inf))


def _law(radius: float, d: int) -> RadialLaw:
    """The law of sqrt(c) times the distance; where it is exp(-40) of its largest the density does not matter."""
    low = max(0.0, radius - 40.0 * math.tanh(radius) / (d - 1)) if d > 1 else 0.0

    def log_density(r: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore"):
            rise = r + np.log(-np.expm1(-2 * r)) - math.log(2.0)
        return (d - 1) * rise if d > 1 else np.zeros_like(r)

    return RadialLaw(log_density, low, radius)

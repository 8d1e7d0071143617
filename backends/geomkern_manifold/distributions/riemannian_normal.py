"""The Riemannian normal distribution."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

import geomkern as gk
from geomkern import Tensor
from geomkern.errors import DomainError

from .base import HyperbolicDistribution, Rng, log_sphere_area
from .radial import RadialLaw

if TYPE_CHECKING:
    from ..manifolds.base import Manifold

__all__ = ["RiemannianNormal"]


class RiemannianNormal(HyperbolicDistribution):
    r"""The distribution whose density falls with the squared distance from a point, as a normal one does.

    .. math::

        p(x) = \frac{1}{Z} e^{-d(\mu, x)^2/2\sigma^2}, \qquad
        Z = \frac{2\pi^{d/2}}{\Gamma(d/2)} \int_0^\infty e^{-r^2/2\sigma^2}
            \Bigl(\frac{\sinh \sqrt c\,r}{\sqrt c}\Bigr)^{d-1} dr

    The Fréchet mean of samples is the maximum likelihood estimate of the mean.

    Parameters
    ----------
    manifold : Manifold
        A model of hyperbolic space, of one curvature, which may learn.
    mean : array_like or Tensor, shape (..., d)
        The points around which the distributions lie.
    sigma : float or Tensor
        The width, positive.

    Raises
    ------
    DomainError
        If the manifold is not hyperbolic, a point lies outside it, or sigma is not positive.

    References
    ----------
    Pennec, X. (2006). Intrinsic statistics on Riemannian manifolds. *J. Math. Imaging Vision*.
    Said, S., Bombrun, L., Berthoumieu, Y. (2014). New Riemannian priors on the univariate normal model. *Entropy*.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import PoincareBall
    >>> from geomkern_manifold.distributions import RiemannianNormal
    >>> ball = PoincareBall()
    >>> normal = RiemannianNormal(ball, np.array([0.5, 0.0]), sigma=0.3)
    >>> x = normal.sample(2000, rng=0)
    >>> bool(ball.dist(ball.frechet_mean(x), normal.mean) < 0.02)
    True
    """

    def __init__(self, manifold: Manifold, mean: Any, sigma: Any) -> None:
        super().__init__(manifold, mean)
        self._one_curvature()
        if np.ndim(sigma) or not float(sigma) > 0:
            raise DomainError(f"RiemannianNormal needs one positive number for sigma, not {sigma}")
        self.sigma = sigma if isinstance(sigma, Tensor) else float(sigma)

    def sample(self, *size: int, rng: Rng = None) -> np.ndarray:
        """Draw points, which carry no gradients: the distance by inverting its distribution function.

        Parameters
        ----------
        *size : int
            The leading shape of the result, before that of the means.
        rng : int, numpy.random.Generator or None
            A seed or a generator; None takes the default generator.

        Returns
        -------
        ndarray, shape `size` + (..., d)
        """
        c = self._one_curvature()
        return self._draw_radial(size, rng, _law(float(self.sigma) * math.sqrt(c), self.dim).quantile, c)

    def log_prob(self, x: Any) -> Any:
        """Return the logarithm of the density at x, with respect to the Riemannian volume.

        Parameters
        ----------
        x : array_like or Tensor, shape (..., d)
            Points.

        Returns
        -------
        ndarray or Tensor, shape (...)

        Raises
        ------
        DomainError
            If a point lies outside the manifold.
        """
        d, c = self.dim, self.manifold.curvature
        log_Z = log_sphere_area(d) - 0.5 * d * np.log(c) + _log_integral(self.sigma * np.sqrt(c), d=d)
        log_Z = log_Z if isinstance(log_Z, Tensor) else float(log_Z)
        return -0.5 * (self.manifold.dist(self.mean, x) / self.sigma) ** 2 - log_Z


@functools.lru_cache(maxsize=64)
def _law(s: float, d: int) -> RadialLaw:
    """The law of sqrt(c) times the distance for s = sqrt(c) sigma: proportional to exp(-r^2/(2s^2)) sinh(r)^(d - 1).

    The peak is where r tanh(r) = (d - 1) s^2; the logarithm's second derivative is below -1/s^2.
    """
    target, peak = (d - 1) * s * s, 0.0
    if d > 1:
        low, high = 0.0, target + math.sqrt(target) + 1.0
        while low < (peak := 0.5 * (low + high)) < high:
            low, high = (peak, high) if peak * math.tanh(peak) < target else (low, peak)

    def log_density(r: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore"):
            rise = r + np.log(-np.expm1(-2 * r)) - math.log(2.0)
        return -0.5 * (r / s) ** 2 + ((d - 1) * rise if d > 1 else 0.0)

    return RadialLaw(log_density, max(0.0, peak - 10 * s), peak + 10 * s)


def _integral(s: np.ndarray, *, d: int) -> np.ndarray:
    return np.asarray(_law(float(s), d).log_total, np.asarray(s).dtype)


def _integral_slope(grad: np.ndarray, _: np.ndarray, s: np.ndarray, *, d: int) -> np.ndarray:
    return grad * _law(float(s), d).expectation(lambda r: r * r) / s**3


# log of the integral of exp(-r^2/(2s^2)) sinh(r)^(d - 1); its derivative in s is E[r^2]/s^3
_log_integral = gk.custom_op("log_integral", _integral, _integral_slope)

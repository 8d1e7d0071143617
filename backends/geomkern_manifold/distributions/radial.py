"""Laws of a radius, given by the logarithm of a density that has one peak: total mass, moments and quantiles."""

from collections.abc import Callable

import numpy as np

__all__ = ["RadialLaw"]

PANELS, NODES = 64, 16


class RadialLaw:
    """The law on an interval with a density that is proportional to exp(log_density).

    Integrals are taken by Gauss-Legendre quadrature on panels; quantiles by Newton's method within a panel.

    Parameters
    ----------
    log_density : callable
        The logarithm of the density up to a constant, for arrays.
    low, high : float
        The interval, outside which the density is zero or does not matter.
    """

    def __init__(self, log_density: Callable[[np.ndarray], np.ndarray], low: float, high: float) -> None:
        self.edges = np.linspace(low, high, PANELS + 1)
        self._nodes, self._weights = np.polynomial.legendre.leggauss(NODES)
        half = 0.5 * np.diff(self.edges)[:, None]
        self._at = self.edges[:-1, None] + half * (1 + self._nodes)
        values = log_density(self._at)
        self._peak = float(values.max())
        self._density = lambda r: np.exp(log_density(r) - self._peak)
        self._mass = half * self._weights * np.exp(values - self._peak)
        self._below = np.concatenate([[0.0], np.cumsum(self._mass.sum(1))])

    @property
    def log_total(self) -> float:
        """The logarithm of the integral of exp(log_density)."""
        return self._peak + float(np.log(self._below[-1]))

    def expectation(self, function: Callable[[np.ndarray], np.ndarray]) -> float:
        """Return the expectation of a function of the radius."""
        return float((self._mass * function(self._at)).sum() / self._below[-1])

    def cdf(self, r: np.ndarray) -> np.ndarray:
        """Return the probability of a smaller radius."""
        r = np.clip(r, self.edges[0], self.edges[-1])
        panel = np.clip(np.searchsorted(self.edges, r) - 1, 0, PANELS - 1)
        return np.asarray(self._up_to(r, panel) / self._below[-1])

    def quantile(self, p: np.ndarray) -> np.ndarray:
        """Return the radius below which there is the probability p."""
        wanted = np.asarray(p) * self._below[-1]
        panel = np.clip(np.searchsorted(self._below, wanted) - 1, 0, PANELS - 1)
        low, high = self.edges[panel], self.edges[panel + 1]
        r = 0.5 * (low + high)
        for _ in range(60):
            miss = self._up_to(r, panel) - wanted
            low, high = np.where(miss < 0, r, low), np.where(miss < 0, high, r)
            with np.errstate(divide="ignore", invalid="ignore"):
                newton = r - miss / self._density(r)
            last, r = r, np.where((newton >= low) & (newton <= high), newton, 0.5 * (low + high))
            if np.all(np.abs(r - last) <= 4e-16 * self.edges[-1]):
                break
        return r

    def _up_to(self, r: np.ndarray, panel: np.ndarray) -> np.ndarray:
        """Return the mass below r, which lies in the panel."""
        half = 0.5 * (r - self.edges[panel])[..., None]
        at = self.edges[panel][..., None] + half * (1 + self._nodes)
        return self._below[panel] + (half * self._weights * self._density(at)).sum(-1)

"""The wrapped normal distribution."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.linalg import solve_triangular

from geomkern import Tensor
from geomkern.autograd import Function
from geomkern.config import config
from geomkern.errors import DomainError, ShapeError

from .base import HyperbolicDistribution, Rng, log_sinhc

if TYPE_CHECKING:
    from ..manifolds.base import Manifold

__all__ = ["WrappedNormal"]


class SolveTriangular(Function):
    """The solution y of L y = u for rows u, with a lower triangular matrix L."""

    @staticmethod
    def forward(ctx: Any, lower: Any, u: Any) -> Any:
        """Return L^-1 u."""
        y = solve_triangular(lower, u.reshape(-1, u.shape[-1]).T, lower=True).T.reshape(u.shape)
        ctx.save_for_backward(lower, y)
        return y

    @staticmethod
    def backward(ctx: Any, grad: Any) -> tuple[Any, Any]:
        """Return the gradients L_u = L^-T g and L_L = -L_u y^T, of which only the lower triangle counts."""
        lower, y = ctx.saved
        rows = grad.reshape(-1, grad.shape[-1])
        of_u = solve_triangular(lower, rows.T, lower=True, trans="T").T
        return -np.tril(of_u.T @ y.reshape(rows.shape)), of_u.reshape(grad.shape)


class WrappedNormal(HyperbolicDistribution):
    r"""The normal distribution of the tangent space at a point, wrapped onto the manifold by the exponential map.

    With u normal of mean 0 in an orthonormal frame at the origin, transported in parallel to the mean :math:`\mu`, a
    sample is :math:`x = \exp_\mu(u)`, and with :math:`r = |u| = d(\mu, x)`

    .. math:: \log p(x) = \log N(u; 0, \Sigma) - (d - 1)\log\frac{\sinh(\sqrt c\,r)}{\sqrt c\,r}

    Parameters
    ----------
    manifold : Manifold
        A model of hyperbolic space. Its curvature may learn.
    mean : array_like or Tensor, shape (..., d)
        The points around which the distributions lie.
    scale : float, array_like or Tensor, optional
        Standard deviations, one number or an array that broadcasts to that of the mean.
    scale_tril : array_like or Tensor, shape (d, d), optional
        Instead of `scale`, the lower triangular Cholesky factor of the covariance.

    Raises
    ------
    DomainError
        If the manifold is not hyperbolic, a point lies outside it, or a standard deviation is not positive.
    ShapeError
        If the shapes do not fit, or both or neither of the scales are given.

    References
    ----------
    Nagano, Y., Yamaguchi, S., Fujita, Y., Koyama, M. (2019). A wrapped normal distribution on hyperbolic space for
    gradient-based learning. *ICML*.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import PoincareBall
    >>> from geomkern_manifold.distributions import WrappedNormal
    >>> normal = WrappedNormal(PoincareBall(), np.array([0.5, 0.0]), scale=0.3)
    >>> x = normal.sample(4, rng=0)
    >>> x.shape, normal.log_prob(x).shape
    ((4, 2), (4,))
    """

    def __init__(self, manifold: Manifold, mean: Any, scale: Any = None, *, scale_tril: Any = None) -> None:
        super().__init__(manifold, mean)
        if (scale is None) == (scale_tril is None):
            raise ShapeError("WrappedNormal needs either scale or scale_tril")
        given = scale if scale_tril is None else scale_tril
        given = given if isinstance(given, Tensor) else np.asarray(given, np.float64).astype(self._dtype)
        values = np.asarray(given)
        if scale_tril is not None and values.shape != (self.dim, self.dim):
            raise ShapeError(f"WrappedNormal needs a matrix {(self.dim, self.dim)} for scale_tril, not {values.shape}")
        if scale_tril is not None and np.any(np.triu(values, 1)):
            raise DomainError("WrappedNormal needs a lower triangular scale_tril")
        deviations = values if scale_tril is None else np.diagonal(values)
        if np.any(deviations <= 0):
            raise DomainError(f"WrappedNormal needs positive standard deviations, not {deviations.min()}")
        try:
            np.broadcast_shapes(self.mean.shape, deviations.shape)
        except ValueError:
            raise ShapeError(f"WrappedNormal: a scale {values.shape} does not fit means {self.mean.shape}") from None
        self.scale: Any = given if scale_tril is None else None
        self.scale_tril: Any = None if scale_tril is None else given

    def sample(self, *size: int, rng: Rng = None) -> Any:
        """Draw points.

        Parameters
        ----------
        *size : int
            The leading shape of the result, before that of the means.
        rng : int, numpy.random.Generator or None
            A seed or a generator; None takes the default generator.

        Returns
        -------
        ndarray or Tensor, shape `size` + (..., d)
            With gradients in the mean, the scale and the curvature, where they are tensors.
        """
        wide = np.shape(self.scale) if self.scale_tril is None else ()
        draws = config.generator(rng).standard_normal((*size, *np.broadcast_shapes(self.mean.shape, wide)))
        draws = draws.astype(self._dtype)
        return self._place(draws * self.scale if self.scale_tril is None else draws @ _transposed(self.scale_tril))

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
        u, d = self._distance_vectors(x), self.dim
        if self.scale_tril is None:
            standard = u / self.scale
            volume = (np.log(self.scale) * np.ones(d, self._dtype)).sum(-1)
        else:
            standard = SolveTriangular.apply(self.scale_tril, u)
            volume = np.log(self.scale_tril[np.arange(d), np.arange(d)]).sum()
        flat = -0.5 * (standard * standard).sum(-1) - volume - 0.5 * d * math.log(2 * math.pi)
        c = self.manifold.curvature
        c = c if isinstance(c, Tensor) else np.asarray(c, u.dtype)
        return flat - (d - 1) * log_sinhc((u * u).sum(-1) * c)


def _transposed(matrix: Any) -> Any:
    return matrix.transpose(1, 0) if isinstance(matrix, Tensor) else matrix.T

"""Gyrovector spaces: the models whose points can be added and scaled (Ungar 2008)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from geomkern.errors import ShapeError
from geomkern.nn import functional

from .base import Manifold, number

__all__ = ["GyrovectorSpace"]


class GyrovectorSpace(Manifold):
    """A manifold with Möbius addition and scalar multiplication, whose origin is the zero vector.

    References
    ----------
    Ungar, A. (2008). *Analytic Hyperbolic Geometry and Albert Einstein's Special Theory of Relativity*.
    Ganea, O., Bécigneul, G., Hofmann, T. (2018). Hyperbolic neural networks. *NeurIPS*.
    """

    def mobius_add(self, x: Any, y: Any) -> Any:
        """Return the Möbius sum of x and y: y translated by the isometry that takes the origin to x.

        Parameters
        ----------
        x, y : array_like or Tensor, shape (..., d)
            Points.

        Returns
        -------
        ndarray or Tensor, shape (..., d)

        Raises
        ------
        DomainError
            If a point lies outside the manifold.
        ShapeError
            If the shapes do not broadcast.
        """
        return self._operate("mobius_add", x, y)

    def mobius_neg(self, x: Any) -> Any:
        """Return -x, the inverse of x under Möbius addition."""
        return -number(x)

    def mobius_sub(self, x: Any, y: Any) -> Any:
        """Return the Möbius sum of x and -y."""
        return self.mobius_add(x, self.mobius_neg(y))

    def mobius_coadd(self, x: Any, y: Any) -> Any:
        """Return the coaddition of x and y, the commutative one: x + gyr[x, -y]y."""
        return self.mobius_add(x, self.gyration(x, self.mobius_neg(y), y))

    def mobius_cosub(self, x: Any, y: Any) -> Any:
        """Return the coaddition of x and -y."""
        return self.mobius_coadd(x, self.mobius_neg(y))

    def mobius_scalar_mul(self, r: Any, x: Any) -> Any:
        """Return the point r times as far from the origin as x, on the same geodesic.

        Parameters
        ----------
        r : float, array_like or Tensor, shape (...)
            Factors.
        x : array_like or Tensor, shape (..., d)
            Points.

        Returns
        -------
        ndarray or Tensor, shape (..., d)
        """
        return self._operate("mobius_scalar_mul", x, r)

    def mobius_matvec(self, m: Any, x: Any) -> Any:
        r"""Apply a matrix through the tangent space at the origin, :math:`\exp_0(M \log_0 x)`.

        Parameters
        ----------
        m : array_like or Tensor, shape (out, in)
            The matrix.
        x : array_like or Tensor, shape (..., in)
            Points.

        Returns
        -------
        ndarray or Tensor, shape (..., out)

        Raises
        ------
        ShapeError
            If the shapes do not fit.
        """
        if np.ndim(m) != 2 or np.ndim(x) < 1 or np.shape(x)[-1] != np.shape(m)[1]:
            raise ShapeError(
                f"mobius_matvec needs a matrix (out, in) and points (..., in), not {np.shape(m)} and {np.shape(x)}"
            )
        return self.expmap0(functional.linear(self.logmap0(x), m))

    def mobius_pointwise_mul(self, w: Any, x: Any) -> Any:
        r"""Multiply the coordinates by weights through the tangent space at the origin, :math:`\exp_0(w \log_0 x)`."""
        return self.expmap0(number(w) * self.logmap0(x))

    def mobius_fn_apply(self, function: Callable[[Any], Any], x: Any) -> Any:
        r"""Apply a function through the tangent space at the origin, :math:`\exp_0(f(\log_0 x))`."""
        return self.expmap0(function(self.logmap0(x)))

    def gyration(self, u: Any, v: Any, w: Any) -> Any:
        """Rotate w by the gyration of u and v, by which Möbius addition fails to associate.

        Returns
        -------
        ndarray or Tensor, shape (..., d)
        """
        return self._operate("gyration", u, v, w)

"""Gyrovector spaces: the models whose points can be added and scaled (Ungar 2008)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from geomkern import Tensor
from geomkern.errors import ShapeError
from geomkern.nn import functional

from ..functions import means
from ..functions.arrays import number
from .base import Manifold

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

    def einstein_midpoint(self, x: Any, w: Any = None) -> Any:
        """Return the midpoint of sets of points, their weighted sum in the space around, scaled back.

        That space is Minkowski's for negative curvature, Euclid's for positive curvature.

        Parameters
        ----------
        x : array_like or Tensor, shape (..., n, d)
            Sets of points. An array of curvatures must have one number (..., 1) for each.
        w : array_like or Tensor, shape (..., n), optional
            Weights, not negative; equal ones if None.

        Returns
        -------
        ndarray or Tensor, shape (..., d)

        Raises
        ------
        DomainError
            If a point lies outside the manifold, a weight is negative, or the weights of a set sum to zero.
        ShapeError
            If the shapes do not fit, or there are no points.
        """
        return self._operate("einstein_midpoint", *means.checked_set("einstein_midpoint", x, w))

    def _near_mean(self, x: np.ndarray, w: np.ndarray) -> np.ndarray:
        return np.asarray(self.einstein_midpoint(x, w))[..., None, :]

    def weighted_midpoint(
        self,
        xs: Any,
        weights: Any = None,
        *,
        reducedim: int | Sequence[int] | None = None,
        keepdim: bool = False,
        lincomb: bool = False,
        posweight: bool = False,
    ) -> Any:
        """Return the gyromidpoint of points over several axes: :meth:`einstein_midpoint` with geoopt's arguments.

        Parameters
        ----------
        xs : array_like or Tensor, shape (..., d)
            Points.
        weights : array_like or Tensor, optional
            Weights that broadcast to the shape of `xs` without its last axis; equal ones if None.
        reducedim : int or sequence of int, optional
            The axes of `xs` to take midpoints over, not the last; all others if None.
        keepdim : bool
            Whether these axes stay, with length one.
        lincomb : bool
            Whether the midpoint is multiplied by the sum of the weights.
        posweight : bool
            Whether a negative weight stands for its opposite at the antipode, -x. Otherwise it is an error.

        Returns
        -------
        ndarray or Tensor

        Raises
        ------
        DomainError
            If a point lies outside the manifold, a weight is negative, or the weights of a set sum to zero.
        ShapeError
            If the shapes do not fit.

        Examples
        --------
        >>> import numpy as np
        >>> from geomkern_manifold import PoincareBall
        >>> ball = PoincareBall()
        >>> x = ball.random(4, 3, 2, rng=0)
        >>> np.allclose(ball.weighted_midpoint(x, reducedim=1), ball.einstein_midpoint(x))
        True
        """
        xs = xs if isinstance(xs, Tensor) else np.asarray(xs)
        given = range(xs.ndim - 1) if reducedim is None else np.atleast_1d(reducedim)
        axes = sorted({int(axis) % xs.ndim if -xs.ndim <= axis < xs.ndim else xs.ndim for axis in given})
        if not axes or axes[-1] >= xs.ndim - 1:
            raise ShapeError(f"weighted_midpoint needs axes of {xs.shape} other than the last, not {reducedim}")
        others = [axis for axis in range(xs.ndim - 1) if axis not in axes]
        lead, n = tuple(xs.shape[axis] for axis in others), math.prod(xs.shape[axis] for axis in axes)
        if weights is not None:
            weights = weights if isinstance(weights, Tensor) else np.asarray(weights)
            weights = np.broadcast_to(weights, xs.shape[:-1])
            if posweight:
                xs, weights = np.where((np.asarray(weights) < 0)[..., None], -xs, xs), abs(weights)
            weights = weights.transpose(*others, *axes).reshape(*lead, n)
        points = xs.transpose(*others, *axes, xs.ndim - 1).reshape(*lead, n, xs.shape[-1])
        middle = self.einstein_midpoint(points, weights)
        if lincomb:
            middle = self.mobius_scalar_mul(float(n) if weights is None else weights.sum(-1), middle)
        kept = tuple(1 if axis in axes else xs.shape[axis] for axis in range(xs.ndim - 1))
        return middle.reshape(*kept, xs.shape[-1]) if keepdim else middle

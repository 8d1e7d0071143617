"""Points on the geodesic between two others."""

from __future__ import annotations

from typing import Any

import numpy as np

from geomkern.nn import Parameter

from ..functions.arrays import number
from ..manifolds import Klein, Lorentz, Manifold, PoincareBall
from .base import ManifoldLayer

__all__ = ["GeodesicInterp", "gyro_mix", "klein_layer", "lorentz_layer", "poincare_ball_layer"]


class GeodesicInterp(ManifoldLayer):
    r"""The point at time t of the geodesic from u to v.

    .. math:: y = u \oplus_c \bigl(t \otimes_c (\ominus u \oplus_c v)\bigr)

    in the Poincaré ball; the same geodesic on any manifold.

    Parameters
    ----------
    manifold : Manifold or float
        Where the points live; a number is the c of a :class:`PoincareBall`.
    t : float or array_like
        The time, of any sign and size, one or one for each point.
    learn_t : bool
        Whether t is a parameter.

    Attributes
    ----------
    t : Parameter, float or ndarray
        The time.

    References
    ----------
    Ungar, A. (2008). *Analytic Hyperbolic Geometry and Albert Einstein's Special Theory of Relativity*.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold.layers import GeodesicInterp
    >>> GeodesicInterp(1.0, t=0.5)(np.array([0.5, 0.0]), np.array([-0.5, 0.0]))
    array([0., 0.])
    """

    def __init__(self, manifold: Manifold | float = 1.0, t: Any = 0.5, *, learn_t: bool = False) -> None:
        super().__init__(manifold)
        self.t = Parameter(t) if learn_t else np.asarray(t) if np.ndim(t) else t

    def forward(self, u: Any, v: Any) -> Any:
        """Return the points between u and v, shape (..., d)."""
        return self.manifold.geodesic(self.t, u, v)

    def extra_repr(self) -> str:
        """Return what the repr says of this layer."""
        return f"{self.manifold}, t={self.t}"


def poincare_ball_layer(u: Any, v: Any, c: Any, t: Any) -> Any:
    r"""Return the point at time t of the geodesic from u to v in the Poincaré ball of curvature -c.

    .. math:: y = u \oplus_c \bigl(t \otimes_c (\ominus u \oplus_c v)\bigr)

    Parameters
    ----------
    u, v : array_like or Tensor, shape (..., d)
        Points of the ball.
    c : float, array_like or Tensor
        Minus the curvature, positive.
    t : float, array_like or Tensor, shape (...)
        Times, of any sign and size.

    Returns
    -------
    ndarray or Tensor, shape (..., d)

    Raises
    ------
    DomainError
        If c is not positive, or a point lies outside the ball.
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import numpy as np
    >>> poincare_ball_layer(np.array([0.5, 0.0]), np.array([-0.5, 0.0]), 1.0, 0.5)
    array([0., 0.])
    """
    return PoincareBall(c).geodesic(t, u, v)


def lorentz_layer(u: Any, v: Any, c: Any, t: Any) -> Any:
    """Return the point at time t of the geodesic from u to v in Lorentz's model; see :func:`poincare_ball_layer`."""
    return Lorentz(c).geodesic(t, u, v)


def klein_layer(u: Any, v: Any, c: Any, t: Any) -> Any:
    """Return the point at time t of the geodesic from u to v in Klein's model; see :func:`poincare_ball_layer`."""
    return Klein(c).geodesic(t, u, v)


def gyro_mix(u: Any, v: Any, c: Any, t: Any) -> Any:
    r"""Return the gyrovector mix of u and v, which is **not** a point of the geodesic between them.

    .. math:: y = \bigl((1 - t) \otimes_c u\bigr) \oplus_c (t \otimes_c v)

    Parameters
    ----------
    u, v : array_like or Tensor, shape (..., d)
        Points of the Poincaré ball.
    c : float, array_like or Tensor
        Minus the curvature, positive.
    t : float, array_like or Tensor, shape (...)
        The share of v.

    Returns
    -------
    ndarray or Tensor, shape (..., d)

    Examples
    --------
    >>> import numpy as np
    >>> u = np.array([0.5, 0.0])
    >>> np.allclose(gyro_mix(u, u, 1.0, 0.3), u)
    True
    """
    ball = PoincareBall(c)
    return ball.mobius_add(ball.mobius_scalar_mul(1 - number(t), u), ball.mobius_scalar_mul(t, v))

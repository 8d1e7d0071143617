"""Klein's model of hyperbolic space."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..functions.arrays import number
from .ball import BallModel
from .poincare import PoincareBall

__all__ = ["Klein"]


class Klein(BallModel):
    r"""The ball of radius :math:`1/\sqrt c` in which geodesics are straight, with curvature -c.

    With :math:`a = 1 - c|x|^2` the metric is :math:`|dx|^2/a + c\langle x, dx\rangle^2/a^2`, and

    .. math::

        \cosh(\sqrt c\,d(x, y)) &= \frac{1 - c\langle x, y\rangle}{\sqrt{(1 - c|x|^2)(1 - c|y|^2)}} \\
        x \oplus y &= \frac{1}{1 + c\langle x, y\rangle}
                      \Bigl(x + \frac{y}{\gamma} + \frac{c\gamma}{1 + \gamma}\langle x, y\rangle x\Bigr),
                      \qquad \gamma = \frac{1}{\sqrt{1 - c|x|^2}}

    (Einstein addition). On rays from the origin the model agrees with :class:`PoincareBall`, but distances there are
    half of those: a tangent vector v at the origin has the length of v. The kernels compute this in forms that stay
    accurate up to the boundary of the ball.

    Parameters
    ----------
    c : float, array_like or Tensor
        Minus the curvature, positive. It is kept as it is given. A tensor that requires a gradient learns; an array has
        one curvature for each point and must broadcast to their leading shape.

    Attributes
    ----------
    c : float, ndarray or Tensor
        As given.

    Raises
    ------
    DomainError
        If c is not positive and finite.
    DTypeError
        If c is not made of real numbers.

    References
    ----------
    Ungar, A. (2008). *Analytic Hyperbolic Geometry and Albert Einstein's Special Theory of Relativity*.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import Klein
    >>> klein = Klein(c=1.0)
    >>> x, y = np.array([0.5, 0.0]), np.array([0.0, 0.5])
    >>> round(float(klein.dist(x, y)), 6)
    0.795365
    >>> np.allclose(klein.expmap(x, klein.logmap(x, y)), y)
    True
    """

    model = "klein"
    length_at_origin = 1.0

    def gamma(self, x: Any, *, keepdim: bool = False) -> Any:
        r"""Return the Lorentz factor :math:`1/\sqrt{1 - c|x|^2}` of x, the hyperbolic cosine of its distance.

        Parameters
        ----------
        x : array_like or Tensor, shape (..., d)
            Points.
        keepdim : bool
            Whether the result has an axis of length one in place of the coordinates.

        Returns
        -------
        ndarray or Tensor, shape (...) or (..., 1)

        Raises
        ------
        DomainError
            If a point lies outside the ball.

        Examples
        --------
        >>> float(Klein().gamma([0.6, 0.0]))
        1.25
        """
        # In Poincaré's ball lambda = 2/(1 - c|x|^2) at the same coordinates.
        return np.sqrt(PoincareBall(self.c).lambda_x(x, keepdim=keepdim) / 2)

    def chord(self, x: Any, y: Any, s: Any) -> Any:
        """Return the point (1 - s)x + s y of the straight segment, which is on the geodesic, but at another time.

        Parameters
        ----------
        x, y : array_like or Tensor, shape (..., d)
            Points.
        s : float, array_like or Tensor, shape (...)
            Numbers between 0 and 1; others may lead outside the ball.

        Returns
        -------
        ndarray or Tensor, shape (..., d)

        Examples
        --------
        >>> import numpy as np
        >>> Klein().chord(np.array([0.5, 0.0]), np.array([0.0, 0.5]), 0.5)
        array([0.25, 0.25])
        """
        s = number(s)[..., None] if np.ndim(s) else s
        return (1 - s) * number(x) + s * number(y)

    def gyration(self, u: Any, v: Any, w: Any) -> Any:
        """Rotate w by the gyration of u and v, by which Einstein addition fails to associate.

        It is the gyration of Möbius addition at the points half as far from the origin, which have the coordinates of
        u and v in Poincaré's ball.

        Returns
        -------
        ndarray or Tensor, shape (..., d)
        """
        half_u, half_v = self.mobius_scalar_mul(0.5, u), self.mobius_scalar_mul(0.5, v)
        return PoincareBall(self.c).gyration(half_u, half_v, w)

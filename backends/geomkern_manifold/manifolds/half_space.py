"""The half-space model of hyperbolic space."""

from __future__ import annotations

from typing import Any

import numpy as np

from geomkern.errors import DomainError

from ..functions import means
from .base import keep
from .conformal import ConformalManifold
from .hyperbolic import HyperbolicManifold
from .lorentz import Lorentz

__all__ = ["HalfSpace"]


class HalfSpace(ConformalManifold, HyperbolicManifold):
    r"""The vectors whose last coordinate, the height h, is positive, with the metric :math:`|dx|^2/(c h^2)`.

    It has curvature -c, and

    .. math::

        d(x, y) = \frac{2}{\sqrt c}\operatorname{arsinh}\frac{|x - y|}{2\sqrt{h_x h_y}}.

    Geodesics are half-circles that meet the boundary h = 0 at right angles, and vertical lines. The curvature enters
    only the metric: geodesics, :meth:`expmap`, :meth:`logmap` and :meth:`transp` do not depend on c. The origin is
    (0, ..., 0, 1), where :meth:`expmap0`, :meth:`logmap0` and :meth:`dist0` start. Scaling all coordinates changes no
    distance, and heights from the smallest to the largest number are computed with the same accuracy, which makes room
    for distances far beyond those of the ball. A step longer than :math:`700/\sqrt c` is cut there.

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

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import HalfSpace
    >>> space = HalfSpace(c=1.0)
    >>> x, y = np.array([0.0, 1.0]), np.array([0.0, np.e])
    >>> round(float(space.dist(x, y)), 12)
    1.0
    >>> np.allclose(space.expmap(x, space.logmap(x, y)), y)
    True
    """

    model = "half_space"

    def dist0(self, x: Any, *, keepdim: bool = False) -> Any:
        """Return the distance of x from the origin (0, ..., 0, 1); see :meth:`dist`."""
        return keep(self._operate("dist", x, self._origin_like(x)), keepdim)

    def expmap0(self, u: Any) -> Any:
        """Return the point that the tangent vector u at the origin leads to; see :meth:`expmap`."""
        return self.expmap(self._origin_like(u), u)

    def logmap0(self, y: Any) -> Any:
        """Return the tangent vector at the origin that leads to y: the inverse of :meth:`expmap0`."""
        return self.logmap(self._origin_like(y), y)

    def projx(self, x: Any, *, eps: float = 0.0) -> Any:
        """Lift what lies outside the half-space, or too low, straight up.

        Parameters
        ----------
        x : array_like or Tensor, shape (..., d)
            Any vectors.
        eps : float
            The least height: points below it move to it. With 0 only what lies outside moves, to the smallest normal
            number of the type.

        Returns
        -------
        ndarray or Tensor, shape (..., d)

        Raises
        ------
        DomainError
            If eps is negative.

        Examples
        --------
        >>> import numpy as np
        >>> HalfSpace().projx(np.array([[0.3, 0.4], [3.0, -4.0]]), eps=0.1)
        array([[0.3, 0.4],
               [3. , 0.1]])
        """
        if not eps >= 0:
            raise DomainError(f"projx needs eps that is not negative, not {eps}")
        return self._operate("projx", x, eps)

    def origin(self, *size: int, dtype: Any = None) -> np.ndarray:
        """Return the origin (0, ..., 0, 1), repeated to the shape `size`, whose last number is that of the coordinates.

        Returns
        -------
        ndarray, shape `size`

        Raises
        ------
        ShapeError
            If no size is given.
        """
        points = super().origin(*size, dtype=dtype)
        points[..., -1:] = 1
        return points

    def _random(self, distances: np.ndarray) -> np.ndarray:
        lengths = np.sqrt(self.c)[..., None] * distances  # a vector u at the origin is |u|/sqrt(c) long
        return self.expmap0(lengths.astype(distances.dtype))

    def einstein_midpoint(self, x: Any, w: Any = None) -> Any:
        """Return the Einstein midpoint of sets of points, taken in Lorentz's model; see :class:`HyperbolicManifold`."""
        return means.midpoint_through(self, Lorentz(self.c), x, w)

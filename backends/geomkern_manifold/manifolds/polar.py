"""Hyperbolic space by distance and direction from the origin."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..functions import means
from ..functions.arrays import number
from .hyperbolic import HyperbolicManifold
from .lorentz import Lorentz

__all__ = ["Polar"]


class Polar(HyperbolicManifold):
    r"""The chart without a boundary: :math:`|x|` is the distance from the origin, :math:`x/|x|` the direction.

    These are the normal coordinates of the origin, where :meth:`expmap0` and :meth:`logmap0` are the identity. With
    r = :math:`|x|` and the angle :math:`\theta` between two directions the metric of curvature -c is
    :math:`dr^2 + \sinh^2(\sqrt c\,r)/c\; d\theta^2`, and

    .. math::

        \sinh^2\frac{\sqrt c\,d(x, y)}{2} = \sinh^2\frac{\sqrt c(r_x - r_y)}{2}
            + \sinh(\sqrt c\,r_x)\sinh(\sqrt c\,r_y)\sin^2\frac{\theta}{2}.

    Any vector is a point, and distances do not stop where the ball's last representable points are: radii of hundreds
    fit into float32. What stays is the grain of directions: points at radius r that rounding keeps apart are at least
    about :math:`2 \operatorname{arsinh}(\epsilon\sinh(\sqrt c\,r)/2)/\sqrt c` apart. Tangent vectors are coordinate
    vectors; across the radius they are :math:`\sinh(\sqrt c\,r)/(\sqrt c\,r)` times as long as their coordinates, and
    that factor is cut at :math:`\sqrt c\,r = 700`. Distances and geodesics need no cut.

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
    Mishne, G., Wan, Z., Wang, Y., Yang, S. (2023). The numerical stability of hyperbolic representation learning.
    *ICML*.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import Polar
    >>> polar = Polar(c=1.0)
    >>> x, y = np.array([300.0, 0.0], np.float32), np.array([-300.0, 0.0], np.float32)
    >>> float(polar.dist(x, y))
    600.0
    """

    model = "polar"

    def expmap0(self, u: Any) -> Any:
        """Return the point that the tangent vector u at the origin leads to, which is u."""
        return number(u)

    def logmap0(self, y: Any) -> Any:
        """Return the tangent vector at the origin that leads to y, which is y."""
        return number(y)

    def _random(self, distances: np.ndarray) -> np.ndarray:
        return distances

    def einstein_midpoint(self, x: Any, w: Any = None) -> Any:
        """Return the Einstein midpoint of sets of points, taken in Lorentz's model; see :class:`HyperbolicManifold`."""
        return means.midpoint_through(self, Lorentz(self.c), x, w)

"""The sphere in the coordinates of the space around it."""

from __future__ import annotations

from typing import Any

import numpy as np

from geomkern.errors import DomainError

from .constant import ConstantCurvature
from .euclidean import Euclidean

__all__ = ["Sphere"]


class Sphere(ConstantCurvature):
    r"""The sphere of radius :math:`1/\sqrt c`, whose points are vectors of that length.

    Tangent vectors at x are orthogonal to x, with the metric of the space around. With the angle
    :math:`\theta = 2\arctan(|x - y|/|x + y|)` between two points,

    .. math::

        d(x, y) &= \theta/\sqrt c \\
        \exp_x(v) &= \cos(\sqrt c\,|v|)\,x + \sin(\sqrt c\,|v|)\frac{v}{\sqrt c\,|v|} \\
        \log_x(y) &= \frac{\theta}{\sin\theta}\,\bigl(y - x - c\langle x, y - x\rangle x\bigr) \\
        \gamma(t) &= \frac{\sin((1 - t)\theta)\,x + \sin(t\theta)\,y}{\sin\theta} \\
        P_{x \to y}(v) &= v - \frac{2\langle y, v\rangle}{|x + y|^2}(x + y)

    which loses nothing for points that are near. The origin is :math:`(1/\sqrt c, 0, \ldots, 0)`. Gradients are those
    in the coordinates of the space around; :meth:`egrad2rgrad` projects them.

    Parameters
    ----------
    c : float, array_like or Tensor
        The curvature, positive. It is kept as it is given. A tensor that requires a gradient learns; an array has one
        curvature for each point and must broadcast to their leading shape.

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

    See Also
    --------
    Stereographic : The sphere in stereographic projection, and curvatures of either sign.

    Notes
    -----
    A point may be off the sphere, by :math:`|c|x|^2 - 1| \le 10^{-4}`, which no operation corrects but :meth:`projx`
    and :meth:`retr`; beyond that it is a DomainError. So are antipodal points where one geodesic is needed, and the
    projection of the zero vector, which has no direction.

    References
    ----------
    Absil, P.-A., Mahony, R., Sepulchre, R. (2008). *Optimization Algorithms on Matrix Manifolds*. Princeton.
    Shoemake, K. (1985). Animating rotation with quaternion curves. *SIGGRAPH*.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import Sphere
    >>> sphere = Sphere()
    >>> x, y = np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])
    >>> sphere.dist(x, y) / np.pi
    np.float64(0.5)
    >>> np.allclose(sphere.expmap(x, sphere.logmap(x, y)), y)
    True
    """

    model = "sphere"
    c: Any

    def __init__(self, c: Any = 1.0) -> None:
        super().__init__(c)

    def _check_values(self, values: np.ndarray, given: Any) -> None:
        if not np.all((values > 0) & (values < np.inf)):
            raise DomainError(
                f"Sphere has curvature c > 0 and finite, but c is {given}; "
                "Stereographic(k) has curvatures of either sign"
            )

    @property
    def _sectional(self) -> Any:
        return np.asarray(self.c)

    def projx(self, x: Any) -> Any:
        """Return the nearest point of the sphere, x scaled to its radius.

        Raises
        ------
        DomainError
            If x is the zero vector.
        """
        return self._operate("projx", x)

    def proju(self, x: Any, u: Any) -> Any:
        """Project u onto the tangent space at x: u - c<x, u>x."""
        return self.egrad2rgrad(x, u)

    def origin(self, *size: int, dtype: Any = None) -> np.ndarray:
        """Return the point of the first axis, repeated to the shape `size`; see :meth:`Manifold.origin`."""
        axis = super().origin(*size, dtype=dtype)
        axis[..., 0] = 1.0
        return np.asarray(self.detach().projx(axis))

    def _origin_like(self, x: Any) -> Any:
        """Return the origin, which moves as c learns."""
        axis = Euclidean()._origin_like(x)
        axis[0] = 1.0
        return self.projx(axis)

    def random_uniform(self, *size: int, dtype: Any = None, rng: int | np.random.Generator | None = None) -> np.ndarray:
        """Draw points that are uniform on the sphere; see :meth:`random`.

        Examples
        --------
        >>> Sphere(4.0).random_uniform(3, 2, rng=0).shape
        (3, 2)
        """
        return np.asarray(self.detach().projx(Euclidean().random(*size, dtype=dtype, rng=rng)))

    def _random(self, distances: np.ndarray) -> np.ndarray:
        distances[..., 0] = 0.0
        return self.expmap0(distances)

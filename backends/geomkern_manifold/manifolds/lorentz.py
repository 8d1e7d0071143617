"""Lorentz's model of hyperbolic space."""

from __future__ import annotations

from typing import Any

import numpy as np

from geomkern import Tensor
from geomkern.errors import DomainError, ShapeError
from geomkern.ops.shape import broadcast_to, concatenate

from ..functions.arrays import number
from .hyperbolic import HyperbolicManifold

__all__ = ["Lorentz"]


class Lorentz(HyperbolicManifold):
    r"""The hyperboloid :math:`\langle X, X\rangle_L = |x|^2 - x_0^2 = -1/c`, by its spatial coordinates.

    A point is stored by x in :math:`R^d`, without its time :math:`x_0 = \sqrt{1/c + |x|^2}`; a tangent vector at x by
    its spatial part v, without :math:`v_0 = \langle x, v\rangle/x_0`. So every vector is a point and a tangent vector,
    and nothing has to be projected. With :math:`\theta = \sqrt c\,d(x, y)`,

    .. math::

        |v|_x^2 &= |v|^2 - v_0^2 \\
        d(x, y) &= \frac{2}{\sqrt c}\operatorname{arsinh}\frac{\sqrt{c\,(|y - x|^2 - (y_0 - x_0)^2)}}{2} \\
        \exp_x(v) &= \cosh(\sqrt c\,|v|_x)\,x + \frac{\sinh(\sqrt c\,|v|_x)}{\sqrt c\,|v|_x}\,v \\
        \log_x(y) &= \frac{\theta}{\sinh\theta}\,(y - \cosh(\theta)\,x) \\
        P_{x \to y}(v) &= v + \frac{c\,(\langle y, v\rangle - y_0 v_0)}{1 + \cosh\theta}\,(x + y)

    The kernels compute this in forms without cancellation: the distance of stored coordinates and its gradients have
    all their digits up to a radius of :math:`28/\sqrt c`, for near points as well. Coordinates grow like
    :math:`e^{\sqrt c\,r}` and must stay below 1e150; a result beyond the range of its type is infinite or NaN.

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

    Notes
    -----
    geoopt and other libraries store all d + 1 coordinates, the time first. Theirs is :meth:`lift` of ours, and ours is
    ``X[..., 1:]`` of theirs, which :meth:`drop` checks. geoopt's k is 1/c.

    References
    ----------
    Nickel, M., Kiela, D. (2018). Learning continuous hierarchies in the Lorentz model of hyperbolic geometry. *ICML*.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import Lorentz
    >>> lorentz = Lorentz(c=1.0)
    >>> x, y = np.array([0.5, 0.0]), np.array([0.0, 0.5])
    >>> round(float(lorentz.dist(x, y)), 6)
    0.693147
    >>> np.allclose(lorentz.expmap(x, lorentz.logmap(x, y)), y)
    True
    """

    model = "lorentz"

    def lift(self, x: Any) -> Any:
        """Return all coordinates of points on the hyperboloid, the time first.

        Parameters
        ----------
        x : array_like or Tensor, shape (..., d)
            Points.

        Returns
        -------
        ndarray or Tensor, shape (..., d + 1)

        Examples
        --------
        >>> import numpy as np
        >>> Lorentz().lift(np.array([2.0, 2.0]))
        array([3., 2., 2.])
        """
        return _join(self._operate("time", x), x)

    def lift_tangent(self, x: Any, v: Any) -> Any:
        """Return all coordinates of tangent vectors, the time first.

        Parameters
        ----------
        x : array_like or Tensor, shape (..., d)
            Points.
        v : array_like or Tensor, shape (..., d)
            Tangent vectors at x.

        Returns
        -------
        ndarray or Tensor, shape (..., d + 1)
        """
        v = number(v)
        return _join(self._tangent_time(x, v), v)

    def drop(self, X: Any, *, tolerance: float | None = None) -> Any:
        r"""Return the spatial coordinates of points given by all their coordinates, the time first.

        Parameters
        ----------
        X : array_like or Tensor, shape (..., d + 1)
            Points of the hyperboloid :math:`c\langle X, X\rangle_L = -1` with a positive time.
        tolerance : float, optional
            How much the time may differ from that of the spatial coordinates, relative to it; the square root of the
            type's machine epsilon if None.

        Returns
        -------
        ndarray or Tensor, shape (..., d)

        Raises
        ------
        DomainError
            If a time differs by more, saying by how much and where.
        ShapeError
            If X has no spatial coordinates.
        """
        X, values = _ambient("drop", X)
        time = np.asarray(self.detach()._operate("time", values[..., 1:]))
        _check("drop", "hyperboloid", values[..., 0], time, time, tolerance)
        return X[..., 1:]

    def drop_tangent(self, x: Any, V: Any, *, tolerance: float | None = None) -> Any:
        """Return the spatial coordinates of tangent vectors given by all their coordinates, the time first.

        Parameters
        ----------
        x : array_like or Tensor, shape (..., d)
            Points, by their spatial coordinates.
        V : array_like or Tensor, shape (..., d + 1)
            Vectors tangent to the hyperboloid at x, whose Lorentzian product with it is zero.
        tolerance : float, optional
            How much the time of a vector may differ from that of its spatial coordinates, relative to the length of
            these; the square root of the type's machine epsilon if None.

        Returns
        -------
        ndarray or Tensor, shape (..., d)

        Raises
        ------
        DomainError
            If a time differs by more, saying by how much and where.
        ShapeError
            If V has no spatial coordinates, or the shapes do not broadcast.
        """
        V, values = _ambient("drop_tangent", V)
        x, v = np.asarray(x.data if isinstance(x, Tensor) else x), values[..., 1:]
        time = np.asarray(self.detach()._tangent_time(x, v))
        _check("drop_tangent", "tangent space", values[..., 0], time, np.sqrt((v * v).sum(-1)), tolerance)
        return V[..., 1:]

    def _tangent_time(self, x: Any, v: Any) -> Any:
        if np.shape(x)[-1:] != np.shape(v)[-1:]:
            raise ShapeError(f"a tangent vector must be as long as its point: shapes {np.shape(x)} and {np.shape(v)}")
        return (number(x) * v).sum(-1) / self._operate("time", x)


def _join(time: Any, spatial: Any) -> Any:
    """Put the time before the spatial coordinates, which may have fewer leading axes."""
    lead = np.shape(time)
    spatial = broadcast_to(number(spatial), (*lead, np.shape(spatial)[-1]))
    return concatenate([time[..., None], spatial], axis=-1)


def _ambient(name: str, X: Any) -> tuple[Any, np.ndarray]:
    """Return vectors of d + 1 coordinates as what can be indexed, and their numbers."""
    values = np.asarray(X.data if isinstance(X, Tensor) else X)
    if values.ndim == 0 or values.shape[-1] < 2:
        raise ShapeError(f"{name} needs the time and at least one spatial coordinate, not shape {values.shape}")
    return (X if isinstance(X, Tensor) else values), values


def _check(name: str, where: str, time: Any, expected: Any, size: Any, tolerance: float | None) -> None:
    """Raise an error for the first time that is not the expected one."""
    if tolerance is None:
        tolerance = float(np.sqrt(np.finfo(time.dtype if time.dtype.kind == "f" else np.float64).eps))
    outside = np.abs(time - expected) > tolerance * size
    if np.any(outside):
        index = np.unravel_index(np.argmax(outside), np.shape(outside))
        place = f"row [{', '.join(map(str, index))}]" if index else "the vector"
        time, expected = (np.broadcast_to(a, np.shape(outside))[index] for a in (time, expected))
        raise DomainError(
            f"{name} needs vectors of the {where}, but the time of {place} is {time:.9g}, which differs by "
            f"{abs(float(time) - float(expected)):.3g} from {expected:.9g}, that of its spatial coordinates"
        )

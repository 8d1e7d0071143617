"""The Poincaré ball: the functions of :mod:`geomkern_manifold.functions` bound to one curvature."""

from typing import Any

import numpy as np

from geomkern import Tensor
from geomkern.config import config
from geomkern.errors import DomainError, DTypeError, ShapeError

from . import functions

__all__ = ["PoincareBall"]


class PoincareBall:
    r"""The ball of radius :math:`1/\sqrt c` with the Poincaré metric of curvature -c.

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
    Points are the rows of arrays or tensors of shape (..., d); leading axes broadcast as in NumPy. Arrays give arrays,
    tensors give tensors on the tape. No operation clamps, but one that returns points moves those that rounding would
    put outside the ball to the last representable point inside. A point outside is a DomainError; :meth:`projx` pulls
    it in.

    References
    ----------
    Ganea, O., Bécigneul, G., Hofmann, T. (2018). Hyperbolic neural networks. *NeurIPS*.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import PoincareBall
    >>> ball = PoincareBall(c=1.0)
    >>> x, y = np.array([0.5, 0.0]), np.array([0.0, 0.5])
    >>> round(float(ball.dist(x, y)), 6)
    1.6807
    >>> np.allclose(ball.expmap(x, ball.logmap(x, y)), y)
    True
    """

    def __init__(self, c: Any = 1.0) -> None:
        values = np.asarray(c.data if isinstance(c, Tensor) else c)
        if values.dtype.kind not in "iuf":
            raise DTypeError(f"PoincareBall needs a real number or an array of them for c, not {c!r}")
        if not np.all((values > 0) & (values < np.inf)):
            raise DomainError(f"PoincareBall has curvature -c with c > 0 and finite, but c is {c}")
        self.c = values.astype(np.float64) if isinstance(c, list | tuple) else c

    def __repr__(self) -> str:
        return f"PoincareBall(c={self.c})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PoincareBall) and np.array_equal(self.c, other.c)

    def __hash__(self) -> int:
        return hash(PoincareBall)

    def detach(self) -> "PoincareBall":
        """Return the ball of the same curvature that does not learn, which keeps arrays off the tape."""
        return PoincareBall(self.c.data) if isinstance(self.c, Tensor) else self

    # ---- distances -------------------------------------------------------------------------------------------------

    def dist(self, x: Any, y: Any, *, keepdim: bool = False) -> Any:
        """Return the distance of x and y, shape (...), or (..., 1) with keepdim; see :func:`.functions.dist`."""
        return _keep(functions.dist(x, y, self.c), keepdim)

    def dist0(self, x: Any, *, keepdim: bool = False) -> Any:
        """Return the distance of x from the origin; see :func:`.functions.dist0`."""
        return _keep(functions.dist0(x, self.c), keepdim)

    def pairwise_dist(self, x: Any, y: Any = None) -> Any:
        """Return the distances of all rows of x (..., n, d) from all rows of y (..., m, d), or of x itself.

        See :func:`.functions.pairwise_dist`.
        """
        return functions.pairwise_dist(x, x if y is None else y, self.c)

    # ---- maps ------------------------------------------------------------------------------------------------------

    def expmap(self, x: Any, u: Any) -> Any:
        """Return the point that the tangent vector u at x leads to; see :func:`.functions.expmap`."""
        return functions.expmap(x, u, self.c)

    def logmap(self, x: Any, y: Any) -> Any:
        """Return the tangent vector at x that leads to y; see :func:`.functions.logmap`."""
        return functions.logmap(x, y, self.c)

    def expmap0(self, u: Any) -> Any:
        """Return the point at distance 2|u| that u leads to from the origin; see :func:`.functions.expmap0`."""
        return functions.expmap0(u, self.c)

    def logmap0(self, y: Any) -> Any:
        """Return the tangent vector at the origin that leads to y; see :func:`.functions.logmap0`."""
        return functions.logmap0(y, self.c)

    def geodesic(self, t: Any, x: Any, y: Any) -> Any:
        """Return the point at time t on the way from x (t = 0) to y (t = 1); see :func:`.functions.geodesic`."""
        return functions.geodesic(t, x, y, self.c)

    def transp(self, x: Any, y: Any, v: Any) -> Any:
        """Transport the tangent vector v in parallel from x to y; see :func:`.functions.transp`."""
        return functions.transp(x, y, v, self.c)

    def retr(self, x: Any, u: Any) -> Any:
        """Return the retraction x + u, pulled inside: a first-order stand-in for :meth:`expmap`."""
        return self.projx(_as_number(x) + _as_number(self.proju(x, u)))

    # ---- gyrovector operations -------------------------------------------------------------------------------------

    def mobius_add(self, x: Any, y: Any) -> Any:
        """Return x translated by Möbius addition of y; see :func:`.functions.mobius_add`."""
        return functions.mobius_add(x, y, self.c)

    def mobius_sub(self, x: Any, y: Any) -> Any:
        """Return the Möbius sum of x and -y; see :func:`.functions.mobius_sub`."""
        return functions.mobius_sub(x, y, self.c)

    def mobius_neg(self, x: Any) -> Any:
        """Return -x, the inverse of x under Möbius addition."""
        return -_as_number(x)

    def mobius_scalar_mul(self, r: Any, x: Any) -> Any:
        """Return the point r times as far from the origin as x; see :func:`.functions.mobius_scalar_mul`."""
        return functions.mobius_scalar_mul(r, x, self.c)

    def mobius_matvec(self, m: Any, x: Any) -> Any:
        """Apply the matrix m through the tangent space at the origin; see :func:`.functions.mobius_matvec`."""
        return functions.mobius_matvec(m, x, self.c)

    def gyration(self, u: Any, v: Any, w: Any) -> Any:
        """Rotate w by the gyration of u and v; see :func:`.functions.gyration`."""
        return functions.gyration(u, v, w, self.c)

    # ---- metric ----------------------------------------------------------------------------------------------------

    def lambda_x(self, x: Any, *, keepdim: bool = False) -> Any:
        """Return the conformal factor at x; see :func:`.functions.lambda_x`."""
        return _keep(functions.lambda_x(x, self.c), keepdim)

    def inner(self, x: Any, u: Any, v: Any = None, *, keepdim: bool = False) -> Any:
        """Return the inner product at x of u and v, or of u with itself; see :func:`.functions.inner`."""
        return _keep(functions.inner(x, u, u if v is None else v, self.c), keepdim)

    def norm(self, x: Any, u: Any, *, keepdim: bool = False) -> Any:
        """Return the Riemannian length of u at x; see :func:`.functions.norm`."""
        return _keep(functions.norm(x, u, self.c), keepdim)

    def egrad2rgrad(self, x: Any, u: Any) -> Any:
        """Turn the Euclidean gradient u at x into the Riemannian one; see :func:`.functions.egrad2rgrad`."""
        return functions.egrad2rgrad(x, u, self.c)

    # ---- projections and samples -----------------------------------------------------------------------------------

    def projx(self, x: Any, *, eps: float = 0.0) -> Any:
        """Pull what lies outside to the last representable points, or eps inside; see :func:`.functions.projx`."""
        return functions.projx(x, self.c, eps)

    def proju(self, x: Any, u: Any) -> Any:
        """Return u: every vector is tangent to the ball. x and u must have one length of the last axis."""
        if np.shape(x)[-1:] != np.shape(u)[-1:]:
            raise ShapeError(f"proju needs a vector as long as the point, not shapes {np.shape(x)} and {np.shape(u)}")
        return u

    def random(
        self, *size: int, std: float = 1.0, dtype: Any = None, rng: int | np.random.Generator | None = None
    ) -> np.ndarray:
        """Draw points whose distance vector from the origin is normal in every coordinate (a wrapped normal).

        Parameters
        ----------
        *size : int
            The shape of the result; the last number is the dimension.
        std : float
            The standard deviation of each coordinate of the distance vector.
        dtype : dtype, optional
            float32 or float64; the default type if None.
        rng : int, numpy.random.Generator or None
            A seed or a generator; None takes the default generator.

        Returns
        -------
        ndarray, shape `size`

        Raises
        ------
        ShapeError
            If no size is given.
        DomainError
            If std is negative.

        Examples
        --------
        >>> PoincareBall().random(3, 2, rng=0).shape
        (3, 2)
        """
        if not size:
            raise ShapeError("random needs the shape of the result, the last number being the dimension")
        if not std >= 0:
            raise DomainError(f"random needs a standard deviation std that is not negative, not {std}")
        dtype = np.dtype(dtype or config.default_dtype)
        c = self.detach().c
        points = functions.expmap0((0.5 * std * config.generator(rng).standard_normal(size)).astype(dtype), c)
        if points.dtype == dtype:
            return points
        # An array of curvatures in float64 has made the points float64; rounding them must not put them outside.
        return functions.projx(points, c, float(np.finfo(dtype).eps)).astype(dtype)


def _as_number(x: Any) -> Any:
    """Return what arithmetic takes for a number of x, which need not be an array."""
    return np.asarray(x) if isinstance(x, list | tuple) else x


def _keep(values: Any, keepdim: bool) -> Any:
    return values[..., None] if keepdim else values

"""What all manifolds have in common."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, ClassVar, Self

import numpy as np

from geomkern.config import config
from geomkern.errors import DomainError, ShapeError
from geomkern.nn import Parameter

from ..functions import means
from ..functions.arrays import number, raw
from ..functions.kernel import kernel_function

__all__ = ["Manifold"]


class Manifold:
    r"""A space of points and tangent vectors with a metric.

    Points and tangent vectors are the rows of arrays or tensors, shape (..., d); leading axes broadcast as in NumPy.
    Arrays give arrays, tensors give tensors on the tape. The type of the numbers is kept. No operation clamps, but one
    that returns points moves those that rounding would put outside to the last representable point inside.

    Notes
    -----
    A model names its kernels (``poincare_dist`` ...) by :attr:`model`; the methods here ask for them.
    """

    model: ClassVar[str]

    @property
    def curvature(self) -> Any:
        """The number, array or tensor that the kernels of the model take: c, or k where both signs are allowed."""
        raise NotImplementedError

    def detach(self) -> Self:
        """Return the same manifold with a curvature that does not learn, which keeps arrays off the tape."""
        return self

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Yield the names and values of what learns: a curvature or a scale that is a parameter."""
        for name, value in vars(self).items():
            if isinstance(value, Parameter):
                yield name, value

    def _operate(self, name: str, *operands: Any) -> Any:
        """Call the kernel of this model with that name on vectors, then numbers; the curvature comes last."""
        return kernel_function(f"{self.model}_{name}")(*operands, self.curvature)

    # ---- distances -------------------------------------------------------------------------------------------------

    def dist(self, x: Any, y: Any, *, keepdim: bool = False) -> Any:
        """Return the distance of x and y.

        Parameters
        ----------
        x, y : array_like or Tensor, shape (..., d)
            Points.
        keepdim : bool
            Whether the result has an axis of length one in place of the coordinates.

        Returns
        -------
        ndarray or Tensor, shape (...) or (..., 1)

        Raises
        ------
        DomainError
            If a point lies outside the manifold.
        ShapeError
            If the shapes do not broadcast.

        Notes
        -----
        The gradient at x = y is taken to be zero.
        """
        return keep(self._operate("dist", x, y), keepdim)

    def dist0(self, x: Any, *, keepdim: bool = False) -> Any:
        """Return the distance of x from the origin; see :meth:`dist`."""
        return keep(self._operate("dist0", x), keepdim)

    def pairwise_dist(self, x: Any, y: Any = None) -> Any:
        """Return the distances of all rows of x (..., n, d) from all rows of y (..., m, d), or of x itself.

        Returns
        -------
        ndarray or Tensor, shape (..., n, m)

        Raises
        ------
        DomainError
            If a point lies outside the manifold, or the curvature is not one number.
        ShapeError
            If the shapes do not fit.
        """
        return self._operate("pairwise_dist", x, x if y is None else y)

    # ---- maps ------------------------------------------------------------------------------------------------------

    def expmap(self, x: Any, u: Any) -> Any:
        """Return the point that the tangent vector u at x leads to.

        Parameters
        ----------
        x : array_like or Tensor, shape (..., d)
            Points.
        u : array_like or Tensor, shape (..., d)
            Tangent vectors at x.

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
        return self._operate("expmap", x, u)

    def logmap(self, x: Any, y: Any) -> Any:
        """Return the tangent vector at x that leads to y: the inverse of :meth:`expmap`."""
        return self._operate("logmap", x, y)

    def expmap0(self, u: Any) -> Any:
        """Return the point that the tangent vector u at the origin leads to; see :meth:`expmap`."""
        return self._operate("expmap0", u)

    def logmap0(self, y: Any) -> Any:
        """Return the tangent vector at the origin that leads to y: the inverse of :meth:`expmap0`."""
        return self._operate("logmap0", y)

    def geodesic(self, t: Any, x: Any, y: Any) -> Any:
        """Return the point at time t of the geodesic that is at x for t = 0 and at y for t = 1.

        Parameters
        ----------
        t : float, array_like or Tensor, shape (...)
            Times, of either sign and any size.
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
        return self._operate("geodesic", x, y, t)

    def geodesic_unit(self, t: Any, x: Any, u: Any) -> Any:
        """Return the point at distance t from x, of either sign, in the direction of the tangent vector u."""
        speed = self.norm(x, u, keepdim=True)
        return self.expmap(x, number(t)[..., None] * (number(u) / speed) if np.ndim(t) else t * (number(u) / speed))

    def transp(self, x: Any, y: Any, v: Any) -> Any:
        """Transport the tangent vector v in parallel along the geodesic from x to y.

        Parameters
        ----------
        x, y : array_like or Tensor, shape (..., d)
            Points.
        v : array_like or Tensor, shape (..., d)
            Tangent vectors at x.

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
        return self._operate("transp", x, y, v)

    def transp0(self, y: Any, v: Any) -> Any:
        """Transport the tangent vector v from the origin to y."""
        return self.transp(self._origin_like(y), y, v)

    def transp0back(self, x: Any, v: Any) -> Any:
        """Transport the tangent vector v at x to the origin."""
        return self.transp(x, self._origin_like(x), v)

    def retr(self, x: Any, u: Any) -> Any:
        """Return the retraction x + u, projected: a first-order stand-in for :meth:`expmap`."""
        return self.projx(number(x) + number(self.proju(x, u)))

    def expmap_transp(self, x: Any, u: Any, v: Any) -> tuple[Any, Any]:
        """Return the point that u at x leads to, and v transported there."""
        y = self.expmap(x, u)
        return y, self.transp(x, y, v)

    def retr_transp(self, x: Any, u: Any, v: Any) -> tuple[Any, Any]:
        """Return the retraction of u at x, and v transported there."""
        y = self.retr(x, u)
        return y, self.transp(x, y, v)

    # ---- metric ----------------------------------------------------------------------------------------------------

    def inner(self, x: Any, u: Any, v: Any = None, *, keepdim: bool = False) -> Any:
        """Return the inner product at x of the tangent vectors u and v, or of u with itself.

        Returns
        -------
        ndarray or Tensor, shape (...) or (..., 1)

        Raises
        ------
        DomainError
            If a point lies outside the manifold.
        ShapeError
            If the shapes do not broadcast.
        """
        return keep(self._operate("inner", x, u, u if v is None else v), keepdim)

    def norm(self, x: Any, u: Any, *, keepdim: bool = False) -> Any:
        """Return the Riemannian length of the tangent vector u at x; see :meth:`inner`."""
        return keep(self._operate("norm", x, u), keepdim)

    def egrad2rgrad(self, x: Any, u: Any) -> Any:
        """Turn the Euclidean gradient u of a function at x into its Riemannian gradient.

        Returns
        -------
        ndarray or Tensor, shape (..., d)
        """
        return self._operate("egrad2rgrad", x, u)

    # ---- projections -----------------------------------------------------------------------------------------------

    def projx(self, x: Any) -> Any:
        """Project x onto the manifold."""
        return x

    def proju(self, x: Any, u: Any) -> Any:
        """Project u onto the tangent space at x. Both must have one length of the last axis.

        Raises
        ------
        ShapeError
            If they have not.
        """
        if np.shape(x)[-1:] != np.shape(u)[-1:]:
            raise ShapeError(f"proju needs a vector as long as the point, not shapes {np.shape(x)} and {np.shape(u)}")
        return u

    def check_point(self, x: Any) -> None:
        """Raise an error if a point lies outside the manifold, naming the first one.

        Raises
        ------
        DomainError
            If one does.
        """
        self.detach().dist0(raw(x))

    # ---- means -----------------------------------------------------------------------------------------------------

    def frechet_mean(self, x: Any, w: Any = None, *, tol: float | None = None, max_iter: int = 100) -> Any:
        r"""Return the Fréchet mean of sets of points, which minimises :math:`\sum_i w_i d(m, x_i)^2`.

        Parameters
        ----------
        x : array_like or Tensor, shape (..., n, d)
            Sets of points. An array of curvatures must have one number (..., 1) for each.
        w : array_like or Tensor, shape (..., n), optional
            Weights, not negative; equal ones if None.
        tol : float, optional
            How far the result may lie from the mean, in units of the points' root mean square distance from it; 1e-13,
            or 1e-7 for float32, if None.
        max_iter : int
            The largest number of Newton steps.

        Returns
        -------
        ndarray or Tensor, shape (..., d)

        Raises
        ------
        DomainError
            If a point lies outside the manifold, a weight is negative, or the weights of a set sum to zero.
        ShapeError
            If the shapes do not fit, or there are no points.

        Warns
        -----
        ConvergenceWarning
            If the tolerance is not reached.

        Notes
        -----
        On a sphere the mean is unique where the points lie within half a hemisphere's radius of it; elsewhere this is a
        local minimum. Gradients, those in the curvature and the weights too, are those of the mean itself, by implicit
        differentiation. First derivatives only.

        References
        ----------
        Karcher, H. (1977). Riemannian center of mass and mollifier smoothing. *Comm. Pure Appl. Math.*
        Lou, A., Katsman, I., Jiang, Q., Belongie, S., Lim, S.-N., De Sa, C. (2020). Differentiating through the Fréchet
        mean. *ICML*.

        Examples
        --------
        >>> import numpy as np
        >>> from geomkern_manifold import PoincareBall
        >>> ball = PoincareBall()
        >>> x = np.array([[0.5, 0.0], [0.0, 0.5]])
        >>> np.allclose(ball.frechet_mean(x), ball.geodesic(0.5, x[0], x[1]))
        True
        """
        return means.frechet_mean(self, x, w, tol, max_iter)

    def frechet_variance(self, x: Any, w: Any = None, mean: Any = None) -> Any:
        r"""Return the weighted mean of the squared distances from the Fréchet mean, or from the given point.

        Parameters
        ----------
        x : array_like or Tensor, shape (..., n, d)
            Sets of points.
        w : array_like or Tensor, shape (..., n), optional
            Weights, not negative; equal ones if None.
        mean : array_like or Tensor, shape (..., d), optional
            The points from which distances are taken, :meth:`frechet_mean` if None.

        Returns
        -------
        ndarray or Tensor, shape (...)
        """
        x, w = means.checked_set("frechet_variance", x, w)
        mean = self.frechet_mean(x, w) if mean is None else number(mean)
        squares = (self.dist(mean[..., None, :], x) ** 2)[..., None]
        return (means.weighted_sum(squares, w) / means.total(w, x.shape[-2]))[..., 0, 0]

    def tangent_mean(self, x: Any, w: Any = None) -> Any:
        r"""Return the mean taken in the tangent space at the origin, :math:`\exp_0(\sum w_i \log_0 x_i/\sum w_i)`.

        Parameters
        ----------
        x : array_like or Tensor, shape (..., n, d)
            Sets of points.
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
        x, w = means.checked_set("tangent_mean", x, w)
        return self.expmap0(means.weighted_sum(self.logmap0(x), w) / means.total(w, x.shape[-2]))[..., 0, :]

    @property
    def _sectional(self) -> Any:
        """The curvature itself, a number or an array; NaN where it is not constant."""
        return math.nan

    def _near_mean(self, x: np.ndarray, w: np.ndarray) -> np.ndarray:
        """Return a point (..., 1, d) that lies not far from the mean of the points."""
        first = x[..., :1, :]
        step = means.weighted_sum(self.logmap(first, x), w) / means.total(w, x.shape[-2])
        return np.asarray(self.expmap(first, step))

    def _frame(self, x: Any, v: Any) -> Any:
        """Return coordinates of the tangent vector v at x in an orthogonal basis of vectors of one length."""
        return self.transp0back(x, v)

    def _basis_length(self, x: Any) -> Any:
        """Return the length of the basis' vectors at x."""
        origin = self._origin_like(x)
        axis = np.zeros_like(origin)
        axis[-1:] = 1.0
        return self.norm(origin, axis)

    def _unframe(self, x: Any, v: Any) -> Any:
        """Return the tangent vector at x with these coordinates."""
        return self.transp0(x, v)

    def _inside(self, x: Any) -> Any:
        """Return points that have been rounded to another type, moved back to the manifold where that has left it."""
        return self.projx(x)

    # ---- points ----------------------------------------------------------------------------------------------------

    def origin(self, *size: int, dtype: Any = None) -> np.ndarray:
        """Return the origin, repeated to the shape `size`, whose last number is that of the coordinates."""
        if not size:
            raise ShapeError("origin needs the shape of the result, the last number being that of the coordinates")
        return np.zeros(size, dtype or config.default_dtype)

    def _origin_like(self, x: Any) -> np.ndarray:
        values = raw(x)
        return self.origin(values.shape[-1], dtype=values.dtype if values.dtype.kind == "f" else None)

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
        >>> from geomkern_manifold import PoincareBall
        >>> PoincareBall().random(3, 2, rng=0).shape
        (3, 2)
        """
        if not size:
            raise ShapeError("random needs the shape of the result, the last number being the dimension")
        if not std >= 0:
            raise DomainError(f"random needs a standard deviation std that is not negative, not {std}")
        dtype = np.dtype(dtype or config.default_dtype)
        draws = (std * config.generator(rng).standard_normal(size)).astype(dtype)
        return self.detach()._random(draws).astype(dtype, copy=False)

    def _random(self, distances: np.ndarray) -> np.ndarray:
        """Return the points that lie at these distance vectors from the origin."""
        return self.expmap0(distances)


def keep(values: Any, keepdim: bool) -> Any:
    """Return the values, with a last axis of length one if keepdim asks for it."""
    return values[..., None] if keepdim else values

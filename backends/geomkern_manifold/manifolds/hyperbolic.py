"""The models of hyperbolic space."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from geomkern import Tensor
from geomkern.config import config
from geomkern.errors import DomainError, ShapeError

from ..distributions.wrapped_normal import WrappedNormal
from ..functions import conversions, isometries, means, planes
from .base import keep
from .constant import ConstantCurvature

__all__ = ["HyperbolicManifold"]


class HyperbolicManifold(ConstantCurvature):
    """A model of hyperbolic space of curvature -c.

    Parameters
    ----------
    c : float, array_like or Tensor
        Minus the curvature, positive. It is kept as it is given. A tensor that requires a gradient learns; an array has
        one curvature for each point and must broadcast to their leading shape.
    dim : int or None
        The dimension, if points with another number of coordinates are to be refused.

    Attributes
    ----------
    c : float, ndarray or Tensor
        As given.
    dim : int or None
        As given.

    Raises
    ------
    DomainError
        If c is not positive and finite, or dim is less than one.
    DTypeError
        If c is not made of real numbers.
    """

    c: Any

    def __init__(self, c: Any = 1.0, *, dim: int | None = None) -> None:
        super().__init__(c)
        if dim is not None and dim < 1:
            raise DomainError(f"{type(self).__name__} needs a dimension dim of at least 1, not {dim}")
        self.dim = dim

    def _check_values(self, values: np.ndarray, given: Any) -> None:
        if not np.all((values > 0) & (values < np.inf)):
            raise DomainError(
                f"{type(self).__name__} has curvature -c with c > 0 and finite, but c is {given}; "
                "Stereographic(k) has curvatures of either sign"
            )

    def __repr__(self) -> str:
        return f"{type(self).__name__}(c={self.c}{'' if self.dim is None else f', dim={self.dim}'})"

    def detach(self) -> Self:
        """Return the model of the same curvature that does not learn, which keeps arrays off the tape."""
        return type(self)(self.c.data, dim=self.dim) if isinstance(self.c, Tensor) else self

    def _operate(self, name: str, *operands: Any) -> Any:
        self._check_dimension(operands[0])  # which is a vector; the kernel compares the others with it
        return super()._operate(name, *operands)

    def _check_dimension(self, x: Any) -> None:
        if self.dim is not None and np.shape(x)[-1:] != (self.dim,):
            raise ShapeError(f"{self} needs vectors of {self.dim} coordinates, not an array of shape {np.shape(x)}")

    # ---- other models ----------------------------------------------------------------------------------------------

    def convert(self, x: Any, to: HyperbolicManifold | str) -> Any:
        """Return the points x in another model, given by a manifold of the same curvature or by its name.

        Parameters
        ----------
        x : array_like or Tensor, shape (..., d)
            Points.
        to : HyperbolicManifold or str
            The other model: a manifold, or "poincare", "lorentz", "klein", "half_space" or "polar".

        Returns
        -------
        ndarray or Tensor, shape (..., d)

        Raises
        ------
        DomainError
            If a point lies outside the manifold, there is no such model, or the curvatures differ.

        See Also
        --------
        geomkern_manifold.functions.conversions.convert : The formulas.

        Examples
        --------
        >>> import numpy as np
        >>> from geomkern_manifold import PoincareBall
        >>> PoincareBall().convert(np.array([0.6, 0.0]), "lorentz")
        array([1.875, 0.   ])
        """
        self._check_dimension(x)
        return conversions.convert(x, self, to)

    def convert_tangent(self, x: Any, v: Any, to: HyperbolicManifold | str) -> Any:
        """Return the tangent vectors v at x in another model; see :meth:`convert`.

        Returns
        -------
        ndarray or Tensor, shape (..., d)
            Tangent vectors at ``convert(x, to)``.
        """
        self._check_dimension(x)
        return conversions.convert_tangent(x, v, self, to)

    # ---- planes and ideal points -----------------------------------------------------------------------------------

    def dist2plane(
        self, x: Any, p: Any, a: Any, *, signed: bool = False, scaled: bool = False, keepdim: bool = False
    ) -> Any:
        r"""Return the distance of x from the geodesic hyperplane through p that is orthogonal to a.

        On the hyperboloid, where x is X and a is A, the signed distance d is given by
        :math:`\sinh(\sqrt c\,d) = \sqrt c\,\langle X, A\rangle_L/|A|_L`; it is positive on the side that a points to.

        Parameters
        ----------
        x, p : array_like or Tensor, shape (..., d)
            Points.
        a : array_like or Tensor, shape (..., d)
            Tangent vectors at p, of any length but 0.
        signed : bool
            Whether to tell the sides apart.
        scaled : bool
            Whether to multiply by the Riemannian length of a, as a classifier's logit asks for.
        keepdim : bool
            Whether the result has an axis of length one in place of the coordinates.

        Returns
        -------
        ndarray or Tensor, shape (...) or (..., 1)

        Raises
        ------
        DomainError
            If a point lies outside the manifold, or a normal is 0.
        ShapeError
            If the shapes do not broadcast.

        References
        ----------
        Ganea, O., Bécigneul, G., Hofmann, T. (2018). Hyperbolic neural networks. *NeurIPS*.

        Examples
        --------
        >>> import numpy as np
        >>> from geomkern_manifold import PoincareBall
        >>> ball, x = PoincareBall(), np.array([0.5, 0.0])
        >>> round(float(ball.dist2plane(x, np.zeros(2), np.array([-3.0, 0.0]), signed=True)), 6)
        -1.098612
        """
        self._check_dimension(x)
        return keep(planes.dist2plane(self, x, p, a, signed=signed, scaled=scaled), keepdim)

    def busemann(self, x: Any, ideal: Any, *, keepdim: bool = False) -> Any:
        r"""Return the Busemann function of an ideal point: the distance from it, relative to that of the origin.

        It is the limit of :math:`d(x, y) - d(0, y)` for y on its way to the ideal point in the direction u from the
        origin, and in the ball :math:`\log\bigl(|u - \sqrt c\,x|^2/(1 - c|x|^2)\bigr)/\sqrt c`.

        Parameters
        ----------
        x : array_like or Tensor, shape (..., d)
            Points.
        ideal : array_like or Tensor, shape (..., d)
            Directions, of any length but 0, whatever the model.
        keepdim : bool
            Whether the result has an axis of length one in place of the coordinates.

        Returns
        -------
        ndarray or Tensor, shape (...) or (..., 1)

        Raises
        ------
        DomainError
            If a point lies outside the manifold, or a direction is 0.
        ShapeError
            If the shapes do not broadcast.

        Examples
        --------
        >>> import numpy as np
        >>> from geomkern_manifold import PoincareBall
        >>> round(float(PoincareBall().busemann(np.array([0.5, 0.0]), np.array([1.0, 0.0]))), 6)
        -1.098612
        """
        self._check_dimension(x)
        return keep(planes.busemann(self, x, ideal), keepdim)

    def dist2horosphere(self, x: Any, p: Any, ideal: Any, *, signed: bool = False, keepdim: bool = False) -> Any:
        """Return the distance of x from the horosphere through p around an ideal point, negative inside if `signed`.

        It is the difference of the values of :meth:`busemann` at x and p.

        Returns
        -------
        ndarray or Tensor, shape (...) or (..., 1)
        """
        self._check_dimension(x)
        return keep(planes.dist2horosphere(self, x, p, ideal, signed=signed), keepdim)

    # ---- translations ----------------------------------------------------------------------------------------------

    def translate(self, x: Any, by: Any) -> Any:
        """Return the image of x under the isometry that takes the origin to `by` along their geodesic.

        In the Poincaré ball it is the Möbius sum of `by` and x, in Lorentz's model a boost.

        Parameters
        ----------
        x, by : array_like or Tensor, shape (..., d)
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
        self._check_dimension(x)
        return isometries.translate(self, x, by)

    def recentre(self, x: Any, centre: Any) -> Any:
        """Return the image of x under the isometry that takes `centre` to the origin: the inverse of :meth:`translate`.

        Returns
        -------
        ndarray or Tensor, shape (..., d)

        Examples
        --------
        >>> import numpy as np
        >>> from geomkern_manifold import PoincareBall
        >>> ball, x, y = PoincareBall(), np.array([0.3, 0.1]), np.array([0.2, -0.5])
        >>> np.allclose(ball.translate(ball.recentre(x, y), y), x)
        True
        """
        self._check_dimension(x)
        return isometries.recentre(self, x, centre)

    def boost_matrix(self, by: Any) -> Any:
        r"""Return the Lorentz transformation that takes the origin to `by`, as a matrix of the ambient space.

        With :math:`\beta = \sqrt c\,b` for the spatial coordinates b of the point, and
        :math:`\gamma = \sqrt{1 + |\beta|^2}`,

        .. math::

            \begin{pmatrix} \gamma & \beta^\top \\ \beta & 1 + \beta\beta^\top/(1 + \gamma) \end{pmatrix}

        acts on columns (time, spatial coordinates). :meth:`translate` does the same without loss at large distances.

        Parameters
        ----------
        by : array_like or Tensor, shape (..., d)
            Points.

        Returns
        -------
        ndarray or Tensor, shape (..., d + 1, d + 1)
        """
        self._check_dimension(by)
        return isometries.boost_matrix(self, by)

    # ---- means and distributions ----------------------------------------------------------------------------------

    def einstein_midpoint(self, x: Any, w: Any = None) -> Any:
        r"""Return the Einstein midpoint of sets of points: their mean in Klein's model by Lorentz factors.

        On the hyperboloid it is the weighted sum of the points, scaled back to the hyperboloid; in the ball, Möbius'
        gyromidpoint.

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

        References
        ----------
        Ungar, A. (2008). *Analytic Hyperbolic Geometry and Albert Einstein's Special Theory of Relativity*.
        Law, M., Liao, R., Snell, J., Zemel, R. (2019). Lorentzian distance learning for hyperbolic representations.
        *ICML*.

        Examples
        --------
        >>> import numpy as np
        >>> from geomkern_manifold import PoincareBall
        >>> ball = PoincareBall()
        >>> x = np.array([[0.5, 0.0], [-0.5, 0.0]])
        >>> ball.einstein_midpoint(x)
        array([0., 0.])
        >>> np.allclose(ball.einstein_midpoint(x, [1.0, 0.0]), x[0])
        True
        """
        return self._operate("einstein_midpoint", *means.checked_set("einstein_midpoint", x, w))

    def wrapped_normal(
        self, *size: int, mean: Any, std: Any = 1.0, rng: int | np.random.Generator | None = None
    ) -> Any:
        """Draw from the wrapped normal distribution around a point; see :class:`WrappedNormal`.

        Parameters
        ----------
        *size : int
            The shape of the result; the last number is the dimension.
        mean : array_like or Tensor, shape (..., d)
            Points, which must broadcast to `size`.
        std : float, array_like or Tensor
            The standard deviation of each coordinate of the distance vector.
        rng : int, numpy.random.Generator or None
            A seed or a generator; None takes the default generator.

        Returns
        -------
        ndarray or Tensor, shape `size`

        Raises
        ------
        ShapeError
            If the mean does not broadcast to `size`.
        DomainError
            If the mean lies outside the manifold, or std is not positive.

        Examples
        --------
        >>> import numpy as np
        >>> from geomkern_manifold import PoincareBall
        >>> PoincareBall().wrapped_normal(5, 2, mean=np.array([0.5, 0.0]), std=0.1, rng=0).shape
        (5, 2)
        """
        size_of_mean = np.shape(mean)
        lead = size_of_mean[:-1]
        fits = len(size) > len(lead) and size_of_mean[-1:] == size[-1:]
        if not fits or np.broadcast_shapes(size[:-1], lead) != size[:-1]:
            raise ShapeError(f"wrapped_normal needs a mean that broadcasts to the size {size}, not {np.shape(mean)}")
        mean = np.broadcast_to(mean, size) if lead else mean
        return WrappedNormal(self, mean, std).sample(*(() if lead else size[:-1]), rng=rng)

    def random_normal(
        self,
        *size: int,
        mean: Any = 0.0,
        std: float = 1.0,
        dtype: Any = None,
        rng: int | np.random.Generator | None = None,
    ) -> np.ndarray:
        """Draw points whose logarithm at the origin is normal in every coordinate.

        Parameters
        ----------
        *size : int
            The shape of the result; the last number is the dimension.
        mean, std : float or array_like
            The mean and the standard deviation of the coordinates of the tangent vector.
        dtype : dtype, optional
            float32 or float64; the default type if None.
        rng : int, numpy.random.Generator or None
            A seed or a generator; None takes the default generator.

        Returns
        -------
        ndarray, shape `size`
        """
        draws = mean + std * config.generator(rng).standard_normal(size)
        return np.asarray(self.detach().expmap0(draws.astype(dtype or config.default_dtype)))

    @property
    def _sectional(self) -> Any:
        return -np.asarray(self.c)

    def _near_mean(self, x: np.ndarray, w: np.ndarray) -> np.ndarray:
        return np.asarray(self.einstein_midpoint(x, w))[..., None, :]

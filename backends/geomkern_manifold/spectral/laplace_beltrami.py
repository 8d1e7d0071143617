r"""The Laplace-Beltrami operator of the Poincaré ball of curvature -c, by finite differences.

The metric is :math:`\lambda^2 |dx|^2` with :math:`\lambda = 2/(1 - c|x|^2)`, so in n dimensions

.. math::

    \Delta_g f = \lambda^{-n} \operatorname{div}(\lambda^{n-2} \nabla f)
               = \Bigl(\frac{1 - c|x|^2}{2}\Bigr)^2
                 \Bigl[\Delta f + \frac{2(n - 2)c\, x\cdot\nabla f}{1 - c|x|^2}\Bigr].

A grid takes this formula with central differences. A callable is better followed along geodesics: the operator is the
trace of the Hessian, which is the sum over an orthonormal basis of the second derivatives of f along the geodesics
through x. Their points stay inside the ball, and one step is right at every distance from the origin.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.ndimage import correlate1d

from geomkern import Tensor
from geomkern.errors import DomainError, ShapeError

from .arrays import as_double, last_axis, positive

__all__ = ["laplace_beltrami", "laplace_beltrami_grid"]

# The second derivative from f(-4h), ..., f(4h), times h^2; the error is h^8 f^(10)/3150.
ALONG = np.array([-1 / 560, 8 / 315, -1 / 5, 8 / 5, -205 / 72, 8 / 5, -1 / 5, 8 / 315, -1 / 560])
# On a grid, times h and h^2; the errors are h^4 f^(5)/30 and h^4 f^(6)/90.
FIRST = np.array([1, -8, 0, 8, -1]) / 12
SECOND = np.array([-1, 16, -30, 16, -1]) / 12


def laplace_beltrami(f: Callable[[Any], Any], x: Any, ball: Any, step: float | None = None) -> Any:
    r"""Return the Laplace-Beltrami operator of a function at points of the Poincaré ball.

    Parameters
    ----------
    f : callable
        Takes points (..., n) with any leading axes, returns numbers (...). It is called twice, once with the points.
    x : array_like or Tensor, shape (..., n)
        Points of the ball.
    ball : PoincareBall
        The ball.
    step : float, optional
        The distance h between neighbouring points of the stencil, in units of the radius of curvature 1/sqrt(c).
        By default it is 0.02, and 0.15 for tensors of float32.

    Returns
    -------
    ndarray or Tensor, shape (...)
        A tensor has gradients in x, in c and in what f depends on, by one backward pass.

    Raises
    ------
    DomainError
        If a point lies outside of the ball, or the step is not positive.
    ShapeError
        If x has no last axis, or f returns another shape.

    Notes
    -----
    Along each of n geodesics f is evaluated at 8 points besides x. With lengths measured in units of the radius of
    curvature, the error is at most h^8/3150 times the tenth derivatives of f along the geodesics, and 7 eps abs(f)/h^2
    from rounding: about 1e-11 in all for a function that varies over one unit. Near the boundary the coordinates
    themselves resolve only eps/(1 - c|x|^2) of a unit, and the error grows by this factor. Arrays are computed in
    float64 whatever their type; tensors keep theirs.

    References
    ----------
    Lee, J. M. (2018). *Introduction to Riemannian Manifolds*, chapters 2 and 5. Fornberg, B. (1988). Generation of
    finite difference formulas on arbitrarily spaced grids. *Mathematics of Computation* 51.

    Examples
    --------
    The Poisson kernel of the disk is harmonic:

    >>> import numpy as np
    >>> from geomkern_manifold import PoincareBall
    >>> def poisson(x):
    ...     return (1 - (x**2).sum(-1)) / ((x - np.array([1.0, 0.0])) ** 2).sum(-1)
    >>> abs(float(laplace_beltrami(poisson, np.array([0.3, 0.4]), PoincareBall()))) < 1e-10
    True
    """
    dtype = x.dtype if isinstance(x, Tensor) else None
    if dtype is None:
        x, dtype = as_double("laplace_beltrami", x)
        last_axis("laplace_beltrami", x, 1)
    step = (0.15 if x.dtype == np.float32 else 0.02) if step is None else step
    positive("laplace_beltrami", "step", step)
    n, reach = x.shape[-1], len(ALONG) // 2
    c = np.asarray(ball.detach().c, np.float64)
    # The length of one step; the vectors e_i/lambda are orthonormal at x.
    length = (step / np.sqrt(c)).astype(x.dtype)
    offsets = np.delete(np.arange(-reach, reach + 1), reach)
    directions = np.multiply.outer(offsets, np.eye(n)).reshape(-1, *[1] * (x.ndim - 1), n).astype(x.dtype)
    points = ball.expmap(x, directions * (length[..., None] / ball.lambda_x(x, keepdim=True)))
    around, middle = f(points), f(x)
    if np.shape(around) != points.shape[:-1]:
        raise ShapeError(
            f"laplace_beltrami needs a function that turns shape {points.shape} into {points.shape[:-1]}, not "
            f"{np.shape(around)}"
        )
    weights = np.repeat(np.delete(ALONG, reach), n).reshape(-1, *[1] * (x.ndim - 1)).astype(x.dtype)
    total = np.sum(weights * around, axis=0) + float(n * ALONG[reach]) * middle
    out = total / np.square(length)
    return out if isinstance(out, Tensor) else out.astype(dtype)


def laplace_beltrami_grid(values: Any, axes: Sequence[Any], c: float = 1.0) -> np.ndarray:
    r"""Return the Laplace-Beltrami operator of a function on a grid of the Poincaré ball.

    Parameters
    ----------
    values : array_like, shape (..., m_1, ..., m_n)
        The function at all points with coordinates from `axes`; what lies outside of the ball is not used. Arrays only.
    axes : sequence of n array_like
        The coordinates along each axis: evenly spaced, ascending, five at least.
    c : float
        Minus the curvature, positive.

    Returns
    -------
    ndarray, of the shape of `values`
        NaN at the points whose stencil leaves the grid or the ball.

    Raises
    ------
    ShapeError
        If the values do not fit the axes, or an axis is too short.
    DomainError
        If c is not positive, or an axis is not evenly spaced.

    Notes
    -----
    Central differences over five points along each axis: the error is of order h^4 in the spacing h, with derivatives
    in the coordinates, which grow towards the boundary.

    References
    ----------
    Fornberg, B. (1988). Generation of finite difference formulas on arbitrarily spaced grids. *Mathematics of
    Computation* 51.

    Examples
    --------
    >>> import numpy as np
    >>> axis = np.linspace(-0.2, 0.2, 5)
    >>> x, y = np.meshgrid(axis, axis, indexing="ij")
    >>> laplace_beltrami_grid(x**2 + y**2, (axis, axis))[2, 2].round(12)  # (1/2)^2 times 4, at the origin
    np.float64(1.0)
    """
    values, dtype = as_double("laplace_beltrami_grid", values)
    positive("laplace_beltrami_grid", "c", c)
    axes = [as_double("laplace_beltrami_grid", axis)[0] for axis in axes]
    n = len(axes)
    lengths = tuple(map(np.size, axes))
    if not n or values.shape[-n:] != lengths or any(axis.ndim != 1 or axis.size < len(SECOND) for axis in axes):
        raise ShapeError(
            f"laplace_beltrami_grid needs axes of at least {len(SECOND)} points that the last axes of the values fit, "
            f"got {lengths} for shape {values.shape}"
        )
    for axis in axes:
        gaps = np.diff(axis)
        if not np.all(np.abs(gaps - gaps.mean()) <= 1e-6 * gaps.mean()):
            raise DomainError("laplace_beltrami_grid needs axes that ascend in even steps")
    grids = np.meshgrid(*axes, indexing="ij", sparse=True)
    a = 1 - c * sum(np.square(grid) for grid in grids)
    values = np.where(a > 0, values, np.nan)
    total = np.zeros_like(values)
    for i, (axis, coordinate) in enumerate(zip(axes, grids, strict=True), start=-n):
        h = (axis[-1] - axis[0]) / (axis.size - 1)
        total += correlate1d(values, SECOND / h**2, axis=i, mode="constant", cval=np.nan)
        if n != 2:
            slope = correlate1d(values, FIRST / h, axis=i, mode="constant", cval=np.nan)
            total += 2 * (n - 2) * c * coordinate / a * slope
    return (np.square(0.5 * a) * total).astype(dtype, copy=False)

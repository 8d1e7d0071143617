"""Chebyshev series: sampling, fitting, values, derivatives and integrals.

A series is an array of coefficients along the last axis, lowest degree first; on an interval [a, b] it stands for

    p(x) = sum_k coef[k] T_k(u),    u = (2 x - a - b)/(b - a).

There are two grids, both in ascending order. Kind 1 has the n zeros of T_n (Gauss), u_j = -cos(pi (j + 1/2)/n). Kind 2
has the n extrema of T_(n-1) with both ends of the interval (Lobatto), u_j = -cos(pi j/(n - 1)).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev as series
from scipy import fft

from geomkern.autograd import Function
from geomkern.errors import DomainError, ShapeError

from .arrays import as_double, last_axis

__all__ = ["cheb_deriv", "cheb_eval", "cheb_fit", "cheb_int", "cheb_nodes"]

Domain = tuple[float, float]


class OnLastAxis(Function):
    """A linear map of the last axis, given as a callable; backward applies the transpose of its matrix."""

    @staticmethod
    def forward(ctx: Any, x: Any, *, name: str, least: int, linear: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        x, dtype = as_double(name, x)
        last_axis(name, x, least)
        ctx.linear, ctx.length = linear, x.shape[-1]
        if not x.size:
            return np.zeros((*x.shape[:-1], linear(np.zeros(ctx.length)).shape[-1]), dtype)
        return linear(x).astype(dtype, copy=False)

    @staticmethod
    def backward(ctx: Any, g: np.ndarray) -> np.ndarray:
        return g @ ctx.linear(np.eye(ctx.length)).T


class Value(Function):
    @staticmethod
    def forward(ctx: Any, coef: Any, x: Any, *, domain: Domain) -> np.ndarray:
        coef, of_coef = as_double("cheb_eval", coef)
        x, of_x = as_double("cheb_eval", x)
        last_axis("cheb_eval", coef, 1)
        ctx.slope = _slope("cheb_eval", domain)
        try:
            np.broadcast_shapes(coef.shape[:-1], x.shape)
        except ValueError as error:
            raise ShapeError(
                f"cheb_eval needs leading axes of coef that broadcast with x, got {coef.shape} and {x.shape}"
            ) from error
        u = (x - 0.5 * (domain[0] + domain[1])) * ctx.slope
        ctx.save_for_backward(coef, u)
        return series.chebval(u, np.moveaxis(coef, -1, 0), tensor=False).astype(np.result_type(of_coef, of_x))

    @staticmethod
    def backward(ctx: Any, g: np.ndarray) -> tuple[Any, Any]:
        coef, u = ctx.saved
        wants_coef, wants_x = ctx.needs_input_grad
        gradient = g[..., None] * series.chebvander(u, coef.shape[-1] - 1) if wants_coef else None
        slopes = series.chebder(np.moveaxis(coef, -1, 0)) if wants_x else None
        return gradient, None if slopes is None else g * series.chebval(u, slopes, tensor=False) * ctx.slope


def _slope(name: str, domain: Domain) -> float:
    """Return du/dx on an interval."""
    low, high = domain
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise DomainError(f"{name} needs an interval (a, b) with a < b, got {domain}")
    return 2 / (high - low)


def _at_least(kind: int) -> int:
    if kind not in (1, 2):
        raise DomainError(f"a Chebyshev grid is of kind 1 (Gauss) or 2 (Lobatto), not {kind}")
    return kind


def cheb_nodes(n: int, kind: int = 1, domain: Domain = (-1.0, 1.0)) -> np.ndarray:
    r"""Return the n nodes of a Chebyshev grid, ascending.

    Parameters
    ----------
    n : int
        How many; at least 1 of kind 1 and 2 of kind 2.
    kind : {1, 2}
        1: the zeros :math:`-\cos(\pi(j + 1/2)/n)` (Gauss). 2: the extrema :math:`-\cos(\pi j/(n - 1))` (Lobatto).
    domain : tuple of float
        The interval that the nodes lie in.

    Returns
    -------
    ndarray of float64, shape (n,)

    Raises
    ------
    DomainError
        If the kind is another one, or the interval is empty.
    ShapeError
        If n is too small.

    References
    ----------
    Trefethen, L. N. (2013). *Approximation Theory and Approximation Practice*, chapters 2 and 3.

    Examples
    --------
    >>> cheb_nodes(3, kind=2, domain=(0.0, 4.0))
    array([0., 2., 4.])
    """
    if n < _at_least(kind):
        raise ShapeError(f"cheb_nodes needs at least {kind} nodes of kind {kind}, not {n}")
    u = series.chebpts1(n) if kind == 1 else series.chebpts2(n)
    return 0.5 * (domain[0] + domain[1]) + u / _slope("cheb_nodes", domain)


def cheb_fit(values: Any, kind: int = 1) -> Any:
    """Return the Chebyshev series that interpolates values at the nodes of a grid.

    Parameters
    ----------
    values : array_like or Tensor, shape (..., n)
        The values at ``cheb_nodes(n, kind)``, on any interval.
    kind : {1, 2}
        The kind of the grid.

    Returns
    -------
    ndarray or Tensor, shape (..., n)
        The coefficients of degrees 0 to n - 1.

    Raises
    ------
    DomainError
        If the kind is another one.
    ShapeError
        If there are too few values.

    Notes
    -----
    A discrete cosine transform, DCT-II for kind 1 and DCT-I for kind 2: O(n log n). Backward takes O(n^2).

    References
    ----------
    Trefethen, L. N. (2013). *Approximation Theory and Approximation Practice*, chapter 3.

    Examples
    --------
    >>> import numpy as np
    >>> cheb_fit(cheb_nodes(4) ** 2).round(12) + 0.0
    array([0.5, 0. , 0.5, 0. ])
    """
    return OnLastAxis.apply(
        values, name="cheb_fit", least=_at_least(kind), linear=_fit_first if kind == 1 else _fit_second
    )


def _fit_first(values: np.ndarray) -> np.ndarray:
    coef = fft.dct(values[..., ::-1], type=2) / values.shape[-1]
    coef[..., 0] *= 0.5
    return coef


def _fit_second(values: np.ndarray) -> np.ndarray:
    coef = fft.dct(values[..., ::-1], type=1) / (values.shape[-1] - 1)
    coef[..., [0, -1]] *= 0.5
    return coef


def cheb_eval(coef: Any, x: Any, domain: Domain = (-1.0, 1.0)) -> Any:
    """Return the values of Chebyshev series.

    Parameters
    ----------
    coef : array_like or Tensor, shape (..., n)
        The coefficients; the leading axes broadcast with x.
    x : array_like or Tensor, shape (...)
        Where to evaluate, also outside of the interval.
    domain : tuple of float
        The interval of the series.

    Returns
    -------
    ndarray or Tensor, shape (...)

    Raises
    ------
    DomainError
        If the interval is empty.
    ShapeError
        If there is no coefficient, or the shapes do not broadcast.

    References
    ----------
    Clenshaw, C. W. (1955). A note on the summation of Chebyshev series. *Mathematics of Computation* 9.

    Examples
    --------
    >>> import numpy as np
    >>> cheb_eval(np.array([0.5, 0.0, 0.5]), np.array([0.0, 0.5, 2.0]))
    array([0.  , 0.25, 4.  ])
    """
    return Value.apply(coef, x, domain=domain)


def cheb_deriv(coef: Any, order: int = 1, domain: Domain = (-1.0, 1.0)) -> Any:
    """Return the series of a derivative.

    Parameters
    ----------
    coef : array_like or Tensor, shape (..., n)
        The coefficients.
    order : int
        How many times to differentiate; not negative.
    domain : tuple of float
        The interval of the series.

    Returns
    -------
    ndarray or Tensor, shape (..., max(n - order, 1))

    Raises
    ------
    DomainError
        If the order is negative or the interval is empty.
    ShapeError
        If there is no coefficient.

    References
    ----------
    Mason, J. C., Handscomb, D. C. (2003). *Chebyshev Polynomials*, section 2.4.5.

    Examples
    --------
    >>> import numpy as np
    >>> cheb_deriv(np.array([0.0, 0.0, 1.0]))
    array([0., 4.])
    """
    slope = _slope("cheb_deriv", domain)
    if order < 0:
        raise DomainError(f"cheb_deriv needs an order that is not negative, not {order}")
    return OnLastAxis.apply(
        coef, name="cheb_deriv", least=1, linear=lambda x: series.chebder(x, order, scl=slope, axis=-1)
    )


def cheb_int(coef: Any, order: int = 1, domain: Domain = (-1.0, 1.0)) -> Any:
    """Return the series of an integral, which is zero at the lower end of the interval.

    Parameters
    ----------
    coef : array_like or Tensor, shape (..., n)
        The coefficients.
    order : int
        How many times to integrate; not negative.
    domain : tuple of float
        The interval of the series.

    Returns
    -------
    ndarray or Tensor, shape (..., n + order)

    Raises
    ------
    DomainError
        If the order is negative or the interval is empty.
    ShapeError
        If there is no coefficient.

    References
    ----------
    Mason, J. C., Handscomb, D. C. (2003). *Chebyshev Polynomials*, section 2.4.4.

    Examples
    --------
    >>> import numpy as np
    >>> cheb_int(np.array([0.0, 4.0]))
    array([-1.,  0.,  1.])
    """
    slope = _slope("cheb_int", domain)
    if order < 0:
        raise DomainError(f"cheb_int needs an order that is not negative, not {order}")
    return OnLastAxis.apply(
        coef, name="cheb_int", least=1, linear=lambda x: series.chebint(x, order, lbnd=-1, scl=1 / slope, axis=-1)
    )

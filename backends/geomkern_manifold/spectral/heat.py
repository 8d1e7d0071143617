r"""The heat kernels of hyperbolic space in two and three dimensions.

p_c(t, d) is the density at distance d, after time t, of what starts in one point and follows u_t = Delta u. Scaling a
space of curvature -1 to curvature -c gives p_c(t, d) = c^(n/2) p(ct, sqrt(c) d). With rho = sqrt(c) d, and c t for t:

n = 3:  p = (4 pi t)^(-3/2) (rho/sinh rho) exp(-t - rho^2/4t).

n = 2 (McKean):  p = sqrt(2) e^(-t/4) (4 pi t)^(-3/2) int_rho^inf s e^(-s^2/4t) / sqrt(cosh s - cosh rho) ds.

The integrand of the latter is singular at s = rho and narrow where t is small. Put s^2 = rho^2 + 4 t v^2, so that
s ds = 4 t v dv, and write S(z) = sinh(z)/z, a = (s + rho)/2, b = (s - rho)/2 = t v^2/a. Then

    cosh s - cosh rho = 2 sinh(a) sinh(b) = 2 t v^2 S(a) S(b),
    p = (4 pi t)^(-1) exp(-t/4 - rho^2/4t) J,    J = pi^(-1/2) int_-inf^inf e^(-v^2) (S(a) S(b))^(-1/2) dv,

because the factors v cancel. S(a) S(b) is an even entire function of s, hence of v^2, and positive on the axis: the
trapezoidal rule converges geometrically. The zeros nearest to the axis, s = rho + 2 pi i, are at
v^2 = (-pi^2 + pi i rho)/t, at a distance q from it. On a line at the height q the Gaussian is at most exp(q^2), so a
step h leaves an error of exp(q^2 - 2 pi q/h); the best line for the Gaussian alone is q = pi/h.
"""

from typing import Any

import numpy as np

from geomkern.autograd import Function
from geomkern.errors import DomainError, ShapeError

from .arrays import as_double, positive

__all__ = ["heat_kernel"]

# exp(-40) is far below the last place of a double. For all rho and t the terms are below it within so many steps.
DIGITS = 40.0
NODES = 100


def _decay(z: np.ndarray) -> np.ndarray:
    """Return S(z) e^(-z) = (1 - e^(-2z))/2z for z >= 0, with its limit at zero."""
    safe = np.where(z == 0, 1.0, z)
    return np.where(z == 0, 1.0, -np.expm1(-2 * safe) / (2 * safe))


def _langevin(z: np.ndarray) -> np.ndarray:
    """Return the derivative of log S, coth z - 1/z for z >= 0.

    The two cancel for small z; there the continued fraction z/(3 + z^2/(5 + z^2/(7 + ...))) of Lambert stands in.
    """
    small = np.minimum(z, 1.0)
    tail = np.full_like(small, 19.0)
    for odd in range(17, 1, -2):
        tail = odd + np.square(small) / tail
    large = np.maximum(z, 1.0)
    return np.where(z < 1, small / tail, 1 / np.tanh(large) - 1 / large)


def _log_kernel_3(t: np.ndarray, rho: np.ndarray, slopes: bool) -> tuple[np.ndarray, Any, Any]:
    """Return log p and, if wanted, its derivatives in t and rho."""
    log_s = rho + np.log(_decay(rho))
    value = -1.5 * np.log(4 * np.pi * t) - log_s - t - np.square(rho) / (4 * t)
    if not slopes:
        return value, None, None
    return value, -1.5 / t - 1 + np.square(rho / t) / 4, -_langevin(rho) - rho / (2 * t)


def _log_kernel_2(t: np.ndarray, rho: np.ndarray, slopes: bool) -> tuple[np.ndarray, Any, Any]:
    """Return log p and, if wanted, its derivatives in t and rho: means of those of log F, F = (S(a) S(b))^(-1/2).

    With ds/drho = rho/s and ds/dt = 2 v^2/s, and L the derivative of log S,
    dlogF/drho = -(a L(a) - b L(b))/2s and dlogF/dt = -(L(a) + L(b)) v^2/2s.
    """
    t, rho = np.broadcast_arrays(t, rho)
    q = np.minimum(np.pi * np.sqrt((np.hypot(1, rho / np.pi) + 1) / (2 * t)), np.sqrt(DIGITS))
    h = 2 * np.pi * q / (DIGITS + np.square(q))
    # The terms are divided by the one at v = 0, where s = a = rho and b = 0: it would underflow for large rho.
    middle = _decay(rho)
    total, in_t, in_rho = np.full(t.shape, 0.5), np.zeros(t.shape), np.zeros(t.shape)
    if slopes:
        in_rho = -0.25 * _langevin(rho)
    for j in range(1, NODES):
        v = j * h
        s = np.hypot(rho, 2 * np.sqrt(t) * v)
        a = 0.5 * (s + rho)
        b = t * np.square(v) / a
        term = np.exp(-np.square(v) - b) * np.sqrt(middle / (_decay(a) * _decay(b)))
        total += term
        if slopes:
            at_a, at_b = _langevin(a), _langevin(b)
            in_t -= term * (at_a + at_b) * np.square(v) / (2 * s)
            in_rho -= term * (a * at_a - b * at_b) / (2 * s)
        if not np.any(term > 1e-18 * total):
            break
    value = -np.log(4 * np.pi * t) - t / 4 - np.square(rho) / (4 * t) - 0.5 * (rho + np.log(middle))
    value = value + np.log(2 / np.sqrt(np.pi) * h * total)
    if not slopes:
        return value, None, None
    return value, -1 / t - 0.25 + np.square(rho / t) / 4 + in_t / total, -rho / (2 * t) + in_rho / total


LOG_KERNELS = {2: _log_kernel_2, 3: _log_kernel_3}


class HeatKernel(Function):
    @staticmethod
    def forward(ctx: Any, t: Any, d: Any, c: Any, *, dim: int, log: bool) -> np.ndarray:
        d, dtype = as_double("heat_kernel", d)
        t, _ = as_double("heat_kernel", t)
        c, _ = as_double("heat_kernel", c)
        positive("heat_kernel", "time t", t)
        positive("heat_kernel", "c", c)
        if np.any((d < 0) | np.isinf(d)):
            raise DomainError("heat_kernel needs finite distances that are not negative")
        try:
            np.broadcast_shapes(t.shape, d.shape, c.shape)
        except ValueError as error:
            raise ShapeError(
                f"heat_kernel needs shapes that broadcast, got t {t.shape}, d {d.shape} and c {c.shape}"
            ) from error
        root = np.sqrt(c)
        slopes = any(ctx.needs_input_grad)
        with np.errstate(over="ignore"):  # far away the logarithm is -inf
            value, in_t, in_rho = LOG_KERNELS[dim](c * t, root * d, slopes)
        value = value + 0.5 * dim * np.log(c)
        out = value if log else np.exp(value)
        if slopes:
            in_c = t * in_t + d * in_rho / (2 * root) + 0.5 * dim / c
            ctx.save_for_backward(c * in_t, root * in_rho, in_c, 1.0 if log else out)
        return np.asarray(out, dtype)

    @staticmethod
    def backward(ctx: Any, g: np.ndarray) -> tuple[np.ndarray, ...]:
        *slopes, scale = ctx.saved
        return tuple(g * scale * slope for slope in slopes)


def heat_kernel(t: Any, d: Any, dim: int, c: Any = 1.0, *, log: bool = False) -> Any:
    r"""Return the heat kernel of the hyperbolic plane or of hyperbolic space, for :math:`\partial_t u = \Delta u`.

    .. math::

        p(t, \rho) = (4\pi t)^{-3/2}\, \frac{\rho}{\sinh\rho}\, e^{-t - \rho^2/4t} \quad (n = 3), \qquad
        p(t, \rho) = \frac{\sqrt2\, e^{-t/4}}{(4\pi t)^{3/2}}
                     \int_\rho^\infty \frac{s\, e^{-s^2/4t}\, ds}{\sqrt{\cosh s - \cosh\rho}} \quad (n = 2)

    and :math:`p_c(t, d) = c^{n/2} p(ct, \sqrt c\, d)` for curvature -c.

    Parameters
    ----------
    t : array_like or Tensor
        Times, positive. Brownian motion, which is half as fast, has reached p(t/2, d) at time t.
    d : array_like or Tensor
        Distances from the start; broadcasts with t.
    dim : {2, 3}
        The dimension n of the space.
    c : float, array_like or Tensor
        Minus the curvature, positive.
    log : bool
        Return the logarithm, which does not underflow at large distances.

    Returns
    -------
    ndarray or Tensor
        Of the type of d: float32 is computed in double and rounded. Differentiable in t, d and c.

    Raises
    ------
    DomainError
        If t or c is not positive, a distance is negative, or the dimension is another one.
    ShapeError
        If the shapes do not broadcast.

    Notes
    -----
    The integral is taken by the trapezoidal rule after a substitution that makes the integrand analytic, with a step
    that suits t and d: the error of log p is some units in the last place of its largest term for t from 1e-6 to 1e4.

    References
    ----------
    McKean, H. P. (1970). An upper bound to the spectrum of Delta on a manifold of negative curvature. *J. Differential
    Geometry* 4. Davies, E. B. (1989). *Heat Kernels and Spectral Theory*, section 5.7.

    Examples
    --------
    >>> import numpy as np
    >>> heat_kernel(0.5, np.array([0.0, 1.0, 2.0]), 2).round(6)
    array([0.135056, 0.075727, 0.013668])
    >>> heat_kernel(0.5, 100.0, 3, log=True).round(3)
    np.float64(-5097.958)
    """
    if dim not in LOG_KERNELS:
        raise DomainError(f"heat_kernel is there for the dimensions 2 and 3, not {dim}")
    return HeatKernel.apply(t, d, c, dim=dim, log=log)

"""Means of sets of points: what the manifolds' methods share.

A set is the rows of an array (..., n, d), with weights (..., n).
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from geomkern import Tensor, as_tensor, is_grad_enabled
from geomkern.autograd import Function
from geomkern.errors import ConvergenceWarning, DomainError, DTypeError, ShapeError

from .arrays import raw

if TYPE_CHECKING:
    from ..manifolds.base import Manifold
    from ..manifolds.hyperbolic import HyperbolicManifold

__all__ = ["checked_set", "frechet_mean", "midpoint_through", "total", "weighted_sum"]


class KarcherMean(Function):
    """The kernel ``karcher_mean``, which has no backward: gradients come by :class:`NewtonStep`."""

    backend = "manifold"

    @staticmethod
    def forward(ctx: Any, v: Any, w: Any, scale: Any, *, sign: int, tol: float, max_iter: int) -> Any:
        """Return the means as tangent vectors, and the residuals."""
        return ctx.kernels.karcher_mean(v, w, scale, sign, tol, max_iter)


class NewtonStep(Function):
    """The Newton step H^-1 g for a gradient g that vanishes, with its derivative: the kernel ``karcher_solve``."""

    backend = "manifold"

    @staticmethod
    def forward(ctx: Any, g: Any, v: Any, w: Any, scale: Any, *, sign: int) -> Any:
        """Return zeros."""
        ctx.save_for_backward(v, w, scale)
        ctx.sign = sign
        return np.zeros_like(g)

    @staticmethod
    def backward(ctx: Any, grad: Any) -> tuple[Any, ...]:
        """Return H^-1 times the upstream gradient."""
        return ctx.kernels.karcher_solve(grad, *ctx.saved, ctx.sign), None, None, None


class Cast(Function):
    """A change of type."""

    @staticmethod
    def forward(ctx: Any, x: Any, *, dtype: Any) -> Any:
        """Return x with the type."""
        ctx.dtype = x.dtype
        return x.astype(dtype)

    @staticmethod
    def backward(ctx: Any, grad: Any) -> Any:
        """Return the gradient with the type that x had."""
        return grad.astype(ctx.dtype)


def checked_set(operation: str, x: Any, w: Any) -> tuple[Any, Any]:
    """Return points and weights, which are 1.0 by default, after a look at them.

    Raises
    ------
    ShapeError
        If there are no points, or the weights do not fit them.
    DomainError
        If a weight is negative, or the weights of a set sum to zero.
    """
    x = x if isinstance(x, Tensor) else np.asarray(x)
    if x.ndim < 2 or x.shape[-2] == 0:
        raise ShapeError(f"{operation} needs points (..., n, d) with n > 0, not the shape {x.shape}")
    if w is None:
        return x, 1.0
    w = w if isinstance(w, Tensor) else np.asarray(w)
    values = raw(w)
    if values.dtype.kind not in "iuf":
        raise DTypeError(f"{operation} needs real numbers for weights, not {values.dtype}")
    try:
        fits = np.broadcast_shapes(values.shape, x.shape[:-1])[-1] == x.shape[-2]
    except ValueError:
        fits = False
    if not fits:
        raise ShapeError(f"{operation} needs weights (..., {x.shape[-2]}) for points {x.shape}, not {values.shape}")
    if np.any(values < 0):
        raise DomainError(f"{operation} needs weights that are not negative, not {values.min()}")
    if values.ndim and np.any(values.sum(-1) == 0):
        raise DomainError(f"{operation} needs weights with a positive sum, but those of a set sum to zero")
    return x, w


def weighted_sum(rows: Any, w: Any) -> Any:
    """Return the sums (..., 1, d) of the rows (..., n, d) with weights (..., n) or, if all are equal, one number."""
    if np.ndim(w) == 0:
        return rows.sum(-2, keepdims=True) * w
    return w[..., None, :] @ rows


def total(w: Any, n: int) -> Any:
    """Return the sums (..., 1, 1) of weights of n points."""
    return w * n if np.ndim(w) == 0 else w.sum(-1)[..., None, None]


def midpoint_through(manifold: HyperbolicManifold, other: HyperbolicManifold, x: Any, w: Any) -> Any:
    """Return Einstein midpoints taken in another model."""
    x, w = checked_set("einstein_midpoint", x, w)
    middle = other.einstein_midpoint(manifold.convert(x, other), None if np.ndim(w) == 0 else w)
    return other.convert(middle[..., None, :], manifold)[..., 0, :]


def frechet_mean(manifold: Manifold, x: Any, w: Any, tol: float | None, max_iter: int) -> Any:
    r"""Return the Fréchet means of sets of points.

    Found without a tape, by Newton's method. At the mean m the sum of :math:`w_i \log_m x_i` vanishes, and its
    derivative in m is minus the Hessian H, so one more Newton step from the constant m, recorded on the tape, leaves
    the value and has the exact derivatives :math:`H^{-1} \sum w_i \, d\log_m x_i`.
    """
    x, w = checked_set("frechet_mean", x, w)
    dtype = np.result_type(raw(x), raw(w)) if np.ndim(w) else raw(x).dtype
    dtype = np.dtype(dtype if dtype == np.float32 else np.float64)
    if not max_iter >= 1 or (tol is not None and not tol > 0):
        raise DomainError(f"frechet_mean needs tol > 0 and max_iter >= 1, not {tol} and {max_iter}")
    tol = tol or (1e-7 if dtype == np.float32 else 1e-13)
    space = manifold.detach()
    given = (x, w, manifold.curvature)
    x, w = _cast(x, np.float64), w if np.ndim(w) == 0 else _cast(w, np.float64)
    mean = _solve(space, raw(x), raw(w), tol, max_iter)
    if is_grad_enabled() and any(isinstance(value, Tensor) and value.requires_grad for value in given):
        mean = _recorded(manifold, space, mean, x, w)
    mean = _cast(mean[..., 0, :], dtype)
    if dtype == np.float32:
        mean = space._inside(mean)
    return as_tensor(mean) if any(isinstance(value, Tensor) for value in given) else mean


def _cast(x: Any, dtype: Any) -> Any:
    return Cast.apply(x, dtype=dtype) if x.dtype != dtype else x


def _solve(space: Manifold, x: np.ndarray, w: np.ndarray, tol: float, max_iter: int) -> np.ndarray:
    """Return the means (..., 1, d)."""
    base = space._near_mean(x, w)
    v, scale, sign = _laid_out(space, base, space.logmap(base, x))
    w = np.broadcast_to(w, v.shape[:-1])
    q, residuals = KarcherMean.apply(v, w, scale, sign=sign, tol=tol, max_iter=max_iter)
    if np.any(residuals > tol):
        warnings.warn(
            f"frechet_mean stopped after {max_iter} iterations with a residual of {residuals.max():.3g}, which is more "
            f"than the tolerance {tol:g}",
            ConvergenceWarning,
            stacklevel=4,
        )
    return np.asarray(space.expmap(base, space._unframe(base, q[..., None, :])))


def _recorded(manifold: Manifold, space: Manifold, mean: np.ndarray, x: Any, w: Any) -> Any:
    logs = manifold.logmap(mean, x)
    v, scale, sign = _laid_out(space, mean, raw(logs))
    gradient = space._frame(mean, weighted_sum(logs, w))
    weights = np.broadcast_to(raw(w), v.shape[:-1])
    step = NewtonStep.apply(gradient[..., 0, :], v, weights, scale, sign=sign)
    return manifold.expmap(mean, space._unframe(mean, step[..., None, :]))


def _laid_out(space: Manifold, base: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Return tangent vectors at the base in a frame, their scale in radii of curvature, and the sign of -curvature."""
    v, scale = space._frame(base, v), space._basis_length(base)
    curvature = np.asarray(space._sectional)
    sign = -np.sign(curvature.flat[0])
    if not np.all(np.sign(curvature) == -sign):
        raise DomainError(f"frechet_mean needs constant curvature, and of one sign, but {space} has others")
    scale = scale * np.sqrt(np.abs(curvature)) if sign else scale
    return v, np.broadcast_to(scale, (*v.shape[:-2], 1))[..., 0], int(sign)

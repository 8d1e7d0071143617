"""The stereographic model of curvature k (Bachmann, Bécigneul and Ganea 2020; Skopek, Ganea and Bécigneul 2020).

The Poincaré ball's formulas in c = -k, which hold for either sign; tan_k and artan_k are |v| times tanhc and artanhc of
c|v|^2.
"""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from . import poincare
from ._common import kernels, numbers


def _of_k(formula: Callable[..., Any]) -> Callable[..., Any]:
    """Return a formula of the ball as one of k, its last operand."""

    def of_k(*operands: Any) -> Any:
        return formula(*operands[:-1], -operands[-1])

    names = [*list(inspect.signature(formula).parameters)[:-1], "k"]
    of_k.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in names]
    )
    of_k.__doc__ = f"{formula.__doc__[:-1]}, with c = -k."  # type: ignore[index]
    return of_k


def _dist(x: Any, y: Any, c: Any) -> Any:
    """The distance of -x + y from the origin."""
    return poincare._dist0(poincare._mobius_add(-x, y, c), c)


def _projx(x: Any, eps: Any, c: Any) -> Any:
    """The ball's projection for c > 0; x for c <= 0, where nothing lies outside."""
    ball = np.asarray(c) > 0
    inside = np.where(ball[..., None], x, 0.0)
    return np.where(ball[..., None], poincare._projx(inside, eps, np.where(ball, c, 1.0)), x + 0.0 * numbers(c)[0])


stereographic_dist, stereographic_dist_vjp = kernels(_of_k(_dist))
stereographic_projx, stereographic_projx_vjp = kernels(_of_k(_projx))
stereographic_lambda_x, stereographic_lambda_x_vjp = kernels(_of_k(poincare._lambda_x))
stereographic_dist0, stereographic_dist0_vjp = kernels(_of_k(poincare._dist0))
stereographic_inner, stereographic_inner_vjp = kernels(_of_k(poincare._inner))
stereographic_norm, stereographic_norm_vjp = kernels(_of_k(poincare._norm))
stereographic_egrad2rgrad, stereographic_egrad2rgrad_vjp = kernels(_of_k(poincare._egrad2rgrad))
stereographic_mobius_add, stereographic_mobius_add_vjp = kernels(_of_k(poincare._mobius_add))
stereographic_mobius_scalar_mul, stereographic_mobius_scalar_mul_vjp = kernels(_of_k(poincare._mobius_scalar_mul))
stereographic_gyration, stereographic_gyration_vjp = kernels(_of_k(poincare._gyration))
stereographic_transp, stereographic_transp_vjp = kernels(_of_k(poincare._transp))
stereographic_expmap0, stereographic_expmap0_vjp = kernels(_of_k(poincare._expmap0))
stereographic_logmap0, stereographic_logmap0_vjp = kernels(_of_k(poincare._logmap0))
stereographic_expmap, stereographic_expmap_vjp = kernels(_of_k(poincare._expmap))
stereographic_logmap, stereographic_logmap_vjp = kernels(_of_k(poincare._logmap))
stereographic_geodesic, stereographic_geodesic_vjp = kernels(_of_k(poincare._geodesic))

__all__ = [name for name in globals() if name.startswith("stereographic_")]

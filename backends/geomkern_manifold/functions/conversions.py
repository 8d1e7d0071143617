"""Points and tangent vectors taken from one model of hyperbolic space to another.

The kernels go straight between the Poincaré ball, Lorentz's model, Klein's ball and the polar chart, and between the
first two and the half-space. The remaining two pairs go through Lorentz's model, which has room for every radius that
they have; the ball has not.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from geomkern.errors import DomainError

from .arrays import raw
from .kernel import kernel_function

if TYPE_CHECKING:
    from ..manifolds.hyperbolic import HyperbolicManifold

__all__ = ["MODELS", "convert", "convert_tangent"]

MODELS = ("poincare", "lorentz", "klein", "half_space", "polar")
DISTANT = {("klein", "half_space"), ("polar", "half_space")}


def convert(x: Any, source: HyperbolicManifold, target: HyperbolicManifold | str) -> Any:
    r"""Return the same points in another model of the same hyperbolic space.

    With :math:`\rho = \sqrt c\,d(0, x)`, the models of curvature -c have the same origin and directions, and
    :math:`\sqrt c\,|x|` is :math:`\tanh(\rho/2)` in the Poincaré ball, :math:`\tanh\rho` in Klein's, :math:`\sinh\rho`
    in Lorentz's model and :math:`\rho` in the polar chart. The half-space is the image of the Poincaré ball under the
    Cayley map

    .. math::

        (s, y) = \frac{(2b', 1 - |b|^2)}{|b'|^2 + (1 - b_d)^2}, \qquad b = \sqrt c\,x = (b', b_d).

    The result is off by no more than the rounding of its own coordinates, at any distance from the origin.

    Parameters
    ----------
    x : array_like or Tensor, shape (..., d)
        Points of `source`.
    source : HyperbolicManifold
        Their model.
    target : HyperbolicManifold or str
        The other model, of the same curvature, or its name: "poincare", "lorentz", "klein", "half_space" or "polar".

    Returns
    -------
    ndarray or Tensor, shape (..., d)
        Differentiable in x and in the c of `source`.

    Raises
    ------
    DomainError
        If a point lies outside its model, there is no such model, or the curvatures differ.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import PoincareBall
    >>> from geomkern_manifold.functions.conversions import convert
    >>> convert(np.array([0.5, 0.0]), PoincareBall(c=1.0), "klein")
    array([0.8, 0. ])
    """
    for kernel in route(source, target):
        x = kernel_function(kernel)(x, source.c)
    return x


def convert_tangent(x: Any, v: Any, source: HyperbolicManifold, target: HyperbolicManifold | str) -> Any:
    """Return tangent vectors v at the points x of one model as they are in another; see :func:`convert`.

    This is the derivative of :func:`convert`, which keeps lengths and angles.

    Parameters
    ----------
    x : array_like or Tensor, shape (..., d)
        Points of `source`.
    v : array_like or Tensor, shape (..., d)
        Tangent vectors at x.
    source, target : HyperbolicManifold
        As for :func:`convert`.

    Returns
    -------
    ndarray or Tensor, shape (..., d)
        Tangent vectors at the converted points.

    Raises
    ------
    DomainError
        If a point lies outside its model, there is no such model, or the curvatures differ.
    """
    kernels = route(source, target)
    for step, kernel in enumerate(kernels, 1):
        v = kernel_function(f"{kernel}_tangent")(x, v, source.c)
        if step < len(kernels):
            x = kernel_function(kernel)(x, source.c)
    return v


def route(source: HyperbolicManifold, target: HyperbolicManifold | str) -> list[str]:
    """Return the names of the kernels that lead from one model to the other."""
    name = target if isinstance(target, str) else target.model
    if name not in MODELS:
        raise DomainError(f"convert needs one of the models {', '.join(MODELS)}, not {name!r}")
    if not isinstance(target, str) and not np.array_equal(raw(source.c), raw(target.c)):
        raise DomainError(
            f"convert keeps the curvature, but is asked to go from c = {source.c} to c = {target.c}; "
            "a change of curvature is a rescaling, which is the caller's to make"
        )
    stops = [source.model, name]
    if source.model == name:
        return []
    if (source.model, name) in DISTANT or (name, source.model) in DISTANT:
        stops.insert(1, "lorentz")
    return [f"{a}_to_{b}" for a, b in itertools.pairwise(stops)]

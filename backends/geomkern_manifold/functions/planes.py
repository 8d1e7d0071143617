"""Geodesic hyperplanes and ideal points: distances from them and from horospheres."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geomkern import Tensor
from geomkern.errors import DomainError

from .conversions import convert, convert_tangent
from .kernel import kernel_function

if TYPE_CHECKING:
    from ..manifolds.hyperbolic import HyperbolicManifold

__all__ = ["busemann", "dist2horosphere", "dist2plane"]

# The models with kernels of their own; the others go through Lorentz's.
PLANES = ("poincare", "lorentz", "half_space")
HOROSPHERES = ("poincare", "lorentz")


def dist2plane(space: HyperbolicManifold, x: Any, p: Any, a: Any, *, signed: bool = False, scaled: bool = False) -> Any:
    """Return the distance of x from the plane through p with the normal a; see `HyperbolicManifold.dist2plane`."""
    refuse_zero("dist2plane", "a normal vector a", a)
    if space.model in PLANES:
        distance = space._operate("dist2plane", x, p, a)
    else:
        ambient = (convert(x, space, "lorentz"), convert(p, space, "lorentz"), convert_tangent(p, a, space, "lorentz"))
        distance = kernel_function("lorentz_dist2plane")(*ambient, space.c)
    if not signed:
        distance = abs(distance)
    return distance * space.norm(p, a) if scaled else distance


def busemann(space: HyperbolicManifold, x: Any, ideal: Any) -> Any:
    """Return the Busemann function of an ideal point; see `HyperbolicManifold.busemann`."""
    refuse_zero("busemann", "a direction", ideal)
    if space.model in HOROSPHERES:
        return space._operate("busemann", x, ideal)
    return kernel_function("lorentz_busemann")(convert(x, space, "lorentz"), ideal, space.c)


def dist2horosphere(space: HyperbolicManifold, x: Any, p: Any, ideal: Any, *, signed: bool = False) -> Any:
    """Return the distance of x from a horosphere; see `HyperbolicManifold.dist2horosphere`."""
    difference = busemann(space, x, ideal) - busemann(space, p, ideal)
    return difference if signed else abs(difference)


def refuse_zero(operation: str, what: str, vector: Any) -> None:
    rows = np.asarray(vector.data if isinstance(vector, Tensor) else vector)
    if rows.ndim and rows.shape[-1] and np.any(np.all(rows == 0, axis=-1)):
        raise DomainError(f"{operation} needs {what} that is not zero")

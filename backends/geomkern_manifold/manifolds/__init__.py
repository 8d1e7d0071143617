"""Manifolds: the operations of a geometry, bound to its curvature."""

from .base import Manifold
from .curvature import BoundedCurvature
from .front import Hyperbolic
from .hyperbolic import HyperbolicManifold
from .lorentz import Lorentz
from .poincare import PoincareBall
from .product import ProductManifold
from .scaled import Scaled

__all__ = [
    "BoundedCurvature",
    "Hyperbolic",
    "HyperbolicManifold",
    "Lorentz",
    "Manifold",
    "PoincareBall",
    "ProductManifold",
    "Scaled",
]

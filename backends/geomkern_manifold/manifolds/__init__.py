"""Manifolds: the operations of a geometry, bound to its curvature."""

from .base import Manifold
from .constant import ConstantCurvature
from .curvature import BoundedCurvature
from .euclidean import Euclidean
from .front import Hyperbolic
from .hyperbolic import HyperbolicManifold
from .lorentz import Lorentz
from .poincare import PoincareBall
from .product import ProductManifold
from .scaled import Scaled
from .sphere import Sphere
from .stereographic import Stereographic

__all__ = [
    "BoundedCurvature",
    "ConstantCurvature",
    "Euclidean",
    "Hyperbolic",
    "HyperbolicManifold",
    "Lorentz",
    "Manifold",
    "PoincareBall",
    "ProductManifold",
    "Scaled",
    "Sphere",
    "Stereographic",
]

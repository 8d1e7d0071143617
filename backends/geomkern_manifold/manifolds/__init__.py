"""Manifolds: the operations of a geometry, bound to its curvature."""

from .ball import BallModel
from .base import Manifold
from .conformal import ConformalManifold
from .constant import ConstantCurvature
from .curvature import BoundedCurvature
from .euclidean import Euclidean
from .front import Hyperbolic
from .half_space import HalfSpace
from .hyperbolic import HyperbolicManifold
from .klein import Klein
from .lorentz import Lorentz
from .poincare import PoincareBall
from .polar import Polar
from .product import ProductManifold
from .scaled import Scaled
from .sphere import Sphere
from .stereographic import Stereographic

__all__ = [
    "BallModel",
    "BoundedCurvature",
    "ConformalManifold",
    "ConstantCurvature",
    "Euclidean",
    "HalfSpace",
    "Hyperbolic",
    "HyperbolicManifold",
    "Klein",
    "Lorentz",
    "Manifold",
    "PoincareBall",
    "Polar",
    "ProductManifold",
    "Scaled",
    "Sphere",
    "Stereographic",
]

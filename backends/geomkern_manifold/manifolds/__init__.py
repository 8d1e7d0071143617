"""Manifolds: the operations of a geometry, bound to its curvature."""

from .ball import BallModel
from .base import Manifold
from .conformal import ConformalManifold
from .half_space import HalfSpace
from .hyperbolic import HyperbolicManifold
from .klein import Klein
from .lorentz import Lorentz
from .poincare import PoincareBall
from .polar import Polar
from .product import ProductManifold
from .scaled import Scaled

__all__ = [
    "BallModel",
    "ConformalManifold",
    "HalfSpace",
    "HyperbolicManifold",
    "Klein",
    "Lorentz",
    "Manifold",
    "PoincareBall",
    "Polar",
    "ProductManifold",
    "Scaled",
]

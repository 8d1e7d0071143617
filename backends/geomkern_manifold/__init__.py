"""Hyperbolic geometry for geomkern: manifolds, layers, Riemannian optimisers and embeddings of hierarchies."""

from .layers import PoincareLinear
from .manifolds import BoundedCurvature, Hyperbolic, Lorentz, PoincareBall, ProductManifold, Scaled
from .optim import RiemannianAdam, RiemannianSGD

__all__ = [
    "BoundedCurvature",
    "Hyperbolic",
    "Lorentz",
    "PoincareBall",
    "PoincareLinear",
    "ProductManifold",
    "RiemannianAdam",
    "RiemannianSGD",
    "Scaled",
]

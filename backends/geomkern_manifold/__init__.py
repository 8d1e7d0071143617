"""Hyperbolic geometry for geomkern: manifolds, layers, Riemannian optimisers and embeddings of hierarchies."""

from .layers import PoincareLinear
from .manifolds import Euclidean, Lorentz, PoincareBall, ProductManifold, Scaled, Sphere, Stereographic
from .optim import RiemannianAdam, RiemannianSGD

__all__ = [
    "Euclidean",
    "Lorentz",
    "PoincareBall",
    "PoincareLinear",
    "ProductManifold",
    "RiemannianAdam",
    "RiemannianSGD",
    "Scaled",
    "Sphere",
    "Stereographic",
]

"""Hyperbolic geometry for geomkern: manifolds, layers, Riemannian optimisers and embeddings of hierarchies."""

from .layers import PoincareLinear
from .manifolds import Lorentz, PoincareBall, ProductManifold, Scaled
from .optim import RiemannianAdam, RiemannianSGD

__all__ = [
    "Lorentz",
from .manifolds import Euclidean, PoincareBall, ProductManifold, Scaled, Sphere, Stereographic
    "Euclidean",
    "PoincareBall",
    "PoincareLinear",
    "ProductManifold",
    "RiemannianAdam",
    "RiemannianSGD",
    "Scaled",
    "Sphere",
    "Stereographic",
]

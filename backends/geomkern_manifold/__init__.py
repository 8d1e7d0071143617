"""Hyperbolic geometry for geomkern: manifolds, layers, Riemannian optimisers and embeddings of hierarchies."""

from .layers import PoincareLinear
from .manifolds import PoincareBall, ProductManifold, Scaled
from .optim import RiemannianAdam, RiemannianLBFGS, RiemannianSGD

__all__ = [
    "PoincareBall",
    "PoincareLinear",
    "ProductManifold",
    "RiemannianAdam",
    "RiemannianLBFGS",
    "RiemannianSGD",
    "Scaled",
]

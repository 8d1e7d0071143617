"""Hyperbolic geometry for geomkern: manifolds, layers, Riemannian optimisers and embeddings of hierarchies."""

from .layers import PoincareLinear
from .manifolds import HalfSpace, Klein, Lorentz, PoincareBall, Polar, ProductManifold, Scaled
from .optim import RiemannianAdam, RiemannianSGD

__all__ = [
    "HalfSpace",
    "Klein",
    "Lorentz",
    "PoincareBall",
    "PoincareLinear",
    "Polar",
    "ProductManifold",
    "RiemannianAdam",
    "RiemannianSGD",
    "Scaled",
]

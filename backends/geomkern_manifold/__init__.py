"""Hyperbolic geometry for geomkern: manifolds, layers, Riemannian optimisers and embeddings of hierarchies."""

from .layers import PoincareLinear
from .manifolds import (
    BoundedCurvature,
    Euclidean,
    Hyperbolic,
    Lorentz,
    PoincareBall,
    ProductManifold,
    Scaled,
    Sphere,
    Stereographic,
)
from .optim import RiemannianAdam, RiemannianSGD

__all__ = [
    "BoundedCurvature",
    "Euclidean",
    "Hyperbolic",
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

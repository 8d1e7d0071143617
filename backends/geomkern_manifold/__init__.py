"""Hyperbolic geometry for geomkern: manifolds, layers, Riemannian optimisers and embeddings of hierarchies."""

from .layers import PoincareLinear
from .manifolds import (
    BoundedCurvature,
    Euclidean,
    HalfSpace,
    Hyperbolic,
    Klein,
    Lorentz,
    PoincareBall,
    Polar,
    ProductManifold,
    Scaled,
    Sphere,
    Stereographic,
)
from .optim import RiemannianAdam, RiemannianLBFGS, RiemannianSGD

__all__ = [
    "BoundedCurvature",
    "Euclidean",
    "HalfSpace",
    "Hyperbolic",
    "Klein",
    "Lorentz",
    "PoincareBall",
    "PoincareLinear",
    "Polar",
    "ProductManifold",
    "RiemannianAdam",
    "RiemannianLBFGS",
    "RiemannianSGD",
    "Scaled",
    "Sphere",
    "Stereographic",
]

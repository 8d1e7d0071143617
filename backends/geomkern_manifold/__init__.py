"""Hyperbolic geometry for geomkern: manifolds, layers, Riemannian optimisers and embeddings of hierarchies."""

from .layers import (
    HyperbolicBatchNorm,
    HyperbolicLinear,
    HyperbolicMLR,
    LorentzLinear,
    PoincareFC,
    UnidirectionalMLR,
)
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
    "HyperbolicBatchNorm",
    "HyperbolicLinear",
    "HyperbolicMLR",
    "Klein",
    "Lorentz",
    "LorentzLinear",
    "PoincareBall",
    "PoincareFC",
    "Polar",
    "ProductManifold",
    "RiemannianAdam",
    "RiemannianLBFGS",
    "RiemannianSGD",
    "Scaled",
    "Sphere",
    "Stereographic",
    "UnidirectionalMLR",
]

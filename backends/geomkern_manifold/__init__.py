"""Hyperbolic geometry for geomkern: manifolds, layers, Riemannian optimisers and embeddings of hierarchies."""

from .layers import PoincareLinear
from .manifolds import PoincareBall
from .optim import RiemannianAdam, RiemannianSGD

__all__ = ["PoincareBall", "PoincareLinear", "RiemannianAdam", "RiemannianSGD"]

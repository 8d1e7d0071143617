"""Hyperbolic geometry for geomkern: manifolds, layers, Riemannian optimisers and embeddings of hierarchies."""

from .layers import PoincareLinear
from .optim import RiemannianAdam, RiemannianSGD
from .poincare import PoincareBall

__all__ = ["PoincareBall", "PoincareLinear", "RiemannianAdam", "RiemannianSGD"]

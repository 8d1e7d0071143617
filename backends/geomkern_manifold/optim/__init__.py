"""Optimisers that follow the manifold of each parameter."""

from .adam import RiemannianAdam
from .sgd import RiemannianSGD

__all__ = ["RiemannianAdam", "RiemannianSGD"]

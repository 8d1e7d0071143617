"""Optimisers that follow the manifold of each parameter."""

from .adam import RiemannianAdam
from .lbfgs import RiemannianLBFGS
from .sgd import RiemannianSGD

__all__ = ["RiemannianAdam", "RiemannianLBFGS", "RiemannianSGD"]

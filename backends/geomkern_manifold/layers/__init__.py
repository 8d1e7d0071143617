"""Layers whose inputs, outputs or parameters live on a manifold."""

from .poincare_linear import PoincareLinear

__all__ = ["PoincareLinear"]

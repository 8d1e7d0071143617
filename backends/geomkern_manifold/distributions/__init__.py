"""Probability distributions on hyperbolic space."""

from .riemannian_normal import RiemannianNormal
from .uniform import UniformBall
from .wrapped_normal import WrappedNormal

__all__ = ["RiemannianNormal", "UniformBall", "WrappedNormal"]

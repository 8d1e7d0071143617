"""Angles between directions, as a backend of geomkern."""

from .functions import angle
from .layers import AngularPrototypes

__all__ = ["AngularPrototypes", "angle"]

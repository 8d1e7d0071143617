"""The kernel set of the CPU: compiled, multi-threaded, float32 and float64."""

from ._pairwise import *
from ._poincare import *

__all__ = sorted(name for name, value in globals().items() if callable(value) and not name.startswith("_"))

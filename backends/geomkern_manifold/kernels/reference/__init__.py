"""Every kernel in plain NumPy and float64: the readable definition, one module a geometry.

They are the oracle of the fast kernels' tests and the fallback of a device that lacks one. The forms are those of the
textbooks, good away from the boundary; the compiled kernels use forms that stay accurate up to it.
"""

from .optim import *
from .poincare import *
from .product import *

__all__ = sorted(name for name, value in globals().items() if callable(value) and not name.startswith("_"))

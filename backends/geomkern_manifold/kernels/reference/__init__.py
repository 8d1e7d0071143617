"""Every kernel in plain NumPy and float64: the readable definition, one module a geometry.

They are the oracle of the fast kernels' tests and the fallback of a device that lacks one. The forms are those of the
textbooks, good away from the boundary; the compiled kernels use forms that stay accurate up to it.
"""

from .conversions import *
from .euclidean import *
from .half_space import *
from .klein import *
from .layers import *
from .lorentz import *
from .means import *
from .optim import *
from .pairwise import *
from .planes import *
from .poincare import *
from .polar import *
from .product import *
from .sphere import *
from .stereographic import *

__all__ = sorted(name for name, value in globals().items() if callable(value) and not name.startswith("_"))

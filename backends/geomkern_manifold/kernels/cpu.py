"""The kernel set of the CPU: compiled, multi-threaded, float32 and float64."""

import inspect

from ._pairwise import *
from ._poincare_gyro import *
from ._poincare_maps import *
from ._poincare_metric import *

__all__ = sorted(name for name, value in globals().items() if inspect.isroutine(value) and not name.startswith("_"))

"""The kernel set of the CPU: compiled, multi-threaded, float32 and float64."""

from ._poincare_gyro import *  # noqa: F403
from ._poincare_maps import *  # noqa: F403
from ._poincare_metric import *  # noqa: F403

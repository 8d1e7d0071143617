"""The conformance kit: what a backend's functions, layers and kernels must do, as checks that name what failed.

A check returns None, or raises a :class:`ConformanceError` that says which of them failed, for what, and how.
"""

from ._backend import BackendCases, check_backend
from ._errors import ConformanceError
from ._function import check_function
from ._kernels import KernelCase, check_kernels
from ._layer import check_layer

__all__ = [
    "BackendCases",
    "ConformanceError",
    "KernelCase",
    "check_backend",
    "check_function",
    "check_kernels",
    "check_layer",
]

"""Geometry-aware layers on NumPy arrays, with automatic differentiation.

Examples
--------
>>> import numpy as np
>>> import geomkern as gk
>>> x = gk.tensor([3.0, 4.0], requires_grad=True)
>>> norm = gk.sqrt(gk.sum(x * x))
>>> norm.backward()
>>> x.grad
tensor([0.6, 0.8])
"""

import importlib
from types import ModuleType
from typing import TYPE_CHECKING

from . import autograd, backends, devices, errors, ops
from ._version import __version__
from .autograd import custom_op, enable_grad, grad, gradcheck, is_grad_enabled, no_grad, value_and_grad
from .config import config, get_num_threads, manual_seed, set_default_dtype, set_num_threads
from .io import load, save
from .ops import *  # noqa: F403
from .tensor import Tensor, as_tensor, tensor

if TYPE_CHECKING:
    from . import nn, optim, testing

_LAZY = ("nn", "optim", "testing")

__all__ = [
    "Tensor",
    "__version__",
    "as_tensor",
    "autograd",
    "backends",
    "config",
    "custom_op",
    "devices",
    "enable_grad",
    "errors",
    "get_num_threads",
    "grad",
    "gradcheck",
    "is_grad_enabled",
    "load",
    "manual_seed",
    "nn",
    "no_grad",
    "optim",
    "save",
    "set_default_dtype",
    "set_num_threads",
    "tensor",
    "testing",
    "value_and_grad",
    *ops.__all__,
]


def __getattr__(name: str) -> ModuleType:
    if name in _LAZY:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})

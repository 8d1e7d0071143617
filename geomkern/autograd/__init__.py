"""Automatic differentiation: the tape, the functions that are recorded on it, and what is built from them."""

from ._elementwise import Elementwise
from ._function import Function
from ._modes import enable_grad, no_grad
from ._tape import is_grad_enabled
from .checking import gradcheck, numeric_gradient
from .rows import RowGradient
from .transforms import custom_op, grad, value_and_grad

__all__ = [
    "Elementwise",
    "Function",
    "RowGradient",
    "custom_op",
    "enable_grad",
    "grad",
    "gradcheck",
    "is_grad_enabled",
    "no_grad",
    "numeric_gradient",
    "value_and_grad",
]

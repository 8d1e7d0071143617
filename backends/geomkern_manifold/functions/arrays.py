"""What may be given for an operand: arrays, tensors, numbers, and lists of them."""

from typing import Any

import numpy as np

from geomkern import Tensor

__all__ = ["number", "raw"]


def number(x: Any) -> Any:
    """Return what arithmetic takes for a number of x, which need not be an array."""
    return np.asarray(x) if isinstance(x, list | tuple) else x


def raw(x: Any) -> Any:
    """Return the array of a tensor, and anything else as an array."""
    return x.data if isinstance(x, Tensor) else np.asarray(x)

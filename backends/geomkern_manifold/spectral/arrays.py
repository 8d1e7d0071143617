"""What the spectral tools compute with: float64 arrays, and the type that the result goes back to."""

from typing import Any

import numpy as np

from geomkern.errors import DomainError, DTypeError, ShapeError

__all__ = ["as_double", "last_axis", "positive"]


def as_double(name: str, x: Any) -> tuple[np.ndarray, np.dtype]:
    """Return real numbers as float64, and the type of a result made from them: float32 for float32, else float64."""
    x = np.asarray(x)
    if x.dtype.kind not in "biuf":
        raise DTypeError(f"{name} needs real numbers, not {x.dtype}")
    return x.astype(np.float64, copy=False), np.dtype(np.float32 if x.dtype == np.float32 else np.float64)


def last_axis(name: str, x: np.ndarray, least: int) -> None:
    """Raise a ShapeError unless the last axis of x has at least so many elements."""
    if not x.ndim or x.shape[-1] < least:
        raise ShapeError(f"{name} needs a last axis of at least {least} elements, got shape {x.shape}")


def positive(name: str, what: str, value: Any) -> None:
    """Raise a DomainError unless all numbers are positive and finite; NaN passes."""
    if np.any(np.less_equal(value, 0) | np.isinf(value)):
        raise DomainError(f"{name} needs a positive and finite {what}, got {value}")

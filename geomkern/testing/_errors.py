"""The error of a failed check, and the comparison that most of them make."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import GeomkernError

__all__ = ["ConformanceError", "compare", "demand"]


class ConformanceError(GeomkernError, AssertionError):
    """A function, layer or kernel does not do what geomkern's rules ask of it."""


def demand(condition: bool, message: str) -> None:
    """Raise a ConformanceError unless the condition holds."""
    if not condition:
        raise ConformanceError(message)


def compare(got: Any, expected: Any, rtol: float, atol: float, what: str) -> None:
    """Raise a ConformanceError that names the worst element, unless two arrays agree; NaN agrees with NaN."""
    got, expected = np.asarray(got), np.asarray(expected)
    demand(got.shape == expected.shape, f"{what}: the shape is {got.shape}, expected {expected.shape}")
    close = np.isclose(got, expected, rtol=rtol, atol=atol, equal_nan=True)
    if close.all():
        return
    worst = np.unravel_index(np.argmax(np.where(close, -1.0, _distance(got, expected))), got.shape)
    raise ConformanceError(
        f"{what}: {(~close).sum()} of {close.size} elements differ; at {tuple(map(int, worst))} got {got[worst]!r}, "
        f"expected {expected[worst]!r} (rtol {rtol:g}, atol {atol:g})"
    )


def _distance(got: np.ndarray, expected: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(np.abs(got.astype(np.float64) - expected), nan=np.inf, posinf=np.inf)

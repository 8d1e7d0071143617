"""The models of hyperbolic space."""

from __future__ import annotations

from typing import Any

import numpy as np

from geomkern.errors import DomainError

from .constant import ConstantCurvature

__all__ = ["HyperbolicManifold"]


class HyperbolicManifold(ConstantCurvature):
    """A model of hyperbolic space of curvature -c.

    Parameters
    ----------
    c : float, array_like or Tensor
        Minus the curvature, positive. It is kept as it is given. A tensor that requires a gradient learns; an array has
        one curvature for each point and must broadcast to their leading shape.

    Attributes
    ----------
    c : float, ndarray or Tensor
        As given.

    Raises
    ------
    DomainError
        If c is not positive and finite.
    DTypeError
        If c is not made of real numbers.
    """

    c: Any

    def __init__(self, c: Any = 1.0) -> None:
        super().__init__(c)

    def _check_values(self, values: np.ndarray, given: Any) -> None:
        if not np.all((values > 0) & (values < np.inf)):
            raise DomainError(
                f"{type(self).__name__} has curvature -c with c > 0 and finite, but c is {given}; "
                "Stereographic(k) has curvatures of either sign"
            )

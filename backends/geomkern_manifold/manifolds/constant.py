"""What the manifolds of constant curvature have in common: a number that sets it."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np

from geomkern import Tensor
from geomkern.errors import DTypeError

from .base import Manifold

__all__ = ["ConstantCurvature"]


class ConstantCurvature(Manifold):
    """A manifold whose curvature is set by one number, or one for each point.

    Parameters
    ----------
    value : float, array_like or Tensor
        The number. It is kept as it is given, under the name :attr:`parameter`. A tensor that requires a gradient
        learns; an array has one number for each point and must broadcast to their leading shape.

    Raises
    ------
    DomainError
        If the number is not one that the manifold has.
    DTypeError
        If it is not made of real numbers.
    """

    parameter: ClassVar[str] = "c"

    def __init__(self, value: Any) -> None:
        values = np.asarray(value.data if isinstance(value, Tensor) else value)
        if values.dtype.kind not in "iuf":
            raise DTypeError(
                f"{type(self).__name__} needs a real number or an array of them for {self.parameter}, not {value!r}"
            )
        self._check_values(values, value)
        setattr(self, self.parameter, values.astype(np.float64) if isinstance(value, list | tuple) else value)

    def _check_values(self, values: np.ndarray, given: Any) -> None:
        """Raise a DomainError if there is no such manifold."""
        raise NotImplementedError

    @property
    def curvature(self) -> Any:
        """The number, array or tensor that sets the curvature."""
        return getattr(self, self.parameter)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.parameter}={self.curvature})"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and np.array_equal(self.curvature, other.curvature)

    def __hash__(self) -> int:
        return hash(type(self))

    def detach(self) -> Self:
        """Return the manifold of the same curvature that does not learn, which keeps arrays off the tape."""
        return type(self)(self.curvature.data) if isinstance(self.curvature, Tensor) else self

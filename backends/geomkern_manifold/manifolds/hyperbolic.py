"""The models of hyperbolic space."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from geomkern import Tensor
from geomkern.errors import DomainError, DTypeError

from .base import Manifold

__all__ = ["HyperbolicManifold"]


class HyperbolicManifold(Manifold):
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

    def __init__(self, c: Any = 1.0) -> None:
        name = type(self).__name__
        values = np.asarray(c.data if isinstance(c, Tensor) else c)
        if values.dtype.kind not in "iuf":
            raise DTypeError(f"{name} needs a real number or an array of them for c, not {c!r}")
        if not np.all((values > 0) & (values < np.inf)):
            raise DomainError(
                f"{name} has curvature -c with c > 0 and finite, but c is {c}; "
                "Stereographic(k) has curvatures of either sign"
            )
        self.c = values.astype(np.float64) if isinstance(c, list | tuple) else c

    @property
    def curvature(self) -> Any:
        """Minus the curvature, c."""
        return self.c

    def __repr__(self) -> str:
        return f"{type(self).__name__}(c={self.c})"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and np.array_equal(self.c, other.c)

    def __hash__(self) -> int:
        return hash(type(self))

    def detach(self) -> Self:
        """Return the model of the same curvature that does not learn, which keeps arrays off the tape."""
        return type(self)(self.c.data) if isinstance(self.c, Tensor) else self

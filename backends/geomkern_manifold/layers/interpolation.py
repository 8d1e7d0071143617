"""Points on the geodesic between two others."""

from __future__ import annotations

from typing import Any

import numpy as np

from geomkern.nn import Parameter

from ..manifolds import Manifold
from .base import ManifoldLayer

__all__ = ["GeodesicInterp"]


class GeodesicInterp(ManifoldLayer):
    r"""The point at time t of the geodesic from u to v.

    .. math:: y = u \oplus_c \bigl(t \otimes_c (\ominus u \oplus_c v)\bigr)

    in the Poincaré ball; the same geodesic on any manifold.

    Parameters
    ----------
    manifold : Manifold or float
        Where the points live; a number is the c of a :class:`PoincareBall`.
    t : float or array_like
        The time, of any sign and size, one or one for each point.
    learn_t : bool
        Whether t is a parameter.

    Attributes
    ----------
    t : Parameter, float or ndarray
        The time.

    References
    ----------
    Ungar, A. (2008). *Analytic Hyperbolic Geometry and Albert Einstein's Special Theory of Relativity*.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold.layers import GeodesicInterp
    >>> GeodesicInterp(1.0, t=0.5)(np.array([0.5, 0.0]), np.array([-0.5, 0.0]))
    array([0., 0.])
    """

    def __init__(self, manifold: Manifold | float = 1.0, t: Any = 0.5, *, learn_t: bool = False) -> None:
        super().__init__(manifold)
        self.t = Parameter(t) if learn_t else np.asarray(t) if np.ndim(t) else t

    def forward(self, u: Any, v: Any) -> Any:
        """Return the points between u and v, shape (..., d)."""
        return self.manifold.geodesic(self.t, u, v)

    def extra_repr(self) -> str:
        """Return what the repr says of this layer."""
        return f"{self.manifold}, t={self.t}"

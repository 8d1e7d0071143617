"""From flat features to points of a manifold, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from geomkern.errors import DomainError
from geomkern.nn import Parameter

from ..manifolds import Manifold
from .base import ManifoldLayer

__all__ = ["FromManifold", "ToManifold"]


class ToManifold(ManifoldLayer):
    r"""Take features for tangent vectors at the origin and go where they lead, :math:`\exp_0(s\,x)`.

    Parameters
    ----------
    manifold : Manifold or float
        Where the points live; a number is the c of a :class:`PoincareBall`.
    scale : float
        The factor s.
    learn_scale : bool
        Whether s is a parameter.

    Raises
    ------
    DomainError
        If scale is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import PoincareBall
    >>> from geomkern_manifold.layers import FromManifold, ToManifold
    >>> x, ball = np.array([0.3, -2.0]), PoincareBall()
    >>> np.allclose(FromManifold(ball)(ToManifold(ball)(x)), x)
    True
    """

    def __init__(self, manifold: Manifold | float = 1.0, scale: float = 1.0, *, learn_scale: bool = False) -> None:
        super().__init__(manifold)
        if not scale > 0:
            raise DomainError(f"ToManifold needs a positive scale, not {scale}")
        self.scale = Parameter(scale) if learn_scale else scale

    def forward(self, x: Any) -> Any:
        """Map features of shape (..., d) to points of shape (..., d)."""
        return self.manifold.expmap0((np.asarray(x) if isinstance(x, list | tuple) else x) * self.scale)


class FromManifold(ManifoldLayer):
    r"""Return the tangent vectors at the origin that lead to the points, :math:`\log_0(x)`.

    Parameters
    ----------
    manifold : Manifold or float
        Where the points live; a number is the c of a :class:`PoincareBall`.
    """

    def forward(self, x: Any) -> Any:
        """Map points of shape (..., d) to features of shape (..., d)."""
        return self.manifold.logmap0(x)

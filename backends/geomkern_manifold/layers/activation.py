"""Nonlinear maps from points to points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from geomkern.config import config
from geomkern.errors import DomainError
from geomkern.nn import Parameter
from geomkern.nn.functional import relu, softmax

from ..manifolds import Manifold
from .base import ManifoldLayer

__all__ = ["AnchorGeodesicActivation", "TangentActivation"]


class TangentActivation(ManifoldLayer):
    r"""Apply a function in the tangent space at the origin, :math:`\exp_0(f(\log_0 x))`.

    Parameters
    ----------
    manifold : Manifold or float
        Where the points live; a number is the c of a :class:`PoincareBall`.
    function : callable
        Of arrays and of tensors; relu if not given.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold.layers import TangentActivation
    >>> TangentActivation(1.0)(np.array([0.5, -0.5])).round(6)
    array([0.55337, 0.     ])
    """

    def __init__(self, manifold: Manifold | float = 1.0, function: Callable[[Any], Any] = relu) -> None:
        super().__init__(manifold)
        self.function = function

    def forward(self, x: Any) -> Any:
        """Map points of shape (..., d) to points of that shape."""
        return self.manifold.expmap0(self.function(self.manifold.logmap0(x)))


class AnchorGeodesicActivation(ManifoldLayer):
    r"""Draw each point some way towards learnt anchors, the more the nearer they are.

    .. math::

        \alpha_k = \operatorname{softmax}_k(-d(x, a_k)/\tau), \qquad
        y = \operatorname{midpoint}\bigl(\gamma(x, a_1, t_1), \dots, \gamma(x, a_K, t_K);\, \alpha\bigr)

    where :math:`\gamma(x, a, t)` is the point at time t of the geodesic from x to a. For t = 0 it does nothing.

    Parameters
    ----------
    features : int
        Coordinates of the points.
    anchors : int
        How many anchors there are, K.
    manifold : HyperbolicManifold or float
        Where the points live; a number is the c of a :class:`PoincareBall`.
    temperature : float
        The initial :math:`\tau`, which is learnt.
    t : float
        The initial time of each geodesic, learnt too.
    dtype : dtype, optional
        Type of the parameters; the default type if None.
    rng : int, numpy.random.Generator or None
        Draws the initial anchors.

    Raises
    ------
    DomainError
        If there is no anchor, or the temperature is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import PoincareBall
    >>> from geomkern_manifold.layers import AnchorGeodesicActivation
    >>> x = np.array([[0.5, -0.5]])
    >>> np.allclose(AnchorGeodesicActivation(2, 3, t=0.0, rng=0)(x), x)
    True
    """

    def __init__(
        self,
        features: int,
        anchors: int,
        manifold: Manifold | float = 1.0,
        temperature: float = 1.0,
        t: float = 0.5,
        *,
        dtype: Any = None,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        super().__init__(manifold)
        if features < 1 or anchors < 1:
            raise DomainError(f"AnchorGeodesicActivation needs features and anchors, not {features} and {anchors}")
        if not temperature > 0:
            raise DomainError(f"AnchorGeodesicActivation needs a positive temperature, not {temperature}")
        dtype = dtype or config.default_dtype
        self.anchors = Parameter(self.manifold.random(anchors, features, dtype=dtype, rng=rng), manifold=self.manifold)
        self.t = Parameter(np.full(anchors, t, dtype))
        self.log_temperature = Parameter(np.log(np.asarray(temperature, dtype)))

    def forward(self, x: Any) -> Any:
        """Map points of shape (..., features) to points of that shape."""
        points = (np.asarray(x) if isinstance(x, list | tuple) else x)[..., None, :]
        nearness = softmax(-self.manifold.dist(points, self.anchors) * np.exp(-self.log_temperature), -1)
        return self.manifold.einstein_midpoint(self.manifold.geodesic(self.t, points, self.anchors), nearness)

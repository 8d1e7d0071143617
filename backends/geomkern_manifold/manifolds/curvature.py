"""A curvature that learns and stays between bounds."""

from __future__ import annotations

from typing import Any

import numpy as np

from geomkern.config import config
from geomkern.errors import DomainError
from geomkern.nn import Layer, Parameter

__all__ = ["BoundedCurvature"]


class BoundedCurvature(Layer):
    r"""A learnable curvature -c that no step of an optimiser takes out of its bounds.

    The parameter theta is any number, and :math:`c = c_{\min} + (c_{\max} - c_{\min})\,\sigma(\theta)` with the sigmoid
    function.

    Parameters
    ----------
    c_min, c_max : float
        The bounds, :math:`0 < c_{\min} < c_{\max}`.
    initial : float, array_like or None
        The value at first, strictly between the bounds; halfway if None.
    shape : tuple of int
        One number, (), or several: one for each row or channel, as leading axes of the points.
    dtype : dtype, optional
        Type of the parameter; the default type if None.

    Attributes
    ----------
    theta : Parameter, shape `shape`
        What is learnt.

    Raises
    ------
    DomainError
        If the bounds are not positive and in order, or `initial` is not between them.

    Examples
    --------
    Make the manifold anew in every forward pass, so that the gradient reaches theta:

    >>> import numpy as np
    >>> import geomkern as gk
    >>> from geomkern_manifold import BoundedCurvature, PoincareBall
    >>> class Radius(gk.nn.Layer):
    ...     def __init__(self):
    ...         self.curvature = BoundedCurvature(0.1, 2.0, initial=1.0)
    ...     def forward(self, x):
    ...         return PoincareBall(self.curvature()).dist0(x)
    >>> layer = Radius()
    >>> layer(np.array([[0.3, 0.4]])).sum().backward()
    >>> layer.curvature.theta.grad is not None
    True
    """

    def __init__(
        self, c_min: float, c_max: float, initial: Any = None, shape: tuple[int, ...] = (), *, dtype: Any = None
    ) -> None:
        super().__init__()
        if not 0 < c_min < c_max < np.inf:
            raise DomainError(f"BoundedCurvature needs bounds 0 < c_min < c_max, not {c_min} and {c_max}")
        start = np.asarray(0.5 * (c_min + c_max) if initial is None else initial, np.float64)
        if not np.all((start > c_min) & (start < c_max)):
            raise DomainError(f"BoundedCurvature needs an initial c between {c_min} and {c_max}, not {initial}")
        self.c_min, self.c_max = float(c_min), float(c_max)
        logit = np.log((start - c_min) / (c_max - start))
        self.theta = Parameter(np.broadcast_to(logit, shape).astype(dtype or config.default_dtype))

    def forward(self) -> Any:
        """Return c, a tensor of the shape of theta."""
        return self.c_min + (self.c_max - self.c_min) * self.theta.sigmoid()

"""Layers on directions."""

from typing import Any

import numpy as np

from geomkern.config import config
from geomkern.errors import DomainError
from geomkern.nn import Layer, Parameter

from .functions import angle

__all__ = ["AngularPrototypes"]


class AngularPrototypes(Layer):
    """A classifier by direction: the nearer a class's prototype in angle, the larger its logit.

    Parameters
    ----------
    features : int
        Dimension of the inputs.
    classes : int
        Number of prototypes.
    scale : float
        What one radian takes off a logit.
    rng : int, numpy.random.Generator or None
        Draws the prototypes.

    Attributes
    ----------
    weight : Parameter, shape (classes, features)
        The prototypes. Only their directions matter.

    Raises
    ------
    DomainError
        If `features` or `classes` is less than one.

    Examples
    --------
    >>> import numpy as np
    >>> layer = AngularPrototypes(3, classes=5, rng=0)
    >>> layer(np.ones((2, 3), np.float32)).shape
    (2, 5)
    """

    def __init__(
        self, features: int, classes: int, scale: float = 1.0, rng: int | np.random.Generator | None = None
    ) -> None:
        super().__init__()
        if features < 1 or classes < 1:
            raise DomainError(f"AngularPrototypes needs features and classes of at least 1, not {features}, {classes}")
        self.scale = scale
        draw = config.generator(rng).standard_normal((classes, features))
        self.weight = Parameter(draw.astype(config.default_dtype))

    def forward(self, x: Any) -> Any:
        """Return the logits, shape (..., classes), of inputs of shape (..., features)."""
        return -self.scale * angle(x[..., None, :], self.weight)

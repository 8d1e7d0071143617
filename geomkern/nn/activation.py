"""Activations as layers."""

from typing import Any

from ..ops.elementwise import relu, tanh
from .layer import Layer

__all__ = ["ReLU", "Tanh"]


class ReLU(Layer):
    """The positive part of each number.

    Examples
    --------
    >>> import numpy as np
    >>> import geomkern as gk
    >>> gk.nn.ReLU()(np.array([-1.0, 2.0]))
    array([0., 2.])
    """

    def forward(self, x: Any) -> Any:
        """Return the positive part of `x`."""
        return relu(x)


class Tanh(Layer):
    """The hyperbolic tangent of each number.

    Examples
    --------
    >>> import numpy as np
    >>> import geomkern as gk
    >>> gk.nn.Tanh()(np.array([-1.0, 0.0])).round(4)
    array([-0.7616,  0.    ])
    """

    def forward(self, x: Any) -> Any:
        """Return the hyperbolic tangent of `x`."""
        return tanh(x)

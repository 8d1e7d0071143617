"""What the layers on manifolds have in common."""

from __future__ import annotations

from typing import Any

from geomkern.nn import Layer

from ..manifolds import Manifold, PoincareBall

__all__ = ["ManifoldLayer"]


class ManifoldLayer(Layer):
    """A layer whose points live on a manifold.

    Parameters
    ----------
    manifold : Manifold or float
        The manifold; a number is the c of a :class:`PoincareBall`. What learns in it (a curvature that is a
        :class:`~geomkern.nn.Parameter`, say) is a parameter of the layer under the name that it has there.

    Attributes
    ----------
    manifold : Manifold
        As given.
    """

    def __init__(self, manifold: Manifold | float = 1.0) -> None:
        super().__init__()
        self.manifold: Any = manifold if isinstance(manifold, Manifold) else PoincareBall(manifold)
        for name, parameter in self.manifold.named_parameters():
            setattr(self, name, parameter)

    def extra_repr(self) -> str:
        """Return what the repr says of this layer."""
        return repr(self.manifold)

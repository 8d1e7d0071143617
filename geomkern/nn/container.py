"""Layers made of layers."""

from collections.abc import Iterator
from typing import Any

from ..errors import DTypeError
from .layer import Layer

__all__ = ["Sequential"]


class Sequential(Layer):
    """Layers one after the other.

    Parameters
    ----------
    *layers : Layer
        Their names are "0", "1" and so on.

    Examples
    --------
    >>> import geomkern as gk
    >>> net = gk.nn.Sequential(gk.nn.Linear(4, 8), gk.nn.Tanh(), gk.nn.Linear(8, 1))
    >>> net
    Sequential(
      (0): Linear(in_features=4, out_features=8, bias=True)
      (1): Tanh()
      (2): Linear(in_features=8, out_features=1, bias=True)
    )
    >>> net[-1].out_features
    1
    """

    def __init__(self, *layers: Layer) -> None:
        for number, layer in enumerate(layers):
            if not isinstance(layer, Layer):
                raise DTypeError(f"Sequential needs layers, not {type(layer).__name__}")
            setattr(self, str(number), layer)

    def _entries(self) -> list[Layer]:
        """Return the layers in order; one that stands at several places is there several times."""
        return [value for value in vars(self).values() if isinstance(value, Layer)]

    def forward(self, x: Any) -> Any:
        """Pass `x` through every layer."""
        for layer in self._entries():
            x = layer(x)
        return x

    def __len__(self) -> int:
        return len(self._entries())

    def __iter__(self) -> Iterator[Layer]:
        return iter(self._entries())

    def __getitem__(self, index: int | slice) -> Any:
        chosen = self._entries()[index]
        return Sequential(*chosen) if isinstance(chosen, list) else chosen

"""A tensor that a layer learns."""

from typing import Any

from ..tensor import Tensor, as_tensor

__all__ = ["Parameter"]


class Parameter(Tensor):
    """A leaf tensor that layers register and optimisers move, perhaps on a manifold.

    Parameters
    ----------
    data : array_like or Tensor
        The initial values. An array of floats shares its memory with the parameter; Python numbers, and lists of
        them, take the default data type.
    manifold : object, optional
        Where the values live: any object with the methods ``egrad2rgrad``, ``retr`` and ``projx``. Optimisers ask for
        it, and one that cannot follow it refuses the parameter.
    requires_grad : bool
        Whether gradients are recorded.

    Attributes
    ----------
    manifold : object or None
        As given.

    Raises
    ------
    AutogradError
        If a gradient is required of values that are not float32 or float64.

    Examples
    --------
    >>> import geomkern as gk
    >>> weight = gk.nn.Parameter([1.0, 2.0])
    >>> weight.requires_grad, weight.manifold
    (True, None)
    """

    def __init__(self, data: Any, manifold: Any = None, requires_grad: bool = True) -> None:
        super().__init__(as_tensor(data).data, requires_grad)
        self.manifold = manifold

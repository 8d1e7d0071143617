"""Layers: parameters, buffers and a forward."""

from typing import Any

from .. import backends
from ..errors import DomainError
from . import functional, init
from .activation import ReLU, Tanh
from .container import Sequential
from .embedding import Embedding
from .layer import Layer
from .linear import Linear
from .loss import CrossEntropyLoss, MSELoss
from .parameter import Parameter

__all__ = [
    "CrossEntropyLoss",
    "Embedding",
    "Layer",
    "Linear",
    "MSELoss",
    "Parameter",
    "ReLU",
    "Sequential",
    "Tanh",
    "create",
    "functional",
    "init",
]

LAYERS = {kind.__name__: kind for kind in (CrossEntropyLoss, Embedding, Linear, MSELoss, ReLU, Sequential, Tanh)}


def create(path: str, *args: Any, **options: Any) -> Any:
    """Create a layer by name.

    Parameters
    ----------
    path : str
        The name of a core layer, such as ``"Linear"``, or ``"<backend>.<layer>"``, such as
        ``"manifold.PoincareLinear"``.
    *args, **options
        Passed to the layer.

    Raises
    ------
    DomainError
        If the core has no such layer.
    BackendUnavailable
        If the backend or its layer is not there, or does not load.

    Examples
    --------
    >>> import geomkern as gk
    >>> gk.nn.create("Linear", 8, 4)
    Linear(in_features=8, out_features=4, bias=True)
    """
    if "." in path:
        return backends.create(path, *args, **options)
    if path not in LAYERS:
        raise DomainError(
            f"create needs one of {', '.join(LAYERS)} or the name of a backend's layer with a dot, not {path!r}"
        )
    return LAYERS[path](*args, **options)

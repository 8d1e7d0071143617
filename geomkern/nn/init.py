"""Initial values of parameters: each function fills a tensor in place and returns it."""

import math

import numpy as np

from ..config import config
from ..errors import ShapeError
from ..tensor import Tensor

__all__ = [
    "constant_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "normal_",
    "ones_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]

Rng = int | np.random.Generator | None


def _filled(tensor: Tensor, values: np.ndarray | float) -> Tensor:
    tensor.data[...] = values
    tensor._touched()
    return tensor


def _fans(operation: str, tensor: Tensor) -> tuple[int, int]:
    """Return how many inputs feed an output of a weight ``(out, in, ...)``, and how many outputs an input feeds."""
    if tensor.ndim < 2:
        raise ShapeError(f"{operation} needs a weight of at least two axes (out, in, ...), not shape {tensor.shape}")
    window = math.prod(tensor.shape[2:])
    return tensor.shape[1] * window, tensor.shape[0] * window


def constant_(tensor: Tensor, value: float) -> Tensor:
    """Fill with one value."""
    return _filled(tensor, value)


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with zeros."""
    return _filled(tensor, 0.0)


def ones_(tensor: Tensor) -> Tensor:
    """Fill with ones."""
    return _filled(tensor, 1.0)


def uniform_(tensor: Tensor, low: float = 0.0, high: float = 1.0, *, rng: Rng = None) -> Tensor:
    """Draw from the uniform distribution on [low, high).

    Examples
    --------
    >>> import geomkern as gk
    >>> weight = gk.nn.init.uniform_(gk.tensor([[0.0, 0.0], [0.0, 0.0]]), -0.1, 0.1, rng=0)
    >>> bool(abs(weight.data).max() <= 0.1)
    True
    """
    return _filled(tensor, config.generator(rng).uniform(low, high, tensor.shape))


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, *, rng: Rng = None) -> Tensor:
    """Draw from the normal distribution."""
    return _filled(tensor, config.generator(rng).normal(mean, std, tensor.shape))


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, *, rng: Rng = None) -> Tensor:
    r"""Draw from the uniform distribution of variance :math:`2 \text{gain}^2 / (\text{in} + \text{out})`.

    References
    ----------
    Glorot and Bengio (2010), Understanding the difficulty of training deep feedforward neural networks.
    """
    bound = gain * math.sqrt(6.0 / max(sum(_fans("xavier_uniform_", tensor)), 1))
    return uniform_(tensor, -bound, bound, rng=rng)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, *, rng: Rng = None) -> Tensor:
    r"""Draw from the normal distribution of variance :math:`2 \text{gain}^2 / (\text{in} + \text{out})`.

    References
    ----------
    Glorot and Bengio (2010), Understanding the difficulty of training deep feedforward neural networks.
    """
    std = gain * math.sqrt(2.0 / max(sum(_fans("xavier_normal_", tensor)), 1))
    return normal_(tensor, 0.0, std, rng=rng)


def kaiming_uniform_(tensor: Tensor, a: float = 0.0, *, rng: Rng = None) -> Tensor:
    r"""Draw from the uniform distribution of variance :math:`2 / ((1 + a^2) \text{in})`.

    `a` is the slope of the rectifier for negative values.

    References
    ----------
    He, Zhang, Ren and Sun (2015), Delving deep into rectifiers.
    """
    fan_in, _ = _fans("kaiming_uniform_", tensor)
    bound = math.sqrt(6.0 / ((1.0 + a * a) * max(fan_in, 1)))
    return uniform_(tensor, -bound, bound, rng=rng)


def kaiming_normal_(tensor: Tensor, a: float = 0.0, *, rng: Rng = None) -> Tensor:
    r"""Draw from the normal distribution of variance :math:`2 / ((1 + a^2) \text{in})`; `a` as for the uniform one.

    References
    ----------
    He, Zhang, Ren and Sun (2015), Delving deep into rectifiers.
    """
    fan_in, _ = _fans("kaiming_normal_", tensor)
    return normal_(tensor, 0.0, math.sqrt(2.0 / ((1.0 + a * a) * max(fan_in, 1))), rng=rng)

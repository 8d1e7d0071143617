"""The affine map of the last axis."""

import math
from typing import Any

import numpy as np

from ..autograd import Function
from ..config import config
from ..errors import DomainError, ShapeError
from . import init
from .layer import Layer
from .parameter import Parameter

__all__ = ["Linear", "linear"]


def _rows(x: np.ndarray) -> np.ndarray:
    return x if x.ndim == 2 else x.reshape(math.prod(x.shape[:-1]), x.shape[-1])


def _plus(out: np.ndarray, bias: np.ndarray) -> np.ndarray:
    if out.dtype != bias.dtype:
        return out + bias
    out += bias
    return out


class LinearMap(Function):
    """One matrix product forward, and one back for each gradient, whatever the leading axes."""

    @staticmethod
    def forward(ctx: Any, x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None) -> np.ndarray:
        x, weight = np.asarray(x), np.asarray(weight)
        if weight.ndim != 2 or not x.ndim or x.shape[-1] != weight.shape[1]:
            raise ShapeError(f"linear needs x (..., in) and a weight (out, in), not {x.shape} and {weight.shape}")
        ctx.save_for_backward(x, weight)
        if bias is None:
            out = _rows(x) @ weight.T
        else:
            bias = np.asarray(bias)
            if bias.shape != weight.shape[:1]:
                raise ShapeError(f"linear needs a bias of shape {weight.shape[:1]}, not {bias.shape}")
            out = _plus(_rows(x) @ weight.T, bias)
        return out if x.ndim == 2 else out.reshape(*x.shape[:-1], len(weight))

    @staticmethod
    def backward(ctx: Any, grad: np.ndarray) -> tuple[np.ndarray | None, ...]:
        x, weight = ctx.saved
        needs_x, needs_weight, needs_bias = ctx.needs_input_grad
        rows = _rows(grad)
        return (
            (rows @ weight).reshape(x.shape) if needs_x else None,
            rows.T @ _rows(x) if needs_weight else None,
            ctx.kernels.sum(rows, (0,)) if needs_bias else None,
        )


def linear(x: Any, weight: Any, bias: Any = None) -> Any:
    r"""Map the last axis by a matrix: :math:`x W^T + b`.

    Parameters
    ----------
    x : array_like or Tensor, shape (..., in)
        The inputs.
    weight : array_like or Tensor, shape (out, in)
        The matrix.
    bias : array_like or Tensor, shape (out,), optional
        Added to every output.

    Returns
    -------
    ndarray or Tensor, shape (..., out)

    Raises
    ------
    ShapeError
        If the shapes do not match.

    Examples
    --------
    >>> import numpy as np
    >>> import geomkern as gk
    >>> gk.nn.functional.linear(np.array([1.0, 2.0]), np.array([[1.0, 1.0]]), np.array([0.5]))
    array([3.5])
    """
    return LinearMap.apply(x, weight, bias)


class Linear(Layer):
    r"""The affine map :math:`x W^T + b` of the last axis.

    Parameters
    ----------
    in_features, out_features : int
        Lengths of the last axis before and after.
    bias : bool
        Whether to add `bias`.
    dtype : dtype, optional
        Type of the parameters; the default type if None.
    rng : int, numpy.random.Generator or None
        Draws the initial values.

    Attributes
    ----------
    weight : Parameter, shape (out_features, in_features)
        Drawn at first, as `bias`, from the uniform distribution between plus and minus ``in_features ** -0.5``.
    bias : Parameter, shape (out_features,), or None
        What is added.

    Examples
    --------
    >>> import numpy as np
    >>> import geomkern as gk
    >>> layer = gk.nn.Linear(3, 2, rng=0)
    >>> layer(np.zeros((5, 4, 3), np.float32)).shape
    (5, 4, 2)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        dtype: Any = None,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        if in_features < 0 or out_features < 0:
            raise DomainError(f"Linear needs features of at least 0, not {in_features} and {out_features}")
        rng = config.generator(rng)
        dtype = dtype or config.default_dtype
        self.in_features = in_features
        self.out_features = out_features
        bound = 1 / math.sqrt(max(in_features, 1))
        self.weight = Parameter(np.empty((out_features, in_features), dtype))
        self.bias = Parameter(np.empty(out_features, dtype)) if bias else None
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound, rng=rng)

    def forward(self, x: Any) -> Any:
        """Map the last axis of `x`; see :func:`linear`."""
        return linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Return what the repr says of this layer."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"

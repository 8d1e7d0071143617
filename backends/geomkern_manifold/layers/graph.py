"""Convolution on graphs whose vertices are points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse

from geomkern.autograd import Function
from geomkern.config import config
from geomkern.errors import DomainError, ShapeError
from geomkern.nn import Parameter
from geomkern.nn.functional import linear, relu
from geomkern.ops import matmul

from ..manifolds import Manifold
from .base import ManifoldLayer

__all__ = ["HyperbolicGraphConv"]


class SparseProduct(Function):
    """A fixed sparse matrix times a dense one."""

    @staticmethod
    def forward(ctx: Any, x: np.ndarray, *, matrix: Any) -> np.ndarray:
        """Return the product."""
        ctx.matrix = matrix
        return matrix @ x

    @staticmethod
    def backward(ctx: Any, grad: np.ndarray) -> np.ndarray:
        """Return the product with the transposed matrix."""
        return ctx.matrix.T @ grad


class HyperbolicGraphConv(ManifoldLayer):
    r"""Map the points of a graph's vertices linearly, average each over its neighbours, and bend the result.

    .. math:: h = W \log_0(x) + b, \qquad y = \exp_0\bigl(\varphi(A h)\bigr)

    in the tangent space at the origin.

    Parameters
    ----------
    in_features, out_features : int
        Coordinates of the points before and after.
    manifold : Manifold or float
        Where the points live before; a number is the c of a :class:`PoincareBall`.
    out_manifold : Manifold, optional
        Where the results live; the same manifold if None.
    bias : bool
        Whether there is a b.
    activation : callable, optional
        The function :math:`\varphi`; relu if not given, none if None.
    dtype : dtype, optional
        Type of the parameters; the default type if None.
    rng : int, numpy.random.Generator or None
        Draws the initial values.

    Raises
    ------
    DomainError
        If a number of features is less than one.

    References
    ----------
    Chami, I., Ying, R., Ré, C., Leskovec, J. (2019). Hyperbolic graph convolutional neural networks. *NeurIPS*.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import PoincareBall
    >>> from geomkern_manifold.layers import HyperbolicGraphConv
    >>> ball, path = PoincareBall(), np.array([[0.5, 0.5, 0], [0.3, 0.4, 0.3], [0, 0.5, 0.5]])
    >>> HyperbolicGraphConv(4, 2, ball, rng=0)(ball.random(3, 4, rng=0), path).shape
    (3, 2)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        manifold: Manifold | float = 1.0,
        out_manifold: Manifold | None = None,
        bias: bool = True,
        activation: Callable[[Any], Any] | None = relu,
        *,
        dtype: Any = None,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        super().__init__(manifold)
        if in_features < 1 or out_features < 1:
            raise DomainError(f"HyperbolicGraphConv needs features of at least 1, not {in_features} and {out_features}")
        self.out_manifold = self.manifold if out_manifold is None else out_manifold
        if out_manifold is not None:
            for name, parameter in out_manifold.named_parameters():
                setattr(self, f"{name}_out", parameter)
        self.in_features, self.out_features, self.activation = in_features, out_features, activation
        dtype, bound = dtype or config.default_dtype, in_features**-0.5
        draw = config.generator(rng).uniform(-bound, bound, (out_features, in_features))
        self.weight = Parameter(draw.astype(dtype))
        self.bias = Parameter(np.zeros(out_features, dtype)) if bias else None

    def forward(self, x: Any, adjacency: Any) -> Any:
        """Average over neighbours.

        Parameters
        ----------
        x : array_like or Tensor, shape (n, in_features)
            Points, one a vertex.
        adjacency : array_like, Tensor or scipy.sparse matrix, shape (n, n)
            The weight of vertex j for vertex i; rows usually sum to one. A tensor is differentiated by.

        Returns
        -------
        ndarray or Tensor, shape (n, out_features)

        Raises
        ------
        ShapeError
            If the shapes do not fit.
        """
        n = np.shape(x)[0] if np.ndim(x) == 2 else None
        if n is None or np.shape(adjacency) != (n, n):
            raise ShapeError(
                "HyperbolicGraphConv needs points (n, in_features) and an adjacency (n, n), "
                f"not {np.shape(x)} and {np.shape(adjacency)}"
            )
        flat = linear(self.manifold.logmap0(x), self.weight, self.bias)
        if sparse.issparse(adjacency):
            gathered = SparseProduct.apply(flat, matrix=adjacency.astype(flat.dtype))
        else:
            gathered = matmul(adjacency, flat)
        bent = gathered if self.activation is None else self.activation(gathered)
        return self.out_manifold.expmap0(bent)

    def extra_repr(self) -> str:
        """Return what the repr says of this layer."""
        return f"{self.in_features}, {self.out_features}, {self.manifold}, bias={self.bias is not None}"

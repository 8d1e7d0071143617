"""A table of vectors."""

from typing import Any

import numpy as np

from ..autograd import Function, RowGradient
from ..config import config
from ..errors import DomainError, DTypeError, ShapeError
from ..tensor import Tensor
from .layer import Layer
from .parameter import Parameter

__all__ = ["Embedding", "embedding"]

# The reach of the initial coordinates on a manifold: near its origin, as Nickel and Kiela (2017) have them.
NEAR_ORIGIN = 1e-3


class Lookup(Function):
    """Take rows; on the way back, add up what comes to each."""

    @staticmethod
    def forward(
        ctx: Any, indices: np.ndarray, weight: np.ndarray, *, padding_idx: int | None, sparse: bool
    ) -> np.ndarray:
        indices = np.asarray(indices)
        if np.ndim(weight) != 2:
            raise ShapeError(f"embedding needs a weight (rows, width), not {np.shape(weight)}")
        if indices.dtype.kind not in "iu":
            raise DTypeError(f"embedding needs integer indices, not {indices.dtype}")
        if indices.size and not 0 <= indices.min() <= indices.max() < len(weight):
            raise DomainError(
                f"embedding needs indices from 0 to {len(weight) - 1}, not from {indices.min()} to {indices.max()}"
            )
        ctx.indices, ctx.shape, ctx.padding_idx, ctx.sparse = indices, weight.shape, padding_idx, sparse
        return weight[indices]

    @staticmethod
    def backward(ctx: Any, grad: np.ndarray) -> tuple[None, np.ndarray | RowGradient]:
        if ctx.sparse:
            indices, rows = ctx.indices.ravel(), grad.reshape(ctx.indices.size, ctx.shape[1])
            if ctx.padding_idx is not None:
                used = indices != ctx.padding_idx
                indices, rows = indices[used], rows[used]
            return None, RowGradient(indices, rows, ctx.shape)
        out = np.zeros(ctx.shape, grad.dtype)
        ctx.kernels.scatter_add(out, ctx.indices, grad)
        if ctx.padding_idx is not None:
            out[ctx.padding_idx] = 0.0
        return None, out


def embedding(indices: Any, weight: Any, padding_idx: int | None = None, sparse: bool = False) -> Any:
    """Return the rows of a table.

    Parameters
    ----------
    indices : array_like or Tensor of int, shape (...)
        Which rows, from 0.
    weight : array_like or Tensor, shape (rows, width)
        The table.
    padding_idx : int, optional
        A row that gets no gradient.
    sparse : bool
        Whether the gradient of a table that is a leaf is a :class:`~geomkern.autograd.RowGradient`: the rows that were
        looked up, without the zeros of the others.

    Returns
    -------
    ndarray or Tensor, shape (..., width)

    Raises
    ------
    DTypeError
        If the indices are not integers.
    DomainError
        If there is no such row.
    ShapeError
        If the table does not have two axes.

    Examples
    --------
    >>> import numpy as np
    >>> import geomkern as gk
    >>> gk.nn.functional.embedding(np.array([2, 0]), np.array([[1.0], [2.0], [3.0]]))
    array([[3.],
           [1.]])
    """
    return Lookup.apply(indices, weight, padding_idx=padding_idx, sparse=sparse)


class Embedding(Layer):
    """A table of vectors, looked up by integers.

    Parameters
    ----------
    num_embeddings, embedding_dim : int
        Rows of the table, and their width.
    padding_idx : int, optional
        A row that is zero at first and gets no gradient; negative ones count from the end.
    sparse : bool
        Whether the gradient of the table has only the rows that were looked up, so that a step of an optimiser moves
        these and costs what they cost, however long the table is.
    manifold : object, optional
        Where the rows live.
    dtype : dtype, optional
        Type of the table; the default type if None.
    rng : int, numpy.random.Generator or None
        Draws the initial values.

    Attributes
    ----------
    weight : Parameter, shape (num_embeddings, embedding_dim)
        Drawn at first from the standard normal distribution; on a manifold from the uniform one between -0.001 and
        0.001, and projected.

    Raises
    ------
    DomainError
        If a size is negative, or `padding_idx` is no row.

    Examples
    --------
    >>> import numpy as np
    >>> import geomkern as gk
    >>> table = gk.nn.Embedding(10, 3, rng=0)
    >>> table(np.array([[1, 2], [3, 4]])).shape
    (2, 2, 3)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        *,
        sparse: bool = False,
        manifold: Any = None,
        dtype: Any = None,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        if num_embeddings < 0 or embedding_dim < 0:
            raise DomainError(f"Embedding needs sizes of at least 0, not {num_embeddings} and {embedding_dim}")
        if padding_idx is not None:
            if not -num_embeddings <= padding_idx < num_embeddings:
                raise DomainError(f"Embedding needs padding_idx to be one of {num_embeddings} rows, not {padding_idx}")
            padding_idx %= num_embeddings
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.sparse = sparse
        rng, shape = config.generator(rng), (num_embeddings, embedding_dim)
        values = rng.standard_normal(shape) if manifold is None else rng.uniform(-NEAR_ORIGIN, NEAR_ORIGIN, shape)
        if padding_idx is not None:
            values[padding_idx] = 0.0
        if hasattr(manifold, "origin"):  # which need not be the zero vector
            values += manifold.origin(*shape, dtype=np.float64)
        values = values.astype(dtype or config.default_dtype)
        self.weight = Parameter(values if manifold is None else manifold.projx(values), manifold=manifold)

    def forward(self, indices: Any) -> Tensor:
        """Return the rows; see :func:`embedding`."""
        return embedding(indices, self.weight, self.padding_idx, self.sparse)

    def extra_repr(self) -> str:
        """Return what the repr says of this layer."""
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}"

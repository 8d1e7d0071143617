"""Attention by distance."""

from __future__ import annotations

from typing import Any

import numpy as np

from geomkern.config import config
from geomkern.errors import DomainError, ShapeError
from geomkern.nn import Parameter
from geomkern.nn.functional import linear, softmax

from ..manifolds import Manifold
from .base import ManifoldLayer

__all__ = ["HyperbolicAttention"]


class HyperbolicAttention(ManifoldLayer):
    r"""Attention that weighs values by distance and gathers them in their Einstein midpoint.

    Queries, keys and values are linear images in the tangent space at the origin, split into heads. In each head

    .. math:: w_{ij} = \operatorname{softmax}_j(-\beta\, d(q_i, k_j)), \qquad
              m_i = \operatorname{midpoint}(v_1, \dots, v_n;\, w_{i1}, \dots, w_{in})

    and the midpoints of the heads are joined and mapped linearly in the tangent space.

    Parameters
    ----------
    features : int
        Coordinates of the points.
    manifold : HyperbolicManifold or float
        The model; a number is the c of a :class:`PoincareBall`.
    heads : int
        Into how many parts the coordinates are split.
    beta : float
        The initial sharpness, which is learnt, one for each head.
    dtype : dtype, optional
        Type of the parameters; the default type if None.
    rng : int, numpy.random.Generator or None
        Draws the initial values.

    Raises
    ------
    DomainError
        If `features` is not a multiple of `heads`, or beta is not positive.

    References
    ----------
    Gulcehre, C. et al. (2019). Hyperbolic attention networks. *ICLR*.

    Examples
    --------
    >>> from geomkern_manifold import PoincareBall
    >>> from geomkern_manifold.layers import HyperbolicAttention
    >>> ball = PoincareBall()
    >>> layer = HyperbolicAttention(8, ball, heads=2, rng=0)
    >>> layer(ball.random(3, 5, 8, rng=0)).shape
    (3, 5, 8)
    """

    def __init__(
        self,
        features: int,
        manifold: Manifold | float = 1.0,
        heads: int = 1,
        beta: float = 1.0,
        *,
        dtype: Any = None,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        super().__init__(manifold)
        if features < 1 or heads < 1 or features % heads:
            raise DomainError(
                f"HyperbolicAttention needs features that are a multiple of heads, not {features} and {heads}"
            )
        if not beta > 0:
            raise DomainError(f"HyperbolicAttention needs a positive beta, not {beta}")
        self.features, self.heads = features, heads
        dtype, generator, bound = dtype or config.default_dtype, config.generator(rng), features**-0.5

        def weight() -> Parameter:
            return Parameter(generator.uniform(-bound, bound, (features, features)).astype(dtype))

        self.query, self.key, self.value, self.output = weight(), weight(), weight(), weight()
        self.beta = Parameter(np.full(heads, beta, dtype))

    def forward(self, x: Any, memory: Any = None, mask: Any = None) -> Any:
        """Attend from each point to each.

        Parameters
        ----------
        x : array_like or Tensor, shape (..., n, features)
            The points that ask.
        memory : array_like or Tensor, shape (..., m, features), optional
            The points that answer; x itself if None.
        mask : array_like of bool, shape (..., n, m), optional
            True where point i may look at point j. Every row needs one.

        Returns
        -------
        ndarray or Tensor, shape (..., n, features)

        Raises
        ------
        DomainError
            If a row of the mask has no True.
        ShapeError
            If the shapes do not fit.
        """
        memory = x if memory is None else memory
        for what in (x, memory):
            if np.ndim(what) < 2 or np.shape(what)[-1] != self.features:
                raise ShapeError(
                    f"HyperbolicAttention needs points (..., n, {self.features}), not the shape {np.shape(what)}"
                )
        flat_x, flat_memory = self.manifold.logmap0(x), self.manifold.logmap0(memory)
        query, key = self._split(flat_x, self.query), self._split(flat_memory, self.key)
        scores = -self.beta[:, None, None] * self.manifold.pairwise_dist(query, key)
        if mask is not None:
            allowed = np.asarray(mask, bool)
            if not allowed.any(-1).all():
                raise DomainError("HyperbolicAttention: a row of the mask lets its point look at none")
            scores = np.where(allowed[..., None, :, :], scores, -np.inf)
        weights = softmax(scores, -1)
        value = self._split(flat_memory, self.value)
        gathered = self.manifold.einstein_midpoint(value[..., None, :, :], weights)
        joined = np.swapaxes(self.manifold.logmap0(gathered), -2, -3)
        joined = joined.reshape((*joined.shape[:-2], self.features))
        return self.manifold.expmap0(linear(joined, self.output))

    def _split(self, flat: Any, weight: Parameter) -> Any:
        """Return the points of each head, (..., heads, n, features/heads)."""
        image = linear(flat, weight)
        parts = image.reshape((*image.shape[:-1], self.heads, self.features // self.heads))
        return self.manifold.expmap0(np.swapaxes(parts, -2, -3))

    def extra_repr(self) -> str:
        """Return what the repr says of this layer."""
        return f"{self.features}, {self.manifold}, heads={self.heads}"

"""The hyperbolic counterpart of a linear layer."""

from typing import Any

import numpy as np

from geomkern.config import config
from geomkern.errors import DomainError
from geomkern.nn import Layer, Parameter

from ..manifolds import PoincareBall

__all__ = ["PoincareLinear"]


class PoincareLinear(Layer):
    r"""A matrix applied to points of the ball, then a Möbius translation: :math:`(W \otimes_c x) \oplus_c b`.

    Parameters
    ----------
    in_features, out_features : int
        Dimensions of the points before and after.
    ball : PoincareBall or float
        The ball on both sides, or its c. A c that is a :class:`~geomkern.nn.Parameter` is one of the layer's.
    bias : bool
        Whether to translate.
    dtype : dtype, optional
        Type of the parameters; the default type if None.
    rng : int, numpy.random.Generator or None
        Draws the initial values.

    Attributes
    ----------
    weight : Parameter, shape (out_features, in_features)
        Drawn at first as in :class:`geomkern.nn.Linear`.
    bias : Parameter, shape (out_features,), or None
        A point of the ball, at first the origin; move it with a Riemannian optimiser.
    c : Parameter
        The ball's own c, where that is a parameter; there is no such attribute otherwise.

    Raises
    ------
    DomainError
        If a number of features is less than one, or c is not positive.

    References
    ----------
    Ganea, O., Bécigneul, G., Hofmann, T. (2018). Hyperbolic neural networks. *NeurIPS*.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import PoincareBall, PoincareLinear
    >>> layer = PoincareLinear(8, 4, PoincareBall(c=1.0), rng=0)
    >>> layer(np.full((5, 8), 0.1, np.float32)).shape
    (5, 4)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        ball: PoincareBall | float = 1.0,
        bias: bool = True,
        *,
        dtype: Any = None,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        if in_features < 1 or out_features < 1:
            raise DomainError(f"PoincareLinear needs features of at least 1, not {in_features} and {out_features}")
        self.in_features = in_features
        self.out_features = out_features
        self.ball = ball if isinstance(ball, PoincareBall) else PoincareBall(ball)
        if isinstance(self.ball.c, Parameter):
            self.c = self.ball.c
        dtype = dtype or config.default_dtype
        bound = in_features**-0.5
        draw = config.generator(rng).uniform(-bound, bound, (out_features, in_features))
        self.weight = Parameter(draw.astype(dtype))
        self.bias = Parameter(np.zeros(out_features, dtype), manifold=self.ball) if bias else None

    def forward(self, x: Any) -> Any:
        """Map points of shape (..., in_features) to points of shape (..., out_features)."""
        image = self.ball.mobius_matvec(self.weight, x)
        return image if self.bias is None else self.ball.mobius_add(image, self.bias)

    def extra_repr(self) -> str:
        """Return what the repr says of this layer."""
        features = f"in_features={self.in_features}, out_features={self.out_features}"
        return f"{features}, ball={self.ball}, bias={self.bias is not None}"

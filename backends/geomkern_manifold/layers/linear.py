"""The hyperbolic counterpart of a linear layer."""

from typing import Any

import numpy as np

from geomkern.errors import DomainError
from geomkern.nn import functional

from .hyperbolic import HyperbolicLayer, uniform, zeros

__all__ = ["HyperbolicLinear"]


class HyperbolicLinear(HyperbolicLayer):
    r"""A matrix applied in the tangent space of the origin, and a bias.

    With a bias of the kind "mobius" that is a translation,

    .. math:: y = \exp_0(W \log_0 x) \oplus \exp_0(b),

    and with one of the kind "tangent" :math:`y = \exp_0(W \log_0 x + b)`. In Lorentz's model the sum :math:`u \oplus p`
    is p carried along by the boost that takes the origin to u, so that it is the same layer in another chart.

    Parameters
    ----------
    in_features, out_features : int
        Dimensions of the points before and after.
    manifold : PoincareBall, Lorentz or float
        The model on both sides, or c of the ball. A c that is a :class:`~geomkern.nn.Parameter` is one of the layer's.
    bias : {"mobius", "tangent"} or None
        What the bias does.
    dtype : dtype, optional
        Type of the parameters; the default type if None.
    rng : int, numpy.random.Generator or None
        Draws the initial values.

    Attributes
    ----------
    weight : Parameter, shape (out_features, in_features)
        Drawn at first as in :class:`geomkern.nn.Linear`.
    bias : Parameter, shape (out_features,), or None
        A tangent vector at the origin, which no learning curvature can put outside the space; at first zero.
    c : Parameter
        The manifold's own c, where that is a parameter; there is no such attribute otherwise.

    Raises
    ------
    DomainError
        If a number of features is less than one, `bias` is of another kind, or c is not positive.
    DTypeError
        If the manifold is of another model.

    Notes
    -----
    The logarithm multiplies a point by a number, so that the matrix is applied to the points as they are, and
    everything else is done in one pass over the products, forward and back.

    References
    ----------
    Ganea, O., Bécigneul, G., Hofmann, T. (2018). Hyperbolic neural networks. *NeurIPS*.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import HyperbolicLinear, PoincareBall
    >>> layer = HyperbolicLinear(8, 4, PoincareBall(c=1.0), rng=0)
    >>> layer(np.full((5, 8), 0.1, np.float32)).shape
    (5, 4)
    """

    models = ("poincare", "lorentz")

    def __init__(
        self,
        in_features: int,
        out_features: int,
        manifold: Any = 1.0,
        bias: str | None = "mobius",
        *,
        dtype: Any = None,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        super().__init__(manifold, (in_features, out_features))
        if bias not in ("mobius", "tangent", None):
            raise DomainError(f'HyperbolicLinear needs the bias "mobius", "tangent" or None, not {bias!r}')
        self.in_features = in_features
        self.out_features = out_features
        self.kind = bias
        self.weight = uniform((out_features, in_features), in_features**-0.5, dtype, rng)
        self.bias = zeros(out_features, dtype=dtype) if bias else None

    def forward(self, x: Any) -> Any:
        """Map points of shape (..., in_features) to points of shape (..., out_features)."""
        image = functional.linear(x, self.weight)
        scale = self.manifold._operate("log0_factor", x)
        if self.kind == "mobius":
            return self._operate("mobius_bias", image, self.manifold.expmap0(self.bias), scale)
        bias = np.zeros(self.out_features, self.weight.dtype) if self.bias is None else self.bias
        return self._operate("tangent_bias", image, bias, scale)

    def extra_repr(self) -> str:
        """Return what the repr says of this layer."""
        features = f"in_features={self.in_features}, out_features={self.out_features}"
        return f"{features}, manifold={self.manifold}, bias={self.kind}"

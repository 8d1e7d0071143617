"""The linear layer of fully hyperbolic networks."""

import math
from typing import Any

import numpy as np

from geomkern.config import config
from geomkern.nn import Parameter, functional

from ..manifolds import Lorentz
from .hyperbolic import HyperbolicLayer, uniform, zeros

__all__ = ["LorentzLinear"]

LEAST = 1.1  # times sqrt(c), the least time of a result, which keeps it off the origin, where it has no direction


class LorentzLinear(HyperbolicLayer):
    r"""A matrix applied to all coordinates of points of the hyperboloid, time among them.

    With :math:`X = (x_0, x)` and :math:`(z_0, s) = W X + b`, the result has the direction of s and the time t:

    .. math:: \sqrt c\,t = 1.1 + e^\gamma \sigma(z_0), \qquad y = \sqrt{t^2 - 1/c}\;\frac{s}{|s|}

    Unlike :class:`HyperbolicLinear` it does not go through the tangent space of the origin, and may boost.

    Parameters
    ----------
    in_features, out_features : int
        Dimensions of the points before and after.
    manifold : Lorentz or float
        The model on both sides, or its c. A c that is a :class:`~geomkern.nn.Parameter` is one of the layer's.
    dtype : dtype, optional
        Type of the parameters; the default type if None.
    rng : int, numpy.random.Generator or None
        Draws the initial values.

    Attributes
    ----------
    weight : Parameter, shape (out_features + 1, in_features + 1)
        The first row gives the time, the first column takes it. Drawn at first as in :class:`geomkern.nn.Linear`.
    bias : Parameter, shape (out_features + 1,)
        At first zero.
    scale : Parameter, shape ()
        :math:`\gamma`, at first log 10.
    c : Parameter
        The manifold's own c, where that is a parameter; there is no such attribute otherwise.

    Raises
    ------
    DomainError
        If a number of features is less than one, or c is not positive.
    DTypeError
        If the manifold is of another model.

    References
    ----------
    Chen, W., Han, X., Lin, Y., et al. (2022). Fully hyperbolic neural networks. *ACL*.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import LorentzLinear
    >>> LorentzLinear(8, 4, rng=0)(np.full((5, 8), 0.1, np.float32)).shape
    (5, 4)
    """

    models = ("lorentz",)
    default = Lorentz

    def __init__(
        self,
        in_features: int,
        out_features: int,
        manifold: Any = 1.0,
        *,
        dtype: Any = None,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        super().__init__(manifold, (in_features, out_features))
        self.in_features = in_features
        self.out_features = out_features
        self.weight = uniform((out_features + 1, in_features + 1), in_features**-0.5, dtype, rng)
        self.bias = zeros(out_features + 1, dtype=dtype)
        self.scale = Parameter(np.array(math.log(10), dtype or config.default_dtype))

    def forward(self, x: Any) -> Any:
        """Map points of shape (..., in_features) to points of shape (..., out_features)."""
        z = functional.linear(self.manifold.lift(x), self.weight, self.bias)
        time, direction = LEAST + np.exp(self.scale) * z[..., 0].sigmoid(), z[..., 1:]
        square = (direction * direction).sum(-1)
        none = np.asarray(square) == 0
        size = np.sqrt((time - 1) * (time + 1) / self.manifold.c / np.where(none, 1.0, square))
        return np.where(none, 0.0, size)[..., None] * direction

    def extra_repr(self) -> str:
        """Return what the repr says of this layer."""
        return f"in_features={self.in_features}, out_features={self.out_features}, manifold={self.manifold}"

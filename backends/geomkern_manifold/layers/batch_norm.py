"""Batch normalisation on a manifold."""

from typing import Any

import numpy as np

from geomkern import Tensor
from geomkern.config import config
from geomkern.errors import DomainError, ShapeError
from geomkern.nn import Parameter

from .hyperbolic import HyperbolicLayer, zeros

__all__ = ["HyperbolicBatchNorm"]


class HyperbolicBatchNorm(HyperbolicLayer):
    r"""Points moved and scaled to a learnt mean and a learnt deviation.

    With the mean :math:`\mu` of the points, their variance :math:`\sigma^2`, which is the mean of :math:`d(x, \mu)^2`,
    and the point :math:`\beta = \exp_0(b)`,

    .. math:: y = \exp_\beta\Bigl(\frac{\gamma}{\sqrt{\sigma^2 + \epsilon}}\, P_{\mu \to \beta} \log_\mu x\Bigr)

    All axes but the last are those of the batch. While the layer is trained the statistics are those of the batch, and
    running ones follow them; otherwise the running ones are used.

    Parameters
    ----------
    features : int
        Dimension of the points.
    manifold : PoincareBall, Lorentz or float
        The model, or c of the ball. A c that is a :class:`~geomkern.nn.Parameter` is one of the layer's.
    mean : {"frechet", "midpoint"}
        The Fréchet mean, through which gradients go by implicit differentiation, or the Einstein midpoint, which is
        cheaper.
    momentum : float
        How far the running statistics move towards those of a batch, the mean along the geodesic.
    eps : float
        Added to the variance.
    dtype : dtype, optional
        Type of the parameters; the default type if None.

    Attributes
    ----------
    weight : Parameter, shape ()
        :math:`\gamma`, the deviation of the results; at first one.
    bias : Parameter, shape (features,)
        b, a tangent vector at the origin; at first zero.
    running_mean : Tensor, shape (features,)
        A buffer; at first the origin.
    running_var : Tensor, shape ()
        A buffer; at first one.
    c : Parameter
        The manifold's own c, where that is a parameter; there is no such attribute otherwise.

    Raises
    ------
    DomainError
        If `features` is less than one, `mean` is another word, momentum is not in [0, 1], eps is negative, or c is not
        positive.
    DTypeError
        If the manifold is of another model.

    References
    ----------
    Lou, A., Katsman, I., Jiang, Q., et al. (2020). Differentiating through the Fréchet mean. *ICML*.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import HyperbolicBatchNorm, PoincareBall
    >>> ball = PoincareBall()
    >>> layer = HyperbolicBatchNorm(3, ball)
    >>> y = layer(ball.random(100, 3, std=0.1, rng=0)).data
    >>> bool(ball.dist0(ball.frechet_mean(y)) < 1e-5), round(float((ball.dist0(y) ** 2).mean()), 2)
    (True, 1.0)
    """

    models = ("poincare", "lorentz")
    running_mean: Tensor
    running_var: Tensor

    def __init__(
        self,
        features: int,
        manifold: Any = 1.0,
        mean: str = "frechet",
        *,
        momentum: float = 0.1,
        eps: float = 1e-5,
        dtype: Any = None,
    ) -> None:
        super().__init__(manifold, (features,))
        if mean not in ("frechet", "midpoint"):
            raise DomainError(f'HyperbolicBatchNorm needs the mean "frechet" or "midpoint", not {mean!r}')
        if not 0 <= momentum <= 1 or not eps >= 0:
            raise DomainError(f"HyperbolicBatchNorm needs momentum in [0, 1] and eps >= 0, not {momentum} and {eps}")
        dtype = dtype or config.default_dtype
        self.features = features
        self.mean = mean
        self.momentum = momentum
        self.eps = eps
        self.weight = Parameter(np.ones((), dtype))
        self.bias = zeros(features, dtype=dtype)
        self.register_buffer("running_mean", np.zeros(features, dtype))
        self.register_buffer("running_var", np.ones((), dtype))

    def forward(self, x: Any) -> Any:
        """Normalise points of shape (..., features)."""
        if np.ndim(x) < 2 or np.shape(x)[-1] != self.features:
            raise ShapeError(f"HyperbolicBatchNorm needs points (..., n, {self.features}), not {np.shape(x)}")
        manifold = self.manifold
        mean, variance = self._statistics(x) if self.training else (self.running_mean, self.running_var)
        target = manifold.expmap0(self.bias)
        moved = manifold.transp(mean, target, manifold.logmap(mean, x))
        return manifold.expmap(target, self.weight / np.sqrt(variance + self.eps) * moved)

    def _statistics(self, x: Any) -> tuple[Any, Any]:
        """Return the mean and the variance of a batch, and let the running ones follow."""
        manifold, rows = self.manifold, x.reshape(-1, self.features)
        mean = manifold.frechet_mean(rows) if self.mean == "frechet" else manifold.einstein_midpoint(rows)
        variance = (manifold.dist(rows, mean) ** 2).mean()
        new_mean, new_variance = (v.data if isinstance(v, Tensor) else v for v in (mean, variance))
        old_mean, old_variance = self.running_mean.data, self.running_var.data
        old_mean[...] = manifold.detach().geodesic(self.momentum, old_mean, new_mean)
        old_variance[...] += self.momentum * (new_variance - old_variance)
        return mean, variance

    def extra_repr(self) -> str:
        """Return what the repr says of this layer."""
        return f"{self.features}, manifold={self.manifold}, mean={self.mean}, momentum={self.momentum}, eps={self.eps}"

"""A linear map of n log n numbers, on points."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from geomkern.config import config
from geomkern.errors import DomainError, ShapeError
from geomkern.nn import Parameter

from ..manifolds import Manifold
from .base import ManifoldLayer

__all__ = ["HyperButterfly"]


class HyperButterfly(ManifoldLayer):
    r"""A product of butterfly matrices in the tangent space at the origin, :math:`\exp_0(B_L \cdots B_1 \log_0 x)`.

    Factor l mixes coordinates that are :math:`s = 2^{(l - 1) \bmod m}` apart by
    :math:`\begin{pmatrix} a & -b \\ b & a \end{pmatrix}`, so that the product costs O(nL).

    Parameters
    ----------
    features : int
        Coordinates of the points, a power of two, :math:`n = 2^m`.
    manifold : Manifold or float
        Where the points live; a number is the c of a :class:`PoincareBall`.
    factors : int, optional
        The number of factors, L; m if None, which reaches every pair of coordinates.
    kind : {"angle", "free"}
        Whether :math:`(a, b) = (\cos\varphi, \sin\varphi)`, which makes the map a rotation, or a and b are free.
    dtype : dtype, optional
        Type of the parameters; the default type if None.
    rng : int, numpy.random.Generator or None
        Draws the initial values.

    Raises
    ------
    DomainError
        If `features` is no power of two, there is no factor, or the kind is unknown.

    References
    ----------
    Dao, T., Gu, A., Eichhorn, M., Rudra, A., Ré, C. (2019). Learning fast algorithms for linear transforms using
    butterfly factorizations. *ICML*.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import PoincareBall
    >>> from geomkern_manifold.layers import HyperButterfly
    >>> ball = PoincareBall()
    >>> x = ball.random(3, 8, dtype=np.float64, rng=0)
    >>> y = HyperButterfly(8, ball, dtype=np.float64, rng=0)(x)
    >>> np.allclose(ball.dist0(y), ball.dist0(x))
    True
    """

    def __init__(
        self,
        features: int,
        manifold: Manifold | float = 1.0,
        factors: int | None = None,
        kind: Literal["angle", "free"] = "angle",
        *,
        dtype: Any = None,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        super().__init__(manifold)
        stages = features.bit_length() - 1
        if features < 2 or features != 1 << stages:
            raise DomainError(f"HyperButterfly needs features that are a power of two, not {features}")
        factors = stages if factors is None else factors
        if factors < 1:
            raise DomainError(f"HyperButterfly needs at least one factor, not {factors}")
        if kind not in ("angle", "free"):
            raise DomainError(f"HyperButterfly has the kinds 'angle' and 'free', not {kind!r}")
        self.features, self.factors, self.kind = features, factors, kind
        dtype = dtype or config.default_dtype
        angle = config.generator(rng).uniform(-np.pi, np.pi, (factors, features // 2))
        if kind == "angle":
            self.angle = Parameter(angle.astype(dtype))
        else:
            self.a, self.b = Parameter(np.cos(angle).astype(dtype)), Parameter(np.sin(angle).astype(dtype))

    def forward(self, x: Any) -> Any:
        """Map points of shape (..., features) to points of that shape.

        Raises
        ------
        ShapeError
            If the points have another number of coordinates.
        """
        if np.shape(x)[-1:] != (self.features,):
            raise ShapeError(f"HyperButterfly needs points of {self.features} coordinates, not shape {np.shape(x)}")
        flat = self.manifold.logmap0(x)
        a, b = (np.cos(self.angle), np.sin(self.angle)) if self.kind == "angle" else (self.a, self.b)
        stages, lead = self.features.bit_length() - 1, flat.shape[:-1]
        for factor in range(self.factors):
            apart = 1 << factor % stages
            pairs = flat.reshape((*lead, self.features // (2 * apart), 2, apart))
            first, second = pairs[..., 0, :], pairs[..., 1, :]
            cos, sin = (values[factor].reshape((-1, apart)) for values in (a, b))
            mixed = np.stack([cos * first - sin * second, sin * first + cos * second], -2)
            flat = mixed.reshape((*lead, self.features))
        return self.manifold.expmap0(flat)

    def extra_repr(self) -> str:
        """Return what the repr says of this layer."""
        return f"{self.features}, {self.manifold}, factors={self.factors}, kind={self.kind!r}"

"""Layers that read numbers off points or features: a curvature for each row, horosphere features."""

from __future__ import annotations

from typing import Any

import numpy as np

from geomkern.config import config
from geomkern.errors import DomainError
from geomkern.nn import Layer, Parameter
from geomkern.nn.functional import linear
from geomkern.ops.elementwise import sigmoid

from ..manifolds import Manifold
from .base import ManifoldLayer

__all__ = ["BusemannFeatures", "DynamicCurvature"]


class DynamicCurvature(Layer):
    r"""A curvature for each row, :math:`c_i = c_{\min} + (c_{\max} - c_{\min})\,\sigma(\langle w, x_i\rangle + b)`.

    The result is the c of a manifold whose operations then have one curvature a row.

    Parameters
    ----------
    in_features : int
        The number of features.
    c_min, c_max : float
        Between what the curvatures lie, :math:`0 < c_{\min} < c_{\max}`.
    dtype : dtype, optional
        Type of the parameters; the default type if None.
    rng : int, numpy.random.Generator or None
        Draws the initial weights.

    Raises
    ------
    DomainError
        If the bounds are not in order, or there is no feature.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import PoincareBall
    >>> from geomkern_manifold.layers import DynamicCurvature
    >>> c = DynamicCurvature(4, 0.1, 2.0, rng=0)(np.ones((3, 4), np.float32))
    >>> PoincareBall(c).dist0(np.full((3, 2), 0.1, np.float32)).shape
    (3,)
    """

    def __init__(
        self,
        in_features: int,
        c_min: float = 0.1,
        c_max: float = 2.0,
        *,
        dtype: Any = None,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        if in_features < 1:
            raise DomainError(f"DynamicCurvature needs at least one feature, not {in_features}")
        if not 0 < c_min < c_max < np.inf:
            raise DomainError(f"DynamicCurvature needs 0 < c_min < c_max, not {c_min} and {c_max}")
        self.in_features, self.c_min, self.c_max = in_features, c_min, c_max
        dtype, bound = dtype or config.default_dtype, in_features**-0.5
        self.weight = Parameter(config.generator(rng).uniform(-bound, bound, (1, in_features)).astype(dtype))
        self.bias = Parameter(np.zeros(1, dtype))

    def forward(self, x: Any) -> Any:
        """Return one c for each row of features, shape (...)."""
        return self.c_min + (self.c_max - self.c_min) * sigmoid(linear(x, self.weight, self.bias))[..., 0]

    def extra_repr(self) -> str:
        """Return what the repr says of this layer."""
        return f"{self.in_features}, c_min={self.c_min}, c_max={self.c_max}"


class BusemannFeatures(ManifoldLayer):
    r"""The Busemann functions of learnt ideal points, :math:`f_k(x) = B_{p_k}(x) + b_k`.

    Their level sets are horospheres: they are to hyperbolic space what linear functions are to the flat one.

    Parameters
    ----------
    in_features : int
        Coordinates of the points.
    out_features : int
        The number of ideal points.
    manifold : HyperbolicManifold or float
        Where the points live; a number is the c of a :class:`PoincareBall`.
    bias : bool
        Whether there is a b.
    dtype : dtype, optional
        Type of the parameters; the default type if None.
    rng : int, numpy.random.Generator or None
        Draws the initial ideal points.

    Attributes
    ----------
    ideal : Parameter, shape (out_features, in_features)
        The directions of the ideal points, of any length.

    Raises
    ------
    DomainError
        If a number of features is less than one.

    References
    ----------
    Ghadimi Atigh, M., Keller-Ressel, M., Mettes, P. (2021). Hyperbolic Busemann learning with ideal prototypes.
    *NeurIPS*.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold.layers import BusemannFeatures
    >>> BusemannFeatures(3, 5, rng=0)(np.zeros((2, 3), np.float32)).shape
    (2, 5)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        manifold: Manifold | float = 1.0,
        bias: bool = True,
        *,
        dtype: Any = None,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        super().__init__(manifold)
        if in_features < 1 or out_features < 1:
            raise DomainError(f"BusemannFeatures needs features of at least 1, not {in_features} and {out_features}")
        dtype = dtype or config.default_dtype
        draw = config.generator(rng).standard_normal((out_features, in_features))
        self.ideal = Parameter((draw / np.linalg.norm(draw, axis=-1, keepdims=True)).astype(dtype))
        self.bias = Parameter(np.zeros(out_features, dtype)) if bias else None

    def forward(self, x: Any) -> Any:
        """Map points of shape (..., in_features) to numbers of shape (..., out_features)."""
        values = self.manifold.busemann((np.asarray(x) if isinstance(x, list | tuple) else x)[..., None, :], self.ideal)
        return values if self.bias is None else values + self.bias

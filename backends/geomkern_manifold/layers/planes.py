"""Layers by signed distances from hyperplanes of the ball."""

from typing import Any

import numpy as np

from geomkern.autograd import Function
from geomkern.config import config
from geomkern.nn import Parameter, functional

from .hyperbolic import HyperbolicLayer, uniform, zeros

__all__ = ["HyperbolicMLR", "PoincareFC", "UnidirectionalMLR"]


class RadialPlanes(Function):
    r"""Gain, shift and reach (see the kernel ``planes``) of the planes at distance 2r from the origin along z.

    .. math:: \cosh(2\sqrt c\,r)/|z|, \qquad \sinh(2\sqrt c\,r), \qquad 2|z|
    """

    @staticmethod
    def forward(ctx: Any, z: np.ndarray, r: np.ndarray, c: Any) -> tuple[np.ndarray, ...]:
        """Compute the three numbers of each plane."""
        length = np.sqrt(np.einsum("ij,ij->i", z, z, dtype=np.float64))
        inverse = np.divide(1, length, out=np.zeros_like(length), where=length > 0)
        cosh, sinh = np.cosh(2 * np.sqrt(c) * r), np.sinh(2 * np.sqrt(c) * r)
        ctx.save_for_backward(z, r, c, inverse, cosh, sinh)
        return tuple(part.astype(z.dtype) for part in (cosh * inverse, sinh, 2 * length))

    @staticmethod
    def backward(ctx: Any, gain: np.ndarray, shift: np.ndarray, reach: np.ndarray) -> tuple[Any, ...]:
        """Return the gradients in z, r and c."""
        z, r, c, inverse, cosh, sinh = ctx.saved
        of_length = 2 * reach - gain * cosh * inverse**2
        of_angle = gain * sinh * inverse + shift * cosh
        root = np.sqrt(c)
        return (of_length * inverse).astype(z.dtype)[:, None] * z, 2 * root * of_angle, (of_angle * r).sum() / root


class PoincareFC(HyperbolicLayer):
    r"""The fully connected layer of HNN++: coordinates are signed distances from hyperplanes.

    With :math:`\lambda_x = 2/(1 - c|x|^2)` and the rows :math:`z_k` of the weight,

    .. math::

        v_k(x) &= \frac{2|z_k|}{\sqrt c}\operatorname{arsinh}\Bigl(
                  \sqrt c\,\lambda_x \frac{\langle x, z_k\rangle}{|z_k|}\cosh(2\sqrt c\,r_k)
                  - (\lambda_x - 1)\sinh(2\sqrt c\,r_k)\Bigr) \\
        y &= \frac{w}{1 + \sqrt{1 + c|w|^2}}, \qquad w_k = \frac{\sinh(\sqrt c\,v_k(x))}{\sqrt c}

    so that y lies at the signed distance :math:`v_k` from the k-th coordinate hyperplane.

    Parameters
    ----------
    in_features, out_features : int
        Dimensions of the points before and after.
    ball : PoincareBall or float
        The ball on both sides, or its c. A c that is a :class:`~geomkern.nn.Parameter` is one of the layer's.
    bias : bool
        Whether the hyperplanes may leave the origin.
    dtype : dtype, optional
        Type of the parameters; the default type if None.
    rng : int, numpy.random.Generator or None
        Draws the initial values.

    Attributes
    ----------
    weight : Parameter, shape (out_features, in_features)
        Directions; normal at first, with variance 1/(2 in_features out_features).
    bias : Parameter, shape (out_features,), or None
        r, half the signed distances of the hyperplanes from the origin; at first zero.
    c : Parameter
        The ball's own c, where that is a parameter; there is no such attribute otherwise.

    Raises
    ------
    DomainError
        If a number of features is less than one, or c is not positive.
    DTypeError
        If the manifold is not a ball.

    References
    ----------
    Shimizu, R., Mukuta, Y., Harada, T. (2021). Hyperbolic neural networks++. *ICLR*.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import PoincareFC
    >>> PoincareFC(8, 4, rng=0)(np.full((5, 8), 0.1, np.float32)).shape
    (5, 4)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        ball: Any = 1.0,
        bias: bool = True,
        *,
        dtype: Any = None,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        super().__init__(ball, (in_features, out_features))
        self.in_features = in_features
        self.out_features = out_features
        std = (2 * in_features * out_features) ** -0.5
        draws = std * config.generator(rng).standard_normal((out_features, in_features))
        self.weight = Parameter(draws.astype(dtype or config.default_dtype))
        self.bias = zeros(out_features, dtype=dtype) if bias else None

    def forward(self, x: Any) -> Any:
        """Map points of shape (..., in_features) to points of shape (..., out_features)."""
        return self._by_planes("fc", x)

    def _by_planes(self, kernel: str, x: Any) -> Any:
        bias = np.zeros(self.out_features, self.weight.dtype) if self.bias is None else self.bias
        gain, shift, reach = RadialPlanes.apply(self.weight, bias, self.manifold.c)
        products = functional.linear(x, self.weight)
        return self._operate(kernel, products, gain, shift, reach, self.manifold.lambda_x(x))

    def extra_repr(self) -> str:
        """Return what the repr says of this layer."""
        features = f"in_features={self.in_features}, out_features={self.out_features}"
        return f"{features}, manifold={self.manifold}, bias={self.bias is not None}"


class UnidirectionalMLR(PoincareFC):
    r"""Multinomial logistic regression of HNN++: the logits are the :math:`v_k(x)` of :class:`PoincareFC`.

    Parameters
    ----------
    in_features : int
        Dimension of the points.
    out_features : int
        The number of classes.
    ball : PoincareBall or float
        The ball, or its c. A c that is a :class:`~geomkern.nn.Parameter` is one of the layer's.
    bias : bool
        Whether the hyperplanes may leave the origin.
    dtype : dtype, optional
        Type of the parameters; the default type if None.
    rng : int, numpy.random.Generator or None
        Draws the initial values.

    Attributes
    ----------
    weight, bias, c : Parameter
        As those of :class:`PoincareFC`.

    References
    ----------
    Shimizu, R., Mukuta, Y., Harada, T. (2021). Hyperbolic neural networks++. *ICLR*.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import UnidirectionalMLR
    >>> UnidirectionalMLR(8, 3, rng=0)(np.full((5, 8), 0.1, np.float32)).shape
    (5, 3)
    """

    def forward(self, x: Any) -> Any:
        """Return the logits, shape (..., classes), of points of shape (..., in_features)."""
        return self._by_planes("planes", x)


class HyperbolicMLR(HyperbolicLayer):
    r"""Multinomial logistic regression by distances from hyperplanes, one through a point p for each class.

    .. math::

        \frac{\lambda_p |a|}{\sqrt c}\operatorname{arsinh}\frac{2\sqrt c\,\langle \ominus p \oplus x, a\rangle}
                                                             {(1 - c|\ominus p \oplus x|^2)|a|}

    where a is the normal of the hyperplane, transported from the origin to p.

    Parameters
    ----------
    in_features : int
        Dimension of the points.
    out_features : int
        The number of classes.
    ball : PoincareBall or float
        The ball, or its c. A c that is a :class:`~geomkern.nn.Parameter` is one of the layer's.
    dtype : dtype, optional
        Type of the parameters; the default type if None.
    rng : int, numpy.random.Generator or None
        Draws the initial values.

    Attributes
    ----------
    weight : Parameter, shape (out_features, in_features)
        The normals, as tangent vectors at the origin: :math:`\lambda_p|a|` is twice their length. Drawn at first as in
        :class:`geomkern.nn.Linear`.
    bias : Parameter, shape (out_features, in_features)
        The points p of the ball, at first the origin; move them with a Riemannian optimiser.
    c : Parameter
        The ball's own c, where that is a parameter; there is no such attribute otherwise.

    Raises
    ------
    DomainError
        If a number of features is less than one, or c is not positive.
    DTypeError
        If the manifold is not a ball.

    Notes
    -----
    With :math:`\hat a = a/|a|` and :math:`\sigma = \sqrt c\,\lambda_p\langle p, \hat a\rangle`, arsinh is taken of

    .. math:: \sqrt c\,\lambda_x\langle x, \hat a + \sqrt c\,\sigma p\rangle - (\lambda_x - 1)\sigma,

    so that the sums :math:`\ominus p \oplus x` are never made: all that involves both points and classes is one matrix
    product. Its rounding moves the hyperplanes as rounding the coordinates of x does, by about
    :math:`\lambda_x` units in the last place.

    References
    ----------
    Ganea, O., Bécigneul, G., Hofmann, T. (2018). Hyperbolic neural networks. *NeurIPS*.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import HyperbolicMLR
    >>> HyperbolicMLR(8, 3, rng=0)(np.full((5, 8), 0.1, np.float32)).shape
    (5, 3)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        ball: Any = 1.0,
        *,
        dtype: Any = None,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        super().__init__(ball, (in_features, out_features))
        self.in_features = in_features
        self.out_features = out_features
        self.weight = uniform((out_features, in_features), in_features**-0.5, dtype, rng)
        self.bias = zeros(out_features, in_features, dtype=dtype, manifold=self.manifold)

    def forward(self, x: Any) -> Any:
        """Return the logits, shape (..., classes), of points of shape (..., in_features)."""
        normal, point, root = self.weight, self.bias, np.sqrt(self.manifold.c)
        square = (normal * normal).sum(-1)
        flat = np.asarray(square) == 0  # no normal, and the logit 0
        length = np.sqrt(np.where(flat, 1.0, square))
        shift = root * self.manifold.lambda_x(point) * (normal * point).sum(-1) / length
        products = functional.linear(x, normal + (root * shift * length)[:, None] * point)
        lam = self.manifold.lambda_x(x)
        return self._operate("planes", products, 1 / length, shift, np.where(flat, 0.0, 2 * length), lam)

    def extra_repr(self) -> str:
        """Return what the repr says of this layer."""
        return f"in_features={self.in_features}, out_features={self.out_features}, manifold={self.manifold}"

"""Poincaré's model of hyperbolic space."""

from __future__ import annotations

from .ball import BallModel
from .conformal import ConformalManifold

__all__ = ["PoincareBall"]


class PoincareBall(BallModel, ConformalManifold):
    r"""The ball of radius :math:`1/\sqrt c` with the Poincaré metric of curvature -c.

    With :math:`\lambda_x = 2/(1 - c|x|^2)` the metric is :math:`\lambda_x^2 |dx|^2`, and

    .. math::

        d(x, y) &= \frac{2}{\sqrt c}\operatorname{arsinh}\sqrt{\frac{c|x - y|^2}{(1 - c|x|^2)(1 - c|y|^2)}} \\
        x \oplus y &= \frac{(1 + 2c\langle x, y\rangle + c|y|^2)x + (1 - c|x|^2)y}
                           {1 + 2c\langle x, y\rangle + c^2|x|^2|y|^2} \\
        \exp_x(v) &= x \oplus \tanh\Bigl(\frac{\sqrt c\,\lambda_x |v|}{2}\Bigr)\frac{v}{\sqrt c\,|v|} \\
        \log_x(y) &= \frac{2}{\sqrt c\,\lambda_x}\operatorname{artanh}(\sqrt c\,|w|)\,\frac{w}{|w|},
                     \qquad w = \ominus x \oplus y \\
        P_{x \to y}(v) &= \frac{\lambda_x}{\lambda_y} \operatorname{gyr}[y, \ominus x]v

    and a tangent vector v at the origin has the length 2|v|. The kernels compute this in forms that stay accurate up to
    the boundary of the ball.

    Parameters
    ----------
    c : float, array_like or Tensor
        Minus the curvature, positive. It is kept as it is given. A tensor that requires a gradient learns; an array has
        one curvature for each point and must broadcast to their leading shape.

    Attributes
    ----------
    c : float, ndarray or Tensor
        As given.

    Raises
    ------
    DomainError
        If c is not positive and finite.
    DTypeError
        If c is not made of real numbers.

    References
    ----------
    Nickel, M., Kiela, D. (2017). Poincaré embeddings for learning hierarchical representations. *NeurIPS*.
    Ganea, O., Bécigneul, G., Hofmann, T. (2018). Hyperbolic neural networks. *NeurIPS*.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import PoincareBall
    >>> ball = PoincareBall(c=1.0)
    >>> x, y = np.array([0.5, 0.0]), np.array([0.0, 0.5])
    >>> round(float(ball.dist(x, y)), 6)
    1.6807
    >>> np.allclose(ball.expmap(x, ball.logmap(x, y)), y)
    True
    """

    model = "poincare"
    length_at_origin = 2.0

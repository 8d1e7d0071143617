"""Exponential and logarithmic maps, geodesics and projection of the Poincaré ball of curvature -c.

Every function takes arrays or tensors and a positive c, and works on the last axis; leading axes broadcast. The
formulas are the textbooks'; the kernels compute them in forms that stay accurate up to the boundary of the ball.
"""

from typing import Any

from geomkern.errors import DomainError

from .kernel import kernel_function

__all__ = ["expmap", "expmap0", "geodesic", "logmap", "logmap0", "projx"]

_expmap0 = kernel_function("expmap0")
_logmap0 = kernel_function("logmap0")
_expmap = kernel_function("expmap")
_logmap = kernel_function("logmap")
_geodesic = kernel_function("geodesic")
_projx = kernel_function("projx")


def expmap0(v: Any, c: Any) -> Any:
    r"""Map a tangent vector at the origin to the point that it leads to.

    .. math:: \exp_0(v) = \tanh(\sqrt c\,|v|)\,\frac{v}{\sqrt c\,|v|}

    Parameters
    ----------
    v : array_like or Tensor, shape (..., d)
        A tangent vector at the origin.
    c : float, array_like or Tensor
        Minus the curvature, positive; broadcasts to the leading shape.

    Returns
    -------
    ndarray or Tensor, shape (..., d)

    Raises
    ------
    DomainError
        If c is not positive.
    ShapeError
        If the shapes do not broadcast.

    Notes
    -----
    The metric at the origin is 4 times the Euclidean one, so the point lies at distance 2|v|.

    References
    ----------
    Ganea, O., Bécigneul, G., Hofmann, T. (2018). Hyperbolic neural networks. *NeurIPS*.

    Examples
    --------
    >>> import numpy as np
    >>> expmap0(np.array([0.5, 0.0]), 1.0).round(6)
    array([0.462117, 0.      ])
    """
    return _expmap0(v, c)


def logmap0(y: Any, c: Any) -> Any:
    r"""Return the tangent vector at the origin that leads to y: the inverse of :func:`expmap0`.

    .. math:: \log_0(y) = \operatorname{artanh}(\sqrt c\,|y|)\,\frac{y}{\sqrt c\,|y|}

    Parameters
    ----------
    y : array_like or Tensor, shape (..., d)
        A point of the ball.
    c : float, array_like or Tensor
        Minus the curvature, positive; broadcasts to the leading shape.

    Returns
    -------
    ndarray or Tensor, shape (..., d)

    Raises
    ------
    DomainError
        If c is not positive, or a point lies outside the ball.
    ShapeError
        If the shapes do not broadcast.

    References
    ----------
    Ganea, O., Bécigneul, G., Hofmann, T. (2018). Hyperbolic neural networks. *NeurIPS*.

    Examples
    --------
    >>> import numpy as np
    >>> logmap0(np.array([0.5, 0.0]), 1.0).round(6)
    array([0.549306, 0.      ])
    """
    return _logmap0(y, c)


def expmap(x: Any, v: Any, c: Any) -> Any:
    r"""Map a tangent vector at x to the point that it leads to.

    .. math:: \exp_x(v) = x \oplus_c \tanh\Bigl(\frac{\sqrt c\,\lambda_x |v|}{2}\Bigr)\frac{v}{\sqrt c\,|v|}

    Parameters
    ----------
    x : array_like or Tensor, shape (..., d)
        A point of the ball.
    v : array_like or Tensor, shape (..., d)
        A tangent vector at x.
    c : float, array_like or Tensor
        Minus the curvature, positive; broadcasts to the leading shape.

    Returns
    -------
    ndarray or Tensor, shape (..., d)

    Raises
    ------
    DomainError
        If c is not positive, or a point lies outside the ball.
    ShapeError
        If the shapes do not broadcast.

    References
    ----------
    Ganea, O., Bécigneul, G., Hofmann, T. (2018). Hyperbolic neural networks. *NeurIPS*.

    Examples
    --------
    >>> import numpy as np
    >>> expmap(np.array([0.5, 0.0]), np.array([0.0, 0.5]), 1.0).round(6)
    array([0.617396, 0.402879])
    """
    return _expmap(x, v, c)


def logmap(x: Any, y: Any, c: Any) -> Any:
    r"""Return the tangent vector at x that leads to y: the inverse of :func:`expmap`.

    .. math::

        \log_x(y) = \frac{2}{\sqrt c\,\lambda_x}\operatorname{artanh}(\sqrt c\,|w|)\,\frac{w}{|w|},
        \qquad w = \ominus x \oplus_c y

    Parameters
    ----------
    x, y : array_like or Tensor, shape (..., d)
        Points of the ball.
    c : float, array_like or Tensor
        Minus the curvature, positive; broadcasts to the leading shape.

    Returns
    -------
    ndarray or Tensor, shape (..., d)

    Raises
    ------
    DomainError
        If c is not positive, or a point lies outside the ball.
    ShapeError
        If the shapes do not broadcast.

    References
    ----------
    Ganea, O., Bécigneul, G., Hofmann, T. (2018). Hyperbolic neural networks. *NeurIPS*.

    Examples
    --------
    >>> import numpy as np
    >>> logmap(np.array([0.5, 0.0]), np.array([0.8, 0.0]), 1.0).round(6)
    array([0.41198, 0.     ])
    """
    return _logmap(x, y, c)


def geodesic(t: Any, x: Any, y: Any, c: Any) -> Any:
    r"""Return the point at time t of the geodesic that is at x for t = 0 and at y for t = 1.

    .. math:: \gamma(t) = x \oplus_c \bigl(t \otimes_c (\ominus x \oplus_c y)\bigr)

    Parameters
    ----------
    t : float, array_like or Tensor, shape (...)
        Times, of either sign and any size.
    x, y : array_like or Tensor, shape (..., d)
        Points of the ball.
    c : float, array_like or Tensor
        Minus the curvature, positive; broadcasts to the leading shape.

    Returns
    -------
    ndarray or Tensor, shape (..., d)

    Raises
    ------
    DomainError
        If c is not positive, or a point lies outside the ball.
    ShapeError
        If the shapes do not broadcast.

    References
    ----------
    Ganea, O., Bécigneul, G., Hofmann, T. (2018). Hyperbolic neural networks. *NeurIPS*.

    Examples
    --------
    >>> import numpy as np
    >>> geodesic(0.5, np.array([0.5, 0.0]), np.array([-0.5, 0.0]), 1.0)
    array([0., 0.])
    """
    return _geodesic(t, x, y, c)


def projx(x: Any, c: Any, eps: float = 0.0) -> Any:
    r"""Pull what lies outside the ball back inside, along its ray.

    Parameters
    ----------
    x : array_like or Tensor, shape (..., d)
        Any vectors.
    c : float, array_like or Tensor
        Minus the curvature, positive; broadcasts to the leading shape.
    eps : float
        How far inside: points beyond :math:`(1 - \epsilon)/\sqrt c` move to that radius. With 0 only what lies outside
        moves, to the last representable points of the ball.

    Returns
    -------
    ndarray or Tensor, shape (..., d)

    Raises
    ------
    DomainError
        If c is not positive, or eps is not in [0, 1).
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import numpy as np
    >>> projx(np.array([[0.3, 0.4], [3.0, 4.0]]), 1.0, eps=0.1)
    array([[0.3 , 0.4 ],
           [0.54, 0.72]])
    """
    if not 0 <= eps < 1:
        raise DomainError(f"projx needs eps in [0, 1), not {eps}")
    return _projx(x, c, eps=eps)

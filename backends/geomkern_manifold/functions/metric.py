"""Distances, norms and metric factors of the Poincaré ball of curvature -c.

Every function takes arrays or tensors and a positive c, and works on the last axis; leading axes broadcast. The
formulas are the textbooks'; the kernels compute them in forms that stay accurate up to the boundary of the ball.
"""

from typing import Any

from .kernel import kernel_function

__all__ = ["dist", "dist0", "egrad2rgrad", "inner", "lambda_x", "norm", "pairwise_dist"]

_dist = kernel_function("dist")
_dist0 = kernel_function("dist0")
_lambda_x = kernel_function("lambda_x")
_inner = kernel_function("inner")
_norm = kernel_function("norm")
_egrad2rgrad = kernel_function("egrad2rgrad")
_pairwise_dist = kernel_function("pairwise_dist")


def dist(x: Any, y: Any, c: Any) -> Any:
    r"""Return the distance of x and y.

    .. math:: d(x, y) = \frac{2}{\sqrt c}\operatorname{arsinh}\sqrt{\frac{c|x - y|^2}{(1 - c|x|^2)(1 - c|y|^2)}}

    Parameters
    ----------
    x, y : array_like or Tensor, shape (..., d)
        Points of the ball.
    c : float, array_like or Tensor
        Minus the curvature, positive; broadcasts to the leading shape.

    Returns
    -------
    ndarray or Tensor, shape (...)

    Raises
    ------
    DomainError
        If c is not positive, or a point lies outside the ball.
    ShapeError
        If the shapes do not broadcast.

    Notes
    -----
    The factors 1 - c|x|^2 are compensated, so the result is good to 4 units in the last place for near and far
    points up to the boundary. The gradient at x = y is taken to be zero.

    References
    ----------
    Nickel, M., Kiela, D. (2017). Poincaré embeddings for learning hierarchical representations. *NeurIPS*.

    Examples
    --------
    >>> import numpy as np
    >>> dist(np.zeros(2), np.array([0.5, 0.0]), 1.0).round(6)
    np.float64(1.098612)
    """
    return _dist(x, y, c)


def dist0(x: Any, c: Any) -> Any:
    r"""Return the distance of x from the origin.

    .. math:: d(0, x) = \frac{2}{\sqrt c}\operatorname{artanh}(\sqrt c\,|x|)

    Parameters
    ----------
    x : array_like or Tensor, shape (..., d)
        A point of the ball.
    c : float, array_like or Tensor
        Minus the curvature, positive; broadcasts to the leading shape.

    Returns
    -------
    ndarray or Tensor, shape (...)

    Raises
    ------
    DomainError
        If c is not positive, or a point lies outside the ball.
    ShapeError
        If the shapes do not broadcast.

    References
    ----------
    Nickel, M., Kiela, D. (2017). Poincaré embeddings for learning hierarchical representations. *NeurIPS*.

    Examples
    --------
    >>> import numpy as np
    >>> dist0(np.array([0.5, 0.0]), 1.0).round(6)
    np.float64(1.098612)
    """
    return _dist0(x, c)


def lambda_x(x: Any, c: Any) -> Any:
    r"""Return the conformal factor at x, by which the metric is longer than the Euclidean one.

    .. math:: \lambda_x = \frac{2}{1 - c|x|^2}

    Parameters
    ----------
    x : array_like or Tensor, shape (..., d)
        A point of the ball.
    c : float, array_like or Tensor
        Minus the curvature, positive; broadcasts to the leading shape.

    Returns
    -------
    ndarray or Tensor, shape (...)

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
    >>> lambda_x(np.array([0.5, 0.5]), 1.0)
    array(4.)
    """
    return _lambda_x(x, c)


def inner(x: Any, u: Any, v: Any, c: Any) -> Any:
    r"""Return the Riemannian inner product of two tangent vectors at x.

    .. math:: \langle u, v\rangle_x = \lambda_x^2 \langle u, v\rangle

    Parameters
    ----------
    x : array_like or Tensor, shape (..., d)
        A point of the ball.
    u, v : array_like or Tensor, shape (..., d)
        Tangent vectors at x.
    c : float, array_like or Tensor
        Minus the curvature, positive; broadcasts to the leading shape.

    Returns
    -------
    ndarray or Tensor, shape (...)

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
    >>> inner(np.zeros(2), np.array([1.0, 0.0]), np.array([1.0, 1.0]), 1.0)
    array(4.)
    """
    return _inner(x, u, v, c)


def norm(x: Any, u: Any, c: Any) -> Any:
    r"""Return the Riemannian length of a tangent vector at x.

    .. math:: |u|_x = \lambda_x |u|

    Parameters
    ----------
    x : array_like or Tensor, shape (..., d)
        A point of the ball.
    u : array_like or Tensor, shape (..., d)
        A tangent vector at x.
    c : float, array_like or Tensor
        Minus the curvature, positive; broadcasts to the leading shape.

    Returns
    -------
    ndarray or Tensor, shape (...)

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
    >>> norm(np.zeros(2), np.array([3.0, 4.0]), 1.0)
    array(10.)
    """
    return _norm(x, u, c)


def egrad2rgrad(x: Any, u: Any, c: Any) -> Any:
    r"""Turn a Euclidean gradient at x into the Riemannian gradient.

    .. math:: \operatorname{grad} = \frac{u}{\lambda_x^2}

    Parameters
    ----------
    x : array_like or Tensor, shape (..., d)
        A point of the ball.
    u : array_like or Tensor, shape (..., d)
        A Euclidean gradient at x.
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
    Nickel, M., Kiela, D. (2017). Poincaré embeddings for learning hierarchical representations. *NeurIPS*.

    Examples
    --------
    >>> import numpy as np
    >>> egrad2rgrad(np.zeros(2), np.array([4.0, 0.0]), 1.0)
    array([1., 0.])
    """
    return _egrad2rgrad(x, u, c)


def pairwise_dist(x: Any, y: Any, c: Any) -> Any:
    """Return the distances of every row of x from every row of y.

    Parameters
    ----------
    x : array_like or Tensor, shape (..., n, d)
        Points of the ball.
    y : array_like or Tensor, shape (..., m, d)
        Points of the ball; leading axes broadcast against those of x.
    c : float or Tensor
        Minus the curvature, positive, one for all.

    Returns
    -------
    ndarray or Tensor, shape (..., n, m)
        As accurate as :func:`dist`: differences are taken coordinate by coordinate.

    Raises
    ------
    DomainError
        If c is not positive, or a point lies outside the ball.
    ShapeError
        If the shapes do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> points = np.array([[0.0, 0.0], [0.5, 0.0]])
    >>> pairwise_dist(points, points, 1.0).round(6)
    array([[0.      , 1.098612],
           [1.098612, 0.      ]])
    """
    return _pairwise_dist(x, y, c)

"""Gyrovector operations of the Poincaré ball of curvature -c.

Every function takes arrays or tensors and a positive c, and works on the last axis; leading axes broadcast. The
formulas are the textbooks'; the kernels compute them in forms that stay accurate up to the boundary of the ball.
"""

from typing import Any

import numpy as np

from geomkern.autograd import Function
from geomkern.errors import ShapeError

from .kernel import kernel_function

__all__ = ["gyration", "mobius_add", "mobius_matvec", "mobius_scalar_mul", "mobius_sub", "transp"]

_mobius_add = kernel_function("mobius_add")
_mobius_scalar_mul = kernel_function("mobius_scalar_mul")
_gyration = kernel_function("gyration")
_transp = kernel_function("transp")


def mobius_add(x: Any, y: Any, c: Any) -> Any:
    r"""Add two points (Möbius addition): the translation of y by x.

    .. math::

        x \oplus_c y = \frac{(1 + 2c\langle x, y\rangle + c|y|^2)\,x + (1 - c|x|^2)\,y}
                            {1 + 2c\langle x, y\rangle + c^2|x|^2|y|^2}

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
    Ungar, A. (2008). *Analytic Hyperbolic Geometry and Albert Einstein's Special Theory of Relativity*.

    Examples
    --------
    >>> import numpy as np
    >>> mobius_add(np.array([0.5, 0.0]), np.array([0.5, 0.0]), 1.0)
    array([0.8, 0. ])
    """
    return _mobius_add(x, y, c)


def mobius_scalar_mul(r: Any, x: Any, c: Any) -> Any:
    r"""Multiply a point by a number: r times as far from the origin, along the same ray.

    .. math:: r \otimes_c x = \tanh\bigl(r \operatorname{artanh}(\sqrt c\,|x|)\bigr)\,\frac{x}{\sqrt c\,|x|}

    Parameters
    ----------
    r : float, array_like or Tensor, shape (...)
        The factors.
    x : array_like or Tensor, shape (..., d)
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
    Ungar, A. (2008). *Analytic Hyperbolic Geometry and Albert Einstein's Special Theory of Relativity*.

    Examples
    --------
    >>> import numpy as np
    >>> mobius_scalar_mul(2.0, np.array([0.5, 0.0]), 1.0)
    array([0.8, 0. ])
    """
    return _mobius_scalar_mul(r, x, c)


def gyration(u: Any, v: Any, w: Any, c: Any) -> Any:
    r"""Rotate w by the gyration of u and v, which is what Möbius addition lacks to be associative.

    .. math:: \operatorname{gyr}[u, v]w = \ominus(u \oplus v) \oplus \bigl(u \oplus (v \oplus w)\bigr)

    Parameters
    ----------
    u, v : array_like or Tensor, shape (..., d)
        Points of the ball.
    w : array_like or Tensor, shape (..., d)
        Any vector; the map is linear in it and keeps its length.
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
    Ungar, A. (2008). *Analytic Hyperbolic Geometry and Albert Einstein's Special Theory of Relativity*.

    Examples
    --------
    >>> import numpy as np
    >>> gyration(np.array([0.5, 0.0]), np.array([0.0, 0.5]), np.array([1.0, 0.0]), 1.0).round(3)
    array([ 0.882, -0.471])
    """
    return _gyration(u, v, w, c)


def transp(x: Any, y: Any, v: Any, c: Any) -> Any:
    r"""Transport a tangent vector in parallel along the geodesic from x to y.

    .. math:: P_{x \to y}(v) = \frac{\lambda_x}{\lambda_y} \operatorname{gyr}[y, \ominus x]v

    Parameters
    ----------
    x, y : array_like or Tensor, shape (..., d)
        Points of the ball.
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
    >>> transp(np.zeros(2), np.array([0.5, 0.0]), np.array([1.0, 0.0]), 1.0)
    array([0.75, 0.  ])
    """
    return _transp(x, y, v, c)


def mobius_sub(x: Any, y: Any, c: Any) -> Any:
    r"""Subtract a point (Möbius): :math:`x \oplus_c (-y)`; see :func:`mobius_add`.

    Examples
    --------
    >>> import numpy as np
    >>> mobius_sub(np.array([0.8, 0.0]), np.array([0.5, 0.0]), 1.0)
    array([0.5, 0. ])
    """
    return mobius_add(x, -(np.asarray(y) if isinstance(y, list | tuple) else y), c)


class MobiusMatvec(Function):
    """exp_0(M log_0 x), as two row kernels around one matrix product."""

    backend = "manifold"

    @staticmethod
    def forward(ctx: Any, m: np.ndarray, x: np.ndarray, c: Any) -> np.ndarray:
        if np.ndim(m) != 2 or np.ndim(x) < 1 or x.shape[-1] != m.shape[1]:
            raise ShapeError(
                f"mobius_matvec needs a matrix (out, in) and points (..., in), not {np.shape(m)} and {np.shape(x)}"
            )
        tangent = ctx.kernels.logmap0(x, c)
        image = tangent @ m.T
        ctx.save_for_backward(m, x, c, tangent, image)
        return ctx.kernels.expmap0(image, c)

    @staticmethod
    def backward(ctx: Any, grad: np.ndarray) -> tuple[Any, ...]:
        m, x, c, tangent, image = ctx.saved
        needs_m, needs_x, needs_c = ctx.needs_input_grad
        of_image, of_c = ctx.kernels.expmap0_vjp(grad, image, c, (True, needs_c))
        of_m = None
        if needs_m:
            of_m = of_image.reshape(-1, len(m)).T @ tangent.reshape(-1, m.shape[1])
        if not (needs_x or needs_c):
            return of_m, None, None
        of_x, more_of_c = ctx.kernels.logmap0_vjp(of_image @ m, x, c, (needs_x, needs_c))
        return of_m, of_x, of_c + more_of_c if needs_c else None


def mobius_matvec(m: Any, x: Any, c: Any) -> Any:
    r"""Apply a matrix to points, through the tangent space at the origin.

    .. math:: M \otimes_c x = \exp_0(M \log_0 x)

    Parameters
    ----------
    m : array_like or Tensor, shape (out, in)
        The matrix.
    x : array_like or Tensor, shape (..., in)
        Points of the ball.
    c : float, array_like or Tensor
        Minus the curvature, positive; broadcasts to the leading shape.

    Returns
    -------
    ndarray or Tensor, shape (..., out)

    Raises
    ------
    DomainError
        If c is not positive, or a point lies outside the ball.
    ShapeError
        If the shapes do not fit.

    References
    ----------
    Ganea, O., Bécigneul, G., Hofmann, T. (2018). Hyperbolic neural networks. *NeurIPS*.

    Examples
    --------
    >>> import numpy as np
    >>> mobius_matvec(np.array([[0.0, 2.0]]), np.array([0.0, 0.5]), 1.0)
    array([0.8])
    """
    return MobiusMatvec.apply(m, x, c)

"""Functions of a graph Laplacian applied to signals on the vertices.

A signal is an array of shape (n,), or (..., n, channels) with the vertices on the second last axis. Signals, and what a
filter learns, may be tensors; the Laplacian is an array or a sparse array without a gradient.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from scipy.sparse.linalg import expm_multiply

from geomkern.autograd import Function
from geomkern.errors import DomainError, ShapeError

from .arrays import as_double, positive

__all__ = ["cheb_filter", "graph_diffusion", "spectral_conv"]


def _vertices(name: str, n: int, shape: tuple[int, ...]) -> None:
    """Raise a ShapeError unless signals of that shape live on n vertices."""
    if not shape or shape[max(len(shape) - 2, 0)] != n:
        raise ShapeError(
            f"{name} on a graph of {n} vertices needs a signal of shape ({n},) or (..., {n}, channels), got {shape}"
        )


def _vertex_count(name: str, laplacian: Any) -> int:
    shape = np.shape(laplacian)
    if len(shape) != 2 or shape[0] != shape[1]:
        raise ShapeError(f"{name} needs a square Laplacian, got shape {shape}")
    return shape[0]


def _on_vertices(apply: Callable[[np.ndarray], np.ndarray], x: np.ndarray) -> np.ndarray:
    """Apply to the vertex axis what takes signals of shape (n,) or (n, m)."""
    if x.ndim <= 2:
        return apply(x)
    front = np.moveaxis(x, -2, 0)
    return np.moveaxis(apply(front.reshape(len(front), -1)).reshape(front.shape), 0, -2)


def _recurrence(laplacian: Any, x: np.ndarray, lambda_max: float, order: int) -> Iterator[np.ndarray]:
    """Yield T_0(A) x, T_1(A) x, ..., of A = 2 L / lambda_max - I, by T_(k+1) = 2 A T_k - T_(k-1)."""

    def shifted(y: np.ndarray) -> np.ndarray:
        return (2 / lambda_max) * (laplacian @ y) - y

    last, now = x, x
    for k in range(order):
        yield now
        if k + 1 < order:
            step = _on_vertices(shifted, now)
            last, now = now, 2 * step - last if k else step


class ChebFilter(Function):
    """One recurrence of the gradient g gives both gradients, as T_k(A) x . g = x . T_k(A^T) g."""

    @staticmethod
    def forward(ctx: Any, x: Any, theta: Any, *, laplacian: Any, lambda_max: float) -> np.ndarray:
        x, dtype = as_double("cheb_filter", x)
        theta, _ = as_double("cheb_filter", theta)
        _vertices("cheb_filter", _vertex_count("cheb_filter", laplacian), x.shape)
        mixes = theta.ndim == 3 and x.ndim >= 2 and theta.shape[1] == x.shape[-1]
        if not (theta.ndim == 1 or mixes) or not len(theta):
            raise ShapeError(
                f"cheb_filter needs theta of shape (order,), or (order, channels, outputs) with the channels of x, got "
                f"{theta.shape} for x of shape {x.shape}"
            )
        ctx.save_for_backward(x, theta)
        ctx.graph = laplacian, lambda_max, len(theta)
        parts = zip(_recurrence(laplacian, x, lambda_max, len(theta)), theta, strict=True)
        return sum((part @ weight if mixes else part * weight) for part, weight in parts).astype(dtype, copy=False)

    @staticmethod
    def backward(ctx: Any, g: np.ndarray) -> tuple[Any, Any]:
        x, theta = ctx.saved
        laplacian, lambda_max, order = ctx.graph
        mixes, batch = theta.ndim == 3, list(range(x.ndim - 1))
        gx, gtheta = np.zeros_like(x), np.empty_like(theta)
        for k, part in enumerate(_recurrence(laplacian.T, g.astype(np.float64), lambda_max, order)):
            gx += part @ theta[k].T if mixes else part * theta[k]
            gtheta[k] = np.tensordot(x, part, (batch, batch)) if mixes else np.sum(x * part)
        return gx, gtheta


class Diffusion(Function):
    """y = e^(-tL) x, so the gradient of x is e^(-tL^T) g, and dy/dt = -L y."""

    @staticmethod
    def forward(ctx: Any, x: Any, t: Any, *, laplacian: Any) -> np.ndarray:
        x, dtype = as_double("graph_diffusion", x)
        t, _ = as_double("graph_diffusion", t)
        _vertices("graph_diffusion", _vertex_count("graph_diffusion", laplacian), x.shape)
        if t.ndim:
            raise ShapeError(f"graph_diffusion needs one time t, got an array of shape {t.shape}")
        if t < 0 or np.isinf(t):
            raise DomainError(f"graph_diffusion needs a finite time t that is not negative, got {t}")
        out = _diffuse(laplacian, x, t)
        ctx.save_for_backward(out, t)
        ctx.laplacian = laplacian
        return out.astype(dtype, copy=False)

    @staticmethod
    def backward(ctx: Any, g: np.ndarray) -> tuple[Any, Any]:
        out, t = ctx.saved
        g = g.astype(np.float64)
        wants_x, wants_t = ctx.needs_input_grad
        gx = _diffuse(ctx.laplacian.T, g, t) if wants_x else None
        return gx, -np.sum(g * _on_vertices(lambda y: ctx.laplacian @ y, out)) if wants_t else None


class SpectralConv(Function):
    @staticmethod
    def forward(ctx: Any, x: Any, response: Any, *, vectors: np.ndarray) -> np.ndarray:
        x, dtype = as_double("spectral_conv", x)
        response, _ = as_double("spectral_conv", response)
        spectrum = vectors.T @ x
        ctx.save_for_backward(spectrum, response)
        ctx.vectors = vectors
        return (vectors @ (response * spectrum)).astype(dtype, copy=False)

    @staticmethod
    def backward(ctx: Any, g: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        spectrum, response = ctx.saved
        back = ctx.vectors.T @ g
        return ctx.vectors @ (response * back), spectrum * back


def _diffuse(laplacian: Any, x: np.ndarray, t: np.ndarray) -> np.ndarray:
    return _on_vertices(lambda y: expm_multiply(laplacian * -float(t), y), x) if x.size else x


def cheb_filter(laplacian: Any, x: Any, theta: Any, lambda_max: float) -> Any:
    r"""Filter a signal by a Chebyshev series of the graph Laplacian.

    .. math:: y = \sum_k \theta_k\, T_k(\tilde L)\, x, \qquad \tilde L = 2L/\lambda_{\max} - I

    Parameters
    ----------
    laplacian : ndarray or sparse array, shape (n, n)
        The Laplacian, or any matrix.
    x : array_like or Tensor, shape (n,) or (..., n, channels)
        The signal.
    theta : array_like or Tensor, shape (order,) or (order, channels, outputs)
        The series; matrices mix the channels, :math:`y = \sum_k T_k(\tilde L)\, x\, \theta_k`.
    lambda_max : float
        A bound of the eigenvalues; 2 for a normalised Laplacian.

    Returns
    -------
    ndarray or Tensor, of the shape of x, or (..., n, outputs)

    Raises
    ------
    ShapeError
        If the shapes do not fit.
    DomainError
        If the bound is not positive.

    Notes
    -----
    A filter g of the eigenvalues has the series ``cheb_fit(g(cheb_nodes(order, domain=(0, lambda_max))))``. Forward and
    backward take order - 1 products with the Laplacian each.

    References
    ----------
    Defferrard, M., Bresson, X., Vandergheynst, P. (2016). Convolutional neural networks on graphs with fast localized
    spectral filtering. *NeurIPS*.

    Examples
    --------
    >>> import numpy as np
    >>> graph = np.array([[1.0, -1.0], [-1.0, 1.0]])
    >>> cheb_filter(graph, np.array([1.0, 0.0]), np.array([0.0, 1.0]), 2.0)  # L - I
    array([ 0., -1.])
    """
    positive("cheb_filter", "bound lambda_max", lambda_max)
    return ChebFilter.apply(x, theta, laplacian=laplacian, lambda_max=float(lambda_max))


def spectral_conv(vectors: Any, x: Any, response: Any) -> Any:
    r"""Filter a signal in an eigenbasis of the graph Laplacian.

    .. math:: y = U \operatorname{diag}(g)\, U^\top x

    Parameters
    ----------
    vectors : array_like, shape (n, k)
        Orthonormal eigenvectors, as :func:`graph_spectrum` returns them.
    x : array_like or Tensor, shape (n,) or (..., n, channels)
        The signal.
    response : array_like or Tensor, shape (k,) or (k, channels)
        What the filter multiplies each eigenvector by; of one channel each or the same for all.

    Returns
    -------
    ndarray or Tensor, of the shape of x

    Raises
    ------
    ShapeError
        If the shapes do not fit.

    References
    ----------
    Bruna, J., Zaremba, W., Szlam, A., LeCun, Y. (2014). Spectral networks and locally connected networks on graphs.
    *ICLR*.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold.spectral import graph_spectrum
    >>> values, vectors = graph_spectrum(np.array([[1.0, -1.0], [-1.0, 1.0]]))
    >>> spectral_conv(vectors, np.array([1.0, 0.0]), np.exp(-values)).round(4)
    array([0.5677, 0.4323])
    """
    vectors, _ = as_double("spectral_conv", vectors)
    if vectors.ndim != 2:
        raise ShapeError(f"spectral_conv needs a matrix of eigenvectors, got shape {vectors.shape}")
    n, k = vectors.shape
    shape, given = np.shape(x), np.shape(response)
    _vertices("spectral_conv", n, shape)
    if given[:1] != (k,) or len(given) > 2 or (len(given) == 2 and (len(shape) < 2 or given[1] != shape[-1])):
        raise ShapeError(
            f"spectral_conv with {k} eigenvectors needs a response of shape ({k},) or ({k}, channels), got {given} for "
            f"x of shape {shape}"
        )
    if len(given) == 1 and len(shape) > 1:
        response = np.reshape(response, (k, 1))
    return SpectralConv.apply(x, response, vectors=vectors)


def graph_diffusion(laplacian: Any, x: Any, t: Any) -> Any:
    r"""Let a signal diffuse on a graph: :math:`y = e^{-tL} x`.

    Parameters
    ----------
    laplacian : ndarray or sparse array, shape (n, n)
        The Laplacian, or any matrix.
    x : array_like or Tensor, shape (n,) or (..., n, channels)
        The signal at time zero.
    t : float or Tensor
        The time, one number that is not negative.

    Returns
    -------
    ndarray or Tensor, of the shape of x

    Raises
    ------
    ShapeError
        If the shapes do not fit.
    DomainError
        If t is negative or infinite.

    Notes
    -----
    The work grows as t times the norm of L; no exponential of a matrix is formed.

    References
    ----------
    Al-Mohy, A. H., Higham, N. J. (2011). Computing the action of the matrix exponential. *SIAM J. Sci. Comput.* 33.

    Examples
    --------
    >>> import numpy as np
    >>> graph_diffusion(np.array([[1.0, -1.0], [-1.0, 1.0]]), np.array([1.0, 0.0]), 1.0).round(4)
    array([0.5677, 0.4323])
    """
    return Diffusion.apply(x, t, laplacian=laplacian)

r"""The spherical transform of radial functions on hyperbolic three-space, a sine transform.

Curvature -c, r = sqrt(c). The radial eigenfunction of eigenvalue -(c + lambda^2) that is one at the origin is
phi(d) = r sin(lambda d)/(lambda sinh(r d)), and a sphere of radius d has the area 4 pi sinh(r d)^2/c. Hence

    F(lambda) = int f phi dV = 4 pi/(lambda r) int_0^inf f(d) sinh(r d) sin(lambda d) dd,
    f(d) = r/(2 pi^2 sinh(r d)) int_0^inf F(lambda) lambda sin(lambda d) dlambda.

On d_j = j R/(N + 1) and lambda_k = k pi/R, j and k from 1 to N, both integrals are the discrete sine transform DST-I,
as both integrands vanish at the ends. With f zero from R on, and F from lambda_(N+1) on, nothing else is lost: the two
sums are inverse to each other, and keep the norm, but for rounding.
"""

from typing import Any

import numpy as np
from scipy import fft

from geomkern.autograd import Function
from geomkern.errors import ShapeError

from .arrays import as_double, last_axis, positive

__all__ = ["helgason_grid", "helgason_inverse", "helgason_transform"]


class Sines(Function):
    """after * DST(before * x)/2 along the last axis; the sine transform is its own transpose."""

    @staticmethod
    def forward(ctx: Any, x: Any, *, name: str, radius: float, c: float, inverse: bool) -> np.ndarray:
        x, dtype = as_double(name, x)
        last_axis(name, x, 1)
        d, frequency = helgason_grid(x.shape[-1], radius)
        density = 4 * np.pi / np.sqrt(c) * np.sinh(np.sqrt(c) * d) * d[0]
        before, after = density, 1 / frequency
        if inverse:
            before, after = frequency, 2 * d[0] * frequency[0] / (np.pi * density)
        ctx.before, ctx.after = 0.5 * before, after
        return (after * _sines(ctx.before * x)).astype(dtype, copy=False)

    @staticmethod
    def backward(ctx: Any, g: np.ndarray) -> np.ndarray:
        return ctx.before * _sines(ctx.after * g)


def _sines(x: np.ndarray) -> np.ndarray:
    return fft.dst(x, type=1) if x.size else x


def helgason_grid(n: int, radius: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the distances and the frequencies between which the transforms go.

    Parameters
    ----------
    n : int
        The number of points, positive. The transforms are fastest where n + 1 is a product of small primes.
    radius : float
        The distance R at which functions are taken to have vanished.

    Returns
    -------
    distances : ndarray, shape (n,)
        j R/(n + 1) for j from 1 to n.
    frequencies : ndarray, shape (n,)
        k pi/R for k from 1 to n.

    Raises
    ------
    ShapeError
        If n is not positive.
    DomainError
        If the radius is not.

    Examples
    --------
    >>> distances, frequencies = helgason_grid(3, 4.0)
    >>> distances
    array([1., 2., 3.])
    """
    if n < 1:
        raise ShapeError(f"helgason_grid needs a positive number of points, not {n}")
    positive("helgason_grid", "radius", radius)
    steps = np.arange(1, n + 1)
    return steps * (radius / (n + 1)), steps * (np.pi / radius)


def helgason_transform(f: Any, radius: float, c: float = 1.0) -> Any:
    r"""Return the spherical (Helgason) transform of a radial function on hyperbolic three-space.

    .. math:: \hat f(\lambda) = \frac{4\pi}{\lambda} \int_0^\infty f(\rho) \sin(\lambda\rho) \sinh\rho\, d\rho

    for c = 1. The Laplacian becomes the factor :math:`-(c + \lambda^2)`, and a convolution a product.

    Parameters
    ----------
    f : array_like or Tensor, shape (..., n)
        The values at the distances of ``helgason_grid(n, radius)``.
    radius : float
        The distance at which f sinh has vanished.
    c : float
        Minus the curvature, positive.

    Returns
    -------
    ndarray or Tensor, shape (..., n)
        The transform at the frequencies of the grid. Differentiable in f.

    Raises
    ------
    ShapeError
        If there is no value.
    DomainError
        If the radius or c is not positive.

    Notes
    -----
    One discrete sine transform, O(n log n), forward and backward. Rounding errors are relative to the largest value of
    f sinh.

    References
    ----------
    Helgason, S. (1984). *Groups and Geometric Analysis*, chapter IV. Terras, A. (2013). *Harmonic Analysis on Symmetric
    Spaces*, volume 1, section 3.2.

    Examples
    --------
    The heat kernel becomes a Gaussian:

    >>> import numpy as np
    >>> from geomkern_manifold.spectral import heat_kernel
    >>> distances, frequencies = helgason_grid(255, 20.0)
    >>> transform = helgason_transform(heat_kernel(0.5, distances, 3), 20.0)
    >>> np.allclose(transform, np.exp(-0.5 * (1 + frequencies**2)))
    True
    """
    return _transform("helgason_transform", f, radius, c, inverse=False)


def helgason_inverse(transform: Any, radius: float, c: float = 1.0) -> Any:
    r"""Return the radial function on hyperbolic three-space that has a given spherical transform.

    .. math:: f(\rho) = \frac{1}{2\pi^2 \sinh\rho} \int_0^\infty \hat f(\lambda) \sin(\lambda\rho)\, \lambda\, d\lambda

    Parameters
    ----------
    transform : array_like or Tensor, shape (..., n)
        The values at the frequencies of ``helgason_grid(n, radius)``.
    radius : float
        The distance at which the function has vanished.
    c : float
        Minus the curvature, positive.

    Returns
    -------
    ndarray or Tensor, shape (..., n)
        The function at the distances of the grid. Differentiable in the transform.

    Raises
    ------
    ShapeError
        If there is no value.
    DomainError
        If the radius or c is not positive.

    Notes
    -----
    One discrete sine transform, O(n log n), the inverse of :func:`helgason_transform` but for rounding.

    References
    ----------
    Helgason, S. (1984). *Groups and Geometric Analysis*, chapter IV.

    Examples
    --------
    >>> import numpy as np
    >>> f = np.array([3.0, 2.0, 1.0])
    >>> np.allclose(helgason_inverse(helgason_transform(f, 4.0), 4.0), f)
    True
    """
    return _transform("helgason_inverse", transform, radius, c, inverse=True)


def _transform(name: str, x: Any, radius: float, c: float, inverse: bool) -> Any:
    positive(name, "radius", radius)
    positive(name, "c", c)
    return Sines.apply(x, name=name, radius=float(radius), c=float(c), inverse=inverse)

"""Spherical harmonics, from SciPy's recurrences."""

from typing import Any

import numpy as np
from scipy.special import sph_harm_y_all

from geomkern import Tensor
from geomkern.autograd import Function
from geomkern.errors import DomainError, DTypeError, ShapeError

from .arrays import as_double

__all__ = ["spherical_harmonics"]


def _packed(table: np.ndarray, l_max: int) -> np.ndarray:
    """Return the harmonics of SciPy's table, which starts with the axes l and m, on a last axis with l^2 + l + m."""
    degrees = np.repeat(np.arange(l_max + 1), 2 * np.arange(l_max + 1) + 1)
    orders = np.arange((l_max + 1) ** 2) - degrees**2 - degrees
    return np.moveaxis(table[degrees, orders], 0, -1)


def _real(table: np.ndarray, l_max: int) -> np.ndarray:
    """Return sqrt(2) (-1)^m times the real part for m > 0 and the imaginary part of |m| for m < 0."""
    out = np.empty((l_max + 1, 2 * l_max + 1, *table.shape[2:]))
    out[:, 0] = table[:, 0].real
    for m in range(1, l_max + 1):
        scale = np.sqrt(2) * (-1) ** m
        out[:, m], out[:, -m] = scale * table[:, m].real, scale * table[:, m].imag
    return _packed(out, l_max)


class RealHarmonics(Function):
    @staticmethod
    def forward(ctx: Any, theta: Any, phi: Any, *, l_max: int) -> np.ndarray:
        theta, phi, dtype = _angles(theta, phi)
        if not any(ctx.needs_input_grad):
            return _real(sph_harm_y_all(l_max, l_max, theta, phi), l_max).astype(dtype, copy=False)
        table, slopes = sph_harm_y_all(l_max, l_max, theta, phi, diff_n=1)
        ctx.save_for_backward(_real(slopes[..., 0], l_max), _real(slopes[..., 1], l_max))
        return _real(table, l_max).astype(dtype, copy=False)

    @staticmethod
    def backward(ctx: Any, g: np.ndarray) -> tuple[np.ndarray, ...]:
        return tuple((g * slope).sum(axis=-1) for slope in ctx.saved)


def _angles(theta: Any, phi: Any) -> tuple[np.ndarray, np.ndarray, np.dtype]:
    theta, of_theta = as_double("spherical_harmonics", theta)
    phi, of_phi = as_double("spherical_harmonics", phi)
    try:
        np.broadcast_shapes(theta.shape, phi.shape)
    except ValueError as error:
        raise ShapeError(
            f"spherical_harmonics needs angles that broadcast, got shapes {theta.shape} and {phi.shape}"
        ) from error
    if np.any((theta < 0) | (theta > np.pi)):
        raise DomainError("spherical_harmonics needs polar angles theta from 0 to pi")
    return theta, phi, np.result_type(of_theta, of_phi)


def spherical_harmonics(theta: Any, phi: Any, l_max: int, *, real: bool = True) -> Any:
    r"""Return all spherical harmonics up to a degree, orthonormal on the unit sphere.

    .. math::

        Y_{lm} = \sqrt{\frac{2l + 1}{4\pi} \frac{(l - m)!}{(l + m)!}}\, P_l^m(\cos\theta)\, e^{im\phi}

    with the Condon-Shortley phase. The real ones are :math:`Y_{l0}`, :math:`(-1)^m\sqrt2 \operatorname{Re} Y_{lm}` for
    m > 0 and :math:`(-1)^m \sqrt2 \operatorname{Im} Y_{l|m|}` for m < 0, so that those of degree 1 are
    :math:`\sqrt{3/4\pi}\,(y, z, x)`.

    Parameters
    ----------
    theta : array_like or Tensor
        The polar angle, from the axis z: from 0 to pi.
    phi : array_like or Tensor
        The azimuth; broadcasts with theta.
    l_max : int
        The highest degree, not negative.
    real : bool
        Return the real harmonics; otherwise the complex ones, of arrays only.

    Returns
    -------
    ndarray or Tensor, shape (..., (l_max + 1)**2)
        Degree l and order m at the index l^2 + l + m. The real ones are differentiable.

    Raises
    ------
    DomainError
        If the degree is negative, or a polar angle is not in its interval.
    ShapeError
        If the angles do not broadcast.
    DTypeError
        If the complex harmonics are asked of a tensor.

    References
    ----------
    NIST Digital Library of Mathematical Functions, section 14.30.

    Examples
    --------
    >>> import numpy as np
    >>> spherical_harmonics(0.0, 0.0, 1).round(4) + 0.0  # the constant, and z
    array([0.2821, 0.    , 0.4886, 0.    ])
    """
    if l_max < 0:
        raise DomainError(f"spherical_harmonics needs a degree l_max that is not negative, not {l_max}")
    if real:
        return RealHarmonics.apply(theta, phi, l_max=l_max)
    if isinstance(theta, Tensor) or isinstance(phi, Tensor):
        raise DTypeError("spherical_harmonics of a tensor are real; take the complex ones of its data")
    theta, phi, dtype = _angles(theta, phi)
    table = _packed(sph_harm_y_all(l_max, l_max, theta, phi), l_max)
    return table.astype(np.result_type(dtype, np.complex64), copy=False)

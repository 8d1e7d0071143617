"""The stereographic model: constant curvature of either sign."""

from __future__ import annotations

from typing import Any

import numpy as np

from geomkern.errors import DomainError

from .conformal import ConformalManifold
from .constant import ConstantCurvature
from .gyro import GyrovectorSpace

__all__ = ["Stereographic"]


class Stereographic(ConformalManifold, GyrovectorSpace, ConstantCurvature):
    r"""The space of constant curvature k, of either sign or zero, in stereographic projection.

    With :math:`\lambda_x = 2/(1 + k|x|^2)` the metric is :math:`\lambda_x^2 |dx|^2`, and

    .. math::

        x \oplus y &= \frac{(1 - 2k\langle x, y\rangle - k|y|^2)x + (1 + k|x|^2)y}
                           {1 - 2k\langle x, y\rangle + k^2|x|^2|y|^2} \\
        d(x, y) &= 2 \tan_k^{-1}(|\ominus x \oplus y|) \\
        \exp_x(v) &= x \oplus \tan_k\Bigl(\frac{\lambda_x |v|}{2}\Bigr)\frac{v}{|v|} \\
        \log_x(y) &= \frac{2}{\lambda_x}\tan_k^{-1}(|w|)\,\frac{w}{|w|}, \qquad w = \ominus x \oplus y \\
        P_{x \to y}(v) &= \frac{\lambda_x}{\lambda_y} \operatorname{gyr}[y, \ominus x]v

    where :math:`\tan_k(r)` is :math:`\tan(\sqrt k\,r)/\sqrt k` for k > 0, r for k = 0 and
    :math:`\tanh(\sqrt{-k}\,r)/\sqrt{-k}` for k < 0. All of it is smooth in k, through k = 0 too, so a curvature that
    learns may change its sign, and each point may have one of its own.

    k < 0
        The Poincaré ball :math:`-k|x|^2 < 1`: ``Stereographic(k)`` is ``PoincareBall(c=-k)``.
    k = 0
        Flat space with the metric :math:`4|dx|^2`.
    k > 0
        The sphere of radius :math:`1/\sqrt k`, projected from the antipode of the origin, which is the point at
        infinity. Any vector is a point. The antipode of x is :math:`-x/(k|x|^2)`.

    Parameters
    ----------
    k : float, array_like or Tensor
        The curvature. It is kept as it is given. A tensor that requires a gradient learns; an array has one curvature
        for each point and must broadcast to their leading shape. Where -1e-100 < k < 0 it is taken for 0.

    Attributes
    ----------
    k : float, ndarray or Tensor
        As given.

    Raises
    ------
    DomainError
        If k is not finite.
    DTypeError
        If k is not made of real numbers.

    See Also
    --------
    Sphere : The sphere in coordinates of the space around it, which has no point at infinity.

    Notes
    -----
    Operations that need the one geodesic between two points (:meth:`logmap`, :meth:`geodesic`, :meth:`transp`) raise a
    DomainError where they are antipodal, and so does :meth:`mobius_add` where the sum is the point at infinity. Close
    to that, errors grow: in the direction of the logarithm like 1/cos of half the angle between the points, and with
    :math:`\sqrt k\,|x|` for points far out.

    References
    ----------
    Bachmann, G., Bécigneul, G., Ganea, O. (2020). Constant curvature graph convolutional networks. *ICML*.
    Skopek, O., Ganea, O., Bécigneul, G. (2020). Mixed-curvature variational autoencoders. *ICLR*.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import PoincareBall, Stereographic
    >>> x, y = np.array([0.5, 0.0]), np.array([0.0, 0.5])
    >>> [round(float(Stereographic(k).dist(x, y)), 4) for k in (-1.0, 0.0, 1.0)]
    [1.6807, 1.4142, 1.2025]
    >>> bool(np.isclose(Stereographic(-1.0).dist(x, y), PoincareBall(1.0).dist(x, y)))
    True
    """

    model = "stereographic"
    parameter = "k"
    k: Any

    def __init__(self, k: Any = 0.0) -> None:
        super().__init__(k)

    def _check_values(self, values: np.ndarray, given: Any) -> None:
        if not np.all(np.isfinite(values)):
            raise DomainError(f"Stereographic has a finite curvature k, but k is {given}")

    @property
    def _sectional(self) -> Any:
        return np.asarray(self.k)

    def projx(self, x: Any, *, eps: float = 0.0) -> Any:
        r"""Pull what lies outside the ball back inside, along its ray, where k < 0; see :meth:`PoincareBall.projx`.

        Parameters
        ----------
        x : array_like or Tensor, shape (..., d)
            Any vectors.
        eps : float
            How far inside: points beyond :math:`(1 - \epsilon)/\sqrt{-k}` move to that radius. With 0 only what lies
            outside moves, to the last representable points of the ball.

        Returns
        -------
        ndarray or Tensor, shape (..., d)

        Raises
        ------
        DomainError
            If eps is not in [0, 1).
        """
        if not 0 <= eps < 1:
            raise DomainError(f"projx needs eps in [0, 1), not {eps}")
        return self._operate("projx", x, eps)

    def _random(self, distances: np.ndarray) -> np.ndarray:
        return self.expmap0(0.5 * distances)

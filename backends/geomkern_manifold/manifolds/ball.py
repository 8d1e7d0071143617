"""The models of hyperbolic space in a ball."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from geomkern.errors import DomainError

from .gyro import GyrovectorSpace
from .hyperbolic import HyperbolicManifold

__all__ = ["BallModel"]


class BallModel(GyrovectorSpace, HyperbolicManifold):
    r"""A model in the ball of radius :math:`1/\sqrt c`."""

    #: The length of a coordinate vector of length one at the origin.
    length_at_origin: ClassVar[float]

    def projx(self, x: Any, *, eps: float = 0.0) -> Any:
        r"""Pull what lies outside the ball back inside, along its ray.

        Parameters
        ----------
        x : array_like or Tensor, shape (..., d)
            Any vectors.
        eps : float
            How far inside: points beyond :math:`(1 - \epsilon)/\sqrt c` move to that radius. With 0 only what lies
            outside moves, to the last representable points of the ball.

        Returns
        -------
        ndarray or Tensor, shape (..., d)

        Raises
        ------
        DomainError
            If eps is not in [0, 1).

        Examples
        --------
        >>> import numpy as np
        >>> from geomkern_manifold import PoincareBall
        >>> PoincareBall().projx(np.array([[0.3, 0.4], [3.0, 4.0]]), eps=0.1)
        array([[0.3 , 0.4 ],
               [0.54, 0.72]])
        """
        if not 0 <= eps < 1:
            raise DomainError(f"projx needs eps in [0, 1), not {eps}")
        return self._operate("projx", x, eps)

    def _random(self, distances: np.ndarray) -> np.ndarray:
        points = self.expmap0(distances / self.length_at_origin)
        if points.dtype == distances.dtype:
            return points
        # An array of curvatures in float64 has made the points float64; rounding them must not put them outside.
        return self.projx(points, eps=float(np.finfo(distances.dtype).eps))

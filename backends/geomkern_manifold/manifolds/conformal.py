"""The models whose metric is a multiple of the Euclidean one."""

from __future__ import annotations

from typing import Any

from .base import Manifold, keep

__all__ = ["ConformalManifold"]


class ConformalManifold(Manifold):
    """A manifold whose chart keeps angles."""

    def lambda_x(self, x: Any, *, keepdim: bool = False) -> Any:
        """Return the conformal factor at x, by which the metric enlarges lengths.

        Parameters
        ----------
        x : array_like or Tensor, shape (..., d)
            Points.
        keepdim : bool
            Whether the result has an axis of length one in place of the coordinates.

        Returns
        -------
        ndarray or Tensor, shape (...) or (..., 1)

        Raises
        ------
        DomainError
            If a point lies outside the manifold.
        """
        return keep(self._operate("lambda_x", x), keepdim)

    def _frame(self, x: Any, v: Any) -> Any:
        return v

    def _unframe(self, x: Any, v: Any) -> Any:
        return v

    def _basis_length(self, x: Any) -> Any:
        return self.lambda_x(x)

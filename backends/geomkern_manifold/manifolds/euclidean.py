"""Flat space."""

from __future__ import annotations

from .base import Manifold

__all__ = ["Euclidean"]


class Euclidean(Manifold):
    r"""Flat space with the metric :math:`|dx|^2`: the vocabulary of the curved manifolds, in which it is trivial.

    .. math:: d(x, y) = |y - x|, \quad \exp_x(v) = x + v, \quad \log_x(y) = y - x, \quad P_{x \to y}(v) = v

    It stands in for a curved manifold, alone or as a part of a product. ``Stereographic(0)`` is flat too, with the
    metric :math:`4|dx|^2`.

    Examples
    --------
    >>> from geomkern_manifold import Euclidean
    >>> float(Euclidean().dist([0.0, 0.0], [3.0, 4.0]))
    5.0
    """

    model = "euclidean"

    @property
    def curvature(self) -> float:
        """A number for the place where the kernels of curved models take their curvature; flat ones ignore it."""
        return 1.0

    @property
    def _sectional(self) -> float:
        return 0.0

    def __repr__(self) -> str:
        return "Euclidean()"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))

"""A manifold with a longer or shorter ruler."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from geomkern import Tensor
from geomkern.errors import DomainError
from geomkern.nn import Parameter

from .base import Manifold

__all__ = ["Scaled"]


class Scaled(Manifold):
    r"""A manifold whose lengths are multiplied by a number.

    Points, tangent vectors, geodesics and transport are those of the manifold; distances and norms are `scale` times as
    long, so that a curvature k becomes :math:`k/\text{scale}^2`.

    Parameters
    ----------
    base : Manifold
        The manifold. What only it has (Möbius addition, say) is found here too.
    scale : float or Tensor
        The factor, positive. A tensor that requires a gradient learns.

    Raises
    ------
    DomainError
        If scale is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import PoincareBall, Scaled
    >>> x, y = np.zeros(2), np.array([0.5, 0.0])
    >>> bool(np.isclose(Scaled(PoincareBall(), 3.0).dist(x, y), 3 * PoincareBall().dist(x, y)))
    True
    """

    def __init__(self, base: Manifold, scale: Any = 1.0) -> None:
        values = np.asarray(scale.data if isinstance(scale, Tensor) else scale)
        if not np.all(values > 0):
            raise DomainError(f"Scaled needs a positive scale, not {scale}")
        self.base, self.scale = base, scale

    def __repr__(self) -> str:
        return f"Scaled({self.base}, {self.scale})"

    def __getattr__(self, name: str) -> Any:
        # What goes by the name of a model goes by its kernels, which know no scale.
        if name.startswith("_") or name in ("base", "model"):
            raise AttributeError(f"{type(self).__name__} has no attribute {name}")
        return getattr(self.base, name)

    @property
    def curvature(self) -> Any:
        """The curvature's parameter of the manifold that is scaled."""
        return self.base.curvature

    def detach(self) -> Scaled:
        """Return the same manifold with a curvature and a scale that do not learn."""
        return Scaled(self.base.detach(), self.scale.data if isinstance(self.scale, Tensor) else self.scale)

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Yield the names and values of what learns, in the manifold that is scaled too."""
        yield from self.base.named_parameters()
        yield from super().named_parameters()

    def _operate(self, name: str, *operands: Any) -> Any:
        result = self.base._operate(name, *operands)
        power = {"dist": 1, "dist0": 1, "pairwise_dist": 1, "norm": 1, "inner": 2, "egrad2rgrad": -2}.get(name, 0)
        return result * self.scale**power if power else result

    def frechet_mean(self, x: Any, w: Any = None, *, tol: float | None = None, max_iter: int = 100) -> Any:
        """Return the Fréchet mean of sets of points, in which the scale has no part."""
        return self.base.frechet_mean(x, w, tol=tol, max_iter=max_iter)

    def projx(self, x: Any, **options: Any) -> Any:
        """Project x onto the manifold."""
        return self.base.projx(x, **options)

    def proju(self, x: Any, u: Any) -> Any:
        """Project u onto the tangent space at x."""
        return self.base.proju(x, u)

    def origin(self, *size: int, dtype: Any = None) -> np.ndarray:
        """Return the origin of the manifold."""
        return self.base.origin(*size, dtype=dtype)

    def _random(self, distances: np.ndarray) -> np.ndarray:
        return self.base._random(distances / np.asarray(self.scale, distances.dtype))

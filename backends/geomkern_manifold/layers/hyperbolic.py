"""What the layers with kernels of their own share."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from geomkern.config import config
from geomkern.errors import DomainError, DTypeError, ShapeError
from geomkern.nn import Parameter

from ..functions.kernel import kernel_function
from ..manifolds import HyperbolicManifold, Manifold, PoincareBall
from .base import ManifoldLayer

__all__ = ["HyperbolicLayer"]


class HyperbolicLayer(ManifoldLayer):
    """A layer of points of some models of hyperbolic space.

    Parameters
    ----------
    manifold : HyperbolicManifold or float
        The model, or c of the one that is taken by default.
    sizes : sequence of int
        Numbers of features, which must be positive.

    Raises
    ------
    DomainError
        If a number of features is less than one, or c is not positive.
    DTypeError
        If the layer does not know the model.
    ShapeError
        If there is more than one c.
    """

    models: ClassVar[tuple[str, ...]] = ("poincare",)
    default: ClassVar[type[HyperbolicManifold]] = PoincareBall

    def __init__(self, manifold: Any, sizes: Sequence[int]) -> None:
        name = type(self).__name__
        if min(sizes) < 1:
            raise DomainError(f"{name} needs features of at least 1, not {' and '.join(map(str, sizes))}")
        super().__init__(manifold if isinstance(manifold, Manifold) else self.default(manifold))
        if getattr(self.manifold, "model", None) not in self.models or not isinstance(
            self.manifold, HyperbolicManifold
        ):
            raise DTypeError(f"{name} knows the models {', '.join(self.models)}, not {self.manifold!r}")
        if np.ndim(self.manifold.c):
            raise ShapeError(f"{name} needs one c for all points, not an array of shape {np.shape(self.manifold.c)}")

    def _operate(self, kernel: str, *operands: Any) -> Any:
        """Call the kernel of that name of the layer's model."""
        return kernel_function(f"{self.manifold.model}_{kernel}")(*operands, self.manifold.c)


def uniform(shape: tuple[int, ...], bound: float, dtype: Any, rng: int | np.random.Generator | None) -> Parameter:
    """Draw a parameter from the uniform distribution between plus and minus `bound`."""
    return Parameter(config.generator(rng).uniform(-bound, bound, shape).astype(dtype or config.default_dtype))


def zeros(*shape: int, dtype: Any, manifold: Any = None) -> Parameter:
    """Return a parameter of zeros, perhaps points of a manifold."""
    return Parameter(np.zeros(shape, dtype or config.default_dtype), manifold=manifold)

"""Products of manifolds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from geomkern import Tensor
from geomkern.errors import DomainError, DTypeError, ShapeError
from geomkern.nn import Parameter

from ..functions.product import Product
from .base import Manifold
from .scaled import Scaled

__all__ = ["ProductManifold"]


class ProductManifold(Manifold):
    r"""The product of manifolds: each takes some of the coordinates, and squared lengths add up.

    .. math:: d(x, y)^2 = \sum_k d_k(x_k, y_k)^2

    All parts are worked on in one pass over the rows.

    Parameters
    ----------
    *factors : tuple of Manifold and int
        Each manifold, and how many coordinates its points have. Factors may be :class:`Scaled`, or products themselves.

    Attributes
    ----------
    manifolds : tuple of Manifold
        The factors, those of products among them in their place.
    widths : tuple of int
        The number of coordinates of each.

    Raises
    ------
    DomainError
        If there is no factor, or one has no coordinates.
    DTypeError
        If a factor is not a manifold of this package.

    References
    ----------
    Gu, A., Sala, F., Gunel, B., Ré, C. (2019). Learning mixed-curvature representations in product spaces. *ICLR*.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import PoincareBall, ProductManifold
    >>> space = ProductManifold((PoincareBall(1.0), 2), (PoincareBall(0.5), 3))
    >>> x, y = space.random(4, 5, rng=0), space.random(4, 5, rng=1)
    >>> parts = [space.manifolds[k].dist(space.part(x, k), space.part(y, k)) for k in range(2)]
    >>> np.allclose(space.dist(x, y), np.hypot(*parts))
    True
    """

    def __init__(self, *factors: tuple[Manifold, int]) -> None:
        flat = [part for manifold, width in factors for part in _flatten(manifold, width)]
        if not flat or any(width < 1 for _, width in flat):
            raise DomainError(f"ProductManifold needs factors of at least one coordinate, not {factors}")
        self.manifolds = tuple(manifold for manifold, _ in flat)
        self.widths = tuple(width for _, width in flat)
        self._models = tuple(_unscaled(manifold).model for manifold in self.manifolds)
        self._scaled = any(isinstance(manifold, Scaled) for manifold in self.manifolds)

    def __repr__(self) -> str:
        factors = ", ".join(f"({m}, {w})" for m, w in zip(self.manifolds, self.widths, strict=True))
        return f"ProductManifold({factors})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ProductManifold) and self.manifolds == other.manifolds and self.widths == other.widths

    def __hash__(self) -> int:
        return hash(self.widths)

    def detach(self) -> ProductManifold:
        """Return the same product with curvatures that do not learn."""
        return ProductManifold(*((m.detach(), w) for m, w in zip(self.manifolds, self.widths, strict=True)))

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Yield the names and values of what learns; names end with the number of the factor."""
        for k, manifold in enumerate(self.manifolds):
            for name, parameter in manifold.named_parameters():
                yield f"{name}_{k}", parameter

    def part(self, x: Any, k: int) -> Any:
        """Return the coordinates of x that belong to factor k."""
        self._check(x)
        start = sum(self.widths[:k])
        return (x if isinstance(x, Tensor) else np.asarray(x))[..., start : start + self.widths[k]]

    def parts(self, x: Any) -> list[Any]:
        """Return the coordinates of each factor."""
        return [self.part(x, k) for k in range(len(self.widths))]

    def join(self, *parts: Any) -> Any:
        """Return the point with these coordinates in the factors: the inverse of :meth:`parts`."""
        lead = np.broadcast_shapes(*(np.shape(part)[:-1] for part in parts))
        return np.concatenate([np.broadcast_to(p, (*lead, np.shape(p)[-1])) for p in parts], -1)

    def _check(self, x: Any) -> None:
        if np.shape(x)[-1:] != (sum(self.widths),):
            widths = ", ".join(map(str, self.widths))
            raise ShapeError(
                f"ProductManifold needs points of {sum(self.widths)} coordinates for parts of {widths}, "
                f"not the shape {np.shape(x)}"
            )

    def _operate(self, name: str, *operands: Any) -> Any:
        if name == "pairwise_dist":
            each = [m.pairwise_dist(*p) for m, *p in zip(self.manifolds, *map(self.parts, operands), strict=True)]
            return _length(np.stack(each))
        result = Product.apply(
            *operands,
            *(manifold.curvature for manifold in self.manifolds),
            operation=name,
            models=self._models,
            widths=self.widths,
            vectors=2 if name == "geodesic" else len(operands),
        )
        if name in ("dist", "dist0", "norm"):
            return _length(self._scale(result, 1))
        if name == "inner":
            return self._scale(result, 2).sum(0)
        return self.join(*self._scale(self.parts(result), -2)) if name == "egrad2rgrad" and self._scaled else result

    def _scale(self, parts: Any, power: int) -> Any:
        """Multiply what belongs to each part by a power of its scale."""
        if not self._scaled:
            return parts
        scales = [m.scale**power if isinstance(m, Scaled) else 1.0 for m in self.manifolds]
        scaled = [part * scale for part, scale in zip(parts, scales, strict=True)]
        return scaled if isinstance(parts, list) else np.stack(scaled)

    def frechet_mean(self, x: Any, w: Any = None, *, tol: float | None = None, max_iter: int = 100) -> Any:
        """Return the Fréchet mean of sets of points, which is that of each part; see :meth:`Manifold.frechet_mean`."""
        each = zip(self.manifolds, self.parts(x), strict=True)
        return self.join(*(manifold.frechet_mean(part, w, tol=tol, max_iter=max_iter) for manifold, part in each))

    def projx(self, x: Any) -> Any:
        """Project each part onto its manifold."""
        return self.join(*(m.projx(part) for m, part in zip(self.manifolds, self.parts(x), strict=True)))

    def proju(self, x: Any, u: Any) -> Any:
        """Project each part of u onto the tangent space of its manifold at x."""
        each = zip(self.manifolds, self.parts(x), self.parts(u), strict=True)
        return self.join(*(manifold.proju(x_k, u_k) for manifold, x_k, u_k in each))

    def origin(self, *size: int, dtype: Any = None) -> np.ndarray:
        """Return the origins of the factors, repeated to the shape `size`, whose last number is that of coordinates."""
        values = super().origin(*size, dtype=dtype)
        self._check(values)
        each = zip(self.manifolds, self.widths, strict=True)
        return self.join(*(manifold.origin(*size[:-1], width, dtype=values.dtype) for manifold, width in each))

    def _random(self, distances: np.ndarray) -> np.ndarray:
        return self.join(*(m._random(part) for m, part in zip(self.manifolds, self.parts(distances), strict=True)))


def _flatten(manifold: Manifold, width: int) -> list[tuple[Manifold, int]]:
    if isinstance(manifold, ProductManifold):
        if width != sum(manifold.widths):
            raise ShapeError(f"ProductManifold: a factor of {sum(manifold.widths)} coordinates was given {width}")
        return list(zip(manifold.manifolds, manifold.widths, strict=True))
    if isinstance(manifold, Scaled) and isinstance(manifold.base, ProductManifold | Scaled):
        return [(_scaled(part, manifold.scale), n) for part, n in _flatten(manifold.base, width)]
    if not hasattr(_unscaled(manifold), "model"):
        raise DTypeError(f"ProductManifold needs manifolds of this package as factors, not {manifold!r}")
    return [(manifold, width)]


def _scaled(manifold: Manifold, scale: Any) -> Scaled:
    return Scaled(manifold.base, manifold.scale * scale) if isinstance(manifold, Scaled) else Scaled(manifold, scale)


def _unscaled(manifold: Any) -> Any:
    return manifold.base if isinstance(manifold, Scaled) else manifold


def _length(parts: Any) -> Any:
    """The root of the sum of squares over the first axis, with the subgradient 0 at 0."""
    square = (parts * parts).sum(0)
    zero = np.asarray(square) == 0
    return np.where(zero, 0.0, np.sqrt(np.where(zero, 1.0, square)))

"""Products of manifolds: each part of the coordinates has a model of its own."""

import sys
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["product", "product_vjp"]

Arrays = tuple[ArrayLike, ...]


def _kernel(name: str) -> Any:
    return getattr(sys.modules[__package__], name)


def _parts(widths: tuple[int, ...], vectors: Arrays, numbers: Arrays, curvatures: Arrays) -> list[tuple[Any, ...]]:
    """Return the operands of each part, with a curvature that has the leading shape of all."""
    lead = np.broadcast_shapes(*(np.shape(v)[:-1] for v in vectors), *map(np.shape, (*numbers, *curvatures)))
    return [
        (*(_part(v, widths, k) for v in vectors), *numbers, np.broadcast_to(c, lead)) for k, c in enumerate(curvatures)
    ]


def _part(vector: ArrayLike, widths: tuple[int, ...], k: int) -> Any:
    start = sum(widths[:k])
    return np.asarray(vector)[..., start : start + widths[k]]


def product(
    operation: str,
    models: tuple[str, ...],
    widths: tuple[int, ...],
    vectors: Arrays,
    numbers: Arrays,
    curvatures: Arrays,
) -> np.ndarray:
    """Each part by itself; vectors are joined side by side, numbers stacked."""
    parts = _parts(widths, vectors, numbers, curvatures)
    results = [_kernel(f"{model}_{operation}")(*part) for model, part in zip(models, parts, strict=True)]
    return np.concatenate(results, -1) if results[0].ndim > parts[0][-1].ndim else np.stack(results)


def product_vjp(
    g: ArrayLike,
    operation: str,
    models: tuple[str, ...],
    widths: tuple[int, ...],
    vectors: Arrays,
    numbers: Arrays,
    curvatures: Arrays,
    wanted: tuple[bool, ...],
) -> tuple[Any, ...]:
    """Gradients in the vectors, and in the numbers and the curvature of each part, stacked."""
    gradients = []
    for k, (model, part) in enumerate(zip(models, _parts(widths, vectors, numbers, curvatures), strict=True)):
        vectorial = _kernel(f"{model}_{operation}")(*part).ndim > part[-1].ndim
        of_part = _part(g, widths, k) if vectorial else np.asarray(g)[k]
        gradients.append(_kernel(f"{model}_{operation}_vjp")(of_part, *part, (True,) * len(part)))
    columns = list(zip(*gradients, strict=True))
    joined = [np.concatenate(c, -1) for c in columns[: len(vectors)]] + [np.stack(c) for c in columns[len(vectors) :]]
    return tuple(value if want else None for value, want in zip(joined, wanted, strict=True))

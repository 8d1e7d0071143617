"""The kernel set of the CPU: compiled, multi-threaded, float32 and float64."""

from typing import Any

import numpy as np

from geomkern.kernels import products

from ._conversions import *
from ._euclidean import *
from ._half_space import *
from ._klein import *
from ._layers import *
from ._lorentz import *
from ._means import *
from ._optim_lorentz import *
from ._optim_poincare import *
from ._pairwise import *
from ._planes import *
from ._poincare import *
from ._polar import *
from ._sphere import *
from ._stereographic import *


def product(
    operation: str, models: tuple[str, ...], widths: tuple[int, ...], vectors: tuple, numbers: tuple, curvatures: tuple
) -> np.ndarray:
    """Run one operation of several models on the parts of the coordinates, in a single pass over the rows.

    Vectors are joined side by side; numbers are stacked, one row a part.
    """
    kernels = tuple(globals()[f"{model}_{operation}"] for model in models)
    return products.run_product(kernels, widths, vectors, numbers, curvatures)


def product_vjp(
    g: Any,
    operation: str,
    models: tuple[str, ...],
    widths: tuple[int, ...],
    vectors: tuple,
    numbers: tuple,
    curvatures: tuple,
    wanted: tuple[bool, ...],
) -> tuple[Any, ...]:
    """Return the gradients in the vectors, and in the numbers and the curvature of each part, stacked."""
    kernels = tuple(globals()[f"{model}_{operation}_vjp"] for model in models)
    return products.run_product_vjp(kernels, widths, g, vectors, numbers, curvatures, wanted)


__all__ = sorted(name for name, value in globals().items() if callable(value) and name[0].islower())

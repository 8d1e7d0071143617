from typing import Any

from numpy.typing import ArrayLike, NDArray

from .rows import RowKernel

def run_product(
    kernels: tuple[RowKernel, ...],
    widths: tuple[int, ...],
    vectors: tuple[ArrayLike, ...],
    numbers: tuple[ArrayLike, ...],
    curvatures: tuple[Any, ...],
) -> NDArray[Any]: ...
def run_product_vjp(
    kernels: tuple[RowKernel, ...],
    widths: tuple[int, ...],
    g: ArrayLike,
    vectors: tuple[ArrayLike, ...],
    numbers: tuple[ArrayLike, ...],
    curvatures: tuple[Any, ...],
    wanted: tuple[bool, ...],
) -> tuple[NDArray[Any] | None, ...]: ...

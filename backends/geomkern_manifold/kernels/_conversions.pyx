"""Conversions between models, planes, ideal points and isometries: compiled kernels (derivations in the headers)."""

from geomkern.kernels.rows cimport gk_row_kernel, row_kernels

cdef extern from "conversions.h":
    const int GK_CONVERSIONS
    const gk_row_kernel CONVERSIONS[16][4]

cdef int k
for k in range(GK_CONVERSIONS):
    for pair in (0, 2):
        kernel, kernel_vjp = row_kernels(&CONVERSIONS[k][pair], &CONVERSIONS[k][pair + 1])
        globals()[kernel.__name__], globals()[kernel_vjp.__name__] = kernel, kernel_vjp

__all__ = [name for name in globals() if "_to_" in name]

# cython: wraparound=True
"""Row kernels on products: one kernel for each part of the coordinates, in a single pass over the rows."""

from libc.stdlib cimport free, malloc

cimport numpy as cnp

from .calls cimport MAX_SCALARS, execute, gk_call, gk_operand, prepare
from .rows cimport RowKernel, gk_row_kernel

import numpy as np

from geomkern.errors import ShapeError

cnp.import_array()


cdef object _leading_shape(tuple vectors, tuple numbers):
    return np.broadcast_shapes(*[np.shape(v)[:-1] for v in vectors], *[np.shape(n) for n in numbers])


def run_product(tuple kernels, tuple widths, tuple vectors, tuple numbers, tuple curvatures):
    """Run a forward kernel for each part of the coordinates, in one pass over the rows.

    Parameters
    ----------
    kernels : tuple of RowKernel
        One for each part; all take as many vectors, and as many numbers before the curvature.
    widths : tuple of int
        How many coordinates each part has.
    vectors : tuple of array_like, shape (..., sum of the widths)
    numbers : tuple of array_like, shape (...)
        Numbers that all parts share.
    curvatures : tuple of float or array_like
        One for each part.

    Returns
    -------
    ndarray
        The vectors side by side, or the numbers of the parts one after the other: shape (parts, ...).
    """
    lead = _leading_shape(vectors, (*numbers, *curvatures))
    results = _run_parts(kernels, widths, lead, vectors, [numbers] * len(kernels), curvatures, (True,))
    return results[0]


def run_product_vjp(tuple kernels, tuple widths, g, tuple vectors, tuple numbers, tuple curvatures, tuple wanted):
    """Run a backward kernel for each part of the coordinates, in one pass over the rows.

    Returns
    -------
    tuple of ndarray or None
        The gradients in the vectors, then in the numbers and in the curvature, for each part: shape (parts, ...).
    """
    cdef RowKernel first = kernels[0]
    lead = _leading_shape(vectors, (*numbers, *curvatures))
    if not first.number_first:
        return _run_parts(kernels, widths, lead, (g, *vectors), [numbers] * len(kernels), curvatures, wanted)
    g = np.asarray(g)
    return _run_parts(kernels, widths, lead, vectors, [(of_part, *numbers) for of_part in g], curvatures, wanted)


cdef tuple _run_parts(tuple kernels, tuple widths, tuple lead, tuple vectors, list numbers, tuple curvatures,
                      tuple wanted):
    """Call one kernel for each part; the results are joined as :func:`run_product` and its backward say."""
    cdef RowKernel kernel = kernels[0]
    cdef const gk_row_kernel *table = kernel.table
    cdef int parts = len(kernels), f, k, kind = cnp.NPY_FLOAT
    cdef long start = 0, total = sum(widths), row
    cdef gk_operand *operand
    cdef cnp.ndarray array
    vectors = tuple([np.asarray(vector) for vector in vectors])
    for k in range(table.n_vectors):
        if vectors[k].ndim == 0 or vectors[k].shape[-1] != total:
            raise ShapeError(
                f"{kernel.__name__}: {table.vectors[k].decode()} has shape {vectors[k].shape}, but the last axis must "
                f"hold the {total} coordinates of parts of {', '.join(map(str, widths))}"
            )
    cdef gk_call *calls = <gk_call *>malloc(sizeof(gk_call) * parts)
    cdef double *values = <double *>malloc(sizeof(double) * MAX_SCALARS * parts)
    cdef list keep = [], results = []
    try:
        if calls == NULL or values == NULL:
            raise MemoryError(f"{kernel.__name__}: no memory for {parts} parts")
        for f in range(parts):
            kernel = kernels[f]
            part = tuple([vector[..., start:start + widths[f]] for vector in vectors])
            kind, *alive = prepare(&calls[f], kernel.table, part, (*numbers[f], curvatures[f]),
                                   values + MAX_SCALARS * f, lead)
            keep.append(alive)
            start += widths[f]
        row = total * (4 if kind == cnp.NPY_FLOAT else 8)
        for k in range(table.n_vectors_out + table.n_scalars_out):
            vector_out = k < table.n_vectors_out
            result = None
            if wanted[k]:
                # a forward kernel's numbers keep the type of the points; gradients of numbers are about to be summed
                float_out = kind == cnp.NPY_FLOAT and (vector_out or not kernel.backward)
                shape = (*lead, total) if vector_out else (parts, *lead)
                result = np.empty(shape, np.float32 if float_out else np.float64)
            results.append(result)
            start = 0
            for f in range(parts):
                operand = &calls[f].vectors_out[k] if vector_out else &calls[f].scalars_out[k - table.n_vectors_out]
                operand.live = result is not None
                if not operand.live:
                    continue
                array = result
                operand.is_float = float_out
                operand.even = True
                operand.summed = False
                if vector_out:
                    operand.step = row
                    operand.data = cnp.PyArray_BYTES(array) + start * cnp.PyArray_ITEMSIZE(array)
                    start += widths[f]
                else:
                    operand.step = cnp.PyArray_ITEMSIZE(array)
                    operand.data = cnp.PyArray_BYTES(array) + f * calls[f].n * operand.step
        execute(calls, parts)
    finally:
        free(calls)
        free(values)
    return tuple(results)

"""Sums over the middle one of three axes."""

cimport numpy as cnp
from cython.parallel cimport prange

from .openmp cimport threads_for

import numpy as np

cnp.import_array()

cdef extern from "gk_sum.h":
    enum: GK_SUM_COLUMNS
    double gk_sum_row_f(const float*, Py_ssize_t) noexcept nogil
    double gk_sum_row_d(const double*, Py_ssize_t) noexcept nogil
    void gk_sum_columns_f(const float*, Py_ssize_t, Py_ssize_t, int, float*) noexcept nogil
    void gk_sum_columns_d(const double*, Py_ssize_t, Py_ssize_t, int, double*) noexcept nogil

ctypedef fused real:
    float
    double

# About what one element costs, in nanoseconds.
cdef double COST = 0.15


cdef void add_rows(const real* x, real* out, Py_ssize_t outer, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in prange(outer, num_threads=threads_for(COST * outer * n), schedule="static"):
        if real is float:
            out[i] = <float>gk_sum_row_f(x + i * n, n)
        else:
            out[i] = gk_sum_row_d(x + i * n, n)


cdef void add_columns(const real* x, real* out, Py_ssize_t outer, Py_ssize_t n, Py_ssize_t inner) noexcept nogil:
    cdef Py_ssize_t blocks = (inner + GK_SUM_COLUMNS - 1) // GK_SUM_COLUMNS, k, i, j
    cdef int columns
    for k in prange(outer * blocks, num_threads=threads_for(COST * outer * n * inner), schedule="static"):
        i = k // blocks
        j = (k % blocks) * GK_SUM_COLUMNS
        columns = <int>min(inner - j, GK_SUM_COLUMNS)
        if real is float:
            gk_sum_columns_f(x + i * n * inner + j, n, inner, columns, out + i * inner + j)
        else:
            gk_sum_columns_d(x + i * n * inner + j, n, inner, columns, out + i * inner + j)


def sum_middle(cnp.ndarray x, Py_ssize_t outer, Py_ssize_t n, Py_ssize_t inner, tuple shape):
    """Return the sums over the middle axis of an array that has (outer, n, inner) elements, in the given shape.

    The type is float32 or float64, and `shape` has outer * inner elements.
    """
    x = cnp.PyArray_GETCONTIGUOUS(x)
    cdef cnp.ndarray out = np.empty(shape, (<object>x).dtype)
    if cnp.PyArray_TYPE(x) == cnp.NPY_FLOAT:
        with nogil:
            if inner == 1:
                add_rows(<float*>cnp.PyArray_DATA(x), <float*>cnp.PyArray_DATA(out), outer, n)
            else:
                add_columns(<float*>cnp.PyArray_DATA(x), <float*>cnp.PyArray_DATA(out), outer, n, inner)
    else:
        with nogil:
            if inner == 1:
                add_rows(<double*>cnp.PyArray_DATA(x), <double*>cnp.PyArray_DATA(out), outer, n)
            else:
                add_columns(<double*>cnp.PyArray_DATA(x), <double*>cnp.PyArray_DATA(out), outer, n, inner)
    return out

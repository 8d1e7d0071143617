# cython: wraparound=True
"""All distances between two sets of points of the Poincaré ball: compiled kernels (derivations in pairwise.h)."""

from cython.parallel cimport prange
from libc.stdlib cimport free, malloc

cimport numpy as cnp

from geomkern.kernels.openmp cimport threads_for

import numpy as np

from geomkern.errors import ShapeError

from . import _poincare

cnp.import_array()

__all__ = ["poincare_pairwise_dist", "poincare_pairwise_dist_vjp"]

cdef extern from "pairwise.h":
    const int GK_BLOCK
    ctypedef struct gk_points:
        const char *data
        bint is_float
        long n
        const double *gap
    void pairwise_block(const gk_points *x, const gk_points *y, long first, long d, double c, char *out,
                        double *scratch) noexcept nogil
    void pairwise_block_vjp(const double *g, long step_x, long step_y, const gk_points *x, const gk_points *y,
                            long first, long d, double c, double *gy, double *gc, double *scratch) noexcept nogil


cdef gk_points _describe(cnp.ndarray points, cnp.ndarray gap) noexcept:
    cdef gk_points described
    described.data = cnp.PyArray_BYTES(points)
    described.is_float = cnp.PyArray_TYPE(points) == cnp.NPY_FLOAT
    described.n = cnp.PyArray_DIM(points, 0)
    described.gap = <const double *>cnp.PyArray_DATA(gap)
    return described


def _gaps(points, c):
    """Return 1 - c|x|^2 of each point in float64; raises where a point lies outside the ball."""
    return 2.0 / _poincare.poincare_lambda_x(points.astype(np.float64, copy=False), c)


def _sets(x, y, c):
    """Return both sets with one type and matching shapes (..., n, d) and (..., m, d), and the leading shape."""
    x, y = np.asarray(x), np.asarray(y)
    dtype = np.result_type(x, y)
    dtype = dtype if dtype == np.float32 else np.float64
    if x.ndim < 2 or y.ndim < 2 or x.shape[-1] != y.shape[-1] or np.ndim(c) != 0:
        raise ShapeError(
            f"pairwise_dist needs x (..., n, d), y (..., m, d) and one c, not {x.shape}, {y.shape} and {np.shape(c)}"
        )
    lead = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    return (
        np.ascontiguousarray(np.broadcast_to(x, lead + x.shape[-2:]), dtype),
        np.ascontiguousarray(np.broadcast_to(y, lead + y.shape[-2:]), dtype),
        lead,
    )


cdef int _fill(cnp.ndarray x, cnp.ndarray y, double c, cnp.ndarray out, cnp.ndarray a, cnp.ndarray b) except -1:
    """Distances of one pair of sets."""
    cdef gk_points xs = _describe(x, a), ys = _describe(y, b)
    cdef long d = cnp.PyArray_DIM(x, 1), blocks = (ys.n + GK_BLOCK - 1) // GK_BLOCK, k
    cdef int threads = threads_for(xs.n * ys.n * (4.0 + 0.5 * d)), t
    cdef size_t room = (GK_BLOCK + 1) * d + 1
    cdef double *scratch = <double *>malloc(threads * room * sizeof(double))
    cdef char *data = cnp.PyArray_BYTES(out)
    if scratch == NULL:
        raise MemoryError(f"pairwise_dist: no memory for points of {d} coordinates")
    for t in prange(threads, num_threads=threads, schedule="static", nogil=True):
        for k in range(blocks * t // threads, blocks * (t + 1) // threads):
            pairwise_block(&xs, &ys, k * GK_BLOCK, d, c, data, scratch + t * room)
    free(scratch)
    return 0


cdef int _fill_vjp(cnp.ndarray g, bint swapped, cnp.ndarray x, cnp.ndarray y, double c, cnp.ndarray gy,
                   cnp.ndarray gc, cnp.ndarray a, cnp.ndarray b) except -1:
    """Gradients in y of one pair of sets; `swapped` when g is that of the pairs (y, x)."""
    cdef gk_points xs = _describe(x, a), ys = _describe(y, b)
    cdef long d = cnp.PyArray_DIM(x, 1), blocks = (ys.n + GK_BLOCK - 1) // GK_BLOCK, k
    cdef long step_x = 1 if swapped else ys.n, step_y = xs.n if swapped else 1
    cdef int threads = threads_for(xs.n * ys.n * (12.0 + 1.0 * d)), t
    cdef size_t room = (2 * GK_BLOCK + 1) * d + 1
    cdef double *scratch = <double *>malloc(threads * room * sizeof(double))
    cdef const double *upstream = <const double *>cnp.PyArray_DATA(g)
    cdef double *of_y = <double *>cnp.PyArray_DATA(gy)
    cdef double *of_c = <double *>cnp.PyArray_DATA(gc)
    if scratch == NULL:
        raise MemoryError(f"pairwise_dist: no memory for points of {d} coordinates")
    for t in prange(threads, num_threads=threads, schedule="static", nogil=True):
        for k in range(blocks * t // threads, blocks * (t + 1) // threads):
            pairwise_block_vjp(upstream, step_x, step_y, &xs, &ys, k * GK_BLOCK, d, c, of_y, of_c, scratch + t * room)
    free(scratch)
    return 0


def poincare_pairwise_dist(x, y, c):
    """Return the distances of every row of x from every row of y."""
    x, y, lead = _sets(x, y, c)
    a, b = _gaps(x, c), _gaps(y, c)
    out = np.empty((*lead, x.shape[-2], y.shape[-2]), x.dtype)
    for index in np.ndindex(lead):
        _fill(x[index], y[index], c, out[index], a[index], b[index])
    return out


def poincare_pairwise_dist_vjp(g, x, y, c, tuple wanted):
    """Return the gradients in x, y, c that are wanted, for the upstream gradient g."""
    x, y, lead = _sets(x, y, c)
    a, b = _gaps(x, c), _gaps(y, c)
    g = np.ascontiguousarray(np.broadcast_to(g, (*lead, x.shape[-2], y.shape[-2])), np.float64)
    of_x, of_y = np.empty(x.shape), np.empty(y.shape)
    of_c, spare = np.empty(y.shape[:-1]), np.empty(x.shape[:-1])
    for index in np.ndindex(lead):
        if wanted[1] or wanted[2]:
            _fill_vjp(g[index], False, x[index], y[index], c, of_y[index], of_c[index], a[index], b[index])
        if wanted[0]:
            _fill_vjp(g[index], True, y[index], x[index], c, of_x[index], spare[index], b[index], a[index])
    return (
        of_x.astype(x.dtype, copy=False) if wanted[0] else None,
        of_y.astype(y.dtype, copy=False) if wanted[1] else None,
        of_c.sum() if wanted[2] else None,
    )

# cython: wraparound=True
"""All distances between two sets of points, in three models: compiled kernels (derivations in pairwise_points.h)."""

from cython.parallel cimport prange
from libc.stdlib cimport free, malloc

cimport numpy as cnp

from geomkern.kernels.openmp cimport threads_for

import math

import numpy as np

from geomkern.errors import DomainError, DTypeError, ShapeError

cnp.import_array()

cdef extern from "pairwise.h":
    void pairwise_tile(const gk_set *x, long batch, long block_x, const gk_set *y, long block_y, bint mirrored,
                       char *out) noexcept nogil

cdef extern from "pairwise_vjp.h":
    void pairwise_block_vjp(const double *g, long step_x, long step_y, const gk_set *x, const gk_set *y, long batch,
                            long block, double *gy, double *gc, double *scratch) noexcept nogil

cdef extern from "pairwise_neighbors.h":
    ctypedef struct gk_neighbor:
        pass
    void pairwise_nearest(const gk_set *x, long batch, long block, const gk_set *y, long k, bint others,
                          char *distances, cnp.int64_t *indices, gk_neighbor *scratch) noexcept nogil


__all__ = [f"{model}_pairwise_dist{vjp}" for model in ("klein", "lorentz", "poincare") for vjp in ("", "_vjp")]

_MODELS = {"poincare": GK_POINCARE, "lorentz": GK_LORENTZ, "klein": GK_KLEIN}


cdef class Points:
    """Sets of points (batches, n, d), made ready for comparison; `set` points into the arrays."""


cdef Points prepare(str operation, str operand, int model, object points, object c):
    """Return points (batches, n, d), a C-contiguous array, ready; raises where a point lies outside its ball."""
    cdef Points made = Points.__new__(Points)
    cdef gk_set *of = &made.set
    made.data = points
    of.data = cnp.PyArray_BYTES(points)
    of.is_float = cnp.PyArray_TYPE(points) == cnp.NPY_FLOAT
    of.model, of.c = model, c
    of.batches, of.n, of.d = points.shape
    of.blocks = (of.n + GK_TILE - 1) // GK_TILE
    cdef long total = of.batches * of.blocks, b
    made.fast = np.empty((total, of.d, GK_TILE), points.dtype)
    made.high, made.low = np.empty((2, total, of.d, GK_TILE))
    made.numbers = np.empty((total, GK_N_NUMBERS, GK_TILE))
    of.fast = cnp.PyArray_BYTES(made.fast)
    of.high = <double *>cnp.PyArray_DATA(made.high)
    of.low = <double *>cnp.PyArray_DATA(made.low)
    of.numbers = <double *>cnp.PyArray_DATA(made.numbers)

    cdef int threads = threads_for(total * GK_TILE * (100.0 + 4.0 * of.d)), t
    cdef size_t room = of.d * GK_TILE + 1
    cdef double *scratch = <double *>malloc(threads * room * sizeof(double))
    gaps, places = np.ones(total), np.full(total, -1, dtype=np.int_)
    cdef double *gap = <double *>cnp.PyArray_DATA(gaps)
    cdef long *outside = <long *>cnp.PyArray_DATA(places)
    if scratch == NULL:
        raise MemoryError(f"{operation}: no memory for points of {of.d} coordinates")
    for t in prange(threads, num_threads=threads, schedule="static", nogil=True):
        for b in range(total * t // threads, total * (t + 1) // threads):
            gap[b] = gk_set_prepare(of, b, scratch + t * room, &outside[b])
    free(scratch)
    if total and places.max() >= 0:
        b = np.argmax(places >= 0)
        raise DomainError(
            f"{operation}: {operand}[{places[b]}] lies outside the ball: c|{operand}|^2 is {1.0 - gaps[b]:.17g}, but "
            "must be less than 1 (projx pulls points inside)"
        )
    return made


def _as_points(operation, operand, points):
    """Return points as an array of float32 or float64 with at least two axes."""
    points = np.asarray(points)
    if points.dtype.kind not in "iubf" or points.dtype.itemsize > 8:
        raise DTypeError(f"{operation}: {operand} has dtype {points.dtype}, but needs float32 or float64")
    return points


def _check_c(operation, c):
    """Return c as a float."""
    c = np.asarray(c)
    if c.ndim != 0:
        raise ShapeError(f"{operation} needs one c for all points, not an array of shape {c.shape}")
    if not 0 < c < np.inf:
        raise DomainError(f"{operation}: the curvature is -c with c > 0, but c is {c}")
    return float(c)


cdef tuple _sets(str operation, int model, object x, object y, object c):
    """Return both sets ready, the same one twice where x is y, and the leading shape."""
    same = x is y
    x, y = _as_points(operation, "x", x), _as_points(operation, "y", y)
    if x.ndim < 2 or y.ndim < 2 or x.shape[-1] != y.shape[-1]:
        raise ShapeError(f"{operation} needs x (..., n, d) and y (..., m, d), not {x.shape} and {y.shape}")
    c = _check_c(operation, c)
    dtype = np.float32 if np.result_type(x, y) == np.float32 else np.float64
    try:
        lead = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    except ValueError:
        raise ShapeError(f"{operation}: the leading axes of x {x.shape} and y {y.shape} do not broadcast") from None

    def ready(name, points):
        full = np.ascontiguousarray(np.broadcast_to(points, lead + points.shape[-2:]), dtype)
        return prepare(operation, name, model, full.reshape(math.prod(lead), *points.shape[-2:]), c)

    first = ready("x", x)
    return first, first if same else ready("y", y), lead


cdef object _distances(str model, object x, object y, object c):
    """Distances of all rows of x from all rows of y."""
    cdef Points xs, ys
    xs, ys, lead = _sets(f"{model}_pairwise_dist", _MODELS[model], x, y, c)
    cdef const gk_set *a = &xs.set
    cdef const gk_set *b = &ys.set
    out = np.empty((*lead, a.n, b.n), xs.data.dtype)
    cdef char *data = cnp.PyArray_BYTES(out)
    cdef bint same = xs is ys
    # Of one set, a block meets itself and the half of the others that follow it in a circle; of two blocks that face
    # each other in an even circle, the first meets the second.
    cdef long met = a.blocks // 2 + 1 if same else b.blocks, per_batch = a.blocks * met, total = a.batches * per_batch
    cdef int threads = threads_for(total * GK_TILE * GK_TILE * (0.7 + (0.05 if a.is_float else 0.1) * a.d)), t
    cdef long k, row, step
    for t in prange(threads, num_threads=threads, schedule="static", nogil=True):
        for k in range(total * t // threads, total * (t + 1) // threads):
            row = k % per_batch // met
            step = k % met
            if not same:
                pairwise_tile(a, k // per_batch, row, b, step, False, data)
            elif 2 * step != a.blocks or 2 * row < a.blocks:
                pairwise_tile(a, k // per_batch, row, b, (row + step) % a.blocks, step != 0, data)
    return out


cdef int _gradient(cnp.ndarray g, bint swapped, Points x, Points y, cnp.ndarray gy, cnp.ndarray gc) except -1:
    """Gradients in y and its shares of the gradient in c; `swapped` when g is that of the pairs (y, x)."""
    cdef const gk_set *a = &x.set
    cdef const gk_set *b = &y.set
    cdef long pairs = a.n * b.n, total = b.batches * b.blocks, k
    cdef long step_x = 1 if swapped else b.n, step_y = a.n if swapped else 1
    cdef int threads = threads_for(a.batches * pairs * (12.0 + 1.0 * a.d)), t
    cdef size_t room = GK_TILE * a.d + 1
    cdef double *scratch = <double *>malloc(threads * room * sizeof(double))
    cdef const double *upstream = <const double *>cnp.PyArray_DATA(g)
    cdef double *of_y = <double *>cnp.PyArray_DATA(gy)
    cdef double *of_c = <double *>cnp.PyArray_DATA(gc)
    if scratch == NULL:
        raise MemoryError(f"pairwise_dist: no memory for points of {a.d} coordinates")
    for t in prange(threads, num_threads=threads, schedule="static", nogil=True):
        for k in range(total * t // threads, total * (t + 1) // threads):
            pairwise_block_vjp(upstream + k // b.blocks * pairs, step_x, step_y, a, b, k // b.blocks, k % b.blocks,
                               of_y, of_c, scratch + t * room)
    free(scratch)
    return 0


cdef tuple _distances_vjp(str model, object g, object x, object y, object c, tuple wanted):
    """Gradients in x, y, c that are wanted."""
    cdef Points xs, ys
    xs, ys, lead = _sets(f"{model}_pairwise_dist_vjp", _MODELS[model], x, y, c)
    cdef long n = xs.set.n, m = ys.set.n
    g = np.ascontiguousarray(np.broadcast_to(g, (*lead, n, m)), np.float64)
    of_x, of_y = np.empty(xs.data.shape), np.empty(ys.data.shape)
    of_c, spare = np.empty(ys.data.shape[:-1]), np.empty(xs.data.shape[:-1])
    if wanted[1] or wanted[2]:
        _gradient(g, False, xs, ys, of_y, of_c)
    if wanted[0]:
        _gradient(g, True, ys, xs, of_x, spare)

    def given(gradient, points):
        return gradient.astype(points.dtype, copy=False).reshape(*lead, *points.shape[1:])

    return (
        given(of_x, xs.data) if wanted[0] else None,
        given(of_y, ys.data) if wanted[1] else None,
        of_c.sum() if wanted[2] else None,
    )


def nearest(str model, x, y, c, long k, bint others=False):
    """Return distances and indices of the k nearest rows of y for each row of x, nearest first.

    With `others`, the sets are one, and no point is its own neighbour.
    """
    cdef Points xs, ys
    operation = f"{model}_knn"
    xs, ys, lead = _sets(operation, _MODELS[model], x, y, c)
    cdef const gk_set *a = &xs.set
    cdef const gk_set *b = &ys.set
    cdef long available = b.n - (1 if others else 0), total = a.batches * a.blocks, at
    if not 1 <= k <= available:
        raise DomainError(f"{operation}: k is {k}, but must be between 1 and the {available} points there are")
    distances, indices = np.empty((*lead, a.n, k), xs.data.dtype), np.empty((*lead, a.n, k), np.int64)
    cdef char *to = cnp.PyArray_BYTES(distances)
    cdef cnp.int64_t *index = <cnp.int64_t *>cnp.PyArray_DATA(indices)
    cdef int threads = threads_for(a.batches * a.n * b.n * (0.7 + 0.1 * a.d)), t
    cdef gk_neighbor *scratch = <gk_neighbor *>malloc(threads * GK_TILE * k * sizeof(gk_neighbor))
    if scratch == NULL:
        raise MemoryError(f"{operation}: no memory for {k} neighbours")
    for t in prange(threads, num_threads=threads, schedule="static", nogil=True):
        for at in range(total * t // threads, total * (t + 1) // threads):
            pairwise_nearest(a, at // a.blocks, at % a.blocks, b, k, others, to, index, scratch + t * GK_TILE * k)
    free(scratch)
    return distances, indices


def poincare_pairwise_dist(x, y, c):
    """Return the distances of every row of x from every row of y."""
    return _distances("poincare", x, y, c)


def poincare_pairwise_dist_vjp(g, x, y, c, tuple wanted):
    """Return the gradients in x, y, c that are wanted, for the upstream gradient g."""
    return _distances_vjp("poincare", g, x, y, c, wanted)


def lorentz_pairwise_dist(x, y, c):
    """Return the distances of every row of x from every row of y."""
    return _distances("lorentz", x, y, c)


def lorentz_pairwise_dist_vjp(g, x, y, c, tuple wanted):
    """Return the gradients in x, y, c that are wanted, for the upstream gradient g."""
    return _distances_vjp("lorentz", g, x, y, c, wanted)


def klein_pairwise_dist(x, y, c):
    """Return the distances of every row of x from every row of y."""
    return _distances("klein", x, y, c)


def klein_pairwise_dist_vjp(g, x, y, c, tuple wanted):
    """Return the gradients in x, y, c that are wanted, for the upstream gradient g."""
    return _distances_vjp("klein", g, x, y, c, wanted)

# cython: wraparound=True
"""Means of sets of points: compiled kernels (derivations in midpoint.h and karcher.h)."""

from cython.parallel cimport prange
from libc.stdlib cimport free, malloc

cimport numpy as cnp

from geomkern.kernels.openmp cimport threads_for

import numpy as np

from geomkern.errors import DomainError, ShapeError

cnp.import_array()

cdef extern from "midpoint.h":
    const int MIDPOINT_BALL, MIDPOINT_LORENTZ, MIDPOINT_KLEIN
    ctypedef struct midpoint_call:
        int chart
        bint is_float
        long n, d
        const char *x
        const long *which
        const double *weights
        const double *c
        long weights_step, c_step
        char *out
        const double *g
        char *of_x
        double *of_w
        double *of_c
    ctypedef struct midpoint_status:
        long set, row
        double value
        bint no_memory
    void midpoint_run(const midpoint_call *call, long first, long last, midpoint_status *status) noexcept nogil

cdef extern from "karcher.h":
    ctypedef struct karcher_call:
        long n, d
        const double *v
        const double *weights
        const double *scales
        const double *g
        long weights_step
        double c, tolerance
        long most
        double *out
        double *residuals
    bint karcher_run(const karcher_call *call, long first, long last) noexcept nogil


cdef double *_doubles(cnp.ndarray array) noexcept:
    return <double *>cnp.PyArray_DATA(array)


cdef int _each(midpoint_call *call, long count) except -1:
    """Run all sets, on as many threads as the work is worth; raise what was reported."""
    cdef int threads = threads_for(count * (100.0 + call.n * (8.0 + 1.0 * call.d))), t
    cdef midpoint_status *statuses = <midpoint_status *>malloc(threads * sizeof(midpoint_status))
    if statuses == NULL:
        raise MemoryError("einstein_midpoint: no memory")
    try:
        for t in prange(threads, num_threads=threads, schedule="static", nogil=True):
            midpoint_run(call, count * t // threads, count * (t + 1) // threads, &statuses[t])
        for t in range(threads):
            if statuses[t].no_memory:
                raise MemoryError(f"einstein_midpoint: no memory for points of {call.d} coordinates")
            if statuses[t].set >= 0:
                raise _Outside(statuses[t].set, statuses[t].row, statuses[t].value)
    finally:
        free(statuses)
    return 0


class _Outside(Exception):
    """A point outside its chart: the set, the row, and 1 - c|x|^2."""


cdef class _Sets:
    """The operands of a midpoint: points, one set after another, and weights and curvatures in double precision."""
    cdef object x, lead, which, w, c, shape, dtype
    cdef midpoint_call call

    def __init__(self, int chart, x, w, c):
        x, w, c = np.asarray(x), np.asarray(w), np.asarray(c)
        dtype = np.result_type(x, w) if w.ndim else x.dtype
        self.dtype = np.dtype(dtype if dtype == np.float32 else np.float64)
        if x.ndim < 2 or x.shape[-2] == 0 or (c.ndim and c.shape[-1] != 1):
            raise ShapeError(
                "einstein_midpoint needs points (..., n, d) with n > 0 and one curvature for each set of points, "
                f"not {x.shape} and {c.shape}"
            )
        n = x.shape[-2]
        try:
            *lead, _ = np.broadcast_shapes((*x.shape[:-2], n), w.shape, c.shape)
            self.w = np.broadcast_to(w, (*(lead if w.ndim > 1 else ()), n))
        except ValueError:
            raise ShapeError(
                f"einstein_midpoint: the weights {w.shape} and curvatures {c.shape} do not fit the points {x.shape}"
            ) from None
        self.lead = tuple(lead)
        self.shape = (*self.lead, n, x.shape[-1])
        self.w = np.ascontiguousarray(self.w, np.float64)
        self.c = np.ascontiguousarray(np.broadcast_to(c[..., 0], lead) if c.ndim else c, np.float64)
        self.x = np.ascontiguousarray(x, self.dtype)
        self.which = None
        if x.shape[:-2] != self.lead:
            sets = np.arange(int(np.prod(x.shape[:-2])), dtype=np.int64).reshape(x.shape[:-2])
            self.which = np.ascontiguousarray(np.broadcast_to(sets, lead))
        self.call.chart, self.call.is_float = chart, self.dtype == np.float32
        self.call.n, self.call.d = n, x.shape[-1]
        self.call.x = cnp.PyArray_BYTES(self.x)
        self.call.which = NULL if self.which is None else <long *>cnp.PyArray_DATA(self.which)
        self.call.weights, self.call.weights_step = _doubles(self.w), n if self.w.ndim > 1 else 0
        self.call.c, self.call.c_step = _doubles(self.c), 1 if c.ndim else 0
        self.call.out = self.call.of_x = NULL
        self.call.g = self.call.of_w = self.call.of_c = NULL

    cdef object run(self):
        count = int(np.prod(self.lead))
        if self.call.d == 0 or count == 0:
            return
        try:
            _each(&self.call, count)
        except _Outside as outside:
            which, row, gap = outside.args
            index = ", ".join(map(str, (*np.unravel_index(which, self.lead), row)))
            raise DomainError(
                f"einstein_midpoint: x[{index}] lies outside the ball: c|x|^2 is {1.0 - gap:.17g}, but must be less "
                "than 1 (projx pulls points inside)"
            ) from None


def _midpoint_kernels(str model, int chart, bint any_sign):
    """Return the kernels of the Einstein midpoint in one chart."""

    def check(c):
        if not any_sign and not np.all(np.asarray(c) > 0):
            raise DomainError(
                f"einstein_midpoint: c must be positive, but is {c}; Stereographic(k) has curvatures of either sign"
            )
        return -np.asarray(c) if any_sign else c

    def forward(x, w, c, out=None):
        """Return the Einstein midpoints of the sets of points x (..., n, d) with weights w (..., n)."""
        cdef _Sets sets = _Sets(chart, x, w, check(c))
        result = np.empty((*sets.lead, sets.shape[-1]), sets.dtype) if out is None else out
        sets.call.out = cnp.PyArray_BYTES(result)
        sets.run()
        return result

    def backward(g, x, w, c, wanted):
        """Return the gradients in x, w, c that are wanted, for the upstream gradient g."""
        cdef _Sets sets = _Sets(chart, x, w, check(c))
        g = np.ascontiguousarray(np.broadcast_to(g, (*sets.lead, sets.shape[-1])), np.float64)
        of_x = np.empty(sets.shape, sets.dtype) if wanted[0] else None
        of_w = np.empty(sets.shape[:-1]) if wanted[1] else None
        of_c = np.empty((*sets.lead, 1)) if wanted[2] else None
        sets.call.g = _doubles(g)
        sets.call.of_x = NULL if of_x is None else cnp.PyArray_BYTES(of_x)
        sets.call.of_w = NULL if of_w is None else _doubles(of_w)
        sets.call.of_c = NULL if of_c is None else _doubles(of_c)
        sets.run()
        return of_x, of_w, of_c if of_c is None or not any_sign else -of_c

    forward.__name__ = forward.__qualname__ = f"{model}_einstein_midpoint"
    backward.__name__ = backward.__qualname__ = f"{model}_einstein_midpoint_vjp"
    return forward, backward


poincare_einstein_midpoint, poincare_einstein_midpoint_vjp = _midpoint_kernels("poincare", MIDPOINT_BALL, False)
stereographic_einstein_midpoint, stereographic_einstein_midpoint_vjp = _midpoint_kernels(
    "stereographic", MIDPOINT_BALL, True
)
lorentz_einstein_midpoint, lorentz_einstein_midpoint_vjp = _midpoint_kernels("lorentz", MIDPOINT_LORENTZ, False)
klein_einstein_midpoint, klein_einstein_midpoint_vjp = _midpoint_kernels("klein", MIDPOINT_KLEIN, False)


cdef int _newton(karcher_call *call, long count) except -1:
    cdef int threads = threads_for(count * call.n * (100.0 + 10.0 * call.d)), t, done = 1
    for t in prange(threads, num_threads=threads, schedule="static", nogil=True):
        if not karcher_run(call, count * t // threads, count * (t + 1) // threads):
            done = 0
    if not done:
        raise MemoryError(f"frechet_mean: no memory for {call.n} points of {call.d} coordinates")
    return 0


def _karcher(v, w, scale, int sign, g, double tol, long max_iter):
    cdef karcher_call call
    *lead, n, d = v.shape
    v = np.ascontiguousarray(v, np.float64)
    w = np.ascontiguousarray(np.broadcast_to(w, (*lead, n)), np.float64)
    scale = np.ascontiguousarray(np.broadcast_to(scale, lead), np.float64)
    out, residuals = np.zeros((*lead, d)), np.zeros(lead)
    call.n, call.d, call.v, call.weights, call.scales = n, d, _doubles(v), _doubles(w), _doubles(scale)
    call.weights_step, call.c, call.tolerance, call.most = n, sign, tol, max_iter
    call.g = NULL
    if g is not None:
        g = np.ascontiguousarray(g, np.float64)
        call.g = _doubles(g)
    call.out, call.residuals = _doubles(out), _doubles(residuals)
    if out.size:
        _newton(&call, int(np.prod(lead)))
    return out, residuals


def karcher_mean(v, w, scale, sign, tol, max_iter):
    """Return the Fréchet means of points given as tangent vectors at a base, as such vectors themselves.

    Parameters
    ----------
    v : ndarray, shape (..., n, d)
        Tangent vectors, whose lengths are `scale` times their Euclidean ones.
    w : ndarray, shape (..., n)
        Weights.
    scale : ndarray, shape (...)
        Lengths in units of the radius of curvature.
    sign : int
        1 for hyperbolic, 0 for flat, -1 for spherical geometry.
    tol : float
        How far, in units of the points' root mean square distance, the result may lie from the mean.
    max_iter : int
        The largest number of Newton steps.

    Returns
    -------
    ndarray, shape (..., d)
    residuals : ndarray, shape (...)
    """
    return _karcher(v, w, scale, sign, None, tol, max_iter)


def karcher_solve(g, v, w, scale, sign):
    """Return H^-1 g, with H the Hessian at the base of half the weighted sum of squared distances."""
    return _karcher(v, w, scale, sign, g, 0.0, 0)[0]


__all__ = sorted(name for name in globals() if name.endswith(("_midpoint", "_midpoint_vjp")))
__all__ += ["karcher_mean", "karcher_solve"]

"""One step of SGD and of Adam on one parameter, in place: the arithmetic of `optim.h`, spread over threads."""

cimport numpy as cnp
from cython cimport floating
from cython.parallel cimport prange
from libc.math cimport pow, sqrt

from .openmp cimport threads_for

from ..errors import DTypeError, ShapeError

cdef extern from "optim.h" nogil:
    ctypedef struct gk_sgd_coefficients:
        double sign, decay, lr, keep, share, ahead

    ctypedef struct gk_adam_coefficients:
        double sign, decay, shrink, rate, root, eps, lerp, beta2, share

    void gk_sgd_f32(float *, float *, Py_ssize_t, gk_sgd_coefficients *)
    void gk_sgd_f64(double *, double *, Py_ssize_t, gk_sgd_coefficients *)
    void gk_sgd_momentum_f32(float *, float *, float *, Py_ssize_t, gk_sgd_coefficients *)
    void gk_sgd_momentum_f64(double *, double *, double *, Py_ssize_t, gk_sgd_coefficients *)
    void gk_adam_f32(float *, float *, float *, float *, Py_ssize_t, gk_adam_coefficients *)
    void gk_adam_f64(double *, double *, double *, double *, Py_ssize_t, gk_adam_coefficients *)
    void gk_adam_amsgrad_f32(float *, float *, float *, float *, float *, Py_ssize_t, gk_adam_coefficients *)
    void gk_adam_amsgrad_f64(double *, double *, double *, double *, double *, Py_ssize_t, gk_adam_coefficients *)

cnp.import_array()

# A block is what one thread does at a time: 64 kB of a float32 parameter, so that the arrays of a step share a cache.
cdef Py_ssize_t BLOCK = 16_384
# Serial time for one float64 number, which memory sets; a float32 takes half.
cdef double SGD_NANOSECONDS = 0.4
cdef double ADAM_NANOSECONDS = 0.8


cdef char *_numbers(str operation, str name, cnp.ndarray array, cnp.ndarray parameter, bint written) except NULL:
    """Return the address of an array that fits the parameter, or raise."""
    cdef int kind = cnp.PyArray_TYPE(parameter)
    if kind != cnp.NPY_FLOAT32 and kind != cnp.NPY_FLOAT64:
        raise DTypeError(f"{operation} needs a float32 or float64 parameter, not {parameter.dtype}")
    if cnp.PyArray_TYPE(array) != kind:
        raise DTypeError(f"{operation} needs {name} of the parameter's type {parameter.dtype}, not {array.dtype}")
    if not cnp.PyArray_SAMESHAPE(array, parameter):
        raise ShapeError(
            f"{operation} needs {name} of the parameter's shape {(<object>parameter).shape}, "
            f"not {(<object>array).shape}"
        )
    if not (cnp.PyArray_ISCARRAY(array) if written else cnp.PyArray_ISCARRAY_RO(array)):
        raise ShapeError(
            f"{operation} needs {name} to be aligned and C-contiguous{' and writable' if written else ''}, "
            f"not of strides {(<object>array).strides} with writeable={(<object>array).flags.writeable}"
        )
    return cnp.PyArray_BYTES(array)


cdef inline void _sgd_block(
    floating *p, floating *g, floating *b, Py_ssize_t block, Py_ssize_t size, gk_sgd_coefficients *k
) noexcept nogil:
    cdef Py_ssize_t start = block * BLOCK
    cdef Py_ssize_t n = min(BLOCK, size - start)
    if floating is float:
        if b == NULL:
            gk_sgd_f32(p + start, g + start, n, k)
        else:
            gk_sgd_momentum_f32(p + start, g + start, b + start, n, k)
    else:
        if b == NULL:
            gk_sgd_f64(p + start, g + start, n, k)
        else:
            gk_sgd_momentum_f64(p + start, g + start, b + start, n, k)


def sgd(
    cnp.ndarray parameter not None,
    cnp.ndarray gradient not None,
    cnp.ndarray momentum_buffer=None,
    *,
    double lr,
    double momentum=0.0,
    double dampening=0.0,
    bint nesterov=False,
    double weight_decay=0.0,
    bint maximize=False,
    bint first=False,
):
    """Move a parameter by one step of stochastic gradient descent, in place.

    Parameters
    ----------
    parameter : ndarray, float32 or float64, C-contiguous
        What is moved.
    gradient : ndarray
        As `parameter` in shape and type.
    momentum_buffer : ndarray or None
        The running sum of gradients, also written; without it there is no momentum.
    lr, momentum, dampening, nesterov, weight_decay, maximize
        As in :class:`geomkern.optim.SGD`.
    first : bool
        Whether the (zero) buffer takes this gradient undampened, as it does at the first step.

    Raises
    ------
    DTypeError, ShapeError
        If an array does not fit the parameter. Nothing has been written then.
    """
    cdef gk_sgd_coefficients k
    cdef char *p = _numbers("sgd", "the parameter", parameter, parameter, True)
    cdef char *g = _numbers("sgd", "the gradient", gradient, parameter, False)
    cdef char *b = NULL
    if momentum_buffer is not None:
        b = _numbers("sgd", "the momentum buffer", momentum_buffer, parameter, True)
    k.sign = -1.0 if maximize else 1.0
    k.decay = weight_decay
    k.lr = lr
    k.keep = momentum
    k.share = 1.0 if first else 1.0 - dampening
    k.ahead = momentum if nesterov else 0.0

    cdef bint single = cnp.PyArray_TYPE(parameter) == cnp.NPY_FLOAT32
    cdef Py_ssize_t size = cnp.PyArray_SIZE(parameter)
    cdef Py_ssize_t blocks = (size + BLOCK - 1) // BLOCK
    cdef int threads = threads_for(size * SGD_NANOSECONDS * (0.5 if single else 1.0))
    cdef Py_ssize_t i
    for i in prange(blocks, nogil=True, schedule="static", num_threads=threads):
        if single:
            _sgd_block(<float *> p, <float *> g, <float *> b, i, size, &k)
        else:
            _sgd_block(<double *> p, <double *> g, <double *> b, i, size, &k)


cdef inline void _adam_block(
    floating *p, floating *g, floating *m, floating *v, floating *vmax,
    Py_ssize_t block, Py_ssize_t size, gk_adam_coefficients *k
) noexcept nogil:
    cdef Py_ssize_t start = block * BLOCK
    cdef Py_ssize_t n = min(BLOCK, size - start)
    if floating is float:
        if vmax == NULL:
            gk_adam_f32(p + start, g + start, m + start, v + start, n, k)
        else:
            gk_adam_amsgrad_f32(p + start, g + start, m + start, v + start, vmax + start, n, k)
    else:
        if vmax == NULL:
            gk_adam_f64(p + start, g + start, m + start, v + start, n, k)
        else:
            gk_adam_amsgrad_f64(p + start, g + start, m + start, v + start, vmax + start, n, k)


def adam(
    cnp.ndarray parameter not None,
    cnp.ndarray gradient not None,
    cnp.ndarray exp_avg not None,
    cnp.ndarray exp_avg_sq not None,
    cnp.ndarray max_exp_avg_sq=None,
    *,
    long step,
    double lr,
    double beta1=0.9,
    double beta2=0.999,
    double eps=1e-8,
    double weight_decay=0.0,
    bint decoupled=False,
    bint maximize=False,
):
    """Move a parameter by one step of Adam (Kingma and Ba, 2015), in place.

    Parameters
    ----------
    parameter : ndarray, float32 or float64, C-contiguous
        What is moved.
    gradient : ndarray
        As `parameter` in shape and type.
    exp_avg, exp_avg_sq : ndarray
        The running means of the gradient and of its square, also written.
    max_exp_avg_sq : ndarray or None
        The largest `exp_avg_sq` so far, also written; given, the step is that of AMSGrad.
    step : int
        The number of this step, counted from one.
    lr, beta1, beta2, eps, weight_decay, decoupled, maximize
        As in :class:`geomkern.optim.Adam`.

    Raises
    ------
    DTypeError, ShapeError
        If an array does not fit the parameter. Nothing has been written then.
    """
    cdef gk_adam_coefficients k
    cdef char *p = _numbers("adam", "the parameter", parameter, parameter, True)
    cdef char *g = _numbers("adam", "the gradient", gradient, parameter, False)
    cdef char *m = _numbers("adam", "the mean of gradients", exp_avg, parameter, True)
    cdef char *v = _numbers("adam", "the mean of squares", exp_avg_sq, parameter, True)
    cdef char *vmax = NULL
    if max_exp_avg_sq is not None:
        vmax = _numbers("adam", "the maximum of mean squares", max_exp_avg_sq, parameter, True)
    k.sign = -1.0 if maximize else 1.0
    k.decay = 0.0 if decoupled else weight_decay
    k.shrink = 1.0 - lr * weight_decay if decoupled else 1.0
    k.rate = lr / (1.0 - pow(beta1, step))
    k.root = sqrt(1.0 - pow(beta2, step))
    k.eps = eps
    k.lerp = 1.0 - beta1
    k.beta2 = beta2
    k.share = 1.0 - beta2

    cdef bint single = cnp.PyArray_TYPE(parameter) == cnp.NPY_FLOAT32
    cdef Py_ssize_t size = cnp.PyArray_SIZE(parameter)
    cdef Py_ssize_t blocks = (size + BLOCK - 1) // BLOCK
    cdef int threads = threads_for(size * ADAM_NANOSECONDS * (0.5 if single else 1.0))
    cdef Py_ssize_t i
    for i in prange(blocks, nogil=True, schedule="static", num_threads=threads):
        if single:
            _adam_block(<float *> p, <float *> g, <float *> m, <float *> v, <float *> vmax, i, size, &k)
        else:
            _adam_block(<double *> p, <double *> g, <double *> m, <double *> v, <double *> vmax, i, size, &k)

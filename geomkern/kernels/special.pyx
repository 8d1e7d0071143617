"""The functions of gk_math.h and gk_trig.h on arrays, for each instruction set, dispatched at run time."""

from cython.parallel cimport prange
cimport numpy as cnp

import numpy as np

from ..errors import DomainError, DTypeError, ShapeError
from .openmp cimport threads_for

cdef extern from *:
    """
    #include "gk_trig.h"

    #define GK_FUNCTIONS(X, level, target)                                                                         \\
        X(exp, level, target) X(expm1, level, target) X(log, level, target) X(log1p, level, target)                \\
        X(sinh, level, target) X(cosh, level, target) X(tanh, level, target)                                       \\
        X(asinh, level, target) X(atanh, level, target)                                                            \\
        X(sinhc, level, target) X(dsinhc, level, target)                                                           \\
        X(sin, level, target) X(cos, level, target) X(atan, level, target)

    /* Two block functions for each function and level. Clones would do, were it not that nobody can choose among
     * them: a processor that has the best level could not be asked whether the others give the same bits. */
    #define GK_BLOCK(name, level, target)                                                                          \\
        target static void gk_##name##_##level##_f64(const void *from, void *to, ptrdiff_t n)                      \\
        {                                                                                                          \\
            const double *x = (const double *)from;                                                                \\
            double *y = (double *)to;                                                                              \\
            GK_SIMD for (ptrdiff_t i = 0; i < n; i++) y[i] = gk_##name(x[i]);                                      \\
        }                                                                                                          \\
        target static void gk_##name##_##level##_f32(const void *from, void *to, ptrdiff_t n)                      \\
        {                                                                                                          \\
            const float *x = (const float *)from;                                                                  \\
            float *y = (float *)to;                                                                                \\
            GK_SIMD for (ptrdiff_t i = 0; i < n; i++) y[i] = (float)gk_##name((double)x[i]);                       \\
        }

    #define GK_ENTRY(name, level, target) {gk_##name##_##level##_f32, gk_##name##_##level##_f64},
    #define GK_NAME(name, level, target) #name,

    typedef void (*gk_block)(const void *, void *, ptrdiff_t);
    static const char *const gk_names[] = {GK_FUNCTIONS(GK_NAME, , )};
    enum { GK_COUNT = sizeof gk_names / sizeof *gk_names };

    GK_FUNCTIONS(GK_BLOCK, baseline, )
    #if GK_HAS_CLONES
    GK_FUNCTIONS(GK_BLOCK, v3, __attribute__((target("arch=x86-64-v3"))))
    GK_FUNCTIONS(GK_BLOCK, v4, __attribute__((target("arch=x86-64-v4"))))
    #endif

    /* From the lowest level up: [level][function][float, double]. */
    static const gk_block gk_blocks[][GK_COUNT][2] = {
        {GK_FUNCTIONS(GK_ENTRY, baseline, )},
    #if GK_HAS_CLONES
        {GK_FUNCTIONS(GK_ENTRY, v3, )},
        {GK_FUNCTIONS(GK_ENTRY, v4, )},
    #endif
    };

    static gk_block gk_block_of(int level, int function, int is_double)
    {
        return gk_blocks[level][function][is_double];
    }

    /* The test that the resolvers of GK_CLONES make. */
    static int gk_best_level(void)
    {
    #if GK_HAS_CLONES
        __builtin_cpu_init();
        return __builtin_cpu_supports("x86-64-v4") ? 2 : __builtin_cpu_supports("x86-64-v3") ? 1 : 0;
    #else
        return 0;
    #endif
    }
    """
    ctypedef void (*gk_block)(const void *, void *, Py_ssize_t) noexcept nogil
    const bint GK_HAS_CLONES
    const char *const gk_names[]
    const int GK_COUNT
    gk_block gk_block_of(int level, int function, bint is_double)
    int gk_best_level()

cnp.import_array()

cdef enum:
    BLOCK = 1024

# Of the slower functions, on a processor with AVX2; it only decides when a second thread is worth waking.
cdef double NANOSECONDS = 3.0

cdef int BEST = gk_best_level()
LEVELS = ("baseline", "x86-64-v3", "x86-64-v4") if GK_HAS_CLONES else ("baseline",)


def simd_level():
    """Return the instruction set that the kernels use here: the best of :func:`simd_levels` that the processor has."""
    return LEVELS[BEST]


def simd_levels():
    """Return the instruction sets that the kernels were compiled for, from the lowest up."""
    return LEVELS


cdef void _run(gk_block block, const char *source, char *target, Py_ssize_t size, int itemsize) noexcept nogil:
    cdef Py_ssize_t i, blocks = (size + BLOCK - 1) // BLOCK
    cdef int threads = threads_for(size * NANOSECONDS)
    for i in prange(blocks, schedule="static", num_threads=threads):
        block(source + i * BLOCK * itemsize, target + i * BLOCK * itemsize, min(BLOCK, size - i * BLOCK))


cdef cnp.ndarray _checked_out(str name, cnp.ndarray x, out):
    shape = (<object>x).shape
    if not isinstance(out, np.ndarray) or out.dtype != x.dtype:
        raise DTypeError(f"{name} needs an out of {x.dtype}, not {getattr(out, 'dtype', type(out).__name__)}")
    if out.shape != shape:
        raise ShapeError(f"{name} needs an out of shape {shape}, not {out.shape}")
    if not cnp.PyArray_ISCARRAY(out):
        raise ShapeError(f"{name} needs an out that is contiguous and writeable, not a strided or read-only one")
    return out


cdef _evaluate(str name, int index, int level, x, out):
    cdef int behaved = cnp.NPY_ARRAY_CARRAY_RO | cnp.NPY_ARRAY_NOTSWAPPED | cnp.NPY_ARRAY_ENSUREARRAY
    cdef cnp.ndarray source = cnp.PyArray_FROM_OF(x, behaved), target
    if cnp.PyArray_ISINTEGER(source) or cnp.PyArray_ISBOOL(source):
        source = source.astype(np.float64)
    if cnp.PyArray_TYPE(source) not in (cnp.NPY_FLOAT32, cnp.NPY_FLOAT64):
        raise DTypeError(f"{name} needs an array of float32 or float64, not {source.dtype}")
    if out is None:
        target = cnp.PyArray_EMPTY(source.ndim, cnp.PyArray_DIMS(source), cnp.PyArray_TYPE(source), 0)
    else:
        target = _checked_out(name, source, out)
        if cnp.PyArray_DATA(target) != cnp.PyArray_DATA(source) and np.may_share_memory(source, target):
            source = source.copy()
    cdef int itemsize = cnp.PyArray_ITEMSIZE(source)
    cdef gk_block block = gk_block_of(level, index, itemsize == 8)
    cdef const char *start = <const char *>cnp.PyArray_DATA(source)
    cdef char *goal = <char *>cnp.PyArray_DATA(target)
    cdef Py_ssize_t size = cnp.PyArray_SIZE(source)
    with nogil:
        _run(block, start, goal, size, itemsize)
    return target


def at_level(str level, str name, x):
    """Return a function's values as the copy for one instruction set computes them; all copies give the same bits.

    Parameters
    ----------
    level : str
        One of :func:`simd_levels`, not above :func:`simd_level`.
    name : str
        The name of a function of this module.
    x : array_like
        The arguments.

    Raises
    ------
    DomainError
        If the processor or this build lacks the level, or if there is no such function.

    Examples
    --------
    >>> from geomkern.kernels import special
    >>> float(special.at_level("baseline", "exp", 0.0))
    1.0
    """
    usable = LEVELS[:BEST + 1]
    if level not in usable:
        raise DomainError(f"at_level needs one of the levels {', '.join(usable)}, not {level!r}")
    if name not in INDEX:
        raise DomainError(f"at_level needs one of the functions {', '.join(INDEX)}, not {name!r}")
    return _evaluate(name, INDEX[name], usable.index(level), x, None)


def _function(str name, str formula, double at_zero):
    cdef int index = INDEX[name]

    def function(x, out=None):
        return _evaluate(name, index, BEST, x, out)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"""Return {formula} for each element of an array.

    Parameters
    ----------
    x : array_like of float32 or float64
        The arguments, of any shape; integers become float64. float32 is computed in double and rounded.
    out : ndarray, optional
        Where to write the result: contiguous, of the shape and type of `x`. It may be `x` itself.

    Returns
    -------
    ndarray
        The values, of the shape and type of `x`.

    Raises
    ------
    DTypeError
        If `x` or `out` has another type.
    ShapeError
        If `out` has another shape or is not contiguous.

    Examples
    --------
    >>> from geomkern.kernels import special
    >>> float(special.{name}(0.0))
    {at_zero!r}
    """
    return function


INDEX = {gk_names[i].decode(): i for i in range(GK_COUNT)}

exp = _function("exp", "e^x", 1.0)
expm1 = _function("expm1", "e^x - 1", 0.0)
log = _function("log", "the natural logarithm", -np.inf)
log1p = _function("log1p", "log(1 + x)", 0.0)
sinh = _function("sinh", "sinh x", 0.0)
cosh = _function("cosh", "cosh x", 1.0)
tanh = _function("tanh", "tanh x", 0.0)
asinh = _function("asinh", "asinh x", 0.0)
atanh = _function("atanh", "atanh x", 0.0)
sinhc = _function("sinhc", "sinh(x) / x", 1.0)
dsinhc = _function("dsinhc", "the derivative of sinh(sqrt x) / sqrt x, x >= 0,", 1.0 / 6.0)
sin = _function("sin", "sin x", 0.0)
cos = _function("cos", "cos x", 1.0)
atan = _function("atan", "arctan x", 0.0)

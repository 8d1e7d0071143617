"""Calls of row kernels: check the operands, broadcast them, allocate the results, and share the rows among threads.

A *row kernel* (``gk_rows.h``) is one C function and a description of its operands; :func:`row_kernels` turns a pair of
them, forward and backward, into callables. :func:`run_product` runs one kernel for each part of the coordinates in a
single pass over the rows.
"""

from cpython.float cimport PyFloat_AsDouble
from cython.parallel cimport prange

cimport numpy as cnp

from .openmp cimport threads_for

import inspect

import numpy as np

from geomkern.errors import DomainError, DTypeError, ShapeError

cnp.import_array()

cdef enum:
    MAX_VECTORS = 5
    MAX_SCALARS = 4
    MAX_DIMS = 64
    MAX_THREADS = 256

cdef extern from "gk_rows_driver.h":
    const int GK_BLOCK
    ctypedef struct gk_operand:
        char *data
        bint is_float, live, even
        long step
        long strides[MAX_DIMS]
    ctypedef struct gk_call:
        const gk_row_kernel *kernel
        long n, d
        int ndim
        long shape[MAX_DIMS]
        gk_operand vectors[MAX_VECTORS]
        gk_operand scalars[MAX_SCALARS]
        gk_operand vectors_out[MAX_VECTORS]
        gk_operand scalars_out[MAX_SCALARS]
    ctypedef struct gk_status:
        int bad_operand
        long bad_row
        double bad_value
        bint no_memory
    void gk_run_rows(const gk_call *call, long first, long last, gk_status *status) noexcept nogil


cdef cnp.ndarray _as_floats(object x, const gk_row_kernel *kernel, const char *operand):
    """Return x as an aligned array of float32 or float64 (whole numbers and truth values become float64)."""
    cdef cnp.ndarray array
    cdef int kind
    if cnp.PyArray_Check(x):
        array = <cnp.ndarray>x
    else:
        array = np.asarray(x)
    kind = cnp.PyArray_TYPE(array)
    if kind != cnp.NPY_DOUBLE and kind != cnp.NPY_FLOAT:
        if array.dtype.kind not in "iub":
            raise DTypeError(
                f"{kernel.name.decode()}: {operand.decode()} has dtype {array.dtype}, but needs float32 or float64"
            )
        array = array.astype(np.float64)
    if not cnp.PyArray_ISBEHAVED_RO(array):
        array = np.require(array, array.dtype.newbyteorder("="), "A")
    return array


cdef inline bint _is_weak(object x):
    """Return whether x is one number that takes the data type of the arrays around it."""
    return not cnp.PyArray_Check(x) or cnp.PyArray_NDIM(<cnp.ndarray>x) == 0


cdef void _lay_out(gk_operand *operand, cnp.ndarray array, gk_call *call, int trailing) noexcept:
    """Describe where an operand's rows lie when it is broadcast to the call's leading shape."""
    cdef int own = cnp.PyArray_NDIM(array) - trailing, missing = call.ndim - own, k
    cdef long expected
    operand.data = cnp.PyArray_BYTES(array)
    operand.is_float = cnp.PyArray_TYPE(array) == cnp.NPY_FLOAT
    operand.live = True
    for k in range(call.ndim):
        operand.strides[k] = 0
        if k >= missing and cnp.PyArray_DIM(array, k - missing) != 1:
            operand.strides[k] = cnp.PyArray_STRIDE(array, k - missing)
    # Rows are evenly spaced when every stride is the next one times the length of its axis; axes of length one
    # never move.
    operand.even = True
    operand.step = 0
    expected = -1
    for k in range(call.ndim - 1, -1, -1):
        if call.shape[k] == 1:
            continue
        if expected == -1:
            operand.step = operand.strides[k]
        elif operand.strides[k] != expected:
            operand.even = False
            return
        expected = operand.strides[k] * call.shape[k]


cdef int _broadcast_shape(gk_call *call, cnp.ndarray array, int trailing) except -1:
    """Widen the call's leading shape by an operand's; return 0 where the two do not fit."""
    cdef int own = cnp.PyArray_NDIM(array) - trailing, k, missing
    cdef long length
    if own > call.ndim:
        missing = own - call.ndim
        for k in range(call.ndim - 1, -1, -1):
            call.shape[k + missing] = call.shape[k]
        for k in range(missing):
            call.shape[k] = 1
        call.ndim = own
    missing = call.ndim - own
    for k in range(own):
        length = cnp.PyArray_DIM(array, k)
        if call.shape[k + missing] == length or length == 1:
            continue
        if call.shape[k + missing] != 1:
            return 0
        call.shape[k + missing] = length
    return 1


cdef object _shape_error(const gk_row_kernel *kernel, list vectors, list scalars):
    shapes = [f"{kernel.vectors[k].decode()} {np.shape(array)}" for k, array in enumerate(vectors)]
    shapes += [f"{kernel.scalars[k].decode()} {np.shape(array)}" for k, array in enumerate(scalars)]
    return ShapeError(
        f"{kernel.name.decode()}: the shapes {', '.join(shapes)} do not fit: the last axis of "
        f"{', '.join(kernel.vectors[k].decode() for k in range(kernel.n_vectors))} holds coordinates and must have "
        "one length, and the other axes must broadcast"
    )


cdef cnp.ndarray _result(gk_call *call, gk_operand *operand, int kind, int trailing, object out, str name):
    """Allocate a result, or check the array that was given for it."""
    cdef cnp.npy_intp shape[MAX_DIMS + 1]
    cdef cnp.ndarray array
    cdef int k
    for k in range(call.ndim):
        shape[k] = call.shape[k]
    shape[call.ndim] = call.d
    if out is None:
        array = cnp.PyArray_EMPTY(call.ndim + trailing, shape, kind, 0)
    else:
        wanted = tuple([shape[k] for k in range(call.ndim + trailing)])
        array = out
        if out.shape != wanted or cnp.PyArray_TYPE(array) != kind or not cnp.PyArray_IS_C_CONTIGUOUS(array):
            raise ShapeError(
                f"{name}: out is a {out.dtype} array of shape {out.shape}, but must be a C-contiguous "
                f"{np.dtype(np.float32 if kind == cnp.NPY_FLOAT else np.float64)} array of shape {wanted}"
            )
    operand.data = cnp.PyArray_BYTES(array)
    operand.is_float = kind == cnp.NPY_FLOAT
    operand.live = True
    operand.even = True
    operand.step = (4 if kind == cnp.NPY_FLOAT else 8) * (call.d if trailing else 1)
    return array


cdef object _prepare(gk_call *call, const gk_row_kernel *kernel, tuple vectors, tuple scalars, double *numbers):
    """Fill in everything about the inputs; return the result's type number and the arrays, which must stay alive."""
    cdef list points = [], others = []
    cdef int k, kind = cnp.NPY_FLOAT
    cdef cnp.ndarray array
    call.kernel = kernel
    call.ndim = 0
    for k in range(kernel.n_vectors):
        array = _as_floats(vectors[k], kernel, kernel.vectors[k])
        points.append(array)
        if cnp.PyArray_TYPE(array) == cnp.NPY_DOUBLE:
            kind = cnp.NPY_DOUBLE
    for k in range(kernel.n_scalars):
        if _is_weak(scalars[k]):
            numbers[k] = PyFloat_AsDouble(scalars[k])
            others.append(scalars[k])
        else:
            array = _as_floats(scalars[k], kernel, kernel.scalars[k])
            others.append(array)
            # c belongs to the manifold: the points say which type the result has, whatever the type of c
            if k != kernel.n_scalars - 1 and cnp.PyArray_TYPE(array) == cnp.NPY_DOUBLE:
                kind = cnp.NPY_DOUBLE

    call.d = -1
    for k in range(kernel.n_vectors):
        array = points[k]
        if cnp.PyArray_TYPE(array) != kind:
            array = array.astype(np.float64)
        if cnp.PyArray_NDIM(array) == 0:
            raise _shape_error(kernel, points, others)
        if call.d == -1:
            call.d = cnp.PyArray_DIM(array, cnp.PyArray_NDIM(array) - 1)
        if cnp.PyArray_DIM(array, cnp.PyArray_NDIM(array) - 1) != call.d:
            raise _shape_error(kernel, points, others)
        if call.d > 1 and (
            cnp.PyArray_STRIDE(array, cnp.PyArray_NDIM(array) - 1) != cnp.PyArray_ITEMSIZE(array)
        ):
            array = np.ascontiguousarray(array)
        points[k] = array
        if not _broadcast_shape(call, array, 1):
            raise _shape_error(kernel, points, others)
    for k in range(kernel.n_scalars):
        if not _is_weak(others[k]) and not _broadcast_shape(call, others[k], 0):
            raise _shape_error(kernel, points, others)

    call.n = 1
    for k in range(call.ndim):
        call.n *= call.shape[k]
    for k in range(kernel.n_vectors):
        _lay_out(&call.vectors[k], points[k], call, 1)
    for k in range(kernel.n_scalars):
        if _is_weak(others[k]):
            call.scalars[k].data = <char *>&numbers[k]
            call.scalars[k].is_float = False
            call.scalars[k].even = True
            call.scalars[k].step = 0
        else:
            _lay_out(&call.scalars[k], others[k], call, 0)
    _check_curvature(kernel, others)
    return kind, points, others


cdef int _check_curvature(const gk_row_kernel *kernel, list scalars) except -1:
    if kernel.domain.any_sign:
        return 0
    cdef int last = kernel.n_scalars - 1
    c = scalars[last]
    if _is_weak(c):
        bad = PyFloat_AsDouble(c) <= 0.0
        worst = c
    else:
        bad = bool((c <= 0).any())
        worst = c.min() if bad else None
    if bad:
        name = kernel.scalars[last].decode()
        raise DomainError(
            f"{kernel.name.decode()}: {name} must be positive, but is {worst}{kernel.domain.other_sign.decode()}"
        )
    return 0


cdef int _execute(gk_call *call) except -1:
    """Run all rows, on as many threads as the work is worth, and raise what the kernel reported."""
    cdef gk_status statuses[MAX_THREADS]
    cdef gk_status status
    cdef double cost = call.n * (call.kernel.ns_per_row + call.d * call.kernel.ns_per_coordinate)
    cdef int threads = min(threads_for(cost), MAX_THREADS), k
    cdef long blocks = (call.n + GK_BLOCK - 1) // GK_BLOCK, share = (blocks + threads - 1) // threads * GK_BLOCK
    for k in range(threads):
        statuses[k].bad_operand = -1
        statuses[k].no_memory = False
    if cost < 5_000.0:  # releasing the GIL would cost more than it gives
        gk_run_rows(call, 0, call.n, &statuses[0])
    else:
        for k in prange(threads, num_threads=threads, schedule="static", nogil=True):
            gk_run_rows(call, min(k * share, call.n), min((k + 1) * share, call.n), &statuses[k])
    for k in range(threads):
        status = statuses[k]
        if status.no_memory:
            raise MemoryError(f"{call.kernel.name.decode()}: no memory for rows of {call.d} coordinates")
        if status.bad_operand >= 0:
            _raise_outside(call, status)
    return 0


cdef int _raise_outside(gk_call *call, gk_status status) except -1:
    cdef const gk_domain *domain = call.kernel.domain
    cdef str operand = call.kernel.vectors[status.bad_operand].decode()
    shape = tuple([call.shape[k] for k in range(call.ndim)])
    index = ", ".join(str(i) for i in np.unravel_index(status.bad_row, shape)) if shape else ""
    place = f"{operand}[{index}]" if index else operand
    raise DomainError(
        f"{call.kernel.name.decode()}: {place} {domain.outside.decode()}: {domain.quantity.decode() % operand} is "
        f"{domain.offset + domain.sign * status.bad_value:.17g}, but must be {domain.bound.decode()} "
        "(projx pulls points inside)"
    )


cdef class RowKernel:
    """A row kernel as a callable: the upstream gradient if it is a backward one, then the vectors, then the numbers.

    A forward kernel has one result, and takes `out`. A backward one returns the gradients of all its other operands, in
    their order, or None where the flag in `wanted`, its last operand, is not set.
    """

    def __init__(self):
        raise TypeError("row kernels are made by row_kernels")

    def __repr__(self):
        return f"RowKernel({self.__name__}{self.__signature__})"

    def __call__(self, *operands, out=None):
        cdef const gk_row_kernel *table = self.table
        cdef int vectors = table.n_vectors, count = vectors + table.n_scalars
        if self.backward:
            if len(operands) != count + 1:
                raise TypeError(f"{self.__name__} takes {self.__signature__}, not {len(operands)} operands")
            if self.number_first:  # the upstream gradient is a number of each row
                return _run_vjp(table, operands[1:vectors + 1], operands[:1] + operands[vectors + 1:count],
                                operands[count])
            return _run_vjp(table, operands[:vectors], operands[vectors:count], operands[count])
        if len(operands) == count + 1 and out is None:
            out = operands[count]
        elif len(operands) != count:
            raise TypeError(f"{self.__name__} takes {self.__signature__}, not {len(operands)} operands")
        return _run(table, operands[:vectors], operands[vectors:count], out)


cdef RowKernel _row_kernel(const gk_row_kernel *table, bint backward):
    cdef RowKernel kernel = RowKernel.__new__(RowKernel)
    cdef list names = [table.vectors[k].decode() for k in range(table.n_vectors)]
    names += [table.scalars[k].decode() for k in range(table.n_scalars)]
    kernel.table, kernel.backward, kernel.__name__ = table, backward, table.name.decode()
    kernel.number_first = backward and table.vectors[0] != b"g"
    if kernel.number_first:
        names.remove("g")
        names.insert(0, "g")
    parameters = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in names]
    if backward:
        parameters.append(inspect.Parameter("wanted", inspect.Parameter.POSITIONAL_OR_KEYWORD))
    else:
        parameters.append(inspect.Parameter("out", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None))
    kernel.__signature__ = inspect.Signature(parameters)
    return kernel


cdef tuple row_kernels(const gk_row_kernel *forward, const gk_row_kernel *backward):
    """Return the callables of a kernel and its backward kernel."""
    return _row_kernel(forward, False), _row_kernel(backward, True)


cdef object _run(const gk_row_kernel *kernel, tuple vectors, tuple scalars, object out):
    """Call a kernel that has one result, and return it."""
    cdef gk_call call
    cdef double numbers[MAX_SCALARS]
    kind, *keep = _prepare(&call, kernel, vectors, scalars, numbers)
    cdef int trailing = kernel.n_vectors_out
    cdef gk_operand *operand = &call.vectors_out[0] if trailing else &call.scalars_out[0]
    result = _result(&call, operand, kind, trailing, out, kernel.name.decode())
    _execute(&call)
    return result


cdef tuple _run_vjp(const gk_row_kernel *kernel, tuple vectors, tuple scalars, tuple wanted):
    """Call a kernel with several results (vectors, then scalars) and return those wanted, None for the others.

    Scalar results are float64, for they are about to be summed.
    """
    cdef gk_call call
    cdef double numbers[MAX_SCALARS]
    cdef int k
    kind, *keep = _prepare(&call, kernel, vectors, scalars, numbers)
    cdef list results = []
    for k in range(kernel.n_vectors_out + kernel.n_scalars_out):
        result = None
        if k < kernel.n_vectors_out:
            call.vectors_out[k].live = False
            if wanted[k]:
                result = _result(&call, &call.vectors_out[k], kind, 1, None, "")
        else:
            call.scalars_out[k - kernel.n_vectors_out].live = False
            if wanted[k]:
                result = _result(
                    &call, &call.scalars_out[k - kernel.n_vectors_out], cnp.NPY_DOUBLE, 0, None, ""
                )
        results.append(result)
    _execute(&call)
    return tuple(results)

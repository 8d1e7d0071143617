"""Calls of row kernels: check the operands, broadcast them, allocate the results, and share the rows among threads."""

from cpython.float cimport PyFloat_AsDouble
from cython.parallel cimport prange
from libc.stdlib cimport free, malloc

cimport numpy as cnp

from .openmp cimport threads_for

import numpy as np

from geomkern.errors import DomainError, DTypeError, ShapeError

cnp.import_array()


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


cdef cnp.ndarray result(gk_call *call, gk_operand *operand, int kind, int trailing, object out, str name):
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
    operand.summed = False
    operand.even = True
    operand.step = (4 if kind == cnp.NPY_FLOAT else 8) * (call.d if trailing else 1)
    return array


cdef object prepare(gk_call *call, const gk_row_kernel *kernel, tuple vectors, tuple scalars, double *numbers,
                    tuple lead=()):
    """Fill in everything about the inputs; return the result's type number and the arrays, which must stay alive.

    The operands broadcast to `lead` and to each other.
    """
    cdef list points = [], others = []
    cdef int k, kind = cnp.NPY_FLOAT
    cdef cnp.ndarray array
    call.kernel = kernel
    call.ndim = len(lead)
    for k in range(call.ndim):
        call.shape[k] = lead[k]
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


cdef int execute(gk_call *calls, int count) except -1:
    """Run all rows of calls of one leading shape, on as many threads as the work is worth; raise what was reported.

    Several calls take turns on stretches of rows that stay in the cache.
    """
    cdef double cost = 0.0
    cdef int k, threads
    cdef long n = calls[0].n, blocks = (n + GK_BLOCK - 1) // GK_BLOCK, share
    cdef long stretch = n if count == 1 else 8 * GK_BLOCK
    for k in range(count):
        cost += n * (calls[k].kernel.ns_per_row + calls[k].d * calls[k].kernel.ns_per_coordinate)
    threads = min(threads_for(cost), MAX_THREADS)
    share = (blocks + threads - 1) // threads * GK_BLOCK
    cdef gk_status few[MAX_THREADS]
    cdef gk_status *statuses = few
    if count > 1:
        statuses = <gk_status *>malloc(sizeof(gk_status) * threads * count)
        if statuses == NULL:
            raise MemoryError(f"no memory for {count} kernels on {threads} threads")
    try:
        for k in range(threads * count):
            statuses[k].bad_operand = -1
            statuses[k].no_memory = False
        if cost < 5_000.0:  # releasing the GIL would cost more than it gives
            _run_share(calls, count, 0, n, stretch, statuses)
        else:
            for k in prange(threads, num_threads=threads, schedule="static", nogil=True):
                _run_share(calls, count, min(k * share, n), min((k + 1) * share, n), stretch, statuses + k * count)
        for k in range(threads * count):
            if statuses[k].no_memory:
                name, d = calls[0].kernel.name.decode(), calls[k % count].d
                raise MemoryError(f"{name}: no memory for rows of {d} coordinates")
            if statuses[k].bad_operand >= 0:
                _raise_outside(&calls[k % count], statuses[k])
    finally:
        if statuses != few:
            free(statuses)
    return 0


cdef void _run_share(const gk_call *calls, int count, long first, long last, long stretch,
                     gk_status *statuses) noexcept nogil:
    cdef long at = first
    cdef int k
    while at < last:
        for k in range(count):
            gk_run_rows(&calls[k], at, min(at + stretch, last), &statuses[k])
        at += stretch


cdef int _raise_outside(gk_call *call, gk_status status) except -1:
    cdef const gk_domain *domain = status.broken
    cdef str operand = call.kernel.vectors[status.bad_operand].decode()
    shape = tuple([call.shape[k] for k in range(call.ndim)])
    index = ", ".join(str(i) for i in np.unravel_index(status.bad_row, shape)) if shape else ""
    place = f"{operand}[{index}]" if index else operand
    raise DomainError(
        f"{call.kernel.name.decode()}: {place} {domain.outside.decode()}: {domain.quantity.decode() % operand} is "
        f"{domain.offset + domain.sign * status.bad_value:.17g}, but must be {domain.bound.decode()}"
    )


cdef object run(const gk_row_kernel *kernel, tuple vectors, tuple scalars, object out):
    """Call a kernel that has one result, and return it."""
    cdef gk_call call
    cdef double numbers[MAX_SCALARS]
    kind, *keep = prepare(&call, kernel, vectors, scalars, numbers)
    cdef int trailing = kernel.n_vectors_out
    cdef gk_operand *operand = &call.vectors_out[0] if trailing else &call.scalars_out[0]
    made = result(&call, operand, kind, trailing, out, kernel.name.decode())
    execute(&call, 1)
    return made


cdef bint _is_one_row(const gk_call *call, const gk_operand *operand) noexcept:
    """Return whether all rows of the call meet the same row of an operand."""
    return call.n > 1 and operand.even and operand.step == 0


cdef cnp.ndarray _sums(gk_call *call, gk_operand *operand):
    """Allocate the sums over blocks of rows of a result."""
    cdef cnp.ndarray array = np.zeros(((call.n + GK_BLOCK - 1) // GK_BLOCK, call.d))
    operand.data = cnp.PyArray_BYTES(array)
    operand.is_float = False
    operand.live = operand.summed = operand.even = True
    operand.step = 0
    return array


cdef tuple run_vjp(const gk_row_kernel *kernel, tuple vectors, tuple scalars, tuple wanted):
    """Call a kernel with several results (vectors, then scalars) and return those wanted, None for the others.

    Vector results are gradients of the vector operands, a first one named g apart. Where such an operand is a single
    row that all others meet, its gradient has been summed over them and has the operand's own shape. Scalar results
    are float64, for they are about to be summed.
    """
    cdef gk_call call
    cdef double numbers[MAX_SCALARS]
    cdef int k, first = kernel.vectors[0] == b"g"
    kind, arrays, _alive = prepare(&call, kernel, vectors, scalars, numbers)
    cdef list results = []
    for k in range(kernel.n_vectors_out + kernel.n_scalars_out):
        made = None
        if k < kernel.n_vectors_out:
            call.vectors_out[k].live = False
            call.vectors_out[k].summed = False
            if wanted[k] and _is_one_row(&call, &call.vectors[first + k]):
                made = _sums(&call, &call.vectors_out[k])
            elif wanted[k]:
                made = result(&call, &call.vectors_out[k], kind, 1, None, "")
        else:
            call.scalars_out[k - kernel.n_vectors_out].live = False
            if wanted[k]:
                made = result(
                    &call, &call.scalars_out[k - kernel.n_vectors_out], cnp.NPY_DOUBLE, 0, None, ""
                )
        results.append(made)
    execute(&call, 1)
    for k in range(kernel.n_vectors_out):
        if call.vectors_out[k].live and call.vectors_out[k].summed:
            total = results[k].sum(0).reshape(arrays[first + k].shape)
            results[k] = total.astype(np.float32) if kind == cnp.NPY_FLOAT else total
    return tuple(results)

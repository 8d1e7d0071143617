"""Row kernels that write over their operands, for the steps of optimisers."""

cimport numpy as cnp

from .calls cimport MAX_SCALARS, execute, gk_call, prepare, result

import numpy as np

from geomkern.errors import DTypeError

cnp.import_array()


cdef int overwrite(const gk_row_kernel *kernel, const gk_row_kernel *check, tuple vectors, tuple scalars) except -1:
    """Call a direct kernel whose results, vectors and numbers, take the place of its first operands of each sort.

    Nothing is written unless `check`, a kernel of the first vector and the curvature without a result, finds all
    points inside; NULL asks for no check. Numbers that are not arrays are not written.
    """
    cdef gk_call call, before
    cdef double numbers[MAX_SCALARS]
    cdef str name = kernel.name.decode()
    cdef int k
    kind, *arrays = prepare(&call, kernel, vectors, scalars, numbers)
    for k in range(kernel.n_vectors_out):
        if not isinstance(vectors[k], np.ndarray) or not vectors[k].flags.carray:
            raise DTypeError(f"{name}: {kernel.vectors[k].decode()} is written over, so it must be a writeable array")
        result(&call, &call.vectors_out[k], kind, 1, vectors[k], name)
    for k in range(kernel.n_scalars_out):
        call.scalars_out[k].live = isinstance(scalars[k], np.ndarray)
        if call.scalars_out[k].live:
            result(&call, &call.scalars_out[k], kind, 0, scalars[k], name)
    if check != NULL:
        before = call
        before.kernel = check
        before.scalars[0] = call.scalars[kernel.n_scalars - 1]
        execute(&before, 1)
    execute(&call, 1)
    return 0

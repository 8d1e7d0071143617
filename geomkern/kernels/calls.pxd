cimport numpy as cnp

from .rows cimport gk_domain, gk_row_kernel

cdef enum:
    MAX_VECTORS = 5
    MAX_SCALARS = 10
    MAX_DIMS = 64
    MAX_THREADS = 256

cdef extern from "gk_rows_driver.h":
    const int GK_BLOCK
    ctypedef struct gk_operand:
        char *data
        bint is_float, live, even, summed
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
        const gk_domain *broken
        bint no_memory
    void gk_run_rows(const gk_call *call, long first, long last, gk_status *status) noexcept nogil


cdef object run(const gk_row_kernel *kernel, tuple vectors, tuple scalars, object out)
cdef tuple run_vjp(const gk_row_kernel *kernel, tuple vectors, tuple scalars, tuple wanted)
cdef cnp.ndarray result(gk_call *call, gk_operand *operand, int kind, int trailing, object out, str name)
cdef object prepare(gk_call *call, const gk_row_kernel *kernel, tuple vectors, tuple scalars, double *numbers,
                    tuple lead=*)
cdef int execute(gk_call *calls, int count) except -1

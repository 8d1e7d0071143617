cdef extern from "gk_rows.h":
    ctypedef struct gk_domain:
        const char *outside
        const char *quantity
        const char *bound
        double offset, sign
        bint any_sign
        const char *other_sign
    ctypedef struct gk_row_kernel:
        const char *name
        int n_vectors, n_scalars, n_vectors_out, n_scalars_out, points
        const char *vectors[5]
        const char *scalars[10]
        double ns_per_row, ns_per_coordinate
        const gk_domain *domain


cdef class RowKernel:
    cdef const gk_row_kernel *table
    cdef bint backward, number_first
    cdef readonly str __name__
    cdef readonly object __signature__


cdef tuple row_kernels(const gk_row_kernel *forward, const gk_row_kernel *backward)

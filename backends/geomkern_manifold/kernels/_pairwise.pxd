cdef extern from "pairwise_points.h":
    const int GK_TILE
    const int GK_N_NUMBERS
    const int GK_POINCARE
    const int GK_LORENTZ
    const int GK_KLEIN
    ctypedef struct gk_set:
        const char *data
        bint is_float
        int model
        long batches, n, d, blocks
        double c
        char *fast
        double *high
        double *low
        double *numbers
    double gk_set_prepare(const gk_set *set, long block, double *columns, long *outside) noexcept nogil


cdef class Points:
    cdef gk_set set
    cdef readonly object data
    cdef object fast, high, low, numbers


cdef Points prepare(str operation, str operand, int model, object points, object c)

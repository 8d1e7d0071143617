from .rows cimport gk_row_kernel

cdef int overwrite(const gk_row_kernel *kernel, const gk_row_kernel *check, tuple vectors, tuple scalars) except -1

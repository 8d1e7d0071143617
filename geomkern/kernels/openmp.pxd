cdef int threads_for(double nanoseconds) noexcept nogil

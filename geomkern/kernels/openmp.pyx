"""Everything that geomkern knows about OpenMP: the thread limit, and whether a piece of work is worth more than one."""

cdef extern from *:
    """
    #ifdef _OPENMP
    #include <omp.h>
    #define GK_HAS_OPENMP 1
    #else
    #define GK_HAS_OPENMP 0
    #define omp_get_max_threads() 1
    #define omp_set_num_threads(n) ((void)(n))
    #endif
    """
    const bint GK_HAS_OPENMP
    int omp_get_max_threads() nogil
    void omp_set_num_threads(int) nogil

# A parallel region costs about half a microsecond while its threads spin, fifty once they sleep, and far more on a busy
# machine, so every further thread has to have at least this much serial work of its own.
cdef double _serial_threshold = 100_000.0


cdef int threads_for(double nanoseconds) noexcept nogil:
    """Return how many threads to give to work that takes about so many nanoseconds on one."""
    cdef int limit = omp_get_max_threads()
    cdef double worth = 1.0 + nanoseconds / _serial_threshold
    return limit if worth >= limit else <int>worth


def has_openmp():
    """Return whether the kernels were built with OpenMP."""
    return bool(GK_HAS_OPENMP)


def get_num_threads():
    """Return the largest number of threads that a kernel called from this thread will use."""
    return omp_get_max_threads()


def set_num_threads(int n):
    """Set the largest number of threads that a kernel called from this thread will use."""
    omp_set_num_threads(n)


def get_serial_threshold():
    """Return the work, in nanoseconds of serial time, that each further thread must have."""
    return _serial_threshold


def set_serial_threshold(double nanoseconds):
    """Set the work, in nanoseconds of serial time, that each further thread must have."""
    global _serial_threshold
    _serial_threshold = nanoseconds

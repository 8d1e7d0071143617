"""Adding rows to rows of a table, where several may go to the same one."""

cimport numpy as cnp
from cython cimport floating
from cython.parallel cimport prange

from .openmp cimport threads_for

cdef double NANOSECONDS = 0.5  # for one number added


cdef void _add_part(
    floating *out, const cnp.int64_t *index, const floating *rows,
    Py_ssize_t first, Py_ssize_t last, Py_ssize_t count, Py_ssize_t width
) noexcept nogil:
    """Add the rows that go to out[first:last], in their order."""
    cdef Py_ssize_t i, j
    cdef floating *target
    cdef const floating *source
    for i in range(count):
        if first <= index[i] < last:
            target = out + index[i] * width
            source = rows + i * width
            for j in range(width):
                target[j] += source[j]


def add_rows(floating[:, ::1] out, const cnp.int64_t[::1] index, const floating[:, ::1] rows):
    """Add ``rows[i]`` to ``out[index[i]]`` for every i, in place.

    Each thread owns a range of `out` and adds what goes there in the order of `index`, so that the sums have the same
    bits for any number of threads.

    Parameters
    ----------
    out : ndarray, shape (n, width), float32 or float64
        The table.
    index : ndarray of int64, shape (m,)
        Rows of the table, from 0 to n - 1: the caller has checked.
    rows : ndarray, shape (m, width)
        What is added, of the table's type.
    """
    cdef Py_ssize_t n = out.shape[0], width = out.shape[1], count = index.shape[0], part
    cdef int threads = threads_for(count * width * NANOSECONDS)
    if count == 0 or width == 0:
        return
    for part in prange(threads, nogil=True, schedule="static", num_threads=threads):
        _add_part(
            &out[0, 0], &index[0], &rows[0, 0], n * part // threads, n * (part + 1) // threads, count, width
        )

"""Adding rows into the rows of a table that an index names."""

cimport numpy as cnp

cnp.import_array()

ctypedef fused real:
    float
    double


cdef void add(real* table, const cnp.int64_t* index, const real* rows, Py_ssize_t count, Py_ssize_t n,
              Py_ssize_t width) noexcept nogil:
    cdef Py_ssize_t i, j, k
    for i in range(count):
        k = index[i] + n if index[i] < 0 else index[i]
        for j in range(width):
            table[k * width + j] += rows[i * width + j]


def scatter_add_rows(cnp.ndarray table, cnp.ndarray index, cnp.ndarray rows):
    """Add ``rows[i]`` to ``table[index[i]]`` for every i, in order; all contiguous, the index in bounds."""
    cdef Py_ssize_t count = cnp.PyArray_SIZE(index), n = table.shape[0], width = table.shape[1]
    cdef cnp.int64_t* places = <cnp.int64_t*>cnp.PyArray_DATA(index)
    if cnp.PyArray_TYPE(table) == cnp.NPY_FLOAT:
        with nogil:
            add(<float*>cnp.PyArray_DATA(table), places, <float*>cnp.PyArray_DATA(rows), count, n, width)
    else:
        with nogil:
            add(<double*>cnp.PyArray_DATA(table), places, <double*>cnp.PyArray_DATA(rows), count, n, width)

"""The training kernel: a thin shell around ``train.h``, which has the derivation and the arithmetic."""

import numpy as np

from cython.parallel cimport prange, threadid
from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.stdlib cimport free, malloc

from geomkern.kernels.openmp cimport threads_for

cdef extern from "train.h" nogil:
    ctypedef struct gk_graph:
        const int32_t *child
        const int32_t *parent
        const int64_t *first
        int64_t edges
        int32_t nodes
    ctypedef struct gk_trainer:
        gk_graph graph
        float *rows
        Py_ssize_t stride
        int32_t dim, negatives
        float lr, slow_lr, room
        int64_t burn_in
        uint64_t seed
    ctypedef struct gk_progress:
        double mantissa
        int64_t exponent, negatives
    size_t gk_scratch_bytes(const gk_trainer *)
    void gk_train(const gk_trainer *, int64_t begin, int64_t end, void *scratch, gk_progress *)
    int32_t gk_sample(const gk_graph *, int64_t example, int32_t wanted, uint64_t key, int64_t *edge, int32_t *found)
    const int GK_DRAWS
    void gk_settle(float *x, int32_t dim, float room)
    uint64_t gk_mix(uint64_t)

# What has been made of an epoch at its beginning: exp(loss) as mantissa and exponent of 2, and the negatives drawn.
NOTHING = (1.0, 0, 0)

cdef enum:
    PIECES = 8


cdef gk_graph _graph(Py_ssize_t nodes, const int32_t[::1] child, const int32_t[::1] parent, const int64_t[::1] first):
    cdef gk_graph g
    g.nodes, g.edges, g.child, g.parent, g.first = nodes, child.shape[0], &child[0], &parent[0], &first[0]
    return g


def table(Py_ssize_t nodes, Py_ssize_t dim):
    """Return zeros for points of `dim` coordinates and ``1 - |x|^2``, in rows that no line of the cache divides."""
    cdef Py_ssize_t stride = 4 if dim < 4 else 8 if dim < 8 else (dim + 16) // 16 * 16
    memory = np.zeros(nodes * stride + 16, np.float32)
    cdef Py_ssize_t start = -memory.ctypes.data % 64 // 4
    return memory[start:start + nodes * stride].reshape(nodes, stride)


def settle(float[:, ::1] rows, int32_t dim, float room):
    """Draw every point back to the clip radius and store ``1 - |x|^2`` after its coordinates."""
    cdef Py_ssize_t i
    for i in range(rows.shape[0]):
        gk_settle(&rows[i, 0], dim, room)


def train(float[:, ::1] rows, int32_t dim, child, parent, first, int32_t negatives, float lr, float slow_lr,
          int64_t burn_in, float room, uint64_t seed, int64_t begin, int64_t end, bint serial, progress=NOTHING):
    """Train in place on the examples ``begin`` to ``end``, counted from the beginning of training.

    Returns the progress made in each epoch that these belong to; `progress` is what the first of them began with.
    """
    cdef gk_trainer t
    t.graph = _graph(rows.shape[0], child, parent, first)
    t.rows, t.stride, t.dim, t.negatives = &rows[0, 0], rows.shape[1], dim, negatives
    t.lr, t.slow_lr, t.burn_in, t.room, t.seed = lr, slow_lr, burn_in, room, seed
    cdef int threads = 1 if serial else threads_for(<double>(end - begin) * (negatives + 1) * (10 + dim))
    # More pieces than threads, so that a thread that the system has put aside holds up little.
    cdef int64_t pieces = 1 if threads == 1 else PIECES * threads
    cdef int64_t epoch = begin // t.graph.edges
    cdef int64_t epochs = (end - 1) // t.graph.edges - epoch + 1
    cdef size_t bytes_each = gk_scratch_bytes(&t)
    cdef int64_t i, k, start
    cdef gk_progress *made = <gk_progress *>malloc(pieces * epochs * sizeof(gk_progress))
    cdef char *scratch = <char *>malloc(threads * bytes_each)
    try:
        if made == NULL or scratch == NULL:
            raise MemoryError(f"training needs {threads * bytes_each} bytes of scratch memory")
        for i in range(pieces * epochs):
            made[i].mantissa, made[i].exponent, made[i].negatives = NOTHING
        made[0].mantissa, made[0].exponent, made[0].negatives = progress
        for i in prange(pieces, nogil=True, num_threads=threads, schedule="dynamic", chunksize=1):
            start = begin + (end - begin) * i // pieces
            gk_train(&t, start, begin + (end - begin) * (i + 1) // pieces, scratch + threadid() * bytes_each,
                     &made[i * epochs + start // t.graph.edges - epoch])
        for i in range(1, pieces):
            for k in range(epochs):
                made[k].mantissa *= made[i * epochs + k].mantissa
                made[k].exponent += made[i * epochs + k].exponent
                made[k].negatives += made[i * epochs + k].negatives
        if threads > 1:
            settle(rows, dim, room)  # two threads that wrote one row at a time may have left halves of two points
        return [(made[k].mantissa, made[k].exponent, made[k].negatives) for k in range(epochs)]
    finally:
        free(scratch)
        free(made)


def sample(Py_ssize_t nodes, child, parent, first, int32_t negatives, uint64_t key, int64_t example):
    """Return the edge that an example of an epoch trains on and the negatives that it draws."""
    cdef gk_graph g = _graph(nodes, child, parent, first)
    cdef int64_t edge
    found = np.empty(negatives + GK_DRAWS, np.int32)
    cdef int32_t[::1] places = found
    cdef int32_t n = gk_sample(&g, example, negatives, key, &edge, &places[0])
    return edge, found[:n]


def mix(uint64_t z):
    """Return the splitmix64 hash of a number."""
    return gk_mix(z)

"""The training kernel: a thin shell around ``train.h``, which has the derivation and the arithmetic."""

from cython.parallel cimport prange
from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.stdlib cimport free, malloc

cdef extern from "train.h" nogil:
    ctypedef struct gk_trainer:
        float *rows
        Py_ssize_t stride
        int32_t dim, nodes, negatives
        const int32_t *child
        const int32_t *parent
        const int64_t *first
        int64_t edges
        float step, room
        uint64_t key
    ctypedef struct gk_progress:
        double mantissa
        int64_t exponent, negatives
    size_t gk_scratch_bytes(const gk_trainer *)
    void gk_train(const gk_trainer *, int64_t begin, int64_t end, void *scratch, gk_progress *)
    int32_t gk_negatives(const gk_trainer *, int64_t example, int64_t *edge, int32_t *node)
    void gk_settle(float *x, Py_ssize_t apart, int32_t dim, float room)
    uint64_t gk_mix(uint64_t)


cdef gk_trainer _trainer(float[:, ::1] rows, int32_t dim, const int32_t[::1] child, const int32_t[::1] parent,
                         const int64_t[::1] first, int32_t negatives, float step, float room, uint64_t key):
    cdef gk_trainer t
    t.rows, t.stride, t.dim, t.nodes, t.negatives = &rows[0, 0], rows.shape[1], dim, rows.shape[0], negatives
    t.child, t.parent, t.first, t.edges = &child[0], &parent[0], &first[0], child.shape[0]
    t.step, t.room, t.key = step, room, key
    return t


def train(rows, dim, child, parent, first, negatives, step, room, key, int64_t begin, int64_t end, int threads,
          progress=(1.0, 0, 0)):
    """Train in place on the examples ``begin`` to ``end`` of an epoch and return the progress made."""
    cdef gk_trainer t = _trainer(rows, dim, child, parent, first, negatives, step, room, key)
    cdef size_t bytes_each = gk_scratch_bytes(&t)
    cdef int64_t count = end - begin
    cdef int i
    cdef gk_progress *made = <gk_progress *>malloc(threads * sizeof(gk_progress))
    cdef char *scratch = <char *>malloc(threads * bytes_each)
    try:
        if made == NULL or scratch == NULL:
            raise MemoryError(f"training needs {threads * bytes_each} bytes of scratch memory")
        for i in range(threads):
            made[i].mantissa, made[i].exponent, made[i].negatives = 1.0, 0, 0
        made[0].mantissa, made[0].exponent, made[0].negatives = progress
        for i in prange(threads, nogil=True, num_threads=threads, schedule="static", chunksize=1):
            gk_train(&t, begin + count * i / threads, begin + count * (i + 1) / threads, scratch + i * bytes_each,
                     &made[i])
        for i in range(1, threads):
            made[0].mantissa *= made[i].mantissa
            made[0].exponent += made[i].exponent
            made[0].negatives += made[i].negatives
        return made[0].mantissa, made[0].exponent, made[0].negatives
    finally:
        free(scratch)
        free(made)


def draw(rows, dim, child, parent, first, negatives, key, int64_t example, int32_t[::1] found):
    """Return the edge that an example of an epoch trains on and how many negatives it draws into `found`."""
    cdef gk_trainer t = _trainer(rows, dim, child, parent, first, negatives, 0.0, 0.0, key)
    cdef int64_t edge
    cdef int32_t n = gk_negatives(&t, example, &edge, &found[0])
    return edge, n


def settle(float[:, ::1] rows, int32_t dim, float room):
    """Draw every point back to the clip radius and store ``1 - |x|^2`` after its coordinates."""
    cdef Py_ssize_t i
    for i in range(rows.shape[0]):
        gk_settle(&rows[i, 0], 1, dim, room)


def mix(uint64_t z):
    """Return the splitmix64 hash of a number."""
    return gk_mix(z)

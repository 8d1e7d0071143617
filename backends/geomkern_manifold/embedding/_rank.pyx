"""The ranking kernel: a thin shell around ``rank.h``, which has the derivation and the arithmetic."""

import numpy as np

from cython.parallel cimport prange, threadid
from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport free, malloc

from geomkern.kernels.openmp cimport threads_for

cdef extern from "rank.h" nogil:
    ctypedef struct gk_space:
        const double *keyed
        const float *rough
        int64_t groups
        int32_t dim, factors
        const int32_t *width
        const int32_t *curved
        const double *ruler
        double to_rough, to_reach
        float slack
    ctypedef struct gk_ranking:
        const int32_t *child
        const int64_t *first
        const int64_t *first_left_out
        const int32_t *target
        const int32_t *left_out
        int32_t *nearer
        int32_t *found
        double *precision
    size_t gk_scratch_bytes(const gk_space *, int64_t targets)
    void gk_rank(const gk_space *, const gk_ranking *, int64_t begin, int64_t end, void *scratch)
    const int GK_BLOCK
    const int GK_GROUP

BLOCK = GK_BLOCK


def _in_groups(rows, dtype):
    """Return the columns of each group of nodes side by side; the places of missing nodes hold NaN."""
    cdef Py_ssize_t groups = (len(rows) + GK_GROUP - 1) // GK_GROUP
    padded = np.full((groups * GK_GROUP, rows.shape[1]), np.nan, dtype)
    padded[:len(rows)] = rows
    return np.ascontiguousarray(padded.reshape(groups, GK_GROUP, -1).transpose(0, 2, 1))


cdef class Space:
    """Nodes, laid out for ranking: the coordinates (n, dim), and for each factor the weights (n, factors) of the nodes,
    its number of coordinates, whether it is curved, and its ruler, as ``rank.h`` has them.
    """

    cdef gk_space space
    cdef object arrays

    def __init__(self, coordinates, weights, widths, curved, rulers, bint filtered=True):
        cdef const double[:, :, ::1] keyed = _in_groups(np.hstack([coordinates, weights]), np.float64)
        cdef const int32_t[::1] width = np.asarray(widths, np.int32)
        cdef const int32_t[::1] is_curved = np.asarray(curved, np.int32)
        cdef const double[::1] ruler = np.asarray(rulers, np.float64)
        cdef const float[:, :, ::1] rough
        self.space.keyed, self.space.groups = &keyed[0, 0, 0], keyed.shape[0]
        self.space.dim, self.space.factors = coordinates.shape[1], weights.shape[1]
        self.space.width, self.space.curved, self.space.ruler = &width[0], &is_curved[0], &ruler[0]
        self.arrays = [keyed, width, is_curved, ruler]
        # Squares of smaller numbers may underflow, and nodes be as near by their keys that are not by the floats.
        if filtered and self.space.factors == 1 and np.abs(coordinates).max() > 1e-100:
            rough = self._rough(coordinates, weights[:, 0])
            self.space.rough = &rough[0, 0, 0]
            self.arrays.append(rough)

    def _rough(self, coordinates, weight):
        unit = np.abs(coordinates).max()
        norm = np.sqrt(np.max(np.einsum("nk,nk->n", coordinates / unit, coordinates / unit)))
        exponent = np.frexp(unit)[1] + np.frexp(norm)[1]
        margin = 1.0 + (self.space.dim + 20) * 2.0**-23
        self.space.to_rough = np.ldexp(1.0, -exponent)
        self.space.to_reach = margin * self.space.to_rough / np.sqrt(weight.min())
        self.space.slack = margin * 1.01 * 2.0**-23
        limit = np.maximum(np.sqrt(weight.min() / weight), np.finfo(np.float32).tiny)
        return _in_groups(np.column_stack([coordinates * self.space.to_rough, limit]), np.float32)

    def rank(self, const int32_t[::1] child, const int64_t[::1] first, const int32_t[::1] target,
             const int64_t[::1] first_left_out, const int32_t[::1] left_out, int32_t[::1] nearer, int32_t[::1] found,
             double[::1] precision, int64_t begin, int64_t end):
        """Rank the targets of the children from number `begin` to number `end`.

        The targets of child i are ``target[first[i]:first[i + 1]]``. What is left out for it counts for nothing.
        The last three arrays take the results: how many nodes are at least as near as each target, how many targets,
        and the average precision of each child.
        """
        cdef gk_ranking r
        r.child, r.first, r.first_left_out = &child[0], &first[0], &first_left_out[0]
        r.target, r.left_out = &target[0], &left_out[0] if left_out.shape[0] else NULL
        r.nearer, r.found, r.precision = &nearer[0], &found[0], &precision[0]
        cdef int64_t blocks = (end - begin + GK_BLOCK - 1) // GK_BLOCK, targets = 0, i, start, stop
        for i in range(blocks):
            stop = min(begin + (i + 1) * GK_BLOCK, end)
            targets = max(targets, first[stop] - first[begin + i * GK_BLOCK])
        cdef int threads = threads_for(
            <double>(end - begin) * self.space.groups * GK_GROUP * (self.space.dim + 2) * 0.03)
        cdef size_t bytes_each = (gk_scratch_bytes(&self.space, targets) + 127) // 64 * 64
        cdef char *scratch = <char *>malloc(threads * bytes_each)
        if scratch == NULL:
            raise MemoryError(f"ranking needs {threads * bytes_each} bytes of scratch memory")
        try:
            for i in prange(blocks, nogil=True, num_threads=threads, schedule="dynamic", chunksize=1):
                start = begin + i * GK_BLOCK
                gk_rank(&self.space, &r, start, min(start + GK_BLOCK, end), scratch + threadid() * bytes_each)
        finally:
            free(scratch)

"""The training kernel: a thin shell around ``train.h``, which has the derivation and the arithmetic."""

import numpy as np

from cython.parallel cimport prange, threadid
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc

from geomkern.kernels.openmp cimport threads_for

cdef extern from "train.h" nogil:
    ctypedef struct gk_graph:
        const int32_t *child
        const int32_t *parent
        const int64_t *first
        const uint32_t *keep
        const int32_t *alias
        int64_t edges
        int32_t nodes
    ctypedef struct gk_loss:
        int32_t kind
        double margin, radius, temperature
    ctypedef struct gk_factor:
        int32_t kind, dim, start, extra
    ctypedef struct gk_trainer:
        gk_graph graph
        gk_loss loss
        void *rows
        Py_ssize_t stride
        int32_t is_double, negatives, factors
        const gk_factor *factor
        const float *weight
        const double *rate
        double room
        uint64_t seed
    ctypedef struct gk_progress:
        double loss
        int64_t negatives
    size_t gk_scratch_bytes(const gk_trainer *)
    void gk_train(const gk_trainer *, int64_t first, int64_t begin, int64_t end, char *scratch, gk_progress *)
    int64_t gk_shuffled(int64_t example, int64_t edges, uint64_t key)
    uint64_t gk_key_of(uint64_t key, int64_t example)
    int32_t gk_draw(const gk_graph *, int32_t u, int32_t wanted, uint64_t key, int32_t *found)
    void gk_settle_table(const gk_trainer *, int64_t nodes)
    const int GK_DRAWS
    uint64_t gk_mix(uint64_t)
    const int GK_BALL, GK_LORENTZ, GK_EUCLIDEAN, GK_SOFTMAX, GK_LINK, GK_STRESS, GK_CONES

GEOMETRIES = {"poincare": GK_BALL, "lorentz": GK_LORENTZ, "euclidean": GK_EUCLIDEAN}
LOSSES = {"softmax": GK_SOFTMAX, "link": GK_LINK, "stress": GK_STRESS, "cones": GK_CONES}

# What has been made of an epoch at its beginning: the sum of the losses, and the negatives drawn.
NOTHING = (0.0, 0)

cdef enum:
    PIECES = 8


cdef class Graph:
    """The edges, sorted by child and then by parent, and how often each node is to be a negative: all alike without
    `frequency`.
    """

    cdef gk_graph graph
    cdef tuple kept

    def __init__(self, Py_ssize_t nodes, const int32_t[::1] child, const int32_t[::1] parent,
                 const int64_t[::1] first, frequency=None):
        cdef const uint32_t[::1] keep = None
        cdef const int32_t[::1] alias = None
        self.graph.nodes, self.graph.edges = nodes, child.shape[0]
        self.graph.child, self.graph.parent, self.graph.first = &child[0], &parent[0], &first[0]
        self.graph.keep, self.graph.alias = NULL, NULL
        if frequency is not None:
            keep, alias = alias_table(frequency)
            self.graph.keep, self.graph.alias = &keep[0], &alias[0]
        self.kept = (child, parent, first, keep, alias)

    def sample(self, int32_t negatives, uint64_t key, int64_t example):
        """Return the edge that an example of an epoch trains on and the negatives that it draws."""
        cdef int64_t edge = gk_shuffled(example, self.graph.edges, key)
        found = np.empty(negatives + GK_DRAWS, np.int32)
        cdef int32_t[::1] places = found
        cdef int32_t n = gk_draw(&self.graph, self.graph.child[edge], negatives, gk_key_of(key, example), &places[0])
        return edge, found[:n]


def alias_table(frequency):
    """Return ``keep``, of 2^32, and ``alias``: the table of Walker (1977), filled in the manner of Vose (1991)."""
    share = np.asarray(frequency, np.float64)
    share = share * (len(share) / share.sum())
    cdef double[::1] left = share.copy()
    cdef Py_ssize_t n = len(share), i, small, large, smalls = 0, larges = 0
    keep_array, alias_array = np.full(n, 2**32 - 1, np.uint32), np.arange(n, dtype=np.int32)
    cdef uint32_t[::1] keep = keep_array
    cdef int32_t[::1] alias = alias_array
    cdef int32_t[::1] below = np.empty(n, np.int32), above = np.empty(n, np.int32)
    for i in range(n):
        if left[i] < 1.0:
            below[smalls] = <int32_t>i
            smalls += 1
        else:
            above[larges] = <int32_t>i
            larges += 1
    while smalls and larges:
        small, large = below[smalls - 1], above[larges - 1]
        smalls -= 1
        keep[small] = <uint32_t>(left[small] * 4294967295.0)
        alias[small] = <int32_t>large
        left[large] -= 1.0 - left[small]
        if left[large] < 1.0:
            larges -= 1
            below[smalls] = <int32_t>large
            smalls += 1
    return keep_array, alias_array


cdef class Table:
    """Points in rows that no line of the cache divides, float32 or float64.

    `factors` has the geometry and the dimension of each factor of the product, in the order of the coordinates. Behind
    all coordinates lies one number for each curved factor. `room` is the least 1 - |x|^2 that training leaves to a
    point of the ball; the points given are drawn back to that at once if `settled` is not true.
    """

    cdef gk_factor *factor
    cdef gk_trainer trainer
    cdef readonly object rows, factors
    cdef readonly Py_ssize_t dim

    def __cinit__(self, points, factors, dtype, double room, bint settled=False):
        cdef int32_t at = 0, extra, i
        dtype = np.dtype(dtype)
        self.factors = tuple(factors)
        self.factor = <gk_factor *>malloc(len(self.factors) * sizeof(gk_factor))
        if self.factor == NULL:
            raise MemoryError("a table needs memory for its factors")
        extra = self.dim = points.shape[1]
        for i, (name, dim) in enumerate(self.factors):
            self.factor[i].kind, self.factor[i].dim = GEOMETRIES[name], dim
            self.factor[i].start, self.factor[i].extra = at, 0
            at += dim
            if self.factor[i].kind != GK_EUCLIDEAN:
                self.factor[i].extra = extra
                extra += 1
        cdef Py_ssize_t nodes = len(points), stride = 4 if extra <= 4 else 8 if extra <= 8 else (extra + 15) // 16 * 16
        memory = np.zeros(nodes * stride * dtype.itemsize + 64, np.uint8)
        cdef Py_ssize_t begin = -memory.ctypes.data % 64
        self.rows = memory[begin:begin + nodes * stride * dtype.itemsize].view(dtype).reshape(nodes, stride)
        self.rows[:, :self.dim] = points
        self.trainer.rows, self.trainer.stride = <void *><size_t>self.rows.ctypes.data, stride
        self.trainer.is_double, self.trainer.room = dtype == np.float64, 0.0 if settled else room
        self.trainer.factor, self.trainer.factors = self.factor, len(self.factors)
        gk_settle_table(&self.trainer, nodes)
        self.trainer.room = room

    def __dealloc__(self):
        free(self.factor)

    def __reduce__(self):
        return Table, (self.points(), self.factors, self.rows.dtype, self.trainer.room, True)

    def points(self):
        """Return a copy of the coordinates."""
        return np.ascontiguousarray(self.rows[:, :self.dim])

    def train(self, Graph graph, loss, const double[::1] rate, int32_t negatives, uint64_t seed, int64_t begin,
              int64_t end, bint serial, weight=None, progress=NOTHING):
        """Train in place on the examples ``begin`` to ``end``, counted from the beginning of training.

        `loss` is its name, margin, radius and temperature; `rate` has the learning rate of each epoch that these
        examples belong to. Returns the progress made in each of these epochs; `progress` is what the first of them
        began with.
        """
        cdef gk_trainer t = self.trainer
        cdef const float[::1] weights
        t.graph, t.rate, t.negatives, t.seed = graph.graph, &rate[0], negatives, seed
        t.loss.kind, t.loss.margin, t.loss.radius, t.loss.temperature = LOSSES[loss[0]], loss[1], loss[2], loss[3]
        t.weight = NULL
        if weight is not None:
            weights = weight
            t.weight = &weights[0]
        cdef int threads = 1 if serial else threads_for(<double>(end - begin) * (negatives + 1) * (10 + self.dim))
        # More pieces than threads, so that a thread that the system has put aside holds up little.
        cdef int64_t pieces = 1 if threads == 1 else PIECES * threads
        cdef int64_t epoch = begin // t.graph.edges
        cdef int64_t epochs = (end - 1) // t.graph.edges - epoch + 1
        cdef size_t bytes_each = gk_scratch_bytes(&t)
        cdef int64_t i, k, place
        cdef gk_progress *made = <gk_progress *>malloc(pieces * epochs * sizeof(gk_progress))
        cdef char *scratch = <char *>malloc(threads * bytes_each)
        try:
            if made == NULL or scratch == NULL:
                raise MemoryError(f"training needs {threads * bytes_each} bytes of scratch memory")
            for i in range(pieces * epochs):
                made[i].loss, made[i].negatives = NOTHING
            made[0].loss, made[0].negatives = progress
            for i in prange(pieces, nogil=True, num_threads=threads, schedule="dynamic", chunksize=1):
                place = begin + (end - begin) * i // pieces
                gk_train(&t, epoch, place, begin + (end - begin) * (i + 1) // pieces,
                         scratch + threadid() * bytes_each, &made[i * epochs + place // t.graph.edges - epoch])
            for i in range(1, pieces):
                for k in range(epochs):
                    made[k].loss += made[i * epochs + k].loss
                    made[k].negatives += made[i * epochs + k].negatives
            if threads > 1:
                # Two threads that wrote one row at a time may have left halves of two points.
                gk_settle_table(&t, self.rows.shape[0])
            return [(made[k].loss, made[k].negatives) for k in range(epochs)]
        finally:
            free(scratch)
            free(made)


def mix(uint64_t z):
    """Return the splitmix64 hash of a number."""
    return gk_mix(z)

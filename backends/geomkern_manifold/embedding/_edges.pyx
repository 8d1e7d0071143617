"""Numbering names and sorting edges: a thin shell around ``names.h``, ``lines.h`` and ``compress.h``."""

import numpy as np

from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t

cdef extern from "names.h":
    ctypedef struct gk_record:
        pass
    ctypedef struct gk_names:
        char *text
        int64_t end
        uint64_t *slot
        uint64_t mask
        int32_t count
    int32_t gk_number(gk_names *, const char *name, int64_t size)
    int64_t gk_next_name(const gk_names *, int64_t place, const char **name, int64_t *size)
    void gk_fill_slots(gk_names *)

cdef extern from "lines.h":
    ctypedef struct gk_edges:
        int32_t *child
        int32_t *parent
        float *weight
        int64_t count
    const char *gk_read_lines(gk_names *, gk_edges *, const char *text, const char *end, char delimiter, int64_t *lines)

cdef extern from "compress.h" nogil:
    ctypedef struct gk_left_out:
        int64_t loops, repeated, conflicting, mutual
    void gk_sort(const gk_edges *, const int32_t *key, gk_edges *to, int64_t *place, int64_t nodes)
    gk_left_out gk_compress(gk_edges *, int64_t *first, int64_t nodes)

cdef int64_t MOST_NAMES = 2**31 - 2**25  # what is added at a time has room below 2^31
cdef int64_t LONGEST = 2**31 - 1
cdef int64_t FEWEST_SLOTS = 1024


def _enlarge(array, int64_t size):
    if len(array) < size:
        array.resize(size + size // 4, refcheck=False)


cdef class EdgeTable:
    """The edges read so far, between names given as bytes: every name once, and two or three numbers for each edge.

    `source` is what errors call the file, `lines` the number of the line read last.
    """

    cdef gk_names _names
    cdef gk_edges _edges
    cdef object _text, _slot, _child, _parent, _weight
    cdef readonly int64_t lines
    cdef readonly str source
    cdef readonly bint weighted

    def __init__(self, str source, bint weighted):
        self.source, self.weighted = source, weighted
        self._text = np.empty(1, np.uint8)
        self._slot = np.zeros(FEWEST_SLOTS, np.uint64)
        self._child = np.empty(1, np.int32)
        self._parent = np.empty(1, np.int32)
        self._weight = np.empty(1, np.float32) if weighted else None

    def __len__(self):
        return self._edges.count

    cdef int _make_room(self, int64_t edges, int64_t size) except -1:
        """Make room for so many more edges, whose names have so many bytes."""
        cdef int64_t names = self._names.count + 2 * edges
        if names > MOST_NAMES:
            raise MemoryError(f"{self.source!r} has more than {MOST_NAMES} names")
        if size > LONGEST:
            raise MemoryError(f"{self.source!r} has a line of more than {LONGEST} bytes")
        _enlarge(self._text, self._names.end + size + 2 * edges * <int64_t>sizeof(gk_record) + 1)
        for array in (self._child, self._parent, self._weight):
            if array is not None:
                _enlarge(array, self._edges.count + edges + 1)
        cdef uint8_t[::1] text = self._text
        cdef int32_t[::1] child = self._child
        cdef int32_t[::1] parent = self._parent
        cdef float[::1] weight = self._weight
        self._names.text, self._edges.child, self._edges.parent = <char *>&text[0], &child[0], &parent[0]
        self._edges.weight = NULL if weight is None else &weight[0]
        cdef bint more = 2 * names > len(self._slot)
        if more:
            self._slot = None
            self._slot = np.zeros(1 << (2 * names - 1).bit_length(), np.uint64)
        cdef uint64_t[::1] slot = self._slot
        self._names.slot, self._names.mask = &slot[0], slot.shape[0] - 1
        if more:
            gk_fill_slots(&self._names)
        return 0

    def skip_lines(self, int64_t count):
        """Count lines that somebody else has read."""
        self.lines += count

    def read_lines(self, bytes block not None, str delimiter not None):
        """Add the edges of whole lines of UTF-8 text; return where a line begins that is no edge, or -1."""
        self._make_room(block.count(b"\n") + 1, len(block))
        cdef const char *text = block
        cdef const char *refused = gk_read_lines(&self._names, &self._edges, text, text + len(block),
                                                 <char>ord(delimiter), &self.lines)
        return -1 if refused == NULL else refused - text

    def add(self, child, parent, weight=None):
        """Add edges from columns: each end as (offsets, bytes), name i being ``bytes[offsets[i]:offsets[i + 1]]``."""
        cdef const int64_t[::1] child_begin = child[0]
        cdef const int64_t[::1] parent_begin = parent[0]
        cdef const uint8_t[::1] child_text = child[1]
        cdef const uint8_t[::1] parent_text = parent[1]
        cdef const float[::1] given = weight
        cdef int64_t n = child_begin.shape[0] - 1
        cdef int64_t i, k
        if n == 0 or child_text.shape[0] == 0 or parent_text.shape[0] == 0:
            return
        self._make_room(n, child_text.shape[0] + parent_text.shape[0])
        cdef const char *a = <const char *>&child_text[0]
        cdef const char *b = <const char *>&parent_text[0]
        for i in range(n):
            k = self._edges.count
            self._edges.child[k] = gk_number(&self._names, a + child_begin[i], child_begin[i + 1] - child_begin[i])
            self._edges.parent[k] = gk_number(&self._names, b + parent_begin[i], parent_begin[i + 1] - parent_begin[i])
            if given is not None:
                self._edges.weight[k] = given[i]
            self._edges.count += 1

    def finish(self, integers=None):
        """Return the names, as numbers of the type `integers` or as text, and child, parent and weight of each edge.

        The table is empty then.
        """
        cdef int64_t place = 0, size = 0
        cdef const char *name = NULL
        self._slot = None
        if integers is None:
            nodes = []
            while place < self._names.end:
                place = gk_next_name(&self._names, place, &name, &size)
                nodes.append(PyUnicode_DecodeUTF8(name, size, NULL))
        else:
            nodes = self._text[:self._names.end].view(integers)[1::2].tolist()  # behind the head of each record
        for array in (self._child, self._parent, self._weight):
            if array is not None:
                array.resize(self._edges.count, refcheck=False)
        found = nodes, self._child, self._parent, self._weight
        self.__init__(self.source, self.weighted)
        self._names.count = self._names.end = self._edges.count = 0
        return found


def compress(int64_t nodes, int32_t[::1] child not None, int32_t[::1] parent not None, weight=None):
    """Sort edges by child and then by parent, and leave out self-loops and all but the first of equal edges.

    The arrays are sorted in place, and what is left of them lies at their beginning. Returns how many that are, where
    the edges of each child begin, and how many self-loops, repetitions, repetitions with another weight, and pairs of
    edges in both directions there are.
    """
    cdef float[::1] given = weight
    cdef int64_t n = child.shape[0]
    first = np.zeros(nodes + 1, np.int64)
    cdef int64_t[::1] place = first
    cdef gk_edges edges, other
    cdef gk_left_out out
    if n == 0:
        return 0, first, (0, 0, 0, 0)
    cdef int32_t[:, ::1] ends = np.empty((2, n), np.int32)
    cdef float[::1] weights = None if weight is None else np.empty(n, np.float32)
    edges.child, edges.parent, edges.weight, edges.count = &child[0], &parent[0], NULL, n
    other.child, other.parent, other.weight, other.count = &ends[0, 0], &ends[1, 0], NULL, n
    if given is not None:
        edges.weight, other.weight = &given[0], &weights[0]
    with nogil:
        gk_sort(&edges, edges.parent, &other, &place[0], nodes)
        place[:] = 0
        gk_sort(&other, other.child, &edges, &place[0], nodes)
        place[:] = 0
        out = gk_compress(&edges, &place[0], nodes)
    return edges.count, first, (out.loops, out.repeated, out.conflicting, out.mutual)

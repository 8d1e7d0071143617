cimport numpy as cnp


cdef class Version:
    cdef long value     # how often the memory has been written through a tensor
    cdef long recorded  # the value at the last write that is on the tape


cdef class Node:
    cdef tuple edges            # for each input: the Node that made it, the leaf Tensor itself, or None
    cdef cnp.npy_intp* layout   # for each edge: output number, type number, ndim, *shape; NULL: all as the output's
    cdef object grad            # what has arrived in this pass; a list where there are several outputs
    cdef tuple saved            # arrays kept for the way back
    cdef tuple versions         # the counters of the saved arrays that belong to tensors
    cdef long seen              # the sum of those counters when they were saved
    cdef list hooks             # of (output number, function)
    cdef long run               # the pass that last met this node
    cdef int pending            # the consumers that have not yet contributed in this pass; -1 outside one
    cdef int n_outputs
    cdef bint owns_grad         # grad was made by the tape, which may add to it in place
    cdef bint released
    cdef tuple propagate(self, object grad)
    cdef str label(self)
    cdef int describe(self, tuple inputs) except -1
    cdef int keep(self, tuple arrays, tuple versions) except -1
    cdef int check(self) except -1


cdef class TensorBase:
    cdef cnp.ndarray array
    cdef Node node
    cdef Version version
    cdef list hooks
    cdef object _grad
    cdef object __weakref__
    cdef long view_of           # the counter's value when this view was made; -1: no view
    cdef int output
    cdef bint needs_grad


cdef class Operator:
    cdef object operate(self, tuple inputs)


cdef bint recording() noexcept
cdef bint set_recording(bint enabled) noexcept
cdef bint same_layout(cnp.ndarray grad, int number, int ndim, cnp.npy_intp* shape) noexcept
cdef Version touch(TensorBase tensor)
cdef TensorBase wrap(cnp.ndarray array)
cdef object edge_of(TensorBase tensor)
cdef Version version_of(TensorBase tensor)
cdef object owner_of(cnp.ndarray array)
cdef cnp.ndarray as_array(object value)
cdef object raw(object value)

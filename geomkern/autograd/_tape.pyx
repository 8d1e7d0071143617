# cython: c_api_binop_methods=True
"""The tape: what a tensor knows about its origin, and the operations that were recorded.

A :class:`Node` is one recorded operation. Its edges lead to the nodes that made its inputs, or to leaf tensors. Edges
do not lead to intermediate tensors, so an array lives only as long as somebody holds it or an operation saved it.
They are tuples, which Python frees without deep recursion; so a graph may be of any depth.
"""

cimport cython
cimport numpy as cnp
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.object cimport PyObject, PyTypeObject

import numpy as np

from ..errors import AutogradError, DTypeError, ShapeError
from .rows import RowGradient

cnp.import_array()

cdef extern from *:
    """
    #if defined(_MSC_VER)
    static __declspec(thread) int gk_recording = 1;
    #else
    static _Thread_local int gk_recording = 1;
    #endif
    """
    int gk_recording

cdef extern from *:
    """
    /* A Python class reaches the arithmetic of a compiled base by looking its methods up by name, which takes longer
     * than a small addition. This lets it have the base's slots themselves. */
    static void gk_inherit_arithmetic(PyTypeObject *derived, PyTypeObject *base) {
        PyNumberMethods *to = derived->tp_as_number, *from = base->tp_as_number;
        to->nb_add = from->nb_add;
        to->nb_subtract = from->nb_subtract;
        to->nb_multiply = from->nb_multiply;
        to->nb_true_divide = from->nb_true_divide;
        to->nb_power = from->nb_power;
        to->nb_negative = from->nb_negative;
    }
    """
    void gk_inherit_arithmetic(PyTypeObject*, PyTypeObject*)

cdef object _tensor_type = None
cdef tuple _no_arguments = ()


# ------------------------------------------------------------------------------------------------------- grad mode

cdef bint recording() noexcept:
    return gk_recording


cdef bint set_recording(bint enabled) noexcept:
    """Switch recording on or off in this thread, and return what it was."""
    global gk_recording
    cdef bint before = gk_recording
    gk_recording = enabled
    return before


def is_grad_enabled():
    """Return whether operations on tensors are recorded in this thread."""
    return bool(gk_recording)


def set_grad_enabled(bint enabled):
    """Switch recording on or off in this thread, and return what it was."""
    return bool(set_recording(enabled))


# ------------------------------------------------------------------------------------------------------- operations

@cython.final
@cython.freelist(256)
cdef class Version:
    """Counts the writes to a piece of memory that tensors share."""


cdef class Node:
    """One recorded operation."""

    def __cinit__(self):
        self.pending = -1
        self.n_outputs = 1

    def __dealloc__(self):
        PyMem_Free(self.layout)

    def __repr__(self):
        return f"<{self.label()}>"

    @property
    def name(self):
        """The name of the operation."""
        return self.label()

    @property
    def next_functions(self):
        """For each input the node that made it, the leaf tensor itself, or None."""
        return self.edges

    cdef str label(self):
        raise NotImplementedError

    cdef tuple propagate(self, object grad):
        raise NotImplementedError

    cdef int describe(self, tuple inputs) except -1:
        """Note the shape, type and output number of every input that an edge leads to."""
        cdef Py_ssize_t i, j, k = 0, size = 0
        cdef TensorBase tensor
        for i in range(len(inputs)):
            if self.edges[i] is not None:
                tensor = inputs[i]
                size += 3 + cnp.PyArray_NDIM(tensor.array)
        self.layout = <cnp.npy_intp*>PyMem_Malloc(max(size, 1) * sizeof(cnp.npy_intp))
        if self.layout == NULL:
            raise MemoryError
        for i in range(len(inputs)):
            if self.edges[i] is not None:
                tensor = inputs[i]
                self.layout[k] = tensor.output
                self.layout[k + 1] = cnp.PyArray_TYPE(tensor.array)
                self.layout[k + 2] = cnp.PyArray_NDIM(tensor.array)
                k += 3
                for j in range(cnp.PyArray_NDIM(tensor.array)):
                    self.layout[k] = cnp.PyArray_DIM(tensor.array, j)
                    k += 1
        return 0

    cdef int keep(self, tuple arrays, tuple versions) except -1:
        """Save arrays for the way back, with the version counters that guard them."""
        cdef Version version
        self.saved = arrays
        self.versions = versions
        self.seen = 0
        for version in versions:
            self.seen += version.value
        return 0

    cdef int check(self) except -1:
        """Raise when the way back through this node is barred."""
        cdef Version version
        cdef long now = 0
        if self.released:
            raise AutogradError(
                f"backward has already gone through {self.label()}, and its saved arrays are released; "
                "call the first backward with retain_graph=True to go through it twice"
            )
        if self.versions is not None:
            for version in self.versions:
                now += version.value
            if now != self.seen:
                raise AutogradError(
                    f"an array that {self.label()} needs for its gradient has been written in place since; "
                    "write into a copy, or write before the operation"
                )
        return 0


cdef object owner_of(cnp.ndarray array):
    """Return the object that holds the array's memory."""
    cdef object base
    while True:
        if cnp.PyArray_BASE(array) == NULL:
            return array
        base = <object>cnp.PyArray_BASE(array)
        if not cnp.PyArray_Check(base):
            return base
        array = base


cdef Version version_of(TensorBase tensor):
    if tensor.version is None:
        tensor.version = Version.__new__(Version)
    return tensor.version


cdef Version touch(TensorBase tensor):
    """Count a write into the tensor's memory."""
    cdef Version version = version_of(tensor)
    version.value += 1
    return version


cdef object edge_of(TensorBase tensor):
    """Return where the gradient of `tensor` goes."""
    if tensor.view_of >= 0 and tensor.version.recorded > tensor.view_of:
        raise AutogradError(
            "this tensor is a view of one that was written in place on the tape after the view was made; "
            "make the view again"
        )
    if not tensor.needs_grad:
        return None
    return tensor if tensor.node is None else tensor.node


cdef TensorBase wrap(cnp.ndarray array):
    """Return a new tensor around `array`, with no history."""
    cdef int number = cnp.PyArray_TYPE(array)
    if number > cnp.NPY_CLONGDOUBLE and number != cnp.NPY_FLOAT16:
        raise DTypeError(f"a tensor holds numbers, not {array.dtype}")
    cdef TensorBase tensor = (<PyTypeObject*>_tensor_type).tp_new(
        <type>_tensor_type, <PyObject*>_no_arguments, NULL
    )
    tensor.array = array
    return tensor


cdef cnp.ndarray as_array(object value):
    """Return `value`, the result of a NumPy call, as an array."""
    if cnp.PyArray_Check(value):
        return value
    if isinstance(value, TensorBase):
        return (<TensorBase>value).array
    return np.asarray(value)


cdef object raw(object value):
    """Return what an operation computes with: arrays as they are, scalars as Python's, which NumPy takes as weak."""
    if isinstance(value, TensorBase):
        return (<TensorBase>value).array
    if cnp.PyArray_Check(value):
        return value
    if cnp.PyArray_CheckScalar(value):
        return value.item()
    if isinstance(value, (float, int)) or value is None:
        return value
    return np.asarray(value)


cdef bint same_layout(cnp.ndarray grad, int number, int ndim, cnp.npy_intp* shape) noexcept:
    cdef int i
    if cnp.PyArray_TYPE(grad) != number or cnp.PyArray_NDIM(grad) != ndim:
        return False
    for i in range(ndim):
        if cnp.PyArray_DIM(grad, i) != shape[i]:
            return False
    return True


def leaf(array):
    """Return a new leaf around `array` that requires a gradient."""
    cdef TensorBase tensor = wrap(array)
    tensor.requires_grad = True
    return tensor


# ------------------------------------------------------------------------------------------------------ the tensor

cdef class Operator:
    """What stands behind a tensor's arithmetic operator."""

    cdef object operate(self, tuple inputs):
        raise NotImplementedError


cdef Operator _add, _sub, _mul, _div, _pow, _neg


def bind(type tensor_type):
    """Say which class the tensors that operations return belong to."""
    global _tensor_type
    _tensor_type = tensor_type
    gk_inherit_arithmetic(<PyTypeObject*>tensor_type, <PyTypeObject*>TensorBase)


def bind_operators(Operator add, Operator sub, Operator mul, Operator div, Operator pow, Operator neg):
    """Give the tensors their arithmetic."""
    global _add, _sub, _mul, _div, _pow, _neg
    _add, _sub, _mul, _div, _pow, _neg = add, sub, mul, div, pow, neg


cdef inline bint operand(object value):
    return (
        isinstance(value, TensorBase) or cnp.PyArray_Check(value) or isinstance(value, (float, int, list, tuple))
        or cnp.PyArray_CheckScalar(value)
    )


@cython.auto_pickle(False)
cdef class TensorBase:
    """The compiled half of a tensor: its array, its gradient, its place on the tape and its arithmetic."""

    def __cinit__(self):
        self.view_of = -1

    def __init__(self, data, bint requires_grad=False):
        if not cnp.PyArray_Check(data):
            raise DTypeError(f"Tensor wraps a NumPy array, not {type(data).__name__}; tensor() and as_tensor() convert")
        cdef int number = cnp.PyArray_TYPE(data)
        if number > cnp.NPY_CLONGDOUBLE and number != cnp.NPY_FLOAT16:
            raise DTypeError(f"a tensor holds numbers, not {data.dtype}")
        self.array = data
        self.requires_grad = requires_grad

    @property
    def data(self):
        """The array. Writing into it is not seen by the tape."""
        return self.array

    @data.setter
    def data(self, value):
        if not cnp.PyArray_Check(value):
            raise DTypeError(f"the data of a tensor is a NumPy array, not {type(value).__name__}")
        if self.node is not None:
            raise AutogradError(f"the data of a tensor that {self.node.label()} made cannot be replaced")
        if self.needs_grad and cnp.PyArray_TYPE(value) not in (cnp.NPY_FLOAT, cnp.NPY_DOUBLE):
            raise AutogradError(f"only float32 and float64 tensors can require a gradient, not {value.dtype}")
        self.array = value
        # Whatever saved or viewed the old array keeps the old counter.
        self.version = None
        self.view_of = -1

    @property
    def grad(self):
        """The gradient that backward passes have added up, or None."""
        return self._grad

    @grad.setter
    def grad(self, value):
        if value is not None:
            if not isinstance(value, (TensorBase, RowGradient)):
                raise DTypeError(f"a gradient is a tensor, a RowGradient or None, not {type(value).__name__}")
            if value.shape != self.shape or value.dtype != self.array.dtype:
                raise ShapeError(
                    f"a gradient needs its tensor's shape and type, {self.array.dtype} {self.shape}, "
                    f"not {value.dtype} {value.shape}"
                )
        self._grad = value

    @property
    def requires_grad(self):
        """Whether operations on this tensor are recorded."""
        return bool(self.needs_grad)

    @requires_grad.setter
    def requires_grad(self, bint value):
        if self.node is not None:
            if not value:
                raise AutogradError(f"requires_grad of a tensor that {self.node.label()} made is True; use detach()")
            return
        if value and cnp.PyArray_TYPE(self.array) not in (cnp.NPY_FLOAT, cnp.NPY_DOUBLE):
            raise AutogradError(f"only float32 and float64 tensors can require a gradient, not {self.array.dtype}")
        self.needs_grad = value

    @property
    def grad_fn(self):
        """The operation that made this tensor, or None for a leaf."""
        return self.node

    @property
    def is_leaf(self):
        """Whether no recorded operation made this tensor."""
        return self.node is None

    @property
    def shape(self):
        """The lengths of the axes."""
        return (<object>self.array).shape

    @property
    def ndim(self):
        """The number of axes."""
        return cnp.PyArray_NDIM(self.array)

    @property
    def size(self):
        """The number of elements."""
        return cnp.PyArray_SIZE(self.array)

    @property
    def dtype(self):
        """The data type of the elements."""
        return (<object>self.array).dtype

    @property
    def _version(self):
        return 0 if self.version is None else self.version.value

    def detach(self):
        """Return a tensor on the same memory, outside the tape."""
        cdef TensorBase tensor = wrap(self.array)
        tensor.version = version_of(self)
        return tensor

    def register_hook(self, function):
        """Call ``function(gradient)`` whenever a gradient of this tensor is computed; what it returns replaces it.

        Parameters
        ----------
        function : callable
            Takes the gradient as a tensor, returns a tensor or array of the same shape, or None to leave it alone.

        Returns
        -------
        callable
            Call it to remove the hook.
        """
        if not self.needs_grad:
            raise AutogradError("register_hook needs a tensor that requires a gradient")
        cdef list hooks = self.hooks if self.node is None else self.node.hooks
        if hooks is None:
            hooks = []
            if self.node is None:
                self.hooks = hooks
            else:
                self.node.hooks = hooks
        entry = (self.output, function)
        hooks.append(entry)

        def remove():
            if entry in hooks:
                hooks.remove(entry)
        return remove

    def _write(self, values):
        """Write a tensor's values into this one's array, and take over its place on the tape."""
        cdef TensorBase source = values
        np.copyto(self.array, source.array, casting="same_kind")
        cdef Version version = touch(self)
        if source.node is not None:
            version.recorded = version.value
            self.node = source.node
            self.output = source.output
            self.needs_grad = True

    def _touched(self):
        """Count a write that somebody made to the array."""
        touch(self)

    def _check_writable(self, bint on_tape):
        """Raise where the tape forbids to write in place; `on_tape` says that what is written requires a gradient."""
        if not gk_recording:
            return
        if self.needs_grad and self.node is None:
            raise AutogradError(
                "a leaf tensor that requires a gradient cannot be written in place; use no_grad() or make a new tensor"
            )
        if self.view_of >= 0 and (self.needs_grad or on_tape):
            raise AutogradError("a view on the tape cannot be written in place; write into the tensor it views")

    def __add__(left, right):
        return _add.operate((left, right)) if operand(left) and operand(right) else NotImplemented

    def __sub__(left, right):
        return _sub.operate((left, right)) if operand(left) and operand(right) else NotImplemented

    def __mul__(left, right):
        return _mul.operate((left, right)) if operand(left) and operand(right) else NotImplemented

    def __truediv__(left, right):
        return _div.operate((left, right)) if operand(left) and operand(right) else NotImplemented

    def __pow__(left, right, modulus):
        if modulus is not None or not (operand(left) and operand(right)):
            return NotImplemented
        return _pow.operate((left, right))

    def __neg__(self):
        return _neg.operate((self,))

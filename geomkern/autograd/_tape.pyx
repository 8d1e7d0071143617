# cython: c_api_binop_methods=True
"""The tape: what a tensor knows about its origin, and the pass that carries gradients back to the leaves.

A :class:`Node` is one recorded operation. Its edges lead to the nodes that made its inputs, or to leaf tensors. Edges
do not lead to intermediate tensors, so an array lives only as long as somebody holds it or an operation saved it.
"""

cimport cython
cimport numpy as cnp
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.object cimport PyObject, PyTypeObject
from cpython.ref cimport Py_REFCNT

import numpy as np

from ..errors import AutogradError, DTypeError, ShapeError
from ..kernels.cpu import sum as _sum

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
cdef object _call_add = np.add
cdef tuple _no_arguments = ()
cdef long _runs = 0


# ------------------------------------------------------------------------------------------------------- grad mode

cdef bint recording() noexcept:
    return gk_recording


def is_grad_enabled():
    """Return whether operations on tensors are recorded in this thread."""
    return bool(gk_recording)


def set_grad_enabled(bint enabled):
    """Switch recording on or off in this thread, and return what it was."""
    global gk_recording
    before = bool(gk_recording)
    gk_recording = enabled
    return before


# ------------------------------------------------------------------------------------------------------- operations

@cython.final
@cython.freelist(256)
cdef class Version:
    """Counts the writes to a piece of memory that tensors share."""


@cython.trashcan(True)
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


# ---------------------------------------------------------------------------------------------------- the way back

cdef cnp.ndarray fit(cnp.ndarray grad, Node node, Py_ssize_t position, int number, int ndim, cnp.npy_intp* shape):
    """Sum a gradient over the axes along which its input was broadcast, and cast it to the input's type."""
    cdef int i, extra = cnp.PyArray_NDIM(grad) - ndim
    cdef list axes = []
    cdef tuple wanted
    for i in range(max(extra, 0)):
        axes.append(i)
    for i in range(ndim):
        if extra < 0 or (cnp.PyArray_DIM(grad, extra + i) != shape[i] and shape[i] != 1):
            wanted = tuple([shape[j] for j in range(ndim)])
            raise ShapeError(
                f"the gradient that {node.label()} returned for input {position} has shape {(<object>grad).shape}, "
                f"which does not reduce to the input's shape {wanted}"
            )
        if cnp.PyArray_DIM(grad, extra + i) != shape[i]:
            axes.append(extra + i)
    if axes:
        grad = _sum(grad, tuple(axes))
        grad = (<object>grad).reshape(tuple([shape[j] for j in range(ndim)]))
    if cnp.PyArray_TYPE(grad) != number:
        grad = cnp.PyArray_Cast(grad, number)
    return grad


cdef bint same_layout(cnp.ndarray grad, int number, int ndim, cnp.npy_intp* shape) noexcept:
    cdef int i
    if cnp.PyArray_TYPE(grad) != number or cnp.PyArray_NDIM(grad) != ndim:
        return False
    for i in range(ndim):
        if cnp.PyArray_DIM(grad, i) != shape[i]:
            return False
    return True


cdef int accumulate(TensorBase leaf, cnp.ndarray grad, bint fresh) except -1:
    """Add a gradient to a leaf. A fresh one belongs to nobody else and is taken as it is."""
    cdef TensorBase total
    if leaf._grad is None:
        if not fresh:
            grad = cnp.PyArray_NewCopy(grad, cnp.NPY_KEEPORDER)
        leaf._grad = wrap(grad)
    else:
        total = leaf._grad
        _call_add(total.array, grad, total.array)
        touch(total)
    return 0


cdef int deliver(Node node, int output, cnp.ndarray grad) except -1:
    """Add a gradient to what has already arrived at one output of a node."""
    cdef object before
    if node.n_outputs > 1:
        if node.grad is None:
            node.grad = [None] * node.n_outputs
        before = (<list>node.grad)[output]
        (<list>node.grad)[output] = grad if before is None else as_array(_call_add(before, grad))
    elif node.grad is None:
        node.grad = grad
        node.owns_grad = False
    elif node.owns_grad:
        _call_add(node.grad, grad, node.grad)
    else:
        node.grad = as_array(_call_add(node.grad, grad))
        node.owns_grad = True
    return 0


cdef object call_hooks(list hooks, int output, object grad):
    """Pass a gradient through the hooks of one output; each may replace it."""
    for number, function in hooks:
        if number == output and grad is not None:
            replaced = function(wrap(grad))
            if replaced is not None:
                grad = np.asarray(as_array(replaced), dtype=grad.dtype)
    return grad


cdef int discover(Node root, long run, list met) except -1:
    """Count, for every node below `root`, the consumers that will contribute to its gradient."""
    cdef list stack = [root]
    cdef Node node, below
    while stack:
        node = stack.pop()
        for edge in node.edges:
            if not isinstance(edge, Node):
                continue
            below = edge
            if below.run != run:
                enter(below, run, met)
                stack.append(below)
            below.pending += 1
    return 0


cdef int enter(Node node, long run, list met) except -1:
    if node.pending >= 0:
        raise AutogradError(f"another backward pass is under way through {node.label()}; passes cannot be interleaved")
    node.check()
    node.run = run
    node.pending = 0
    met.append(node)
    return 0


cdef int step(Node node, list ready, dict collected, bint collect_all) except -1:
    """Take one node's gradient through it, to what its edges lead to."""
    cdef object grad = node.grad
    cdef tuple edges = node.edges, grads = None
    cdef Py_ssize_t i, k = 0
    cdef int number = 0, ndim = 0, output = 0
    cdef cnp.npy_intp* shape = NULL
    cdef cnp.ndarray part, whole = None
    cdef Node below
    node.grad = None
    if node.hooks is not None and grad is not None:
        if node.n_outputs == 1:
            grad = call_hooks(node.hooks, 0, grad)
        else:
            grad = [call_hooks(node.hooks, i, grad[i]) for i in range(node.n_outputs)]
    if grad is not None:
        grads = node.propagate(grad)
        if node.layout == NULL:
            whole = grad
    for i in range(len(edges)):
        edge = edges[i]
        if edge is None:
            continue
        if node.layout != NULL:
            output = <int>node.layout[k]
            number = <int>node.layout[k + 1]
            ndim = <int>node.layout[k + 2]
            shape = node.layout + k + 3
            k += 3 + ndim
        if grads is not None and grads[i] is not None:
            part = as_array(grads[i])
            if node.layout == NULL:
                number = cnp.PyArray_TYPE(whole)
                ndim = cnp.PyArray_NDIM(whole)
                shape = cnp.PyArray_DIMS(whole)
            if not same_layout(part, number, ndim, shape):
                part = fit(part, node, i, number, ndim, shape)
            if isinstance(edge, Node):
                deliver(edge, output, part)
            elif collect_all or (<TensorBase>edge).hooks is not None:
                collected[edge] = part if edge not in collected else _call_add(collected[edge], part)
            else:
                # Nobody else holds an array with these references: this variable, and perhaps the tuple it came in.
                accumulate(
                    edge, part, Py_REFCNT(part) <= 1 + (part is grads[i]) and cnp.PyArray_CHKFLAGS(
                        part, cnp.NPY_ARRAY_OWNDATA | cnp.NPY_ARRAY_WRITEABLE
                    )
                )
        if isinstance(edge, Node):
            below = edge
            below.pending -= 1
            if below.pending == 0:
                ready.append(below)
    return 0


cdef dict run_backward(TensorBase root, cnp.ndarray grad, bint retain, bint collect_all):
    """Carry `grad` from `root` to the leaves.

    The gradients of the leaves that have hooks, or of all leaves if `collect_all` says so, are collected and returned;
    those of the others are added to their ``grad``.
    """
    global gk_recording, _runs
    cdef list met = [], ready
    cdef dict collected = {}
    cdef Node node
    cdef bint before = gk_recording
    _runs += 1
    gk_recording = 0
    try:
        enter(root.node, _runs, met)
        discover(root.node, _runs, met)
        deliver(root.node, root.output, grad)
        ready = [root.node]
        while ready:
            node = ready.pop()
            step(node, ready, collected, collect_all)
            node.pending = -1
            if not retain:
                node.released = True
                node.saved = node.versions = None
        for leaf in collected:
            if (<TensorBase>leaf).hooks is not None:
                collected[leaf] = call_hooks((<TensorBase>leaf).hooks, 0, as_array(collected[leaf]))
    finally:
        gk_recording = before
        for node in met:
            node.pending = -1
            node.grad = None
    return collected


cdef cnp.ndarray seed_of(TensorBase root, object gradient):
    """Return the gradient that a pass starts with."""
    cdef cnp.ndarray seed
    if not root.needs_grad:
        raise AutogradError("backward was called on a tensor that no recorded operation made and needs no gradient")
    if gradient is None:
        if cnp.PyArray_SIZE(root.array) != 1:
            raise AutogradError(
                f"backward of a tensor of shape {root.shape} needs a gradient of that shape; "
                "only a tensor of one element has 1 for its own"
            )
        return np.ones_like(root.array)
    seed = as_array(gradient)
    if not same_layout(
        seed, cnp.PyArray_TYPE(root.array), cnp.PyArray_NDIM(root.array), cnp.PyArray_DIMS(root.array)
    ):
        if (<object>seed).shape != root.shape:
            raise ShapeError(
                f"backward of a tensor of shape {root.shape} got a gradient of shape {(<object>seed).shape}"
            )
        seed = (<object>seed).astype((<object>root.array).dtype)
    return seed


def leaf(array):
    """Return a new leaf around `array` that requires a gradient."""
    cdef TensorBase tensor = wrap(array)
    tensor.requires_grad = True
    return tensor


def gradients(TensorBase root, gradient, list leaves, bint retain_graph=False):
    """Return the gradients of `root` in the given leaves as arrays, zero where it does not depend on one.

    No tensor's ``grad`` is touched.
    """
    cdef cnp.ndarray seed = seed_of(root, gradient)
    cdef dict collected = {root: seed} if root.node is None else run_backward(root, seed, retain_graph, True)
    return [collected[leaf] if leaf in collected else np.zeros_like(leaf.data) for leaf in leaves]


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
            if not isinstance(value, TensorBase):
                raise DTypeError(f"a gradient is a tensor or None, not {type(value).__name__}")
            if not same_layout(
                (<TensorBase>value).array, cnp.PyArray_TYPE(self.array), cnp.PyArray_NDIM(self.array),
                cnp.PyArray_DIMS(self.array)
            ):
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

    def backward(self, gradient=None, bint retain_graph=False):
        """Add the gradients of this tensor to the ``grad`` of the leaves it was made from.

        Parameters
        ----------
        gradient : array_like, optional
            The gradient of the final value in this tensor, of its shape. A tensor of one element needs none.
        retain_graph : bool
            Keep the saved arrays, so that another pass can go through the same graph.

        Raises
        ------
        AutogradError
            If the tensor is not on the tape; if it has several elements and there is no `gradient`; if an earlier pass
            released the graph, or a saved array was written in place since. No gradient has been touched then.
        ShapeError
            If `gradient` has another shape.

        Examples
        --------
        >>> import geomkern as gk
        >>> x = gk.tensor([1.0, 2.0], requires_grad=True)
        >>> (x * x).sum().backward()
        >>> x.grad
        tensor([2., 4.])
        """
        cdef cnp.ndarray seed = seed_of(self, gradient)
        cdef dict collected
        if self.node is not None:
            collected = run_backward(self, seed, retain_graph, False)
        else:
            collected = {self: seed if self.hooks is None else call_hooks(self.hooks, 0, seed)}
        for leaf, total in collected.items():
            accumulate(leaf, total, False)

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

"""Operations: the general :class:`Function`, and the elementwise ones that a table of rules describes."""

cimport cython
cimport numpy as cnp
from cpython.object cimport PyObject, PyObject_Call
from cpython.ref cimport Py_INCREF

from ._tape cimport Node, Operator, TensorBase, as_array, edge_of, owner_of, recording, version_of, wrap

import numpy as np

from .. import backends
from ..errors import AutogradError, DTypeError, ShapeError

cnp.import_array()

cdef extern from "Python.h":
    object PyTuple_New(Py_ssize_t)
    void PyTuple_SET_ITEM(object, Py_ssize_t, object)
    object PyObject_Vectorcall(object, PyObject**, size_t, PyObject*)

cdef dict _kernel_sets = backends.resolved


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


cdef int adopt(TensorBase tensor, tuple inputs) except -1:
    """Let an output that is a view of an input share the input's version counter."""
    cdef TensorBase source
    if cnp.PyArray_BASE(tensor.array) == NULL and not any_is(tensor.array, inputs):
        return 0
    owner = owner_of(tensor.array)
    for value in inputs:
        if isinstance(value, TensorBase) and owner_of((<TensorBase>value).array) is owner:
            source = value
            tensor.version = version_of(source)
            tensor.view_of = tensor.version.value
            return 0
    return 0


cdef bint any_is(object array, tuple inputs):
    for value in inputs:
        if isinstance(value, TensorBase) and (<TensorBase>value).array is array:
            return True
    return False


# --------------------------------------------------------------------------------------------------- the general one

@cython.final
@cython.trashcan(True)
cdef class Context(Node):
    """What a forward leaves for its backward: saved arrays, the kernel set, and any attribute it sets."""

    cdef dict __dict__
    cdef object function
    cdef tuple inputs      # only while forward runs
    cdef tuple results     # shape and type of each output, where there are several

    cdef str label(self):
        return self.function.__name__

    def save_for_backward(self, *arrays):
        """Keep arrays for backward, which finds them in ``saved``."""
        self.saved = arrays

    @property
    def saved(self):
        """The arrays that forward saved."""
        if self.released:
            self.check()
        if self.saved is None:
            return ()
        if self.inputs is None:
            self.check()
        return self.saved

    @property
    def needs_input_grad(self):
        """For each positional input of forward, whether somebody wants its gradient."""
        if self.edges is None:
            return (False,) * len(self.inputs)
        return tuple([edge is not None for edge in self.edges])

    @property
    def kernels(self):
        """The kernel set of the Function's backend for the device of the inputs."""
        key = (self.function.backend, "cpu")
        module = _kernel_sets.get(key)
        return backends.kernels(*key) if module is None else module

    cdef int guard(self, tuple inputs, tuple outputs) except -1:
        """Attach to the saved arrays the counters of the tensors whose memory they are."""
        cdef list versions = []
        if self.saved is None:
            return 0
        for array in self.saved:
            if not cnp.PyArray_Check(array):
                continue
            owner = owner_of(array)
            for value in inputs + outputs:
                if isinstance(value, TensorBase) and owner_of((<TensorBase>value).array) is owner:
                    versions.append(version_of(value))
                    break
        return self.keep(self.saved, tuple(versions))

    cdef tuple propagate(self, object grad):
        cdef tuple arguments
        if self.n_outputs == 1:
            arguments = (self, grad)
        else:
            arguments = (self,) + tuple([
                np.zeros(*result) if part is None else part
                for part, result in zip(grad, self.results, strict=True)
            ])
        returned = PyObject_Call(self.function.backward, arguments, <dict>NULL)
        if not isinstance(returned, tuple):
            returned = (returned,)
        if len(<tuple>returned) != len(self.edges):
            raise AutogradError(
                f"{self.label()}.backward returned {len(returned)} gradients for {len(self.edges)} inputs"
            )
        return returned


cdef class Function:
    """One differentiable operation, written as a forward and a backward on raw arrays.

    A subclass has two static methods. ``forward(ctx, *arrays, **static)`` computes the output, or a tuple of outputs,
    and keeps in ``ctx`` what the way back needs. ``backward(ctx, *grads)`` takes one gradient for each output and
    returns one for each positional input of forward, or None where there is none. The tape sums a gradient over the
    axes along which its input was broadcast, and casts it to the input's type.

    Attributes
    ----------
    backend : str or None
        Whose kernel set ``ctx.kernels`` is; None is the core's.

    Examples
    --------
    >>> import numpy as np
    >>> import geomkern as gk
    >>> class Cube(gk.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x**3
    ...     @staticmethod
    ...     def backward(ctx, grad):
    ...         (x,) = ctx.saved
    ...         return 3 * x**2 * grad
    >>> Cube.apply(np.array([1.0, 2.0]))
    array([1., 8.])
    >>> x = gk.tensor([1.0, 2.0], requires_grad=True)
    >>> Cube.apply(x).sum().backward()
    >>> x.grad
    tensor([ 3., 12.])
    """

    backend = None

    @staticmethod
    def forward(ctx, *arrays, **static):
        """Compute the output from raw arrays."""
        raise NotImplementedError("a Function needs a static method forward(ctx, *arrays, **static)")

    @staticmethod
    def backward(ctx, *grads):
        """Compute the gradients of the inputs from those of the outputs."""
        raise NotImplementedError("a Function needs a static method backward(ctx, *grads)")

    @classmethod
    def apply(cls, *inputs, **static):
        """Run the operation, and record it where a tensor among the inputs requires a gradient.

        Parameters
        ----------
        *inputs : Tensor, array_like or scalar
            Passed to forward as raw arrays; scalars stay scalars.
        **static
            Passed to forward as they are; they have no gradient.

        Returns
        -------
        Tensor, ndarray or a tuple of them
            Tensors if there is one among the inputs, else what forward returned.
        """
        cdef Py_ssize_t i, n = len(inputs)
        cdef bint tensors = False, record = False
        cdef Context ctx = Context.__new__(Context)
        cdef object arguments = PyTuple_New(n + 1), value, returned
        cdef tuple outputs
        ctx.function = cls
        ctx.inputs = inputs
        Py_INCREF(ctx)
        PyTuple_SET_ITEM(arguments, 0, ctx)
        for i in range(n):
            value = inputs[i]
            if isinstance(value, TensorBase):
                tensors = True
                if (<TensorBase>value).needs_grad:
                    record = True
            value = raw(value)
            Py_INCREF(value)
            PyTuple_SET_ITEM(arguments, i + 1, value)
        if not tensors:
            return PyObject_Call(cls.forward, arguments, static)
        record = record and recording()
        if record:
            ctx.edges = edges_of(inputs)
        returned = PyObject_Call(cls.forward, arguments, static)
        if isinstance(returned, tuple):
            outputs = tuple([finish(as_array(value), ctx, i, inputs, record) for i, value in enumerate(returned)])
            ctx.n_outputs = <int>len(outputs)
            ctx.results = tuple([(output.shape, output.dtype) for output in outputs]) if record else None
        else:
            outputs = (finish(as_array(returned), ctx, 0, inputs, record),)
        if record:
            ctx.describe(inputs)
            ctx.guard(inputs, outputs)
        ctx.inputs = None
        return outputs if isinstance(returned, tuple) else outputs[0]


cdef tuple edges_of(tuple inputs):
    cdef Py_ssize_t i, n = len(inputs)
    cdef object edges = PyTuple_New(n), edge
    for i in range(n):
        edge = edge_of(inputs[i]) if isinstance(inputs[i], TensorBase) else None
        Py_INCREF(edge)
        PyTuple_SET_ITEM(edges, i, edge)
    return edges


cdef TensorBase finish(cnp.ndarray array, Node node, int output, tuple inputs, bint record):
    """Wrap one output of an operation, on the tape if `record` says so and it can have a gradient."""
    cdef TensorBase tensor = wrap(array)
    adopt(tensor, inputs)
    if record and cnp.PyArray_TYPE(array) in (cnp.NPY_FLOAT, cnp.NPY_DOUBLE):
        tensor.node = node
        tensor.output = output
        tensor.needs_grad = True
    return tensor


# ------------------------------------------------------------------------------------------------ the elementwise ones

cdef extern from *:
    """
    #define GK_MOST_OPERANDS 3
    """
    enum: GK_MOST_OPERANDS


@cython.final
@cython.trashcan(True)
cdef class ElementwiseNode(Node):
    """One recorded elementwise operation. It saves the output first, then the inputs; None where not needed."""

    cdef Elementwise rule

    cdef str label(self):
        return self.rule.name

    cdef tuple propagate(self, object grad):
        cdef Py_ssize_t i, n = len(self.edges)
        cdef int j, k
        cdef object grads = PyTuple_New(n), part
        cdef PyObject* arguments[GK_MOST_OPERANDS + 2]
        arguments[0] = <PyObject*>grad
        for i in range(n):
            part = None
            if self.edges[i] is not None:
                k = 1
                for j in range(n + 1):
                    if self.rule.needs[i] >> j & 1:
                        arguments[k] = <PyObject*>(<object>self.saved[j])
                        k += 1
                part = PyObject_Vectorcall(self.rule.vjps[i], arguments, k, NULL)
            Py_INCREF(part)
            PyTuple_SET_ITEM(grads, i, part)
        return grads


cdef class Elementwise(Operator):
    """A function of arrays, element by element and broadcasting, with the derivative rule of each operand.

    Parameters
    ----------
    name : str
        What errors and reprs call it.
    forward : callable
        Takes raw arrays and scalars, returns an array; a NumPy ufunc for instance.
    vjps : sequence of callable or None
        One for each operand: its gradient from that of the output. The first parameter is the output's gradient; the
        others say by their names what the rule needs, in this order: ``out``, then the operands ``x``, ``y``, ``z``.
        Nothing else is saved. None stands for an operand that has no gradient.
    doc : str
        The docstring.
    """

    cdef dict __dict__
    cdef str name
    cdef readonly object forward
    cdef readonly tuple vjps
    cdef int[GK_MOST_OPERANDS] needs   # for each operand a bit set: 1 the output, 2 x, 4 y, 8 z

    def __init__(self, name, forward, vjps, doc="", module=__name__):
        self.name = name
        for attribute, value in (("__name__", name), ("__qualname__", name), ("__module__", module), ("__doc__", doc)):
            setattr(self, attribute, value)
        self.forward = forward
        self.vjps = tuple(vjps)
        names = ("out", "x", "y", "z")[:len(self.vjps) + 1]
        for i, vjp in enumerate(self.vjps):
            self.needs[i] = 0
            if vjp is None:
                continue
            wanted = vjp.__code__.co_varnames[1:vjp.__code__.co_argcount]
            if wanted != tuple([name for name in names if name in wanted]):
                raise TypeError(
                    f"the rule of operand {i} of {name} may take g and then {', '.join(names)}, not {wanted}"
                )
            for j, parameter in enumerate(names):
                self.needs[i] |= (parameter in wanted) << j

    def __call__(self, *operands):
        return self.operate(operands)

    def __get__(self, instance, owner):
        return self if instance is None else _bound(self, instance)

    def __repr__(self):
        return f"<elementwise {self.name}>"

    def __reduce__(self):
        return self.name

    cdef object operate(self, tuple inputs):
        cdef Py_ssize_t i, n = len(self.vjps)
        cdef bint tensors = False, record = False, alike = True
        cdef object operands, out, edges, edge
        cdef cnp.ndarray array
        cdef TensorBase tensor
        cdef ElementwiseNode node
        cdef int needs = 0
        if len(inputs) != n:
            raise TypeError(f"{self.name} takes {n} operands, got {len(inputs)}")
        for i in range(n):
            if isinstance(inputs[i], TensorBase):
                tensors = True
                if (<TensorBase>inputs[i]).needs_grad and self.vjps[i] is not None:
                    record = True
        operands = weaken(inputs)
        try:
            out = PyObject_Call(self.forward, operands, <dict>NULL)
        except (TypeError, ValueError) as error:
            raise self.explain(operands, error) from error
        if not tensors:
            return out
        array = as_array(out)
        tensor = wrap(array)
        if not record or not recording() or not cnp.PyArray_TYPE(array) in (cnp.NPY_FLOAT, cnp.NPY_DOUBLE):
            return tensor
        node = ElementwiseNode.__new__(ElementwiseNode)
        node.rule = self
        edges = PyTuple_New(n)
        for i in range(n):
            edge = None
            if isinstance(inputs[i], TensorBase) and self.vjps[i] is not None:
                edge = edge_of(inputs[i])
                if edge is not None:
                    needs |= self.needs[i]
                    alike = alike and plain(inputs[i], array)
            Py_INCREF(edge)
            PyTuple_SET_ITEM(edges, i, edge)
        node.edges = edges
        if not alike:
            node.describe(inputs)
        tensor.node = node
        tensor.needs_grad = True
        if needs:
            self.save(node, needs, inputs, operands, tensor)
        return tensor

    cdef int save(self, ElementwiseNode node, int needs, tuple inputs, tuple operands, TensorBase out) except -1:
        cdef Py_ssize_t i, n = len(inputs)
        cdef object saved = PyTuple_New(n + 1), kept
        cdef list versions = []
        for i in range(n + 1):
            kept = None
            if needs >> i & 1:
                if i == 0:
                    kept = out.array
                    versions.append(version_of(out))
                else:
                    kept = operands[i - 1]
                    if isinstance(inputs[i - 1], TensorBase):
                        versions.append(version_of(inputs[i - 1]))
            Py_INCREF(kept)
            PyTuple_SET_ITEM(saved, i, kept)
        return node.keep(saved, tuple(versions))

    cdef object explain(self, tuple operands, object error):
        """Return the error that says what the operation got and what it needs."""
        shapes = [np.shape(value) for value in operands if value is not None]
        try:
            np.broadcast_shapes(*shapes)
        except ValueError:
            return ShapeError(f"{self.name} needs shapes that broadcast, got {' and '.join(map(str, shapes))}")
        if isinstance(error, TypeError):
            types = " and ".join([str(np.asarray(value).dtype) for value in operands])
            return DTypeError(f"{self.name} cannot take {types}: {error}")
        return error


def _bound(Elementwise rule, instance):
    def method(*operands):
        return rule.operate((instance, *operands))
    method.__name__ = rule.name
    method.__doc__ = rule.__doc__
    return method


cdef bint plain(TensorBase tensor, cnp.ndarray out) noexcept:
    """Whether a gradient of the output has the shape and type of the tensor's."""
    cdef int i
    if tensor.output or cnp.PyArray_TYPE(tensor.array) != cnp.PyArray_TYPE(out):
        return False
    if cnp.PyArray_NDIM(tensor.array) != cnp.PyArray_NDIM(out):
        return False
    for i in range(cnp.PyArray_NDIM(out)):
        if cnp.PyArray_DIM(tensor.array, i) != cnp.PyArray_DIM(out, i):
            return False
    return True


cdef inline int category(int number) noexcept:
    """Bool, integer, floating, complex or else: 0 to 4."""
    if number == cnp.NPY_BOOL:
        return 0
    if number <= cnp.NPY_ULONGLONG:
        return 1
    if number <= cnp.NPY_LONGDOUBLE or number == cnp.NPY_FLOAT16:
        return 2
    return 3 if number <= cnp.NPY_CLONGDOUBLE else 4


cdef tuple weaken(tuple inputs):
    """Return raw operands. One of no dimensions does not change the type of those that have some."""
    cdef Py_ssize_t i, n = len(inputs)
    cdef object operands = PyTuple_New(n), value
    cdef bint flat = False, mixed = False
    cdef int number = -1
    for i in range(n):
        value = raw(inputs[i])
        Py_INCREF(value)
        PyTuple_SET_ITEM(operands, i, value)
        if cnp.PyArray_Check(value):
            if cnp.PyArray_NDIM(value) == 0:
                flat = True
            elif number < 0:
                number = cnp.PyArray_TYPE(value)
            elif number != cnp.PyArray_TYPE(value):
                mixed = True
    if not flat or number < 0:
        return operands
    dtype = np.result_type(*[value for value in operands if cnp.PyArray_Check(value) and value.ndim]) if mixed else \
        cnp.PyArray_DescrFromType(number)
    number = dtype.num
    return tuple([
        value.astype(dtype) if cnp.PyArray_Check(value) and cnp.PyArray_NDIM(value) == 0
        and cnp.PyArray_TYPE(value) != number and category(cnp.PyArray_TYPE(value)) <= category(number) else value
        for value in operands
    ])

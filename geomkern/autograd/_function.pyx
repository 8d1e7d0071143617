"""The general operation: a forward and a backward on raw arrays."""

cimport cython
cimport numpy as cnp
from cpython.object cimport PyObject_Call
from cpython.ref cimport Py_INCREF

from ._tape cimport Node, TensorBase, as_array, edge_of, owner_of, raw, recording, version_of, wrap

import numpy as np

from .. import backends
from ..errors import AutogradError

cnp.import_array()

cdef extern from "Python.h":
    object PyTuple_New(Py_ssize_t)
    void PyTuple_SET_ITEM(object, Py_ssize_t, object)

cdef dict _kernel_sets = backends.resolved


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


@cython.final
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

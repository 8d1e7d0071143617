"""Elementwise operations, each described by a forward and the derivative rule of every operand."""

cimport cython
cimport numpy as cnp
from cpython.object cimport PyObject, PyObject_Call
from cpython.ref cimport Py_INCREF

from ._tape cimport Node, Operator, TensorBase, as_array, edge_of, raw, recording, same_layout, version_of, wrap

import numpy as np

from ..errors import DTypeError, ShapeError

cnp.import_array()

cdef extern from "Python.h":
    object PyTuple_New(Py_ssize_t)
    void PyTuple_SET_ITEM(object, Py_ssize_t, object)
    object PyObject_Vectorcall(object, PyObject**, size_t, PyObject*)

cdef extern from *:
    """
    #define GK_MOST_OPERANDS 3
    """
    enum: GK_MOST_OPERANDS


@cython.final
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
    return tensor.output == 0 and same_layout(
        tensor.array, cnp.PyArray_TYPE(out), cnp.PyArray_NDIM(out), cnp.PyArray_DIMS(out)
    )


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

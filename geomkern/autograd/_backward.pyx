"""The backward pass, which carries gradients from a tensor to the leaves that it was made from.

It first counts, for every node below the tensor, the consumers that will contribute to its gradient, and then takes
each node whose contributions are complete. Neither step recurses, so a graph may be of any depth.
"""

cimport numpy as cnp
from cpython.ref cimport Py_REFCNT

from ._tape cimport Node, TensorBase, as_array, same_layout, set_recording, touch, wrap

import numpy as np

from ..errors import AutogradError, ShapeError
from ..kernels.cpu import scatter_add
from ..kernels.cpu import sum as _sum
from .rows import RowGradient

cnp.import_array()

cdef object _call_add = np.add
cdef long _runs = 0


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


cdef int accumulate(TensorBase leaf, cnp.ndarray grad, bint fresh) except -1:
    """Add a gradient to a leaf. A fresh one belongs to nobody else and is taken as it is."""
    cdef TensorBase total
    if leaf._grad is None:
        if not fresh:
            grad = cnp.PyArray_NewCopy(grad, cnp.NPY_KEEPORDER)
        leaf._grad = wrap(grad)
    elif not isinstance(leaf._grad, TensorBase):
        leaf._grad = wrap(leaf._grad.data + grad)
    else:
        total = leaf._grad
        _call_add(total.array, grad, total.array)
        touch(total)
    return 0


cdef int accumulate_rows(TensorBase leaf, object rows) except -1:
    """Add the gradient of a few rows to a leaf."""
    cdef TensorBase total
    if leaf._grad is None:
        leaf.grad = rows
    elif isinstance(leaf._grad, TensorBase):
        total = leaf._grad
        scatter_add(total.array, rows.indices, rows.rows)
        touch(total)
    else:
        leaf.grad = leaf._grad.joined(rows)
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
        if (
            grads is not None and isinstance(grads[i], RowGradient) and not collect_all
            and not isinstance(edge, Node) and (<TensorBase>edge).hooks is None
        ):
            accumulate_rows(edge, grads[i])
        elif grads is not None and grads[i] is not None:
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
    global _runs
    cdef list met = [], ready
    cdef dict collected = {}
    cdef Node node
    cdef bint before = set_recording(False)
    _runs += 1
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
        set_recording(before)
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


def gradients(TensorBase root, gradient, list leaves, bint retain_graph=False):
    """Return the gradients of `root` in the given leaves as arrays, zero where it does not depend on one.

    No tensor's ``grad`` is touched.
    """
    cdef cnp.ndarray seed = seed_of(root, gradient)
    cdef dict collected = {root: seed} if root.node is None else run_backward(root, seed, retain_graph, True)
    return [collected[leaf] if leaf in collected else np.zeros_like(leaf.data) for leaf in leaves]


def backward(TensorBase root, gradient, bint retain_graph):
    """Add the gradients of `root` to the ``grad`` of the leaves that it was made from."""
    cdef cnp.ndarray seed = seed_of(root, gradient)
    cdef dict collected
    if root.node is not None:
        collected = run_backward(root, seed, retain_graph, False)
    else:
        collected = {root: seed if root.hooks is None else call_hooks(root.hooks, 0, seed)}
    for leaf, total in collected.items():
        accumulate(leaf, total, False)

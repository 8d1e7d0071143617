"""Gives :class:`~geomkern.tensor.Tensor` its methods and operators, and NumPy's protocols what they lead to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..autograd import _tape
from ..autograd._tape import TensorBase
from ..errors import DTypeError, ShapeError
from ..tensor import FUNCTIONS, UFUNCS, Tensor
from . import elementwise as ew
from . import linalg, reductions, shape
from .softmax import log_softmax, logsumexp, softmax

METHODS = {
    **{name: getattr(ew, name) for name in ew.TABLE if name not in ("where", "add", "sub", "mul", "div", "neg")},
    **{name: getattr(reductions, name) for name in reductions.__all__},
    "softmax": softmax,
    "log_softmax": log_softmax,
    "logsumexp": logsumexp,
    **{name: getattr(shape, name) for name in shape.__all__ if name not in ("concatenate", "stack", "getitem")},
    "matmul": linalg.matmul,
    "__matmul__": linalg.matmul,
    "__rmatmul__": lambda self, other: linalg.matmul(other, self),
    "__getitem__": shape.getitem,
    "__pos__": lambda self: self,
    "__abs__": ew.abs,
    "T": property(shape.transpose, doc="The tensor with its axes reversed."),
    "mT": property(lambda self: shape.swapaxes(self, -1, -2), doc="The tensor with its last two axes exchanged."),
}


def _write(tensor: Tensor, name: str, operation: Callable[..., Any], other: Any) -> Tensor:
    """Write the result of an operation on a tensor into it, on the tape where it belongs there."""
    tensor._check_writable(isinstance(other, TensorBase) and other.requires_grad)
    result = operation(tensor, other)
    if result.shape != tensor.shape:
        raise ShapeError(f"{name} in place cannot turn shape {tensor.shape} into {result.shape}")
    if not np.can_cast(result.dtype, tensor.dtype, "same_kind"):
        raise DTypeError(f"{name} in place cannot write {result.dtype} into {tensor.dtype}")
    tensor._write(result)
    return tensor


def _in_place(operation: Any) -> Callable[[Tensor, Any], Tensor]:
    return lambda self, other: _write(self, operation.__name__, operation, other)


def _setitem(self: Tensor, index: Any, value: Any) -> None:
    """Write into a part of the tensor."""
    index = shape.index_of(index)
    if _tape.is_grad_enabled() and (self.requires_grad or (isinstance(value, TensorBase) and value.requires_grad)):
        _write(self, "setitem", lambda x, v: shape.SetItem.apply(x, v, index=index), value)
    else:
        self.data[index] = value.data if isinstance(value, TensorBase) else value
        self._touched()


def _on_arrays(ufunc: Any) -> Callable[..., Tensor]:
    """Return an operator that has no derivative."""
    return lambda self, *others: Tensor(
        np.asarray(ufunc(self.data, *[x.data if isinstance(x, TensorBase) else x for x in others]))
    )


def _without_gradient(name: str) -> Callable[..., Tensor]:
    return lambda self, *args, **options: Tensor(np.asarray(getattr(self.data, name)(*args, **options)))


def _clip(a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:
    return ew.clip(a, a_min if min is None else min, a_max if max is None else max)


METHODS |= {
    **{f"__i{name}__": _in_place(getattr(ew, name)) for name in ("add", "sub", "mul", "pow")},
    "__itruediv__": _in_place(ew.div),
    "__setitem__": _setitem,
    "__eq__": _on_arrays(np.equal),
    "__ne__": _on_arrays(np.not_equal),
    "__lt__": _on_arrays(np.less),
    "__le__": _on_arrays(np.less_equal),
    "__gt__": _on_arrays(np.greater),
    "__ge__": _on_arrays(np.greater_equal),
    "__and__": _on_arrays(np.bitwise_and),
    "__or__": _on_arrays(np.bitwise_or),
    "__xor__": _on_arrays(np.bitwise_xor),
    "__invert__": _on_arrays(np.invert),
    **{name: _without_gradient(name) for name in ("any", "all", "argmax", "argmin")},
}


def bind() -> None:
    """Do it, once."""
    _tape.bind_operators(ew.add, ew.sub, ew.mul, ew.div, ew.pow, ew.neg)
    for name, function in METHODS.items():
        setattr(Tensor, name, function)
    UFUNCS.update({rule[0]: getattr(ew, name) for name, rule in ew.TABLE.items() if isinstance(rule[0], np.ufunc)})
    UFUNCS[np.matmul] = linalg.matmul
    FUNCTIONS.update(
        {
            (np.add, "reduce"): reductions.sum,
            (np.maximum, "reduce"): reductions.max,
            (np.minimum, "reduce"): reductions.min,
            np.sum: reductions.sum,
            np.mean: reductions.mean,
            np.max: reductions.max,
            np.amax: reductions.max,
            np.min: reductions.min,
            np.amin: reductions.min,
            np.where: ew.where,
            np.clip: _clip,
            np.matrix_transpose: lambda x: shape.swapaxes(x, -1, -2),
        }
    )
    for name in ("reshape", "transpose", "swapaxes", "squeeze", "expand_dims", "broadcast_to", "concatenate", "stack"):
        FUNCTIONS[getattr(np, name)] = getattr(shape, name)

"""The tensor: an array, perhaps a gradient, perhaps a place on the tape.

The compiled half, :class:`~geomkern.autograd._tape.TensorBase`, has the array, the gradient and the arithmetic. This
half makes tensors from data and lets them pass for arrays. The methods that compute are bound by :mod:`geomkern.ops`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from . import devices
from .autograd import _backward, _tape
from .autograd._tape import TensorBase
from .config import config
from .errors import AutogradError, DTypeError, ShapeError

__all__ = ["Tensor", "as_tensor", "tensor"]

# What NumPy's protocols lead to, filled by geomkern.ops: NumPy's function, or (ufunc, method), to ours.
UFUNCS: dict[Any, Callable[..., Any]] = {}
FUNCTIONS: dict[Any, Callable[..., Any]] = {}
# Functions whose results have no derivative, so that they may see arrays in the place of tensors that require one.
DISCRETE = frozenset(
    {np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.shares_memory, np.may_share_memory}
    | {np.allclose, np.isclose, np.array_equal, np.array_equiv, np.array_repr, np.array_str, np.array2string}
    | {np.all, np.any, np.argmax, np.argmin, np.argsort, np.nonzero, np.count_nonzero, np.searchsorted}
    | {np.zeros_like, np.ones_like, np.empty_like, np.full_like}
)


class Tensor(TensorBase):
    """A NumPy array that can require a gradient and stand on the tape.

    Parameters
    ----------
    data : ndarray
        Taken as it is, not copied. :func:`tensor` copies and converts.
    requires_grad : bool
        Whether operations on the tensor are recorded. Only float32 and float64 can be.

    Notes
    -----
    NumPy's functions take tensors. Those with a derivative rule here return tensors on the tape. The others work on the
    arrays: ufuncs return tensors and functions what they return for arrays, and they refuse, with a TypeError, a tensor
    that requires a gradient, unless their result has no derivative anyway, as with comparisons. ``numpy.asarray(t)`` is
    the tensor's own memory, off the tape, like ``t.data``; so is what DLPack exports.

    Examples
    --------
    >>> import numpy as np
    >>> import geomkern as gk
    >>> x = gk.tensor([1.0, 2.0], requires_grad=True)
    >>> y = np.exp(x).sum() * 2
    >>> y.backward()
    >>> x.grad
    tensor([ 5.4366, 14.7781])
    """

    __slots__ = ()
    __array_priority__ = 1000.0

    exp: Callable[..., Tensor]
    log: Callable[..., Tensor]
    sqrt: Callable[..., Tensor]
    tanh: Callable[..., Tensor]
    sigmoid: Callable[..., Tensor]
    relu: Callable[..., Tensor]
    abs: Callable[..., Tensor]
    clip: Callable[..., Tensor]
    sum: Callable[..., Tensor]
    mean: Callable[..., Tensor]
    max: Callable[..., Tensor]
    min: Callable[..., Tensor]
    reshape: Callable[..., Tensor]
    transpose: Callable[..., Tensor]
    swapaxes: Callable[..., Tensor]
    squeeze: Callable[..., Tensor]
    softmax: Callable[..., Tensor]
    log_softmax: Callable[..., Tensor]
    logsumexp: Callable[..., Tensor]
    T: Tensor
    mT: Tensor
    __getitem__: Callable[..., Tensor]

    @property
    def device(self) -> devices.Device:
        """Where the array lives."""
        return devices.of(self.data)

    def numpy(self) -> np.ndarray:
        """Return the array itself, which shares the tensor's memory."""
        return self.data

    def item(self) -> Any:
        """Return the only element as a Python number."""
        if self.size != 1:
            raise ShapeError(f"item needs a tensor of one element, not of shape {self.shape}")
        return self.data.item()

    def tolist(self) -> Any:
        """Return the elements as nested lists of Python numbers."""
        return self.data.tolist()

    def backward(self, gradient: Any = None, retain_graph: bool = False) -> None:
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
        _backward.backward(self, gradient, retain_graph)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Set ``requires_grad`` and return the tensor."""
        self.requires_grad = requires_grad
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradient: make it None, or put zeros in its place."""
        self.grad = None if set_to_none or self.grad is None else Tensor(np.zeros_like(self.grad.data))

    def retain_grad(self) -> None:
        """Keep the gradient of a tensor that an operation made, as leaves do."""
        import weakref

        if self.is_leaf:
            if not self.requires_grad:
                raise AutogradError("retain_grad needs a tensor that requires a gradient")
            return
        reference = weakref.ref(self)

        def keep(gradient: Tensor) -> None:
            kept = reference()
            if kept is not None:
                kept.grad = tensor(gradient) if kept.grad is None else tensor(kept.grad.data + gradient.data)

        self.register_hook(keep)

    def copy(self) -> Tensor:
        """Return a copy outside the tape."""
        return Tensor(self.data.copy())

    def astype(self, dtype: Any) -> Tensor:
        """Return a copy of another type, outside the tape."""
        return Tensor(self.data.astype(dtype))

    def __len__(self) -> int:
        if not self.ndim:
            raise ShapeError("a tensor without axes has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        if not self.ndim:
            raise ShapeError("a tensor without axes cannot be iterated over")
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ShapeError(f"the truth of a tensor of shape {self.shape} is ambiguous; compare, then use all or any")
        return bool(self.data.item())

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        if self.ndim or self.data.dtype.kind not in "iu":
            raise DTypeError(f"an index is an integer tensor without axes, not {self.dtype} of shape {self.shape}")
        return int(self.data)

    def __contains__(self, value: Any) -> bool:
        return bool((self.data == np.asarray(value)).any())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.data, dtype=dtype, copy=copy)

    def __dlpack__(self, **options: Any) -> Any:
        return self.data.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.data.__dlpack_device__()

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        out = options.pop("out", ())
        if method == "__call__" and not options and not out and ufunc in UFUNCS:
            return UFUNCS[ufunc](*inputs)
        if (ufunc, method) in FUNCTIONS and not out:
            return FUNCTIONS[ufunc, method](*inputs, **{"axis": 0, **options})
        _refuse_gradients(f"numpy.{ufunc.__name__}", (*inputs, *out), ufunc.types)
        result = getattr(ufunc, method)(
            *map(_array, inputs), **options, **({"out": tuple(map(_array, out))} if out else {})
        )
        for target in out:
            if isinstance(target, Tensor):
                target._touched()
        if out:
            return out[0] if len(out) == 1 else out
        return tuple(map(as_tensor, result)) if isinstance(result, tuple) else as_tensor(result)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        if function in FUNCTIONS:
            return FUNCTIONS[function](*args, **options)
        if function not in DISCRETE:
            _refuse_gradients(f"{function.__module__}.{function.__name__}", (args, options), None)
        return function(*_arrays(args), **_arrays(options))

    def __reduce__(self) -> Any:
        if not self.is_leaf:
            raise AutogradError(f"a tensor that {self.grad_fn} made cannot be copied or pickled; use detach()")
        return _rebuild, (type(self), self.data, self.requires_grad, self.grad), getattr(self, "__dict__", None) or None

    def __repr__(self) -> str:
        body = np.array2string(self.data, separator=", ", prefix="tensor(", precision=_precision())
        notes = [body if self.size or self.ndim == 1 else f"{body}, shape={self.shape}"]
        if self.dtype not in (config.default_dtype, np.dtype(np.int64), np.dtype(np.bool_)):
            notes.append(f"dtype={self.dtype}")
        if self.grad_fn is not None:
            notes.append(f"grad_fn={self.grad_fn}")
        elif self.requires_grad:
            notes.append("requires_grad=True")
        return f"tensor({', '.join(notes)})"


_tape.bind(Tensor)


def tensor(data: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Return a new tensor with a copy of `data`, outside the tape.

    Parameters
    ----------
    data : array_like or Tensor
        Arrays, NumPy scalars and tensors keep their type. Python floats, and lists of them, become the default type,
        float32 at first.
    dtype : dtype, optional
        The type to convert to.
    requires_grad : bool
        Whether operations on the tensor are recorded.

    Raises
    ------
    DTypeError
        If `data` does not hold numbers.
    AutogradError
        If `requires_grad` is asked of anything but float32 and float64.

    Examples
    --------
    >>> import geomkern as gk
    >>> gk.tensor([[1, 2], [3, 4]])
    tensor([[1, 2],
            [3, 4]])
    >>> gk.tensor([0.5, 1.0], requires_grad=True)
    tensor([0.5, 1. ], requires_grad=True)
    """
    return Tensor(np.array(_numbers(data, dtype), copy=True, subok=False), requires_grad)


def as_tensor(data: Any, dtype: Any = None) -> Tensor:
    """Return `data` as a tensor, on the same memory where that is possible.

    Parameters
    ----------
    data : array_like or Tensor
        A tensor of the wanted type is returned as it is.
    dtype : dtype, optional
        The type to convert to.

    Examples
    --------
    >>> import numpy as np
    >>> import geomkern as gk
    >>> x = np.zeros(2)
    >>> t = gk.as_tensor(x)
    >>> x[0] = 1
    >>> t
    tensor([1., 0.], dtype=float64)
    """
    if isinstance(data, Tensor) and dtype in (None, data.dtype):
        return data
    return Tensor(np.asarray(_numbers(data, dtype)))


def _numbers(data: Any, dtype: Any) -> np.ndarray:
    """Return an array of numbers, of the default type where Python floats decide."""
    try:
        array = np.asarray(data, dtype=dtype)
    except (TypeError, ValueError) as error:
        raise DTypeError(f"a tensor is made from numbers in a regular array: {error}") from error
    if array.dtype.kind not in "biufc":
        raise DTypeError(f"a tensor holds numbers, not {array.dtype}")
    if dtype is None and array.dtype == np.float64 and _is_python(data):
        return array.astype(config.default_dtype)
    return array


def _is_python(data: Any) -> bool:
    """Whether nested lists hold Python's numbers rather than NumPy's."""
    while isinstance(data, (list, tuple)):
        if not data:
            return True
        data = data[0]
    return isinstance(data, (float, int)) and not isinstance(data, np.generic)


def _rebuild(kind: type[Tensor], data: np.ndarray, requires_grad: bool, grad: Tensor | None) -> Tensor:
    made = kind.__new__(kind)
    TensorBase.__init__(made, data, requires_grad)
    made.grad = grad
    return made


def _precision() -> int:
    """Four digits, as torch prints, unless NumPy's print options ask for something of their own."""
    precision = np.get_printoptions()["precision"]
    return 4 if precision == 8 else precision


def _array(value: Any) -> Any:
    return value.data if isinstance(value, TensorBase) else value


def _arrays(value: Any) -> Any:
    """Return nested arguments with arrays in the place of tensors."""
    if isinstance(value, (list, tuple)):
        return type(value)(map(_arrays, value))
    if isinstance(value, dict):
        return {key: _arrays(part) for key, part in value.items()}
    return _array(value)


def _requires_grad(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_requires_grad, value))
    if isinstance(value, dict):
        return any(map(_requires_grad, value.values()))
    return isinstance(value, TensorBase) and value.requires_grad


def _refuse_gradients(name: str, arguments: Any, types: list[str] | None) -> None:
    """Raise where a function without a derivative rule would silently cut the tape."""
    if not _tape.is_grad_enabled() or not _requires_grad(arguments):
        return
    if types is not None and all(loop.split("->")[1][0] in "?bBhHiIlLqQ" for loop in types if loop[0] in "fd"):
        return
    raise TypeError(
        f"{name} has no derivative rule in geomkern, and an argument requires a gradient; pass its data or detach() it"
    )

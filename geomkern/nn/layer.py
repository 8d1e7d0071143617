"""The base of all layers: it finds parameters, buffers and sub-layers among a layer's attributes."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, Self, TypeVar

import numpy as np

from ..autograd import is_grad_enabled
from ..errors import DomainError, DTypeError, FormatError
from ..tensor import Tensor, as_tensor
from .parameter import Parameter

__all__ = ["IncompatibleKeys", "Layer"]

T = TypeVar("T")


class IncompatibleKeys(NamedTuple):
    """The keys that :meth:`Layer.load_state_dict` passed over."""

    missing_keys: list[str]
    unexpected_keys: list[str]


class Layer:
    """Base class of layers.

    A subclass assigns its parameters and sub-layers to attributes and defines ``forward``. Attributes are all there
    is: what is a :class:`Parameter` counts as a parameter, what is a `Layer` as a sub-layer, under the attribute's
    name. Names in the state are those paths, joined with dots, as in PyTorch.

    Called under :class:`~geomkern.no_grad` with arrays and no tensor, a layer returns arrays.

    Attributes
    ----------
    training : bool
        Whether the layer is being trained; some layers behave differently then.

    Examples
    --------
    >>> import numpy as np
    >>> import geomkern as gk
    >>> class Scale(gk.nn.Layer):
    ...     def __init__(self, features):
    ...         self.factor = gk.nn.Parameter(np.ones(features))
    ...     def forward(self, x):
    ...         return x * self.factor
    >>> net = gk.nn.Sequential(Scale(2), gk.nn.ReLU())
    >>> [name for name, _ in net.named_parameters()]
    ['0.factor']
    >>> with gk.no_grad():
    ...     net(np.array([1.0, -1.0]))
    array([1., 0.])
    """

    training: bool = True
    # The names of the buffers, and whether the state has them. Replaced, never written: the class shares the empty one.
    _buffers: Mapping[str, bool] = MappingProxyType({})

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the layer's output."""
        raise NotImplementedError(f"{type(self).__name__} needs a method forward")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the layer's output."""
        if is_grad_enabled():
            return self.forward(*args, **kwargs)
        inputs = (*args, *kwargs.values())
        if any(isinstance(value, Tensor) for value in inputs) or not any(isinstance(v, np.ndarray) for v in inputs):
            return self.forward(*args, **kwargs)
        # Inside, all are tensors, so that a forward sees the same kind of thing whatever it is called with.
        args = tuple(_to_tensor(value) for value in args)
        return _to_array(self.forward(*args, **{name: _to_tensor(value) for name, value in kwargs.items()}))

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self._buffers and value is not None:
            value = as_tensor(value)
        elif isinstance(vars(self).get(name), Parameter) and not isinstance(value, Parameter | None):
            raise DTypeError(
                f"{type(self).__name__}.{name} is a parameter and needs a Parameter or None, "
                f"not {type(value).__name__}; write to its data to change its values"
            )
        super().__setattr__(name, value)

    def register_buffer(self, name: str, tensor: Any, persistent: bool = True) -> None:
        """Add a tensor that is part of the layer but not learnt.

        Parameters
        ----------
        name : str
            The attribute that will hold it.
        tensor : Tensor, array_like or None
            The buffer.
        persistent : bool
            Whether the state has it.

        Raises
        ------
        DomainError
            If the name is empty, has a dot, or is already an attribute.
        """
        if not name or "." in name:
            raise DomainError(f"register_buffer needs a name that is not empty and has no dot, not {name!r}")
        if hasattr(self, name) and name not in self._buffers:
            raise DomainError(f"register_buffer needs a new name, but {type(self).__name__} has an attribute {name!r}")
        self._buffers = {**self._buffers, name: persistent}
        setattr(self, name, tensor)

    def _paths(self, prefix: str) -> Iterator[tuple[str, "Layer"]]:
        """Yield each layer, itself first, with its path; a shared one for each of its paths."""
        yield prefix, self
        for name, value in vars(self).items():
            if isinstance(value, Layer):
                yield from value._paths(_join(prefix, name))

    def _own_buffers(self, transient: bool) -> Iterator[tuple[str, Tensor]]:
        for name, persistent in self._buffers.items():
            value = vars(self).get(name)
            if value is not None and (persistent or transient):
                yield name, value

    def named_layers(self, prefix: str = "") -> Iterator[tuple[str, "Layer"]]:
        """Yield the layer itself and all below it, each once, with its path."""
        return _once(self._paths(prefix))

    def layers(self) -> Iterator["Layer"]:
        """Yield the layer itself and all below it, each once."""
        return (layer for _, layer in self.named_layers())

    def named_children(self) -> Iterator[tuple[str, "Layer"]]:
        """Yield the sub-layers directly below, each once, with their names."""
        return _once((name, value) for name, value in vars(self).items() if isinstance(value, Layer))

    def children(self) -> Iterator["Layer"]:
        """Yield the sub-layers directly below, each once."""
        return (layer for _, layer in self.named_children())

    def named_parameters(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Parameter]]:
        """Yield the parameters, each once, with their paths.

        Parameters
        ----------
        prefix : str
            Put before every path.
        recurse : bool
            Whether those of sub-layers count.
        """
        return _once(
            (_join(path, name), value)
            for path, layer in (self.named_layers(prefix) if recurse else [(prefix, self)])
            for name, value in vars(layer).items()
            if isinstance(value, Parameter)
        )

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Yield the parameters, each once."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Tensor]]:
        """Yield the buffers, each once, with their paths; `prefix` and `recurse` as in `named_parameters`."""
        return _once(
            (_join(path, name), value)
            for path, layer in (self.named_layers(prefix) if recurse else [(prefix, self)])
            for name, value in layer._own_buffers(transient=True)
        )

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Yield the buffers, each once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def apply(self, function: Callable[["Layer"], Any]) -> Self:
        """Call a function with every layer, sub-layers first, and return the layer."""
        for child in self.children():
            child.apply(function)
        function(self)
        return self

    def train(self, mode: bool = True) -> Self:
        """Say whether this layer and all below it are being trained, and return the layer."""
        for layer in self.layers():
            layer.training = mode
        return self

    def eval(self) -> Self:
        """Say that this layer and all below it are not being trained, and return the layer."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Say whether gradients of the parameters are recorded, and return the layer."""
        for parameter in self.parameters():
            parameter.requires_grad = requires_grad
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of the parameters: make them None, or fill them with zeros."""
        for parameter in self.parameters():
            parameter.zero_grad(set_to_none)

    def _state(self) -> dict[str, Tensor]:
        """Return every parameter and persistent buffer by its path; a shared one is there under each of its paths."""
        state: dict[str, Tensor] = {}
        for path, layer in self._paths(""):
            for name, value in vars(layer).items():
                if isinstance(value, Parameter):
                    state[_join(path, name)] = value
            for name, value in layer._own_buffers(transient=False):
                state[_join(path, name)] = value
        return state

    def state_dict(self) -> dict[str, Tensor]:
        """Return the parameters and persistent buffers by their paths, as tensors that share their memory."""
        return {path: tensor.detach() for path, tensor in self._state().items()}

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> IncompatibleKeys:
        """Take over the values of parameters and buffers.

        Parameters
        ----------
        state_dict : dict
            Tensors or arrays by path, as :meth:`state_dict` returns them. Values are copied, and cast to the type that
            the layer has.
        strict : bool
            Whether keys that are missing or unexpected are an error.

        Returns
        -------
        IncompatibleKeys
            The lists `missing_keys` and `unexpected_keys`.

        Raises
        ------
        FormatError
            If keys do not match, or a value has another shape or cannot be cast. Nothing has been changed then.
        """
        state = self._state()
        keys = IncompatibleKeys(
            [path for path in state if path not in state_dict], [path for path in state_dict if path not in state]
        )
        arrays = {path: _to_array(as_tensor(state_dict[path])) for path in state if path in state_dict}
        misfits = [
            f"{path} {array.dtype} {array.shape} for {state[path].dtype} {state[path].shape}"
            for path, array in arrays.items()
            if array.shape != state[path].shape or not np.can_cast(array.dtype, state[path].dtype, "same_kind")
        ]
        problems = {"misshapen": misfits}
        if strict:
            problems = {"missing": keys.missing_keys, "unexpected": keys.unexpected_keys, **problems}
        if any(problems.values()):
            found = "; ".join(f"{problem}: {', '.join(names)}" for problem, names in problems.items() if names)
            raise FormatError(f"the state does not fit {type(self).__name__}: {found}")
        for path, array in arrays.items():
            state[path].data[...] = array
            state[path]._touched()
        return keys

    def extra_repr(self) -> str:
        """Return what the repr says of this layer itself."""
        return ""

    def __repr__(self) -> str:
        lines = [self.extra_repr()] if self.extra_repr() else []
        children = [(name, value) for name, value in vars(self).items() if isinstance(value, Layer)]
        if not children:
            return f"{type(self).__name__}({', '.join(lines)})"
        lines += [f"({name}): {child!r}" for name, child in children]
        body = "\n".join(lines).replace("\n", "\n  ")
        return f"{type(self).__name__}(\n  {body}\n)"


def _join(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix else name


def _once(named: Iterator[tuple[str, T]]) -> Iterator[tuple[str, T]]:
    """Drop what has already come under another name."""
    seen = set()
    for name, value in named:
        if id(value) not in seen:
            seen.add(id(value))
            yield name, value


def _to_tensor(value: Any) -> Any:
    return as_tensor(value) if isinstance(value, np.ndarray) else value


def _to_array(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.data
    if isinstance(value, tuple | list):
        return type(value)(map(_to_array, value))
    return value

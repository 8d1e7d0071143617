from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from ._tape import Node, Operator

class Context(Node):
    def save_for_backward(self, *arrays: Any) -> None: ...
    @property
    def saved(self) -> tuple[Any, ...]: ...
    @property
    def needs_input_grad(self) -> tuple[bool, ...]: ...
    @property
    def kernels(self) -> ModuleType: ...
    def __getattr__(self, name: str) -> Any: ...
    def __setattr__(self, name: str, value: Any) -> None: ...

class Function:
    backend: str | None
    # Each subclass has signatures of its own: arrays in, arrays out.
    forward: Callable[..., Any]
    backward: Callable[..., Any]
    @classmethod
    def apply(cls, *inputs: Any, **static: Any) -> Any: ...

class Elementwise(Operator):
    __name__: str
    __qualname__: str
    forward: Callable[..., Any]
    vjps: tuple[Callable[..., Any] | None, ...]
    def __init__(
        self,
        name: str,
        forward: Callable[..., Any],
        vjps: Sequence[Callable[..., Any] | None],
        doc: str = "",
        module: str = ...,
    ) -> None: ...
    def __call__(self, *operands: Any) -> Any: ...

from collections.abc import Callable
from types import ModuleType
from typing import Any

from ._tape import Node

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

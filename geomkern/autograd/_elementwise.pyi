from collections.abc import Callable, Sequence
from typing import Any

from ._tape import Operator

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

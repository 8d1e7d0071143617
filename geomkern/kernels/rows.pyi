from inspect import Signature
from typing import Any

from numpy.typing import NDArray

class RowKernel:
    __name__: str
    __signature__: Signature
    def __call__(self, *operands: Any, out: NDArray[Any] | None = None) -> Any: ...

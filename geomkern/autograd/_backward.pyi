from collections.abc import Sequence
from typing import Any

import numpy as np

from ._tape import TensorBase

def backward(root: TensorBase, gradient: Any, retain_graph: bool) -> None: ...
def gradients(
    root: TensorBase, gradient: Any, leaves: Sequence[TensorBase], retain_graph: bool = False
) -> list[np.ndarray]: ...

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BLOCK: int

class Space:
    def __init__(
        self,
        coordinates: NDArray[np.float64],
        weights: NDArray[np.float64],
        widths: Sequence[int],
        curved: Sequence[bool],
        rulers: Sequence[float],
        filtered: bool = True,
    ) -> None: ...
    def rank(
        self,
        child: NDArray[np.int32],
        first: NDArray[np.int64],
        target: NDArray[np.int32],
        first_left_out: NDArray[np.int64],
        left_out: NDArray[np.int32],
        nearer: NDArray[np.int32],
        found: NDArray[np.int32],
        precision: NDArray[np.float64],
        begin: int,
        end: int,
    ) -> None: ...

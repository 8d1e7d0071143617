from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike, NDArray

Made = tuple[float, int]

NOTHING: Made
GEOMETRIES: dict[str, int]
LOSSES: dict[str, int]

class Graph:
    def __init__(
        self,
        nodes: int,
        child: NDArray[np.int32],
        parent: NDArray[np.int32],
        first: NDArray[np.int64],
        frequency: NDArray[np.floating] | None = ...,
    ) -> None: ...
    def sample(self, negatives: int, key: int, example: int) -> tuple[int, NDArray[np.int32]]: ...

class Table:
    rows: NDArray[np.floating]
    factors: tuple[tuple[str, int], ...]
    dim: int
    def __init__(
        self,
        points: NDArray[np.floating],
        factors: Sequence[tuple[str, int]],
        dtype: DTypeLike,
        room: float,
        settled: bool = ...,
    ) -> None: ...
    def points(self) -> NDArray[np.floating]: ...
    def train(
        self,
        graph: Graph,
        loss: tuple[str, float, float, float],
        rate: NDArray[np.float64],
        negatives: int,
        seed: int,
        begin: int,
        end: int,
        serial: bool,
        weight: NDArray[np.float32] | None = ...,
        progress: Made = ...,
    ) -> list[Made]: ...

def alias_table(frequency: NDArray[np.floating]) -> tuple[NDArray[np.uint32], NDArray[np.int32]]: ...
def mix(z: int) -> int: ...

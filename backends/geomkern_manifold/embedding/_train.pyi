import numpy as np
from numpy.typing import NDArray

Made = tuple[float, int, int]

NOTHING: Made

def table(nodes: int, dim: int) -> NDArray[np.float32]: ...
def settle(rows: NDArray[np.float32], dim: int, room: float) -> None: ...
def train(
    rows: NDArray[np.float32],
    dim: int,
    child: NDArray[np.int32],
    parent: NDArray[np.int32],
    first: NDArray[np.int64],
    negatives: int,
    lr: float,
    slow_lr: float,
    burn_in: int,
    room: float,
    seed: int,
    begin: int,
    end: int,
    serial: bool,
    progress: Made = ...,
) -> list[Made]: ...
def sample(
    nodes: int,
    child: NDArray[np.int32],
    parent: NDArray[np.int32],
    first: NDArray[np.int64],
    negatives: int,
    key: int,
    example: int,
) -> tuple[int, NDArray[np.int32]]: ...
def mix(z: int) -> int: ...

"""A run: the table of points, and where in the stream of examples it stands. The kernel is called here."""

import math
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import _train
from .edges import EdgeList
from .geometry import Geometry

if TYPE_CHECKING:
    from .estimator import HyperbolicEmbedding

__all__ = ["Run", "TrainingProgress"]

CLIP = 3e-7
"""How near to the boundary points may come: five spacings of the float32 numbers below 1."""

ROOM = 1.0 - (1.0 - CLIP) ** 2
BURN_IN_FACTOR = 0.1
CHUNK_SECONDS = 0.05


class TrainingProgress(NamedTuple):
    """What a callback is told.

    Attributes
    ----------
    epoch : float
        Epochs trained since the first fit, with the part of the one in progress.
    loss : float
        Mean loss of the edges trained in the epoch in progress, or the one just ended.
    pairs : int
        Pairs trained since this fit began: one for each edge and one for each negative.
    seconds : float
        Time spent in the training kernel since this fit began.
    """

    epoch: float
    loss: float
    pairs: int
    seconds: float


@dataclass(eq=False)
class Run:
    """Training as far as it has come.

    Everything random follows from the seed and the number of an example, and `made` carries the sums of the epoch in
    progress, so that a deterministic run gives the same bits however it is divided.
    """

    edges: EdgeList
    parts: tuple[tuple[str, int], ...]
    seed: int
    rows: NDArray[np.float32]
    examples: int = 0
    made: tuple[float, int, int] = _train.NOTHING
    losses: list[float] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    seconds: float = 0.0
    pairs: int = 0
    interrupted: bool = False

    @classmethod
    def begun(
        cls, points: NDArray[np.floating], edges: EdgeList, parts: tuple[tuple[str, int], ...], seed: int
    ) -> "Run":
        """Return a run that starts from points."""
        return cls(edges, parts, seed, table(points, ROOM))

    @property
    def dim(self) -> int:
        """The number of coordinates of a point."""
        return sum(width for _, width in self.parts)

    @property
    def geometry(self) -> Geometry:
        """The space, as the parameter `manifold` has it."""
        return self.parts[0][0] if len(self.parts) == 1 else self.parts

    @property
    def epochs(self) -> int:
        """Whole epochs trained."""
        return self.examples // len(self.edges.parent)

    @property
    def between_epochs(self) -> bool:
        """Whether no epoch is in progress."""
        return self.examples % len(self.edges.parent) == 0

    def points(self) -> NDArray[np.float32]:
        """Return a copy of the points."""
        return np.ascontiguousarray(self.rows[:, : self.dim])

    def grown(self, points: NDArray[np.floating], edges: EdgeList) -> "Run":
        """Return a run that goes on with other points, one for each node of other edges, after its last whole epoch."""
        return replace(
            self, edges=edges, rows=table(points, ROOM), examples=self.epochs * len(edges.parent), made=_train.NOTHING,
            losses=list(self.losses), scores=[],
        )  # fmt: skip

    def train_chunk(self, model: "HyperbolicEmbedding", epochs: int, every: int | None) -> TrainingProgress:
        """Train for about CHUNK_SECONDS, at most up to so many epochs, and not beyond the next multiple of `every`."""
        m = len(self.edges.parent)
        rate = self.pairs / self.seconds if self.seconds else 1e9 / (20 + 2 * self.dim)
        if every is not None:
            epochs = min(epochs, (self.epochs // every + 1) * every)
        begin = self.examples
        end = min(epochs * m, begin + max(1, int(CHUNK_SECONDS * rate / (1 + model.negatives))))
        negatives_before = self.made[2]
        started = time.perf_counter()
        made = self._step(model, begin, end)
        self.seconds += time.perf_counter() - started
        self.pairs += end - begin + sum(negatives for _, _, negatives in made) - negatives_before
        self.examples = end
        self.losses += [_mean_loss(each, m) for each in made[: self.epochs - len(self.losses)]]
        self.made = made[-1] if end % m else _train.NOTHING
        return TrainingProgress(end / m, _mean_loss(made[-1], (end - 1) % m + 1), self.pairs, self.seconds)

    def _step(self, model: "HyperbolicEmbedding", begin: int, end: int) -> list[tuple[float, int, int]]:
        """Train on the examples from `begin` to `end`: the one place where the kernel is called."""
        return _train.train(
            self.rows, self.dim, self.edges.child, self.edges.parent, self.edges.first, model.negatives, model.lr,
            model.lr * BURN_IN_FACTOR, model.burn_in, ROOM, self.seed, begin, end, model.deterministic, self.made,
        )  # fmt: skip

    def state(self) -> dict[str, Any]:
        """Return, as plain numbers, what the run needs to go on besides its points and edges."""
        names = ("parts", "seed", "examples", "made", "losses", "scores", "seconds", "pairs", "interrupted")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def resumed(cls, points: NDArray[np.floating], edges: EdgeList, state: dict[str, Any]) -> "Run":
        """Return the run that :meth:`state` describes."""
        parts, made = tuple(map(tuple, state["parts"])), tuple(state["made"])
        return cls(edges, rows=table(points, 0.0), **{**state, "parts": parts, "made": made})


def table(points: NDArray[np.floating], room: float) -> NDArray[np.float32]:
    """Return the table of the kernel for points, at least `room` inside the boundary."""
    rows = _train.table(*points.shape)
    rows[:, : points.shape[1]] = points
    _train.settle(rows, points.shape[1], room)
    return rows


def _mean_loss(made: tuple[float, int, int], examples: int) -> float:
    mantissa, exponent, _ = made
    return (exponent * math.log(2.0) + math.log(mantissa)) / examples

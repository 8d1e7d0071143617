"""A run: the table of points, and where in the stream of examples it stands. The kernel is called here."""

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

Parts = tuple[tuple[str, int], ...]

CLIP = {"float32": 3e-7, "float64": 1e-12}
"""How near to the boundary points of the ball may come, and those of the Lorentz model in its place there.

In float32 it is five spacings of the numbers below 1. In float64 1 - |x|^2 has four digits left there.
"""

CHUNK_SECONDS = 0.05
MARGIN = {"cones": 0.1, "stress": 2.0}
LINK = (2.0, 1.0)
"""The radius and the temperature of the loss "link" where none are given."""


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
    seed: int
    table: _train.Table
    examples: int = 0
    made: tuple[float, int] = _train.NOTHING
    losses: list[float] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    seconds: float = 0.0
    pairs: int = 0
    interrupted: bool = False
    graph: tuple[float, _train.Graph] | None = None

    @classmethod
    def begun(cls, points: NDArray[np.floating], edges: EdgeList, parts: Parts, dtype: str, seed: int) -> "Run":
        """Return a run that starts from points."""
        return cls(edges, seed, _train.Table(points, parts, dtype, _room(dtype)))

    @property
    def parts(self) -> Parts:
        """The models and their dimensions."""
        return self.table.factors

    @property
    def dim(self) -> int:
        """The number of coordinates of a point."""
        return self.table.dim

    @property
    def dtype(self) -> str:
        """The type of the coordinates."""
        return self.table.rows.dtype.name

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

    def points(self) -> NDArray[np.floating]:
        """Return a copy of the points."""
        return self.table.points()

    def grown(self, points: NDArray[np.floating], edges: EdgeList) -> "Run":
        """Return a run that goes on with other points, one for each node of other edges, after its last whole epoch."""
        table = _train.Table(points, self.parts, self.dtype, _room(self.dtype))
        return replace(
            self, edges=edges, table=table, examples=self.epochs * len(edges.parent), made=_train.NOTHING,
            losses=list(self.losses), scores=[], graph=None,
        )  # fmt: skip

    def train_chunk(self, model: "HyperbolicEmbedding", rates: NDArray[np.float64], end: int) -> TrainingProgress:
        """Train for about CHUNK_SECONDS, at most up to epoch `end`; `rates` are those of all epochs."""
        m = len(self.edges.parent)
        speed = self.pairs / self.seconds if self.seconds else 1e9 / (20 + 2 * self.dim)
        first = self.epochs
        stop = min(end * m, self.examples + max(1, int(CHUNK_SECONDS * speed / (1 + model.negatives))))
        negatives_before = self.made[1]
        started = time.perf_counter()
        made = self.table.train(
            self._graph(model), loss_of(model), rates[first:], model.negatives, self.seed, self.examples, stop,
            model.deterministic, self.edges.weight, self.made,
        )  # fmt: skip
        self.seconds += time.perf_counter() - started
        self.pairs += stop - self.examples + sum(negatives for _, negatives in made) - negatives_before
        self.examples = stop
        self.losses += [loss / m for loss, _ in made[: self.epochs - len(self.losses)]]
        self.made = made[-1] if stop % m else _train.NOTHING
        return TrainingProgress(stop / m, made[-1][0] / ((stop - 1) % m + 1), self.pairs, self.seconds)

    def _graph(self, model: "HyperbolicEmbedding") -> _train.Graph:
        """Return the graph of the kernel, which is made anew for another dampening."""
        if self.graph is None or self.graph[0] != model.dampening:
            edges, nodes = self.edges, len(self.edges.nodes)
            degree = np.bincount(edges.child, minlength=nodes) + np.bincount(edges.parent, minlength=nodes)
            frequency = degree**model.dampening if model.dampening else None
            self.graph = model.dampening, _train.Graph(nodes, edges.child, edges.parent, edges.first, frequency)
        return self.graph[1]

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the graph, which is made anew."""
        return {**self.__dict__, "graph": None}

    def state(self) -> dict[str, Any]:
        """Return, as plain numbers, what the run needs to go on besides its points and edges."""
        names = ("seed", "examples", "made", "losses", "scores", "seconds", "pairs", "interrupted")
        return {"parts": self.parts, **{name: getattr(self, name) for name in names}}

    @classmethod
    def resumed(cls, points: NDArray[np.floating], edges: EdgeList, state: dict[str, Any]) -> "Run":
        """Return the run that :meth:`state` describes."""
        plain = dict(state)
        parts = tuple((name, width) for name, width in plain.pop("parts"))
        loss, negatives = plain.pop("made")
        dtype = points.dtype.name
        table = _train.Table(points, parts, dtype, _room(dtype), settled=True)
        return cls(edges, table=table, made=(loss, negatives), **plain)


def loss_of(model: "HyperbolicEmbedding") -> tuple[str, float, float, float]:
    """Return the loss as the kernel has it: its name, margin, radius and temperature."""
    radius, temperature = (model.radius, model.temperature) if model.radius and model.temperature else LINK
    margin = MARGIN.get(model.loss, 0.0) if model.margin is None else model.margin
    return model.loss, float(margin), float(radius), float(temperature)


def _room(dtype: str) -> float:
    clip = CLIP[dtype]
    return clip * (2.0 - clip)

"""The loop around the kernel: when to stop, when to write a checkpoint, whom to tell."""

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .checkpoints import Checkpoints
from .interrupts import interrupts
from .parameters import callbacks
from .run import Run

if TYPE_CHECKING:
    from .estimator import HyperbolicEmbedding

__all__ = ["learning_rates", "train"]

BURN_IN_FACTOR = 0.1

IMPROVEMENT = 1e-3
"""By what share of the best score a better one must beat it."""


def learning_rates(model: "HyperbolicEmbedding") -> NDArray[np.float64]:
    """Return the learning rate of each epoch of a fit: a tenth in the burn-in, then as `schedule` has it."""
    slow = min(model.burn_in, model.epochs)
    done = np.arange(model.epochs - slow) / max(model.epochs - slow, 1)
    course = {"constant": np.ones_like(done), "linear": 1.0 - done, "cosine": 0.5 + 0.5 * np.cos(np.pi * done)}
    return model.lr * np.concatenate([np.full(slow, BURN_IN_FACTOR), course[model.schedule]])


def train(
    run: Run,
    model: "HyperbolicEmbedding",
    rates: NDArray[np.float64],
    patience: int | None,
    checkpoints: Checkpoints,
) -> None:
    """Train up to the epoch that is the last to have a learning rate.

    Ends early where evaluations have not been better for `patience` times, and at a KeyboardInterrupt, which it notes.
    """
    told = callbacks(model.callback)
    epochs = len(rates)
    run.seconds, run.pairs, run.interrupted = 0.0, 0, False
    try:
        with interrupts() as stop:
            while run.epochs < epochs and not stop.is_set() and (patience is None or no_better(run.scores) < patience):
                every = None if patience is None else model.evaluate_every
                end = epochs if every is None else min(epochs, (run.epochs // every + 1) * every)
                progress = run.train_chunk(model, rates, end)
                if every is not None and run.between_epochs and run.epochs % every == 0 and run.epochs > model.burn_in:
                    run.scores.append(_score(run, model))
                checkpoints.write_if_due()
                for callback in told:
                    callback(progress)
            run.interrupted = stop.is_set()
            checkpoints.write()
    except KeyboardInterrupt:
        run.interrupted = True


def _score(run: Run, model: "HyperbolicEmbedding") -> float:
    if model.monitor == "map":
        return model.quality(run.points(), run.edges).mean_average_precision
    return -float(np.mean(run.losses[-model.evaluate_every :]))


def no_better(scores: list[float]) -> int:
    """Return how many scores have come since the last one that beat the best before it by IMPROVEMENT."""
    best, since = -math.inf, 0
    for score in scores:
        if best == -math.inf or score > best + IMPROVEMENT * abs(best):
            best, since = score, 0
        else:
            since += 1
    return since

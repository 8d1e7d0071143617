"""The loop around the kernel: when to stop, when to write a checkpoint, whom to tell."""

import math
from typing import TYPE_CHECKING

import numpy as np

from .checkpoints import Checkpoints
from .interrupts import interrupts
from .parameters import callbacks
from .run import Run

if TYPE_CHECKING:
    from .estimator import HyperbolicEmbedding

__all__ = ["train"]

IMPROVEMENT = 1e-3
"""By what share of the best score a better one must beat it."""


def train(run: Run, model: "HyperbolicEmbedding", epochs: int, patience: int | None, checkpoints: Checkpoints) -> None:
    """Train up to so many epochs.

    Ends early where evaluations have not been better for `patience` times, and at a KeyboardInterrupt, which it notes.
    """
    told = callbacks(model.callback)
    run.seconds, run.pairs, run.interrupted = 0.0, 0, False
    try:
        with interrupts() as stop:
            while run.epochs < epochs and not stop.is_set() and (patience is None or no_better(run.scores) < patience):
                every = None if patience is None else model.evaluate_every
                progress = run.train_chunk(model, epochs, every)
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

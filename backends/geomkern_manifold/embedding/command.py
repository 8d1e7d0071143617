"""Embed a hierarchy, given as a list of edges, in hyperbolic space.

EDGES is a text file with a child and its parent on each line, separated by a tab (or, where the name ends in .csv, by a
comma), compressed or not (.gz), or the name of a set that comes with geomkern: mammals.
"""

import argparse
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from geomkern import set_num_threads
from geomkern.errors import DomainError, FormatError
from geomkern.io import atomic_path

from .. import plot
from .edges import EdgeList
from .estimator import INITS, HyperbolicEmbedding, TrainingProgress
from .persistence import SUFFIXES
from .reading import BUILT_IN, read_edges

__all__ = ["add_arguments", "run"]

DEFAULTS = HyperbolicEmbedding()
TRAINING = ("dim", "epochs", "negatives", "lr", "burn_in", "init")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``geomkern embed``."""
    parser.add_argument("edges", metavar="EDGES", help=f"a .tsv or .csv file, or one of: {', '.join(BUILT_IN)}")
    training = parser.add_argument_group("training")
    training.add_argument("--dim", type=int, help=f"dimension of the space (default {DEFAULTS.dim})")
    training.add_argument("--epochs", type=int, help=f"passes over the edges (default {DEFAULTS.epochs})")
    training.add_argument("--negatives", type=int, help=f"negatives for each edge (default {DEFAULTS.negatives})")
    training.add_argument("--lr", type=float, help=f"learning rate (default {DEFAULTS.lr})")
    training.add_argument(
        "--burn-in", type=int, help=f"epochs that begin with a tenth of the learning rate (default {DEFAULTS.burn_in})"
    )
    training.add_argument("--init", choices=INITS, help=f"where training starts (default {DEFAULTS.init})")
    training.add_argument("--seed", type=int, default=0, help="seed of everything random (default 0)")
    training.add_argument("--threads", type=int, help="threads to train on (default: as many as there are processors)")
    training.add_argument("--deterministic", action="store_true", help="one thread, and the same bits in every run")
    training.add_argument("--resume", metavar="FILE", help="an .npz that an earlier run wrote; train it up to --epochs")
    output = parser.add_argument_group("output")
    output.add_argument(
        "--out", metavar="FILE", action="append", default=[],
        help=f"write the embedding: {' or '.join(SUFFIXES)}; repeatable",
    )  # fmt: skip
    output.add_argument(
        "--plot", metavar="FILE", action="append", default=[],
        help=f"draw the Poincaré disk: {', '.join(plot.SUFFIXES)}; repeatable",
    )  # fmt: skip
    output.add_argument("--quiet", action="store_true", help="no progress bar")


def run(args: argparse.Namespace) -> int:
    """Train, report, write; everything that can be wrong with the arguments is found before training."""
    if args.threads is not None:
        set_num_threads(args.threads)
    if args.seed < 0:
        raise DomainError(f"--seed must not be negative, and is {args.seed}")
    _check_outputs(args)
    model = _model(args)
    edges = read_edges(args.edges)
    print(f"{args.edges}: {len(edges.nodes):,} nodes, {len(edges.parent):,} edges")
    _train(model, edges, args.quiet)
    speed = f", {model.pairs_ / model.seconds_ / 1e6:.1f} M pairs/s" if model.seconds_ else ""
    print(f"trained {model.epochs_done_} epochs in {model.seconds_:.2f} s{speed}")
    quality = model.evaluate()
    print(f"mean rank {quality.mean_rank:.3f}   MAP {quality.mean_average_precision:.4f}")
    for path in args.out:
        model.save(path)
        print(f"wrote {path}")
    for path in args.plot:
        plot.save_embedding(path, model, title=f"{Path(args.edges).name.split('.')[0]}, {model.dim} dimensions")
        print(f"wrote {path}")
    return 130 if model.interrupted_ else 0


def _check_outputs(args: argparse.Namespace) -> None:
    for option, paths, suffixes in (("--out", args.out, SUFFIXES), ("--plot", args.plot, plot.SUFFIXES)):
        for path in paths:
            if Path(path).suffix.lower() not in suffixes:
                raise FormatError(f"{option} {path!r} must end in {' or '.join(suffixes)}")
            _check_writable(path)
    if args.plot:
        plot.pyplot()


class _Abandon(Exception):
    """Leaves a file as it was."""


def _check_writable(path: str | os.PathLike[str]) -> None:
    try:
        with atomic_path(path):
            raise _Abandon
    except _Abandon:
        return


def _model(args: argparse.Namespace) -> HyperbolicEmbedding:
    given = {name: getattr(args, name) for name in TRAINING if getattr(args, name) is not None}
    if args.resume is None:
        model = HyperbolicEmbedding(**given, rng=args.seed)
    else:
        model = HyperbolicEmbedding.load(args.resume).set_params(**given, warm_start=True)
    model.set_params(deterministic=args.deterministic or model.deterministic)
    model.check_parameters()
    return model


def _train(model: HyperbolicEmbedding, edges: EdgeList, quiet: bool) -> None:
    done = getattr(model, "epochs_done_", 0)
    form = "{l_bar}{bar}| {n:.0f}/{total} epochs [{elapsed}<{remaining}{postfix}]"
    with tqdm(total=model.epochs, initial=done, disable=quiet or None, bar_format=form) as bar, _printing_above(bar):

        def show(progress: TrainingProgress) -> None:
            bar.n = progress.epoch
            bar.set_postfix_str(f"loss {progress.loss:.4f}, {progress.pairs / progress.seconds / 1e6:.0f} M pairs/s")

        model.set_params(callback=show).fit(edges)
        bar.refresh()


@contextmanager
def _printing_above(bar: tqdm) -> Iterator[None]:
    """Show warnings above the progress bar and not in it."""
    show = warnings.showwarning

    def above(*arguments: object, **options: object) -> None:
        with bar.external_write_mode():
            show(*arguments, **options)  # type: ignore[arg-type]

    warnings.showwarning = above
    try:
        yield
    finally:
        warnings.showwarning = show

"""Embed a hierarchy, given as a list of edges, in hyperbolic space.

EDGES is a text file with a child and its parent on each line, separated by a tab (or, where the name ends in .csv, by a
comma), compressed or not (.gz), a table in Parquet (.parquet), or the name of a set that geomkern knows: mammals, or
nouns, which is built from an installed dictionary of WordNet.
"""

import argparse
from pathlib import Path

from tqdm import tqdm

from geomkern import set_num_threads
from geomkern.errors import DomainError

from ... import plot
from ..edges import EdgeList
from ..estimator import HyperbolicEmbedding
from ..geometry import parse_geometry
from ..parameters import DTYPES, LOSSES, MONITORS, SCHEDULES
from ..persistence import SUFFIXES
from ..run import TrainingProgress
from ..start import INITS
from .arguments import check_outputs, check_suffix, counting, edges_help, load_edges, printing_above

__all__ = ["add_arguments", "run"]

DEFAULTS = HyperbolicEmbedding()
NUMBERS = {
    "dim": (int, "dimension of the space"),
    "epochs": (int, "passes over the edges"),
    "negatives": (int, "negatives for each edge"),
    "dampening": (float, "draw negatives by their degree to this power, 0 to 1"),
    "lr": (float, "learning rate"),
    "burn_in": (int, "epochs that begin with a tenth of the learning rate"),
    "margin": (float, "margin of the losses stress (default 2) and cones (0.1)"),
    "radius": (float, "radius of a link's probability"),
    "temperature": (float, "temperature of a link's probability"),
    "patience": (int, "stop after so many evaluations that are no better"),
    "evaluate_every": (int, "epochs between two evaluations"),
    "checkpoint_every": (float, "seconds between two checkpoints"),
}
CHOICES = {
    "loss": (LOSSES, "what training minimises"),
    "schedule": (SCHEDULES, "course of the learning rate"),
    "init": (INITS, "where training starts"),
    "dtype": (DTYPES, "type of the coordinates"),
    "monitor": (MONITORS, "what evaluations look at"),
}
FLAGS = {
    "symmetric": "use every edge both ways",
    "deterministic": "one thread, and the same bits in every run",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``geomkern embed``."""
    parser.add_argument("edges", metavar="EDGES", help=edges_help)
    training = parser.add_argument_group("training")
    training.add_argument(
        "--manifold", metavar="NAME",
        help=f"poincare, lorentz, euclidean, or a product such as poincare:5+euclidean:5 (default {DEFAULTS.manifold})",
    )  # fmt: skip
    for name, (kind, text) in NUMBERS.items():
        training.add_argument(_option(name), type=kind, metavar="N", help=text + _default(name))
    for name, (choices, text) in CHOICES.items():
        training.add_argument(_option(name), choices=choices, help=text + _default(name))
    for name, text in FLAGS.items():
        training.add_argument(_option(name), action="store_true", default=None, help=text)
    training.add_argument("--seed", type=int, default=0, help="seed of everything random (default 0)")
    training.add_argument("--threads", type=int, help="threads to train on (default: as many as there are processors)")
    training.add_argument("--checkpoint", metavar="FILE", help="an .npz to write now and then, and to resume from")
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


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _default(name: str) -> str:
    value = getattr(DEFAULTS, name)
    return "" if value is None else f" (default {value:g})" if isinstance(value, float) else f" (default {value})"


def run(args: argparse.Namespace) -> int:
    """Train, report, write; everything that can be wrong with the arguments is found before training."""
    if args.threads is not None:
        set_num_threads(args.threads)
    if args.seed < 0:
        raise DomainError(f"--seed must not be negative, and is {args.seed}")
    check_outputs("--out", args.out, SUFFIXES)
    check_outputs("--plot", args.plot, plot.SUFFIXES)
    check_outputs("--checkpoint", [args.checkpoint] if args.checkpoint else [], SUFFIXES[:1])
    if args.plot:
        plot.pyplot()
    model = _model(args)
    edges = load_edges(args.edges)
    print(f"{args.edges}: {len(edges.nodes):,} nodes, {len(edges.parent):,} edges", flush=True)
    _train(model, edges, args.quiet)
    speed = f", {model.pairs_ / model.seconds_ / 1e6:.1f} M pairs/s" if model.seconds_ else ""
    print(f"trained {model.epochs_done_} epochs in {model.seconds_:.2f} s{speed}")
    with counting("evaluating", args.quiet) as show:
        quality = model.evaluate(progress=show)
    print(f"mean rank {quality.mean_rank:.3f}   MAP {quality.mean_average_precision:.4f}")
    for path in args.out:
        model.save(path)
        print(f"wrote {path}")
    for path in args.plot:
        plot.save_embedding(path, model, title=f"{Path(args.edges).name.split('.')[0]}, {model.dim} dimensions")
        print(f"wrote {path}")
    return 130 if model.interrupted_ else 0


def _model(args: argparse.Namespace) -> HyperbolicEmbedding:
    names = ("checkpoint", *NUMBERS, *CHOICES, *FLAGS)
    given = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    if args.manifold is not None:
        given["manifold"] = parse_geometry(args.manifold)
        if not isinstance(given["manifold"], str):
            given.setdefault("dim", sum(width for _, width in given["manifold"]))
    if args.resume is None:
        model = HyperbolicEmbedding(rng=args.seed, **given)
    else:
        check_suffix("--resume", args.resume, SUFFIXES[:1])
        model = HyperbolicEmbedding.load(args.resume).set_params(**given, warm_start=True)
    model.check_parameters()
    return model


def _train(model: HyperbolicEmbedding, edges: EdgeList, quiet: bool) -> None:
    done = getattr(model, "epochs_done_", 0)
    form = "{l_bar}{bar}| {n:.0f}/{total} epochs [{elapsed}<{remaining}{postfix}]"
    with tqdm(total=model.epochs, initial=done, disable=quiet or None, bar_format=form) as bar, printing_above(bar):

        def show(progress: TrainingProgress) -> None:
            bar.n = progress.epoch
            bar.set_postfix_str(f"loss {progress.loss:.4f}, {progress.pairs / progress.seconds / 1e6:.0f} M pairs/s")

        model.set_params(callback=show).fit(edges)
        bar.refresh()

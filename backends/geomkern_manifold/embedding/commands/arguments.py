"""What the verbs share: reading models and edges, checking outputs, bars of progress."""

import argparse
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from geomkern.errors import FormatError

from ..edges import EdgeList
from ..estimator import HyperbolicEmbedding
from ..geometry import parse_geometry
from ..persistence import SUFFIXES, check_writable
from ..reading import BUILT_IN, read_edges

__all__ = [
    "add_model",
    "check_outputs",
    "check_suffix",
    "counting",
    "edges_help",
    "load_edges",
    "load_model",
    "printing_above",
]

edges_help = f"a .tsv, .csv or .parquet file, or one of: {', '.join(BUILT_IN)}"


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that name a model."""
    parser.add_argument("model", metavar="MODEL", help=f"an embedding: {', '.join(SUFFIXES)}")
    parser.add_argument(
        "--manifold", default="poincare", metavar="NAME",
        help="the space of points that come without it, all but .npz: poincare (default), lorentz, euclidean, "
        "or a product such as poincare:5+euclidean:5",
    )  # fmt: skip


def load_model(args: argparse.Namespace) -> HyperbolicEmbedding:
    """Read the model that the arguments name."""
    return HyperbolicEmbedding.load(args.model, parse_geometry(args.manifold))


def load_edges(source: str) -> EdgeList:
    """Read edges: the one place of the command line that does."""
    return read_edges(source)


def check_outputs(option: str, paths: Sequence[str], suffixes: Sequence[str]) -> None:
    """Raise an error if files of these names cannot be written."""
    for path in paths:
        check_suffix(option, path, suffixes)
        check_writable(path)


def check_suffix(option: str, path: str, suffixes: Sequence[str]) -> None:
    """Raise an error if a name has another suffix."""
    if Path(path).suffix.lower() not in suffixes:
        raise FormatError(f"{option} {path!r} must end in {' or '.join(suffixes)}")


@contextmanager
def counting(what: str, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Show a bar of progress, which is told how much is done and how much there is."""
    with tqdm(desc=what, disable=quiet or None, leave=False) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show


@contextmanager
def printing_above(bar: tqdm) -> Iterator[None]:
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

"""Ask an embedding about a node: its neighbours, who is above and below it, how far another is.

Without an option it prints the nearest nodes with their distances.
"""

import argparse
from collections.abc import Hashable

from geomkern.errors import DomainError

from ..estimator import HyperbolicEmbedding
from .arguments import add_model, load_model

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``geomkern query``."""
    add_model(parser)
    parser.add_argument("node", metavar="NODE", help="the name of a node")
    question = parser.add_mutually_exclusive_group()
    question.add_argument("--topn", type=int, default=10, metavar="N", help="so many nearest nodes (default 10)")
    question.add_argument("--ancestors", action="store_true", help="the nearest node above it, the one above that, ...")
    question.add_argument("--descendants", action="store_true", help="the nearest node below it, ...; at most five")
    question.add_argument("--distance", metavar="OTHER", help="the distance to another node")


def run(args: argparse.Namespace) -> int:
    """Print the answer, a node on each line."""
    if args.topn < 1:
        raise DomainError(f"--topn must be at least 1, and is {args.topn}")
    model = load_model(args)
    node = _name(model, args.node)
    if args.distance is not None:
        print(f"{model.distance(node, _name(model, args.distance)):.6g}")
        return 0
    if args.ancestors or args.descendants:
        names = model.ancestors(node) if args.ancestors else model.descendants(node)
        found = list(zip(names, model.distances(node, names).tolist(), strict=True))
    else:
        found = model.most_similar(node, args.topn)
    for name, distance in found:
        print(f"{name}\t{distance:.6g}")
    return 0


def _name(model: HyperbolicEmbedding, text: str) -> Hashable:
    """Return a name as the model has it: a whole number where names are such."""
    return int(text) if text.lstrip("-").isdecimal() and isinstance(model.nodes_[0], int) else text

"""Draw an embedding in the Poincaré disk."""

import argparse
from pathlib import Path

from ... import plot
from .arguments import add_model, check_outputs, edges_help, load_edges, load_model

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``geomkern plot``."""
    add_model(parser)
    parser.add_argument("out", metavar="OUT", help=f"the picture: {', '.join(plot.SUFFIXES)}")
    parser.add_argument("--edges", metavar="EDGES", help=f"the edges to draw, where MODEL has none: {edges_help}")
    parser.add_argument("--title", help="what to write below the disk (default: the name of MODEL)")


def run(args: argparse.Namespace) -> int:
    """Draw and say so."""
    check_outputs("OUT", [args.out], plot.SUFFIXES)
    plot.pyplot()
    model = load_model(args)
    model.edges_ = model.known_edges("plot", None if args.edges is None else load_edges(args.edges))
    plot.save_embedding(args.out, model, title=args.title or Path(args.model).stem)
    print(f"wrote {args.out}")
    return 0

"""Say how well an embedding reconstructs its edges.

MODEL is what geomkern embed wrote, or points in a format of word2vec. EDGES are those that it is to reconstruct; an
.npz brings those that it was trained on.
"""

import argparse

from .arguments import add_model, edges_help, load_edges, load_model

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``geomkern evaluate``."""
    add_model(parser)
    parser.add_argument("edges", metavar="EDGES", nargs="?", help=edges_help)


def run(args: argparse.Namespace) -> int:
    """Print the mean rank and the mean average precision."""
    model = load_model(args)
    edges = model.known_edges("evaluate", None if args.edges is None else load_edges(args.edges))
    print(f"{len(edges.nodes):,} nodes, {len(edges.parent):,} edges")
    quality = model.evaluate(edges)
    print(f"mean rank {quality.mean_rank:.3f}   MAP {quality.mean_average_precision:.4f}")
    return 0

"""Say how well an embedding reconstructs its edges.

MODEL is what geomkern embed wrote, or points in a format of word2vec. EDGES are those that it is to reconstruct; an
.npz brings those that it was trained on.
"""

import argparse

from ..evaluation import reconstruction_by_depth
from .arguments import add_model, counting, edges_help, load_edges, load_model

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``geomkern evaluate``."""
    add_model(parser)
    parser.add_argument("edges", metavar="EDGES", nargs="?", help=edges_help)
    parser.add_argument("--depth", action="store_true", help="print the figures for each depth as well")


def run(args: argparse.Namespace) -> int:
    """Print the mean rank and the mean average precision, of all nodes and perhaps of each depth."""
    model = load_model(args)
    edges = model.known_edges("evaluate", None if args.edges is None else load_edges(args.edges))
    print(f"{len(edges.nodes):,} nodes, {len(edges.parent):,} edges")
    with counting("evaluating") as show:
        quality = model.evaluate(edges, progress=show)
    print(f"mean rank {quality.mean_rank:.3f}   MAP {quality.mean_average_precision:.4f}")
    if args.depth:
        with counting("by depth") as show:
            table = reconstruction_by_depth(model.embedding_, edges, model.manifold_, progress=show)
        print("depth    nodes  mean rank     MAP")
        for depth, nodes, rank, precision in zip(*table, strict=True):
            print(f"{depth:5d} {nodes:8,d} {rank:10.3f}  {precision:.4f}")
    return 0

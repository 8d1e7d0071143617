"""Draw the nouns of WordNet, 82,115 of them, as an embedding in the Poincaré disk has them.

The set `nouns` is built from an installed dictionary; instead, give a file of edges::

    python docs/nouns_picture.py
    python docs/nouns_picture.py noun_closure.tsv.gz --epochs 300
"""

import argparse
from io import BytesIO
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from geomkern_manifold import plot
from geomkern_manifold.embedding import HyperbolicEmbedding, SpanningTree, circular_layout, read_edges, spanning_tree

PATH = Path(__file__).parent / "_static" / "nouns.png"
INCHES, DOTS_PER_INCH, COLOURS = 9, 120, 128
NAMED, LABELS = 150, 48
LEAVES_AT = 0.95


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("edges", nargs="?", default="nouns", help="a file of edges, or a built-in set (default nouns)")
    parser.add_argument("--epochs", type=int, default=300, help="passes over the edges (default 300)")
    options = parser.parse_args()
    edges = read_edges(options.edges)
    model = HyperbolicEmbedding(dim=2, negatives=10, epochs=options.epochs, rng=0, deterministic=True).fit(edges)
    save(draw(model))
    print(f"{model.evaluate()}; wrote {PATH}, {PATH.stat().st_size:,} bytes")


def draw(model: HyperbolicEmbedding) -> plt.Figure:
    """Draw the whole tree in thin lines, and over it the nodes with the largest subtrees, with names."""
    tree = spanning_tree(model.edges_.graph())
    x = plot.disk_view(model.embedding_, model.embedding_[tree.order[0]], LEAVES_AT)
    colour = colours(tree)
    figure, ax = plt.subplots(figsize=(INCHES, INCHES), facecolor=plot.PAPER)
    figure.subplots_adjust(0, 0, 1, 1)
    plot.canvas("disk", ax)
    below = tree.order[1:]
    widths = 0.12 * (1.0 + np.log(tree.leaves[below]))
    plot.segments(x[below], x[tree.parent[below]], ax, colors=colour[below], linewidths=widths, alpha=0.5, zorder=1)
    plot.points(x, ax, s=0.25, c=colour, linewidths=0, zorder=1.5)
    upper = np.argsort(tree.leaves, kind="stable")[-NAMED:]
    names = [plot.readable(model.nodes_[node]) for node in upper]
    plot.poincare_disk(x[upper], labels=names, ax=ax, importance=tree.leaves[upper], max_labels=LABELS)
    ax.collections[-1].set(array=None, facecolors=colour[upper])
    return figure


def colours(tree: SpanningTree) -> np.ndarray:
    """Return a colour for each node: the hue is its place on the circle, if every subtree has a sector of its own."""
    x, y = circular_layout(tree).T
    return 0.48 + 0.33 * np.cos(np.arctan2(y, x)[:, None] + np.array([0.0, 2.0, 4.0]) * np.pi / 3)


def save(figure: plt.Figure) -> None:
    """Write the figure with few colours, which makes a small file."""
    drawn = BytesIO()
    figure.savefig(drawn, dpi=DOTS_PER_INCH)
    Image.open(drawn).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(PATH, optimize=True)


if __name__ == "__main__":
    main()

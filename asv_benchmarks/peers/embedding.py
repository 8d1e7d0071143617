"""Training speed and quality of Poincaré embeddings: geomkern against gensim's PoincareModel, in one process.

Run it with a Python that has geomkern and gensim; without gensim it prints geomkern's rows alone.

    python asv_benchmarks/peers/embedding.py                     # 300 epochs each: gensim takes minutes
    python asv_benchmarks/peers/embedding.py --peer-epochs 5     # gensim's speed only

Pairs are positives and negatives, and the time is that of the training alone. Both are scored by geomkern's evaluator
on the vectors that they learnt. gensim draws its negatives in proportion to the nodes' frequencies and draws them all
again until they are distinct and unrelated: with 50 it never ends on the mammals, so that it runs with 10.
"""

import argparse
import os
import time

import numpy as np
from common import describe, in_clean_environment

import geomkern as gk
from geomkern_manifold.embedding import EdgeList, HyperbolicEmbedding, read_edges, reconstruction

ROW = "{:<34}{:>4}{:>6}{:>8}{:>9}{:>12}{:>9}{:>8}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("edges", nargs="?", default="mammals", help="an edge file or a built-in set (default mammals)")
    parser.add_argument("--dims", type=int, nargs="+", default=[2, 5, 10], help="dimensions (default 2 5 10)")
    parser.add_argument("--epochs", type=int, default=300, help="epochs of geomkern (default 300)")
    parser.add_argument("--peer-epochs", type=int, default=300, help="epochs of gensim (default 300); 0 leaves it out")
    parser.add_argument("--peer-dims", type=int, nargs="+", default=[10], help="dimensions of gensim (default 10)")
    parser.add_argument("--repeat", type=int, default=3, help="runs of geomkern; the fastest is shown (default 3)")
    options = parser.parse_args()
    in_clean_environment()
    print(f"{describe(gk.get_num_threads())}; load {os.getloadavg()[0]:.1f}\n")
    edges = read_edges(options.edges)
    print(f"{options.edges}: {len(edges.nodes):,} nodes, {len(edges.parent):,} edges\n")
    print(ROW.format("", "dim", "negs", "epochs", "seconds", "M pairs/s", "MR", "MAP"))
    best = {dim: ours(edges, dim, options) for dim in options.dims}
    theirs = {dim: gensim(edges, dim, options.peer_epochs) for dim in options.peer_dims if options.peer_epochs}
    for dim, speed in theirs.items():
        if speed and dim in best:
            print(f"\ndim {dim}: geomkern's fastest row trains {best[dim] / speed:.0f}x the pairs per second of gensim")
    if any(theirs.values()):
        print("gensim with 50 negatives: never ends (see the head of this script)")


def ours(edges: EdgeList, dim: int, options: argparse.Namespace) -> float:
    """Print geomkern's rows for one dimension and return the best speed among them."""
    most = gk.get_num_threads()
    speeds = []
    for name, threads, settings in (
        (f"geomkern, {most} threads", most, {}),
        ("geomkern, 1 thread = deterministic", 1, {"deterministic": True}),
        (f"geomkern, {most} threads, random start", most, {"init": "random"}),
    ):
        gk.set_num_threads(threads)
        models = [
            HyperbolicEmbedding(dim, epochs=options.epochs, rng=seed, **settings).fit(edges)
            for seed in range(options.repeat)
        ]
        gk.set_num_threads(most)
        model = min(models, key=lambda model: model.seconds_)
        speeds.append(model.pairs_ / model.seconds_)
        show(name, dim, model.negatives, model.epochs, model.seconds_, model.pairs_, model.embedding_, edges)
    return max(speeds)


def gensim(edges: EdgeList, dim: int, epochs: int, negatives: int = 10) -> float | None:
    """Print gensim's row for one dimension and return its speed, or nothing where it is not installed."""
    try:
        from gensim.models.poincare import PoincareModel
    except ImportError as error:
        print(f"gensim is not installed ({error}): no row for it")
        return None
    pairs = [(str(u), str(v)) for u, v in zip(edges.child, edges.parent, strict=True)]
    model = PoincareModel(pairs, size=dim, negative=negatives, burn_in=0, seed=0)
    started = time.perf_counter()
    model.train(epochs)
    seconds = time.perf_counter() - started
    points = np.array([model.kv[str(node)] for node in range(len(edges.nodes))])
    done = epochs * len(pairs) * (1 + negatives)
    show("gensim PoincareModel, 1 thread", dim, negatives, epochs, seconds, done, points, edges)
    return done / seconds


def show(
    name: str, dim: int, negatives: int, epochs: int, seconds: float, pairs: int, points: np.ndarray, edges: EdgeList
) -> None:
    quality = reconstruction(points, edges)
    figures = (f"{seconds:.2f}", f"{pairs / seconds / 1e6:.2f}", f"{quality[0]:.2f}", f"{quality[1]:.3f}")
    print(ROW.format(name, dim, negatives, epochs, *figures), flush=True)


if __name__ == "__main__":
    main()

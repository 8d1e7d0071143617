"""Embeddings at the size of WordNet: speed, quality, evaluation and memory; and gensim on the mammals, in one process.

Run it with a Python that has geomkern and gensim; without gensim it prints geomkern's rows alone.

    python asv_benchmarks/peers/embedding.py                            # everything; takes the better part of an hour
    python asv_benchmarks/peers/embedding.py --only speed evaluation    # a few minutes
    python asv_benchmarks/peers/embedding.py --only mammals --peer-epochs 5
    python asv_benchmarks/peers/embedding.py --data noun_closure.tsv.gz # where there is no dictionary of WordNet

Pairs are positives and negatives, and their time is that of the training alone; `wall` has the start, too. All rows are
scored by geomkern's exact evaluator. gensim draws its negatives in proportion to the nodes' frequencies and draws them
all again until they are distinct and unrelated: with 50 it never ends on the mammals, so that it runs with 10.

Rows that say `published` are what papers print, and those that say `elsewhere` were measured on other hardware or in
another run; only the other rows are measurements of this one.
"""

import argparse
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from common import describe, in_clean_environment

import geomkern as gk
from geomkern_manifold.embedding import EdgeList, HyperbolicEmbedding, read_edges, reconstruction

NOUNS = 82_115
RANDOM = {"init": "random", "lr": 0.1, "burn_in": 20, "schedule": "constant"}

SPEED_ELSEWHERE = (
    ("facebook, 2 processes, float64", 2.66),
    ("Tatsuya's C++, 2 threads, float64", 7.75),
    ("gensim, 1 thread, 10 negatives", 0.339),
)
EVALUATION_ELSEWHERE = (("facebook", 1527.0), ("gensim", 433.0))
MAMMALS_ELSEWHERE = (
    ("facebook, 300 epochs", 135.0, 1.18, 0.945),
    ("facebook's Lorentz, 300 epochs", 115.0, 1.17, 0.947),
)

PUBLISHED = {
    ("poincare", 2): (90.7, 0.118),
    ("poincare", 5): (4.9, 0.823),
    ("poincare", 10): (4.02, 0.851),
    ("poincare", 20): (3.84, 0.855),
    ("poincare", 50): (3.98, 0.860),
    ("lorentz", 10): (2.95, 0.928),
    ("euclidean", 10): (2287.0, 0.059),
    ("euclidean", 50): (1282.0, 0.140),
}
"""Nouns, mean rank and MAP: Nickel and Kiela (2018) for the Lorentz model and two dimensions, else (2017)."""

MEASURE_MEMORY = r"""
import pickle, sys
from geomkern_manifold.embedding import HyperbolicEmbedding, read_edges

def tell(stage):  # not getrusage: its maximum is inherited from the process that started this one
    with open("/proc/self/status") as lines:
        peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    print(f"{stage:<34}{peak / 1024:>8.0f} MiB", flush=True)

how, source = sys.argv[1:]
tell("imports")
edges = read_edges(source) if how == "read" else pickle.load(open(source, "rb"))
tell("edges " + how)
model = HyperbolicEmbedding(10, negatives=10, epochs=3, rng=0).fit(edges)
tell("start and training")
model.evaluate()
tell("evaluation")
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS), help="sections (default all)")
    parser.add_argument("--data", default="nouns", help="an edge file or a built-in set (default nouns)")
    parser.add_argument("--epochs", type=int, default=300, help="epochs for quality, mammals too (default 300)")
    parser.add_argument("--speed-epochs", type=int, default=3, help="epochs for speed (default 3)")
    parser.add_argument("--peer-epochs", type=int, default=300, help="epochs of gensim (default 300); 0 leaves it out")
    options = parser.parse_args()
    in_clean_environment()
    print(f"{describe(gk.get_num_threads())}; load {os.getloadavg()[0]:.1f}")
    started = time.perf_counter()
    edges = read_edges("mammals" if options.only == ["mammals"] else options.data)
    seconds = time.perf_counter() - started
    print(f"{len(edges.nodes):,} nodes, {len(edges.parent):,} edges, read in {seconds:.2f} s")
    for section in options.only:
        SECTIONS[section](edges, options)


def heading(title: str, *columns: str) -> None:
    print(f"\n{title}\n" + row("", *columns))


def row(name: str, *cells: object) -> str:
    return f"{name:<40}" + "".join(f"{cell:>10}" for cell in cells)


def with_threads(threads: int, function: Callable) -> object:
    before = gk.get_num_threads()
    gk.set_num_threads(threads)
    try:
        return function()
    finally:
        gk.set_num_threads(before)


def counted(threads: int) -> str:
    return f"{threads} thread" + "s" * (threads > 1)


def thread_counts() -> list[int]:
    return sorted({1, gk.get_num_threads()})


# ---- speed ---------------------------------------------------------------------------------------------------------


def speed(edges: EdgeList, options: argparse.Namespace) -> None:
    """Print pairs a second, the median of three runs."""
    columns = [counted(threads) for threads in thread_counts()]
    heading("Speed: millions of pairs a second, 50 negatives", *columns, "scaling")
    variants = [(f"Poincaré, float32, dim {dim}", dim, {}) for dim in (2, 5, 10, 50, 100, 200)]
    variants += [
        ("Lorentz, float32, dim 10", 10, {"manifold": "lorentz"}),
        ("Poincaré, float64, dim 10", 10, {"dtype": "float64"}),
        ("Poincaré, float32, dim 10, deterministic", 10, {"deterministic": True}),
    ]
    for name, dim, settings in variants:
        settings = {"epochs": options.speed_epochs, **settings}
        rates = [median_rate(edges, dim, threads, settings) for threads in thread_counts()]
        print(row(name, *(f"{rate / 1e6:.1f}" for rate in rates), f"{rates[-1] / rates[0]:.2f}"), flush=True)
    if len(edges.nodes) == NOUNS:
        for name, rate in SPEED_ELSEWHERE:
            print(row(f"elsewhere: {name}", f"{rate:.2f}"))


def median_rate(edges: EdgeList, dim: int, threads: int, settings: dict, repeat: int = 3) -> float:
    def rate(seed: int) -> float:
        model = HyperbolicEmbedding(dim, rng=seed, **settings).fit(edges)
        return model.pairs_ / model.seconds_

    return float(np.median(with_threads(threads, lambda: [rate(seed) for seed in range(repeat)])))


# ---- quality -------------------------------------------------------------------------------------------------------


def quality(edges: EdgeList, options: argparse.Namespace) -> None:
    """Print mean rank and MAP beside the published ones."""
    title = f"Quality: {options.epochs} epochs, 10 negatives, {gk.get_num_threads()} threads"
    heading(title, "training s", "wall s", "MR", "MAP", "published", "published")
    rows = [("poincare", dim, {}) for dim in (2, 5, 10, 20, 50)] + [("lorentz", 10, {})]
    rows += [("euclidean", dim, settings) for dim in (10, 50) for settings in ({}, RANDOM)]
    for manifold, dim, settings in rows:
        model, wall = trained(edges, dim, options.epochs, manifold=manifold, negatives=10, **settings)
        name = f"{manifold}, dim {dim}" + ", random start" * bool(settings)
        known = PUBLISHED[manifold, dim] if len(edges.nodes) == NOUNS else None
        published = (f"{known[0]:g}", f"{known[1]:.3f}") if known else ()
        print(row(name, f"{model.seconds_:.2f}", f"{wall:.2f}", *scores(model), *published), flush=True)


def trained(edges: EdgeList, dim: int, epochs: int, **settings: object) -> tuple[HyperbolicEmbedding, float]:
    """Return a model and the wall time of its fit."""
    started = time.perf_counter()
    model = HyperbolicEmbedding(dim, epochs=epochs, rng=0, **settings).fit(edges)
    return model, time.perf_counter() - started


def scores(model: HyperbolicEmbedding) -> tuple[str, str]:
    found = model.evaluate()
    return f"{found.mean_rank:.3f}", f"{found.mean_average_precision:.4f}"


# ---- evaluation and memory -----------------------------------------------------------------------------------------


def evaluation(edges: EdgeList, options: argparse.Namespace) -> None:
    """Print the seconds of the exact evaluation of all nodes, the median of three runs."""
    heading("Evaluation of all nodes, dim 10, exact", "seconds")
    model, _ = trained(edges, 10, min(options.epochs, 10), negatives=10)
    for threads in thread_counts():
        seconds = with_threads(threads, lambda: [seconds_of(model.evaluate) for _ in range(3)])
        print(row(f"geomkern, {counted(threads)}", f"{np.median(seconds):.2f}"), flush=True)
    if len(edges.nodes) == NOUNS:
        for name, seconds in EVALUATION_ELSEWHERE:
            print(row(f"elsewhere: {name}", f"{seconds:.0f}"))


def seconds_of(function: Callable) -> float:
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def memory(edges: EdgeList, options: argparse.Namespace) -> None:
    """Print the peak of the resident memory of fresh processes that train and evaluate."""
    print("\nMemory: the peak of a fresh process, dim 10, after each stage")
    with tempfile.TemporaryDirectory() as folder:
        stored = Path(folder) / "edges.pickle"
        stored.write_bytes(pickle.dumps(edges))
        for how, source in (("unpickled", str(stored)), ("read", options.data)):
            subprocess.run([sys.executable, "-c", MEASURE_MEMORY, how, source], check=True)
            print()


# ---- mammals -------------------------------------------------------------------------------------------------------


def mammals(_: EdgeList, options: argparse.Namespace) -> None:
    """Print the table of the mammals, and gensim's row."""
    edges, most = read_edges("mammals"), gk.get_num_threads()
    columns = ("dim", "negatives", "epochs", "seconds", "M pairs/s", "MR", "MAP")
    heading("Mammals", *columns)
    best = 0.0
    for dim in (2, 5, 10):
        for name, settings in (
            (f"geomkern, {most} threads", {}),
            ("geomkern, deterministic", {"deterministic": True}),
            (f"geomkern, {most} threads, random start", RANDOM),
        ):
            models = [HyperbolicEmbedding(dim, epochs=options.epochs, rng=i, **settings).fit(edges) for i in range(3)]
            model = sorted(models, key=lambda model: model.seconds_)[1]
            rate = model.pairs_ / model.seconds_
            best = max(best, rate * (dim == 10))
            cells = (dim, model.negatives, model.epochs, f"{model.seconds_:.2f}", f"{rate / 1e6:.1f}", *scores(model))
            print(row(name, *cells), flush=True)
    theirs = gensim(edges, 10, options.peer_epochs) if options.peer_epochs else None
    for name, seconds, mean_rank, precision in MAMMALS_ELSEWHERE:
        print(row(f"elsewhere: {name}", 10, 50, 300, f"{seconds:.0f}", "", f"{mean_rank:.2f}", f"{precision:.3f}"))
    if theirs:
        print(f"\ndim 10: geomkern's fastest row trains {best / theirs:.0f}x the pairs per second of gensim")


def gensim(edges: EdgeList, dim: int, epochs: int, negatives: int = 10) -> float | None:
    """Print gensim's row and return its speed, or nothing where it is not installed."""
    try:
        from gensim.models.poincare import PoincareModel
    except ImportError as error:
        print(f"gensim is not installed ({error}): no row for it")
        return None
    pairs = [(str(u), str(v)) for u, v in zip(edges.child, edges.parent, strict=True)]
    model = PoincareModel(pairs, size=dim, negative=negatives, burn_in=0, seed=0)
    seconds = seconds_of(lambda: model.train(epochs))
    points = np.array([model.kv[str(node)] for node in range(len(edges.nodes))])
    rate = epochs * len(pairs) * (1 + negatives) / seconds
    found = reconstruction(points, edges)
    figures = (f"{found.mean_rank:.3f}", f"{found.mean_average_precision:.4f}")
    print(row("gensim, 1 thread", dim, negatives, epochs, f"{seconds:.2f}", f"{rate / 1e6:.2f}", *figures), flush=True)
    return rate


SECTIONS = {"speed": speed, "quality": quality, "evaluation": evaluation, "memory": memory, "mammals": mammals}


if __name__ == "__main__":
    main()

"""Means of points of the Poincaré ball beside those of geoopt, HypLL and geomstats.

    python asv_benchmarks/peers/means.py [--threads 1]

Installs nothing: needs geomkern, geoopt, torch, hypll and geomstats in one environment. Every figure is a median of
runs taken in turns in one process, but for what takes seconds, which runs once more after a first time.
"""

import argparse
import time

import numpy as np
from common import describe, in_clean_environment, interleaved


def points(n: int, d: int, dtype: type) -> np.ndarray:
    """Points with norms up to 0.9."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((n, d))
    return (x * rng.uniform(0.05, 0.9, (n, 1)) / np.linalg.norm(x, axis=1, keepdims=True)).astype(dtype)


def rows(threads: int):
    """Time every case, and yield the name, ours and the peer's in milliseconds."""
    import geoopt
    import torch

    import geomkern as gk
    from geomkern_manifold import PoincareBall

    np.trapz = np.trapezoid  # noqa: NPY201 - which geomstats imports, by the name that NumPy 2 has dropped
    from geomstats.geometry.poincare_ball import PoincareBall as GeomstatsBall
    from geomstats.learning.frechet_mean import FrechetMean
    from hypll.manifolds.poincare_ball import Curvature
    from hypll.manifolds.poincare_ball import PoincareBall as HypllBall
    from hypll.tensors import ManifoldTensor

    gk.set_num_threads(threads)
    torch.set_num_threads(threads)
    ours, theirs, hypll = PoincareBall(1.0), geoopt.PoincareBall(1.0), HypllBall(Curvature(1.0))

    def with_gradient(mean, x):
        x.grad = None
        mean(x).sum().backward()

    def hypll_mean(x):
        return hypll.frechet_mean(ManifoldTensor(x, hypll, -1), batch_dim=0).tensor

    def pair(ours, theirs):
        times = interleaved({"ours": ours, "theirs": theirs})
        return 1e3 * times["ours"], 1e3 * times["theirs"]

    for dtype in (np.float32, np.float64):
        for n, d in ((10_000, 10), (4096, 128)):
            x = points(n, d, dtype)
            t, leaf, g = torch.tensor(x), torch.tensor(x, requires_grad=True), gk.tensor(x, requires_grad=True)
            what = f"{np.dtype(dtype)} {n}x{d}"
            yield (
                f"{what} midpoint, geoopt",
                *pair(lambda x=x: ours.einstein_midpoint(x), lambda t=t: theirs.weighted_midpoint(t)),
            )
            yield (
                f"{what} midpoint with gradient, geoopt",
                *pair(
                    lambda g=g: with_gradient(ours.einstein_midpoint, g),
                    lambda leaf=leaf: with_gradient(theirs.weighted_midpoint, leaf),
                ),
            )
            if dtype == np.float64:
                estimator = FrechetMean(GeomstatsBall(d))
                yield (
                    f"{what} Fréchet mean, geomstats",
                    *pair(lambda x=x: ours.frechet_mean(x), lambda x=x, e=estimator: e.fit(x)),
                )
            mine = interleaved({"ours": lambda g=g: with_gradient(ours.frechet_mean, g)})["ours"]
            for _ in range(2):
                start = time.perf_counter()
                with_gradient(hypll_mean, leaf)
                peer = time.perf_counter() - start
            yield f"{what} Fréchet mean with gradient, HypLL", 1e3 * mine, 1e3 * peer


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--threads", type=int, default=1)
    threads = parser.parse_args().threads
    in_clean_environment(OMP_NUM_THREADS=str(threads))
    print(describe(threads))
    print(f"{'':56}{'geomkern':>10}{'peer':>10}{'ratio':>8}   (ms)")
    for name, mine, peer in rows(threads):
        print(f"{name:56}{mine:10.3f}{peer:10.3f}{peer / mine:8.1f}", flush=True)


if __name__ == "__main__":
    main()

"""Distance matrices of three models beside geoopt, HypLL, geomstats and NumPy, forward.

    python asv_benchmarks/peers/pairwise.py [--threads 2] [--points 2000]

Installs nothing: needs geomkern, geoopt and torch in one environment; HypLL and geomstats are timed where they are
installed. Every figure is the median of runs taken in turns in one process; ratios are the peer's time over ours.
``Lorentz.cdist`` is in geoopt's main branch only: with an older geoopt the same two lines of torch stand in for it.
"""

import argparse

import numpy as np
from common import describe, in_clean_environment, interleaved


def own(x: np.ndarray, y: np.ndarray) -> dict:
    """Return our functions by name."""
    from geomkern_manifold import PoincareBall
    from geomkern_manifold.kernels import cpu
    from geomkern_manifold.neighbors import knn

    return {
        "poincare": lambda: cpu.poincare_pairwise_dist(x, y, 1.0),
        "lorentz": lambda: cpu.lorentz_pairwise_dist(x, y, 1.0),
        "klein": lambda: cpu.klein_pairwise_dist(x, y, 1.0),
        "poincare, of itself": lambda: cpu.poincare_pairwise_dist(x, x, 1.0),
        "poincare, 10 nearest": lambda: knn(x, y, 10, PoincareBall()),
    }


def peers(x: np.ndarray, y: np.ndarray) -> dict:
    """Return, by the model it is compared with, each peer's name and function."""
    import geoopt
    import torch

    ball, lorentz = geoopt.PoincareBall(c=1.0), geoopt.Lorentz()
    a, b = torch.from_numpy(x), torch.from_numpy(y)
    lifted = [torch.cat([(1 + (z * z).sum(-1, keepdim=True)).sqrt(), z], -1) for z in (a, b)]

    def cdist(u, v):
        inner = torch.einsum("id,jd->ij", u[:, 1:], v[:, 1:]) - torch.einsum("i,j->ij", u[:, 0], v[:, 0])
        return geoopt.manifolds.lorentz.math.arcosh(-inner)

    def naive():
        squares = (x * x).sum(1)[:, None] - 2 * (x @ y.T) + (y * y).sum(1)
        return np.arccosh(np.maximum(1 + 2 * squares / np.outer(1 - (x * x).sum(1), 1 - (y * y).sum(1)), 1))

    found = {
        "lorentz": {"geoopt Lorentz.cdist": lambda: getattr(lorentz, "cdist", cdist)(*lifted)},
        "poincare": {"geoopt ball, broadcast": lambda: ball.dist(a[:, None], b[None]), "NumPy, by x @ y.T": naive},
    }
    try:
        from hypll.manifolds.poincare_ball import Curvature, PoincareBall
        from hypll.tensors import ManifoldTensor

        theirs = PoincareBall(Curvature(1.0, constraining_strategy=lambda c: c))
        wrapped = [ManifoldTensor(z[None], manifold=theirs) for z in (a, b)]
        found["poincare"]["HypLL cdist"] = lambda: theirs.cdist(*wrapped)
    except ImportError:
        print("HypLL is not installed")
    try:
        import scipy.integrate

        if not hasattr(np, "trapz"):  # geomstats 2.8 imports names that NumPy has dropped
            np.trapz = scipy.integrate.trapezoid  # noqa: NPY201
        from geomstats.geometry.poincare_ball import PoincareBall as TheirBall

        metric = TheirBall(x.shape[1]).metric
        found["poincare"]["geomstats, broadcast"] = lambda: metric.dist(x[:, None], y[None])
    except ImportError as error:
        print(f"geomstats does not import: {error}")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--points", type=int, default=2000)
    parser.add_argument("--dimensions", type=int, nargs="+", default=[16, 64])
    parser.add_argument("--types", nargs="+", default=["float32", "float64"])
    parser.add_argument("--seconds", type=float, default=20.0, help="time for each case")
    options = parser.parse_args()
    # torch and geomkern have a thread pool each; idle threads of one that spin would hold back the other.
    in_clean_environment(
        OMP_NUM_THREADS=str(options.threads), OPENBLAS_NUM_THREADS=str(options.threads), OMP_WAIT_POLICY="passive",
        GEOMSTATS_BACKEND="numpy",
    )  # fmt: skip
    import torch

    import geomkern as gk

    torch.set_num_threads(options.threads)
    gk.set_num_threads(options.threads)
    print(f"{describe(options.threads)}; torch {torch.__version__}", flush=True)
    for dtype in options.types:
        for d in options.dimensions:
            rng = np.random.default_rng(d)
            x, y = ((rng.uniform(-0.9, 0.9, (options.points, d)) / d**0.5).astype(dtype) for _ in range(2))
            our_times, others = own(x, y), peers(x, y)
            with torch.no_grad():
                functions = {name: function for theirs in others.values() for name, function in theirs.items()}
                times = interleaved(our_times | functions, options.seconds, least=3)
            print(f"\n{options.points} x {options.points}, d = {d}, {dtype}")
            for name in our_times:
                print(f"  geomkern {name:<24} {times[name] * 1e3:9.2f} ms")
            for model, theirs in others.items():
                for name in theirs:
                    ratio = times[name] / times[model]
                    print(f"  {name:<33} {times[name] * 1e3:9.2f} ms   {ratio:7.1f} x our {model}", flush=True)


if __name__ == "__main__":
    main()

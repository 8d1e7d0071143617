"""One step of each optimiser beside those of geoopt, HypLL and PyTorch, on dense gradients and on those of few rows.

    python asv_benchmarks/peers/optimisers.py [--threads 2] [--quick]

Installs nothing: needs geomkern, geoopt and torch in one environment; HypLL is timed where it is installed. The peers
are timed as installed and, in a second process, with glibc's allocator tuned (MALLOC_MMAP_MAX_=0), which frees torch
from page faults; so is geomkern, and each ratio compares like with like. Every figure is a median of runs taken in
turns in one process. torch's Adam, which knows no manifold, shows what memory allows.
"""

import argparse
import json
import os
import subprocess
import sys

import numpy as np
from common import describe, in_clean_environment, interleaved

SHAPES = ((10**5, 10), (10**5, 64))
TABLE, USED, WIDTH = 10**6, 10**4, 10  # an embedding, and the rows of one batch
BARS = {"RSGD": 15.0, "RAdam": 20.0}  # at 100000 x 64 in float32
OPTIONS = {
    "RSGD": {},
    "RSGD momentum": {"momentum": 0.9},
    "RAdam": {},
    "RAdam amsgrad": {"amsgrad": True},
}


def dense(shape: tuple[int, int], dtype: type) -> tuple[np.ndarray, np.ndarray]:
    """Points with norms up to one half, and small gradients."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-0.5, 0.5, shape) / shape[1] ** 0.5
    return x.astype(dtype), (1e-3 * rng.standard_normal(shape)).astype(dtype)


def ours(name: str, manifold, x, gradient, rows=None):
    """Return our step."""
    import geomkern as gk
    import geomkern_manifold as gm

    parameter = gk.nn.Parameter(x.copy(), manifold=manifold)
    parameter.grad = gk.tensor(gradient) if rows is None else gk.autograd.RowGradient(rows, gradient, x.shape)
    kind = gm.RiemannianSGD if "SGD" in name else gm.RiemannianAdam
    return kind([parameter], lr=1e-3, **OPTIONS[name]).step


def geoopts(name: str, manifold, x, gradient, rows=None):
    """Return geoopt's step. Its Lorentz model has a coordinate of time, which is added."""
    import geoopt
    import torch

    x, gradient = torch.from_numpy(x.copy()), torch.from_numpy(gradient)
    if isinstance(manifold, geoopt.Lorentz):
        x = torch.cat([torch.sqrt(1 + (x * x).sum(-1, keepdim=True)), x], -1)
        gradient = torch.cat([torch.zeros_like(gradient[:, :1]), gradient], -1)
    parameter = geoopt.ManifoldParameter(x, manifold=manifold)
    optim = geoopt.optim
    kind = optim.RiemannianSGD if "SGD" in name else optim.RiemannianAdam
    if rows is not None:
        kind = optim.SparseRiemannianSGD if "SGD" in name else optim.SparseRiemannianAdam
        gradient = torch.sparse_coo_tensor(torch.from_numpy(rows)[None], gradient, x.shape).coalesce()
    parameter.grad = gradient
    return kind([parameter], lr=1e-3, **OPTIONS[name]).step


def hyplls(name: str, x, gradient):
    """Return HypLL's step, or None where it is not installed or has no such option."""
    try:
        from hypll.manifolds.poincare_ball import Curvature, PoincareBall
        from hypll.optim import RiemannianAdam, RiemannianSGD
        from hypll.tensors import ManifoldParameter
    except ImportError:
        return None
    import torch

    parameter = ManifoldParameter(torch.from_numpy(x.copy()), manifold=PoincareBall(Curvature(1.0)), man_dim=-1)
    parameter.grad = torch.from_numpy(gradient)
    kind = RiemannianSGD if "SGD" in name else RiemannianAdam
    return kind([parameter], lr=1e-3, **OPTIONS[name]).step


def torchs(x, gradient):
    """Return the step of torch's own Adam."""
    import torch

    parameter = torch.nn.Parameter(torch.from_numpy(x.copy()))
    parameter.grad = torch.from_numpy(gradient)
    return torch.optim.Adam([parameter], lr=1e-3).step


def cases(shapes):
    """Yield the name, the type and the steps of every case."""
    import geoopt

    import geomkern_manifold as gm

    balls = gm.PoincareBall(), geoopt.PoincareBall()
    for shape in shapes:
        for dtype in (np.float32, np.float64):
            x, gradient = dense(shape, dtype)
            for name in OPTIONS:
                steps = {"ours": ours(name, balls[0], x, gradient), "geoopt": geoopts(name, balls[1], x, gradient)}
                steps["hypll"] = hyplls(name, x, gradient)
                if name == "RAdam":
                    steps["torch Adam"] = torchs(x, gradient)
                yield f"{name} ball", shape, dtype, steps
            for name in ("RSGD", "RAdam"):
                steps = {
                    "ours": ours(name, gm.Lorentz(), x, gradient),
                    "geoopt": geoopts(name, geoopt.Lorentz(), x, gradient),
                }
                yield f"{name} Lorentz", shape, dtype, steps
    for dtype in (np.float32, np.float64):
        x = dense((TABLE, WIDTH), dtype)[0]
        rows = np.random.default_rng(1).choice(TABLE, USED, replace=False)
        gradient = dense((USED, WIDTH), dtype)[1]
        for name in ("RSGD", "RAdam"):
            steps = {
                "ours": ours(name, balls[0], x, gradient, rows),
                "geoopt": geoopts(name, balls[1], x, gradient, rows),
            }
            yield f"{name} {USED} rows", x.shape, dtype, steps


def timings(threads: int, shapes, seconds: float):
    """Time every case, and yield one record each."""
    import torch

    import geomkern as gk

    torch.set_num_threads(threads)
    gk.set_num_threads(threads)
    for name, shape, dtype, steps in cases(shapes):
        present = {peer: step for peer, step in steps.items() if step is not None}
        yield {"name": name, "shape": shape, "dtype": np.dtype(dtype).name} | interleaved(present, seconds, least=5)


def report(installed, tuned):
    """Print one line a case: our time, and how many times longer the peers take; then whether the bars are met."""
    peers = ("geoopt", "hypll", "torch Adam")
    print(f"{'step':<20}{'shape':<16}{'type':<9}{'ms':>8} |" + "".join(f"{peer:>12} {'/tuned':>7}" for peer in peers))
    missed = []
    for a, b in zip(installed, tuned, strict=True):
        ratios = "".join(
            f"{a[peer] / a['ours']:12.1f} {b[peer] / b['ours']:7.1f}" if peer in a else " " * 20 for peer in peers
        )
        shape = "x".join(map(str, a["shape"]))
        print(f"{a['name']:<20}{shape:<16}{a['dtype']:<9}{a['ours'] * 1e3:8.2f} |{ratios}")
        bar = BARS.get(a["name"].split()[0]) if (shape, a["dtype"]) == ("100000x64", "float32") else None
        if bar is not None and a["geoopt"] / a["ours"] < bar:
            missed.append(f"{a['name']}: {a['geoopt'] / a['ours']:.1f} of {bar:g}")
    print("\nbars against geoopt as installed, 100000x64 float32:", "; ".join(missed) or "met")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="one shape, to see that it runs")
    parser.add_argument("--seconds", type=float, default=1.0, help="time for each case")
    parser.add_argument("--records", action="store_true", help="print the timings as JSON and nothing else")
    options = parser.parse_args()
    # torch and geomkern have a thread pool each; idle threads of one that spin would hold back the other.
    in_clean_environment(
        OMP_NUM_THREADS=str(options.threads), OPENBLAS_NUM_THREADS=str(options.threads), OMP_WAIT_POLICY="passive"
    )
    if options.records:
        shapes = SHAPES[:1] if options.quick else SHAPES
        print(json.dumps(list(timings(options.threads, shapes, options.seconds))))
        return
    command = [
        sys.executable, __file__, "--records", "--threads", str(options.threads), "--seconds", str(options.seconds),
    ]  # fmt: skip
    command += ["--quick"] if options.quick else []
    try:
        import geoopt
    except ImportError:
        sys.exit("optimisers.py needs geoopt and torch beside geomkern; neither is installed by this script")
    import torch

    print(f"{describe(options.threads)}; torch {torch.__version__}, geoopt {geoopt.__version__}\n")
    results = []
    for extra in ({}, {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "-1", "MALLOC_TOP_PAD_": str(2**28)}):
        done = subprocess.run(command, env=os.environ | extra, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(done.stderr)
        results.append(json.loads(done.stdout.splitlines()[-1]))
    report(*results)


if __name__ == "__main__":
    main()

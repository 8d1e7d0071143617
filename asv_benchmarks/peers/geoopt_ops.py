"""Operations of the ball and of Lorentz's model beside geoopt's and plain NumPy formulas, forward and with backward.

    python asv_benchmarks/peers/geoopt_ops.py [--threads 2] [--quick | --all]

Installs nothing: needs geomkern, geoopt and torch in one environment. geoopt is timed as installed and, in a second
process, with glibc's allocator tuned (MALLOC_MMAP_MAX_=0), which frees torch from page faults; so is geomkern, and each
ratio compares like with like. Every figure is a median of runs taken in turns in one process.
"""

import argparse
import json
import os
import subprocess
import sys

import numpy as np
from common import describe, geometric_mean, in_clean_environment, interleaved, memory_bandwidth

SIZES = (1, 10**4, 10**5, 10**6)
DIMENSIONS = (2, 10, 64, 128)
OPERATIONS = ("dist", "mobius_add", "expmap0", "logmap0", "expmap", "logmap", "transp", "geodesic")
LORENTZ = "lorentz_"  # operations of that model; geoopt takes all d + 1 coordinates, geomkern the d spatial ones
OPERATIONS += tuple(LORENTZ + name for name in ("dist", "inner", "expmap0", "logmap0", "expmap", "logmap", "transp"))
LARGEST = 16 * 10**6  # numbers in one operand: beyond, geoopt takes minutes and gigabytes for each case (--all)


def operands(n: int, d: int, dtype: type) -> tuple[np.ndarray, ...]:
    """Two sets of points with norms up to 0.9, and tangent vectors."""
    rng = np.random.default_rng(0)

    def points(largest):
        x = rng.standard_normal((n, d))
        return (x * rng.uniform(0.05, largest, (n, 1)) / np.linalg.norm(x, axis=1, keepdims=True)).astype(dtype)

    return points(0.9), points(0.9), points(0.5)


def arguments(operation: str, x, y, v):
    """The operands of one operation, in the order that both libraries take them."""
    return {
        "dist": (x, y), "mobius_add": (x, y), "expmap0": (v,), "logmap0": (x,), "expmap": (x, v),
        "logmap": (x, y), "transp": (x, y, v), "geodesic": (0.3, x, y), "inner": (x, v, y),
    }[operation.removeprefix(LORENTZ)]  # fmt: skip


def lifted(operation: str, x, y, v):
    """The operands by all their coordinates, the time first."""

    def dot(a, b):
        return (a * b).sum(-1, keepdims=True)

    def join(time, spatial):
        return np.concatenate([time, spatial], -1).astype(spatial.dtype)

    def point(z):
        return join(np.sqrt(1 + dot(z, z)), z)

    def tangent(foot, w):
        return join(dot(foot, w) / np.sqrt(1 + dot(foot, foot)), w)

    at = {LORENTZ + "expmap0": 0 * x}.get(operation, x)
    second = tangent(x, y) if operation == LORENTZ + "inner" else point(y)
    return arguments(operation, point(x), second, tangent(at, v))


def naive(operation: str):
    """The textbook formula in NumPy, in the type of the operands; None where it is a chain of the others."""
    if operation.startswith(LORENTZ):
        return naive_lorentz(operation.removeprefix(LORENTZ))

    def dot(a, b):
        return (a * b).sum(-1, keepdims=True)

    def add(x, y):
        xx, yy, xy = dot(x, x), dot(y, y), dot(x, y)
        return ((1 + 2 * xy + yy) * x + (1 - xx) * y) / (1 + 2 * xy + xx * yy)

    def dist(x, y):
        return np.arccosh(1 + 2 * dot(x - y, x - y) / ((1 - dot(x, x)) * (1 - dot(y, y))))[..., 0]

    def exp0(v):
        n = np.sqrt(dot(v, v))
        return np.tanh(n) * v / n

    def log0(y):
        n = np.sqrt(dot(y, y))
        return np.arctanh(n) * y / n

    def exp(x, v):
        n = np.sqrt(dot(v, v))
        return add(x, np.tanh(n / (1 - dot(x, x))) * v / n)

    def log(x, y):
        w = add(-x, y)
        n = np.sqrt(dot(w, w))
        return (1 - dot(x, x)) * np.arctanh(n) * w / n

    return {"dist": dist, "mobius_add": add, "expmap0": exp0, "logmap0": log0, "expmap": exp, "logmap": log}.get(
        operation
    )


def naive_lorentz(operation: str):
    """The same for Lorentz's model, by spatial coordinates."""

    def dot(a, b):
        return (a * b).sum(-1, keepdims=True)

    def time(x):
        return np.sqrt(1 + dot(x, x))

    def cosh_dist(x, y):
        return np.maximum(time(x) * time(y) - dot(x, y), 1)

    def inner(x, u, v):
        return (dot(u, v) - dot(x, u) * dot(x, v) / (1 + dot(x, x)))[..., 0]

    def exp0(v):
        n = np.sqrt(dot(v, v))
        return np.sinh(n) * v / n

    def log0(y):
        n = np.sqrt(dot(y, y))
        return np.arcsinh(n) * y / n

    def exp(x, v):
        n = np.sqrt(inner(x, v, v))[..., None]
        return np.cosh(n) * x + np.sinh(n) * v / n

    def log(x, y):
        cosh = cosh_dist(x, y)
        return np.arccosh(cosh) / np.sqrt(cosh * cosh - 1) * (y - cosh * x)

    def transp(x, y, v):
        return v + (dot(y, v) - time(y) * dot(x, v) / time(x)) / (1 + cosh_dist(x, y)) * (x + y)

    return {
        "dist": lambda x, y: np.arccosh(cosh_dist(x, y))[..., 0], "inner": inner, "expmap0": exp0, "logmap0": log0,
        "expmap": exp, "logmap": log, "transp": transp,
    }[operation]  # fmt: skip


def rows(threads: int, operations, sizes, dimensions, seconds: float, largest: float):
    """Time every case, and yield one record each."""
    import geoopt
    import torch

    import geomkern as gk
    from geomkern_manifold import Lorentz, PoincareBall

    torch.set_num_threads(threads)
    gk.set_num_threads(threads)
    models = {False: (PoincareBall(c=1.0), geoopt.PoincareBall(c=1.0)), True: (Lorentz(c=1.0), geoopt.Lorentz(k=1.0))}
    for dtype in (np.float32, np.float64):
        for n in sizes:
            for d in dimensions:
                if n * d > largest:
                    continue
                x, y, v = operands(n, d, dtype)
                for operation in operations:
                    values = [z[0] if n == 1 else z for z in (x, y, v)]
                    is_lorentz = operation.startswith(LORENTZ)
                    ours, theirs = (getattr(m, operation.removeprefix(LORENTZ)) for m in models[is_lorentz])
                    arrays = arguments(operation, *values)
                    yield {"op": operation, "dtype": np.dtype(dtype).name, "n": n, "d": d} | timings(
                        ours,
                        theirs,
                        naive(operation),
                        arrays,
                        lifted(operation, *values) if is_lorentz else arrays,
                        gk,
                        torch,
                        seconds,
                    )


def timings(our_op, their_op, formula, arrays, their_arrays, gk, torch, seconds):
    """Median times of one operation: ours, theirs, NumPy's forward, and both forward with backward."""
    tensors = [torch.from_numpy(a.copy()) if isinstance(a, np.ndarray) else torch.tensor(a) for a in their_arrays]
    their_leaves = [t.clone().requires_grad_() if t.ndim else t for t in tensors]
    our_leaves = [gk.tensor(a, requires_grad=True) if isinstance(a, np.ndarray) else a for a in arrays]
    upstream = np.ones_like(our_op(*arrays))
    their_upstream = torch.ones_like(their_op(*tensors))

    def ours_both():
        for leaf in our_leaves:
            if hasattr(leaf, "grad"):
                leaf.grad = None
        our_op(*our_leaves).backward(upstream)

    def theirs_both():
        for leaf in their_leaves:
            leaf.grad = None
        their_op(*their_leaves).backward(their_upstream)

    def theirs_forward():
        with torch.no_grad():
            their_op(*tensors)

    functions = {
        "ours": lambda: our_op(*arrays),
        "geoopt": theirs_forward,
        "ours_both": ours_both,
        "geoopt_both": theirs_both,
    }
    if formula is not None:
        functions["numpy"] = lambda: formula(*arrays)
    return interleaved(functions, seconds, least=3)


def report(installed, tuned):
    """Print one line a case, and the means."""
    print(f"{'operation':<16}{'type':<9}{'n':>8}{'d':>5} | {'us':>11} {'/installed':>10} {'/tuned':>7} {'/numpy':>7} | "
          f"{'us f+b':>11} {'/installed':>10} {'/tuned':>7}")  # fmt: skip
    columns = {name: [] for name in ("fi", "ft", "bi", "bt", "np")}
    for a, b in zip(installed, tuned, strict=True):
        ratios = {
            "fi": a["geoopt"] / a["ours"], "ft": b["geoopt"] / b["ours"],
            "bi": a["geoopt_both"] / a["ours_both"], "bt": b["geoopt_both"] / b["ours_both"],
            "np": a["numpy"] / a["ours"] if "numpy" in a else float("nan"),
        }  # fmt: skip
        for name, ratio in ratios.items():
            if ratio == ratio:
                columns[name].append((ratio, f"{a['op']} {a['dtype']} {a['n']}x{a['d']}"))
        print(f"{a['op']:<16}{a['dtype']:<9}{a['n']:>8}{a['d']:>5} | {a['ours'] * 1e6:11.1f} {ratios['fi']:10.1f} "
              f"{ratios['ft']:7.1f} {ratios['np']:7.1f} | {a['ours_both'] * 1e6:11.1f} {ratios['bi']:10.1f} "
              f"{ratios['bt']:7.1f}")  # fmt: skip
    print()
    titles = {
        "fi": "forward, geoopt as installed", "ft": "forward, geoopt tuned", "np": "forward, naive NumPy",
        "bi": "forward + backward, geoopt as installed", "bt": "forward + backward, geoopt tuned",
    }  # fmt: skip
    for name, title in titles.items():
        values = columns[name]
        print(f"{title:<42} geometric mean {geometric_mean([r for r, _ in values]):6.1f}   "
              f"least {min(values)[0]:5.2f} ({min(values)[1]})")  # fmt: skip


def report_floor(bandwidth, installed):
    """Print the share of the memory floor that the distance reaches on data that no cache holds."""
    print(f"\nmemory read at {bandwidth / 1e9:.1f} GB/s; share of that floor reached by dist:")
    for a in installed:
        if a["op"] == "dist" and (a["n"], a["d"]) in ((10**6, 10), (10**5, 64)):
            size = np.dtype(a["dtype"]).itemsize
            floor = a["n"] * (2 * a["d"] + 1) * size / bandwidth
            print(f"  {a['dtype']} {a['n']}x{a['d']}: {a['ours'] * 1e3:.2f} ms, {100 * floor / a['ours']:.0f} %")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="fewer sizes, to see that it runs")
    parser.add_argument("--all", action="store_true", help="the largest cases, too")
    parser.add_argument("--only", nargs="+", choices=OPERATIONS, default=OPERATIONS, help="some of the operations")
    parser.add_argument("--seconds", type=float, default=0.3, help="time for each case")
    parser.add_argument("--records", action="store_true", help="print the timings as JSON and nothing else")
    options = parser.parse_args()
    # torch and geomkern have a thread pool each; idle threads of one that spin would hold back the other.
    in_clean_environment(
        OMP_NUM_THREADS=str(options.threads), OPENBLAS_NUM_THREADS=str(options.threads), OMP_WAIT_POLICY="passive"
    )
    sizes, dimensions = ((1, 10**4), (2, 10)) if options.quick else (SIZES, DIMENSIONS)
    largest = float("inf") if options.all else LARGEST
    if options.records:
        bandwidth = memory_bandwidth(options.threads)
        records = list(rows(options.threads, options.only, sizes, dimensions, options.seconds, largest))
        print(json.dumps({"bandwidth": bandwidth, "rows": records}))
        return
    command = [
        sys.executable,
        __file__,
        "--records",
        "--threads",
        str(options.threads),
        "--seconds",
        str(options.seconds),
    ]
    command += [flag for flag in ("--quick", "--all") if getattr(options, flag[2:])]
    command += ["--only", *options.only]
    try:
        import geoopt
    except ImportError:
        sys.exit("geoopt_ops.py needs geoopt and torch beside geomkern; neither is installed by this script")
    import torch

    print(f"{describe(options.threads)}; torch {torch.__version__}, geoopt {geoopt.__version__}\n")
    results = []
    for extra in ({}, {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "-1", "MALLOC_TOP_PAD_": str(2**28)}):
        done = subprocess.run(command, env=os.environ | extra, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(done.stderr)
        results.append(json.loads(done.stdout.splitlines()[-1]))
    report(*(result["rows"] for result in results))
    report_floor(results[0]["bandwidth"], results[0]["rows"])


if __name__ == "__main__":
    main()

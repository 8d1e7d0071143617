"""Layers of the ball beside those of HypLL, geoopt and PyTorch, forward and forward with backward, and training steps.

    python asv_benchmarks/peers/layers.py [--threads 2] [--seconds 1.0]

Installs nothing: needs geomkern, torch, geoopt and hypll in one environment. Everything is timed as installed and, in a
second process, with glibc's allocator tuned (MALLOC_MMAP_MAX_=0), which frees torch from page faults; each ratio
compares like with like. Every figure is a median of runs taken in turns in one process. geomstats has none of these
layers.
"""

import argparse
import json
import os
import subprocess
import sys

import numpy as np
from common import describe, in_clean_environment, interleaved

ROWS, WIDTH, PLANES = 4096, 128, 64
MLP_WIDTH, MLP_BATCH, MLP_LAYERS = 512, 128, 3


def points(n: int, d: int, c: float, dtype: type) -> np.ndarray:
    """Points of the ball with norms up to 0.9 of its radius."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((n, d))
    return (x * rng.uniform(0.05, 0.9 / c**0.5, (n, 1)) / np.linalg.norm(x, axis=1, keepdims=True)).astype(dtype)


def ours(layer, x):
    """Forward on arrays, and forward with backward, of one of our layers."""
    import geomkern as gk

    leaf = gk.tensor(x, requires_grad=True)
    upstream = np.ones_like(layer(x).data)

    def forward():
        with gk.no_grad():
            layer(x)

    def both():
        layer.zero_grad()
        leaf.grad = None
        layer(leaf).backward(upstream)

    return forward, both


def theirs(function, parameters, x):
    """The same for a function of a torch tensor."""
    import torch

    plain, leaf = torch.from_numpy(x.copy()), torch.from_numpy(x.copy()).requires_grad_()
    with torch.no_grad():
        upstream = torch.ones_like(function(plain))

    def forward():
        with torch.no_grad():
            function(plain)

    def both():
        for tensor in (*parameters, leaf):
            tensor.grad = None
        function(leaf).backward(upstream)

    return forward, both


def hypll_layer(layer, ball):
    """A function of a plain tensor that calls a layer of HypLL."""
    from hypll.tensors import ManifoldTensor

    return lambda x: layer(ManifoldTensor(x, manifold=ball)).tensor


def layer_cases(dtype):
    """Yield a title, our layer, and for each peer its function and parameters, with the points to call them with."""
    import geoopt
    import hypll.nn as hnn
    import torch
    from hypll.manifolds.poincare_ball import Curvature
    from hypll.manifolds.poincare_ball import PoincareBall as HypllBall

    import geomkern_manifold as gm

    hypll_ball, geoopt_ball = HypllBall(Curvature(1.0)), geoopt.PoincareBall(c=1.0)
    c = float(hypll_ball.c())  # HypLL takes the softplus of what it is given
    size = f"{ROWS}x{WIDTH}"

    peer = hnn.HLinear(WIDTH, WIDTH, hypll_ball)
    flat = torch.nn.Linear(WIDTH, WIDTH)
    yield (
        f"HNN++ linear {size} -> {WIDTH}",
        gm.PoincareFC(WIDTH, WIDTH, c, dtype=dtype, rng=0),
        {
            "HypLL": (hypll_layer(peer, hypll_ball), tuple(peer.parameters())),
            "torch Linear": (flat, tuple(flat.parameters())),
        },
        points(ROWS, WIDTH, c, dtype),
    )

    weight = (0.5 / WIDTH**0.5 * torch.randn(WIDTH, WIDTH)).requires_grad_()
    bias = torch.zeros(WIDTH).requires_grad_()
    yield (
        f"Möbius linear {size} -> {WIDTH}",
        gm.HyperbolicLinear(WIDTH, WIDTH, 1.0, dtype=dtype, rng=0),
        {
            "geoopt": (
                lambda x: geoopt_ball.mobius_add(geoopt_ball.mobius_matvec(weight, x), geoopt_ball.expmap0(bias)),
                (weight, bias),
            )
        },
        points(ROWS, WIDTH, 1.0, dtype),
    )

    normals = torch.randn(PLANES, WIDTH).requires_grad_()
    offsets = torch.from_numpy(0.3 * points(PLANES, WIDTH, 1.0, dtype)).requires_grad_()
    yield (
        f"MLR {size}, {PLANES} planes",
        gm.HyperbolicMLR(WIDTH, PLANES, 1.0, dtype=dtype, rng=0),
        {
            "geoopt": (
                lambda x: geoopt_ball.dist2plane(x[:, None], offsets, normals, signed=True, scaled=True),
                (normals, offsets),
            )
        },
        points(ROWS, WIDTH, 1.0, dtype),
    )

    for mean in ("frechet", "midpoint"):
        peer = hnn.HBatchNorm(WIDTH, hypll_ball, use_midpoint=mean == "midpoint")
        yield (
            f"batch normalisation {size}, {mean}",
            gm.HyperbolicBatchNorm(WIDTH, c, mean, dtype=dtype),
            {"HypLL": (hypll_layer(peer, hypll_ball), tuple(peer.parameters()))},
            points(ROWS, WIDTH, c, dtype),
        )


def mlp_steps(dtype):
    """One training step of the same network of ours, of HypLL and of PyTorch without geometry."""
    import hypll.nn as hnn
    import torch
    from hypll.manifolds.poincare_ball import Curvature
    from hypll.manifolds.poincare_ball import PoincareBall as HypllBall
    from hypll.optim import RiemannianAdam as HypllAdam
    from hypll.tensors import ManifoldTensor

    import geomkern as gk
    import geomkern_manifold as gm

    hypll_ball = HypllBall(Curvature(1.0))
    c = float(hypll_ball.c())
    ball = gm.PoincareBall(c)
    x, labels = points(MLP_BATCH, MLP_WIDTH, c, dtype), np.arange(MLP_BATCH) % MLP_WIDTH
    theirs_x, theirs_labels = torch.from_numpy(x.copy()), torch.from_numpy(labels)

    def our_step(layer):
        layers = [layer(MLP_WIDTH, MLP_WIDTH, ball, dtype=dtype, rng=seed) for seed in range(MLP_LAYERS)]
        optimizer = gm.RiemannianAdam([p for each in layers for p in each.parameters()], lr=1e-3)

        def step():
            y = layers[0](x)
            for each in layers[1:]:
                y = each(ball.mobius_fn_apply(gk.relu, y))
            optimizer.zero_grad()
            gk.nn.functional.cross_entropy(y, labels).backward()
            optimizer.step()

        return step

    def torch_step(network, optimizer, given, take):
        def step():
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(take(network(given)), theirs_labels).backward()
            optimizer.step()

        return step

    def network(linear, relu):
        parts = [linear(MLP_WIDTH, MLP_WIDTH)]
        for _ in range(MLP_LAYERS - 1):
            parts += [relu(), linear(MLP_WIDTH, MLP_WIDTH)]
        return torch.nn.Sequential(*parts)

    flat = network(torch.nn.Linear, torch.nn.ReLU)
    hyperbolic = network(lambda n, m: hnn.HLinear(n, m, hypll_ball), lambda: hnn.HReLU(hypll_ball))
    given = ManifoldTensor(theirs_x, manifold=hypll_ball)
    return {
        "PoincareFC": our_step(gm.PoincareFC),
        "HyperbolicLinear": our_step(gm.HyperbolicLinear),
        "torch": torch_step(flat, torch.optim.Adam(flat.parameters(), lr=1e-3), theirs_x, lambda y: y),
        "HypLL": torch_step(hyperbolic, HypllAdam(hyperbolic.parameters(), lr=1e-3), given, lambda y: y.tensor),
    }


def records(threads: int, seconds: float):
    """Time every case, and return one record each."""
    import torch

    import geomkern as gk

    torch.set_num_threads(threads)
    gk.set_num_threads(threads)
    found = []
    for dtype in (np.float32, np.float64):
        name = np.dtype(dtype).name
        torch.set_default_dtype(getattr(torch, name))
        for title, layer, peers, x in layer_cases(dtype):
            functions = {"ours": ours(layer, x)} | {peer: theirs(*call, x) for peer, call in peers.items()}
            for k, what in enumerate(("forward", "forward + backward")):
                times = interleaved({each: pair[k] for each, pair in functions.items()}, seconds, least=3)
                found.append({"title": f"{title}, {what}", "dtype": name, "ours": times.pop("ours"), "peers": times})
        times = interleaved(mlp_steps(dtype), 2 * seconds, least=5)
        for mine in ("PoincareFC", "HyperbolicLinear"):
            title = f"MLP {MLP_LAYERS} x {MLP_WIDTH}, batch {MLP_BATCH}, step, {mine}"
            peers = {peer: times[peer] for peer in ("HypLL", "torch")}
            found.append({"title": title, "dtype": name, "ours": times[mine], "peers": peers})
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=1.0, help="time for each case")
    parser.add_argument("--records", action="store_true", help="print the timings as JSON and nothing else")
    options = parser.parse_args()
    # torch and geomkern have a thread pool each; idle threads of one that spin would hold back the other.
    in_clean_environment(
        OMP_NUM_THREADS=str(options.threads), OPENBLAS_NUM_THREADS=str(options.threads), OMP_WAIT_POLICY="passive"
    )
    if options.records:
        print(json.dumps(records(options.threads, options.seconds)))
        return
    try:
        import geoopt  # noqa: F401
        import hypll  # noqa: F401
        import torch
    except ImportError as error:
        sys.exit(f"layers.py needs torch, geoopt and hypll beside geomkern, and installs none of them: {error}")

    print(f"{describe(options.threads)}; torch {torch.__version__}\n")
    command = [sys.executable, __file__, "--records"]
    command += ["--threads", str(options.threads), "--seconds", str(options.seconds)]
    results = []
    for extra in ({}, {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "-1", "MALLOC_TOP_PAD_": str(2**28)}):
        done = subprocess.run(command, env=os.environ | extra, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(done.stderr)
        results.append(json.loads(done.stdout.splitlines()[-1]))
    print(f"{'':<58}{'type':<9}{'ms':>9}   peer: ms, times ours (with the tuned allocator: times ours)")
    for installed, tuned in zip(*results, strict=True):
        ratios = [
            f"{peer} {seconds * 1e3:.1f}, {seconds / installed['ours']:.2f}x "
            f"({tuned['peers'][peer] / tuned['ours']:.2f}x)"
            for peer, seconds in installed["peers"].items()
        ]
        print(f"{installed['title']:<58}{installed['dtype']:<9}{installed['ours'] * 1e3:9.2f}   {'; '.join(ratios)}")


if __name__ == "__main__":
    main()

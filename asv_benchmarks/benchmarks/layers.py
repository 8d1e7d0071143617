"""Layers on the ball: forward, and forward with backward."""

import numpy as np

import geomkern as gk
import geomkern_manifold as gm

LAYERS = {
    "HyperbolicLinear": lambda dtype: gm.HyperbolicLinear(128, 128, dtype=dtype, rng=0),
    "PoincareFC": lambda dtype: gm.PoincareFC(128, 128, dtype=dtype, rng=0),
    "HyperbolicMLR": lambda dtype: gm.HyperbolicMLR(128, 64, dtype=dtype, rng=0),
    "HyperbolicBatchNorm frechet": lambda dtype: gm.HyperbolicBatchNorm(128, mean="frechet", dtype=dtype),
    "HyperbolicBatchNorm midpoint": lambda dtype: gm.HyperbolicBatchNorm(128, mean="midpoint", dtype=dtype),
}


class Layers:
    params = [list(LAYERS), ["float32", "float64"]]
    param_names = ["layer", "dtype"]

    def setup(self, layer, dtype):
        self.layer = LAYERS[layer](np.dtype(dtype))
        x = gm.PoincareBall().random(4096, 128, std=0.1, dtype=dtype, rng=0)
        self.x, self.leaf = x, gk.tensor(x, requires_grad=True)
        self.upstream = np.ones_like(self.layer(x).data)

    def time_forward(self, layer, dtype):
        with gk.no_grad():
            self.layer(self.x)

    def time_forward_and_backward(self, layer, dtype):
        self.layer.zero_grad()
        self.leaf.grad = None
        self.layer(self.leaf).backward(self.upstream)


class MLP:
    """A training step of a network of three layers, 512 wide, on batches of 128."""

    params = ["HyperbolicLinear", "PoincareFC"]
    param_names = ["layer"]

    def setup(self, layer):
        self.ball = gm.PoincareBall()
        self.layers = [getattr(gm, layer)(512, 512, self.ball, rng=seed) for seed in range(3)]
        self.optimizer = gm.RiemannianAdam([p for each in self.layers for p in each.parameters()], lr=1e-3)
        self.x, self.labels = self.ball.random(128, 512, std=0.05, rng=0), np.arange(128)

    def time_step(self, layer):
        y = self.layers[0](self.x)
        for each in self.layers[1:]:
            y = each(self.ball.mobius_fn_apply(gk.relu, y))
        self.optimizer.zero_grad()
        gk.nn.functional.cross_entropy(y, self.labels).backward()
        self.optimizer.step()

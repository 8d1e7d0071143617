"""Means of sets of points, forward and with gradients."""

import numpy as np

import geomkern as gk
from geomkern_manifold import PoincareBall


class Means:
    params = [
        ["einstein_midpoint", "frechet_mean", "tangent_mean"],
        ["float32", "float64"],
        [(1, 10_000, 10), (1, 4096, 128), (1000, 16, 8)],
    ]
    param_names = ["mean", "dtype", "shape"]

    def setup(self, mean, dtype, shape):
        rng = np.random.default_rng(0)
        self.x = (rng.uniform(-0.9, 0.9, shape) / shape[-1] ** 0.5).astype(dtype)
        self.tensor = gk.tensor(self.x, requires_grad=True)
        self.mean = getattr(PoincareBall(), mean)

    def time_forward(self, *_):
        self.mean(self.x)

    def time_with_gradient(self, *_):
        self.tensor.zero_grad()
        self.mean(self.tensor).sum().backward()

"""Distance matrices, forward and backward, and nearest neighbours."""

import numpy as np

from geomkern_manifold import PoincareBall
from geomkern_manifold.kernels import cpu
from geomkern_manifold.neighbors import knn


def points(size, dimension, dtype):
    rng = np.random.default_rng(size)
    return (rng.uniform(-0.9, 0.9, (size, dimension)) / dimension**0.5).astype(dtype)


class Pairwise:
    params = [["klein", "lorentz", "poincare"], ["float32", "float64"], [100, 2000], [2, 16, 64]]
    param_names = ["model", "dtype", "points", "dimension"]

    def setup(self, model, dtype, size, dimension):
        self.x, self.y = points(size, dimension, dtype), points(size + 1, dimension, dtype)[:size]
        self.gradient = np.ones((size, size), dtype)
        self.forward = getattr(cpu, f"{model}_pairwise_dist")
        self.backward = getattr(cpu, f"{model}_pairwise_dist_vjp")

    def time_forward(self, *_):
        self.forward(self.x, self.y, 1.0)

    def time_of_itself(self, *_):
        self.forward(self.x, self.x, 1.0)

    def time_vjp(self, *_):
        self.backward(self.gradient, self.x, self.y, 1.0, (True, True, False))


class Knn:
    params = [["float32", "float64"], [2000, 20000], [2, 16]]
    param_names = ["dtype", "points", "dimension"]

    def setup(self, dtype, size, dimension):
        self.x = points(size, dimension, dtype)

    def time_ten_nearest(self, *_):
        knn(self.x, k=10, manifold=PoincareBall())

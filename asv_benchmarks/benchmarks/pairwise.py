"""The distance matrix, forward and backward."""

import numpy as np

from geomkern_manifold.kernels import cpu


class Pairwise:
    params = [["float32", "float64"], [100, 2000], [2, 10, 128]]
    param_names = ["dtype", "points", "dimension"]

    def setup(self, dtype, points, dimension):
        rng = np.random.default_rng(0)
        self.x = (rng.uniform(-0.9, 0.9, (points, dimension)) / dimension**0.5).astype(dtype)
        self.y = (rng.uniform(-0.9, 0.9, (points, dimension)) / dimension**0.5).astype(dtype)
        self.gradient = np.ones((points, points), dtype)

    def time_forward(self, *_):
        cpu.poincare_pairwise_dist(self.x, self.y, 1.0)

    def time_vjp(self, *_):
        cpu.poincare_pairwise_dist_vjp(self.gradient, self.x, self.y, 1.0, (True, True, False))

"""One step of each optimiser, flat and on the ball."""

import numpy as np

import geomkern as gk
from geomkern_manifold import PoincareBall, RiemannianAdam, RiemannianSGD

OPTIMISERS = {
    "SGD": gk.optim.SGD,
    "Adam": gk.optim.Adam,
    "RiemannianSGD": RiemannianSGD,
    "RiemannianAdam": RiemannianAdam,
}


class Step:
    params = [list(OPTIMISERS), ["float32", "float64"], ["10x10", "100000x10"]]
    param_names = ["optimiser", "dtype", "shape"]

    def setup(self, optimiser, dtype, shape):
        rows, columns = map(int, shape.split("x"))
        rng = np.random.default_rng(0)
        manifold = PoincareBall(c=1.0) if optimiser.startswith("Riemannian") else None
        points = (rng.uniform(-0.5, 0.5, (rows, columns)) / columns**0.5).astype(dtype)
        parameter = gk.nn.Parameter(points, manifold=manifold)
        parameter.grad = gk.tensor(np.full((rows, columns), 1e-3, dtype))
        self.optimiser = OPTIMISERS[optimiser]([parameter], lr=1e-3)

    def time_step(self, *_):
        self.optimiser.step()

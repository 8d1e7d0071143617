"""One step of each optimiser, flat and on the ball, of all rows and of a few; a minimisation."""

import numpy as np

import geomkern as gk
from geomkern.autograd import RowGradient
from geomkern_manifold import PoincareBall, RiemannianAdam, RiemannianLBFGS, RiemannianSGD

OPTIMISERS = {
    "SGD": (gk.optim.SGD, {}),
    "Adam": (gk.optim.Adam, {}),
    "RiemannianSGD": (RiemannianSGD, {}),
    "RiemannianSGD momentum": (RiemannianSGD, {"momentum": 0.9}),
    "RiemannianSGD nesterov": (RiemannianSGD, {"momentum": 0.9, "nesterov": True}),
    "RiemannianSGD retraction": (RiemannianSGD, {"retraction": True}),
    "RiemannianAdam": (RiemannianAdam, {}),
    "RiemannianAdam amsgrad": (RiemannianAdam, {"amsgrad": True}),
}


def parameter_of(optimiser, dtype, shape):
    """Points with norms up to one half."""
    values = (np.random.default_rng(0).uniform(-0.5, 0.5, shape) / shape[1] ** 0.5).astype(dtype)
    return gk.nn.Parameter(values, manifold=PoincareBall(c=1.0) if optimiser.startswith("Riemannian") else None)


class Step:
    params = [list(OPTIMISERS), ["float32", "float64"], ["10x10", "100000x10", "100000x64"]]
    param_names = ["optimiser", "dtype", "shape"]

    def setup(self, optimiser, dtype, shape):
        parameter = parameter_of(optimiser, dtype, tuple(map(int, shape.split("x"))))
        parameter.grad = gk.tensor(np.full(parameter.shape, 1e-3, dtype))
        kind, options = OPTIMISERS[optimiser]
        self.optimiser = kind([parameter], lr=1e-3, **options)

    def time_step(self, *_):
        self.optimiser.step()


class StepOfRows:
    """Ten thousand rows of a table of a million."""

    params = [list(OPTIMISERS), ["float32", "float64"]]
    param_names = ["optimiser", "dtype"]

    def setup(self, optimiser, dtype):
        parameter = parameter_of(optimiser, dtype, (10**6, 10))
        rows = np.random.default_rng(1).choice(10**6, 10**4, replace=False)
        parameter.grad = RowGradient(rows, np.full((10**4, 10), 1e-3, dtype), parameter.shape)
        kind, options = OPTIMISERS[optimiser]
        self.optimiser = kind([parameter], lr=1e-3, **options)

    def time_step(self, *_):
        self.optimiser.step()


class Minimise:
    """The point whose squared distances from a thousand others have the least sum."""

    params = [2, 64]
    param_names = ["dimension"]

    def setup(self, dimension):
        self.ball = PoincareBall()
        self.data = self.ball.random(1000, dimension, std=0.5, dtype=np.float64, rng=0)

    def time_lbfgs(self, dimension):
        mean = gk.nn.Parameter(np.zeros(dimension), self.ball)
        optimiser = RiemannianLBFGS([mean], tolerance=1e-7)

        def closure():
            optimiser.zero_grad()
            loss = (self.ball.dist(mean, self.data) ** 2).sum()
            loss.backward()
            return loss

        optimiser.step(closure)

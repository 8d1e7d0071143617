"""What a call costs beside its arithmetic: recording, the backward pass, and the import of the package."""

import subprocess
import sys

import numpy as np

import geomkern as gk
from geomkern_manifold import PoincareBall


class Tape:
    def setup(self):
        self.x = gk.tensor(np.full(4, 0.1), requires_grad=True)
        self.y = gk.tensor(np.full(4, 0.2), requires_grad=True)
        self.arrays = self.x.numpy(), self.y.numpy()
        self.ball = PoincareBall(c=1.0)

    def time_add(self):
        self.x + self.y

    def time_add_and_backward(self):
        (self.x + self.y).backward(self.arrays[0])

    def time_distance_of_arrays(self):
        self.ball.dist(*self.arrays)

    def time_distance_and_backward(self):
        self.ball.dist(self.x, self.y).backward()


class Elementwise:
    params = [["exp", "tanh", "sigmoid", "log"], ["float32", "float64"], [4, 1_000_000]]
    param_names = ["operation", "dtype", "size"]

    def setup(self, operation, dtype, size):
        self.x = gk.tensor(np.linspace(0.1, 0.9, size, dtype=dtype), requires_grad=True)
        self.operation = getattr(gk, operation)
        self.gradient = np.ones(size, dtype)

    def time_forward(self, *_):
        self.operation(self.x)

    def time_forward_and_backward(self, *_):
        self.operation(self.x).backward(self.gradient)


class Import:
    timeout = 60

    def time_import(self):
        subprocess.run([sys.executable, "-c", "import geomkern"], check=True)

"""The row kernels: one output row for each row of the operands, forward and backward."""

import inspect

import numpy as np

from geomkern.kernels.rows import RowKernel
from geomkern_manifold.kernels import cpu, reference

OPERATIONS = sorted(name for name in cpu.__all__ if isinstance(getattr(cpu, name), RowKernel) and name[-4:] != "_vjp")
SHAPES = ["1x2", "10000x10", "100000x64", "1000000x10"]


def operands(operation, rows, columns, dtype):
    """Return a value for each operand; points and tangent vectors well inside the ball."""
    rng = np.random.default_rng(0)
    values = []
    for name in inspect.signature(getattr(reference, operation)).parameters:
        if name in ("c", "k"):
            values.append(1.0)
        elif name == "eps":
            values.append(1e-3)
        elif name in ("t", "r", "lam"):
            values.append(rng.uniform(0, 1, rows).astype(dtype))
        elif name != "out":
            x = rng.uniform(-0.9, 0.9, (rows, columns)) / columns**0.5
            if operation.startswith("sphere"):
                x /= np.linalg.norm(x, axis=-1, keepdims=True)
            if operation.startswith("half_space") and name in ("x", "y", "p"):
                x[:, -1] = np.abs(x[:, -1]) + 0.1
            values.append(x.astype(dtype))
    return values


class Rows:
    params = [OPERATIONS, ["float32", "float64"], SHAPES]
    param_names = ["operation", "dtype", "shape"]

    def setup(self, operation, dtype, shape):
        rows, columns = map(int, shape.split("x"))
        self.operands = operands(operation, rows, columns, dtype)
        self.forward = getattr(cpu, operation)
        self.backward = getattr(cpu, f"{operation}_vjp")
        self.gradient = np.ones_like(self.forward(*self.operands))
        names = list(inspect.signature(getattr(reference, operation)).parameters)
        self.wanted = (True,) * (len(names) - 1)

    def time_forward(self, *_):
        self.forward(*self.operands)

    def time_vjp(self, *_):
        self.backward(self.gradient, *self.operands, self.wanted)

"""Operands for the row kernels of every model, by the names that their signatures use."""

import inspect

import numpy as np

from geomkern_manifold.kernels import reference

OPERATIONS = [name for name in reference.__all__ if f"{name}_vjp" in reference.__all__]
OPERATIONS = [
    name for name in OPERATIONS if not name.endswith(("pairwise_dist", "product"))
]  # which are no row kernels


def signature(operation):
    """Return the names of the operands, in order."""
    return [name for name in inspect.signature(getattr(reference, operation)).parameters if name != "out"]


def directions(rng, n, d):
    u = rng.standard_normal((n, d))
    return u / np.linalg.norm(u, axis=-1, keepdims=True)


def points(rng, n, d, c, dtype, largest=0.9):
    """Return n points of the ball, none outside `largest` times its radius."""
    radius = rng.uniform(0.02, largest, (n, 1)) / np.sqrt(c)
    return (directions(rng, n, d) * radius).astype(dtype)


def points_of(operation, rng, n, d, c, dtype):
    """Return n points of the operation's model, up to a few radii of curvature from its origin; or vectors there."""
    if operation.startswith("half_space"):
        x = 0.3 * rng.standard_normal((n, d))
        x[:, -1] = np.exp(x[:, -1])
        return x.astype(dtype)
    if operation.startswith("polar"):
        return points(rng, n, d, c, dtype, largest=2.5)
    return points(rng, n, d, c, dtype)


def operands(operation, rng, n, d, c, dtype):
    """Return one value for each operand."""
    values = []
    for name in signature(operation):
        if name == "c":
            values.append(c)
        elif name == "eps":
            values.append(0.3)
        elif name in ("t", "r"):
            values.append(rng.uniform(-2, 2, n).astype(dtype))
        else:  # tangent vectors are taken from among the points too: any vector is one
            values.append(points_of(operation, rng, n, d, c, dtype))
    return values


def wanted(operation):
    """Return one True for each operand that has a gradient."""
    return (True,) * len(signature(operation))

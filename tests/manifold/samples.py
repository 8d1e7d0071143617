"""Operands for the row kernels of every model, by the names that their signatures use."""

import inspect

import numpy as np

from geomkern_manifold.kernels import reference

OPERATIONS = [name for name in reference.__all__ if f"{name}_vjp" in reference.__all__]
OPERATIONS = [
    name for name in OPERATIONS if not name.endswith(("pairwise_dist", "product", "einstein_midpoint"))
]  # which are no row kernels


def signature(operation):
    """Return the names of the operands, in order."""
    return [name for name in inspect.signature(getattr(reference, operation)).parameters if name != "out"]


def directions(rng, n, d):
    u = rng.standard_normal((n, d))
    return u / np.linalg.norm(u, axis=-1, keepdims=True)


def points(rng, n, d, c, dtype, largest=0.9):
    """Return n points of the ball, none outside `largest` times its radius."""
    radius = rng.uniform(0.02, largest, (n, 1)) / np.sqrt(c)[..., None]
    return (directions(rng, n, d) * radius).astype(dtype)


def sphere_points(rng, n, d, c, dtype):
    """Return n points of the sphere, none as far as a right angle from the first axis."""
    x = 0.8 * directions(rng, n, d) + np.eye(1, d)
    return (x / np.linalg.norm(x, axis=-1, keepdims=True) / np.sqrt(c)[..., None]).astype(dtype)


def points_of(operation, rng, n, d, c, dtype):
    """Return n points of the operation's model, up to a few radii of curvature from its origin; or vectors there."""
    if operation.startswith("half_space"):
        x = 0.2 * rng.standard_normal((n, d))
        x[:, -1] = np.exp(x[:, -1])
        return x.astype(dtype)
    if operation.startswith("sphere"):  # vectors too: the formulas do not ask that they are tangent
        return sphere_points(rng, n, d, c, dtype)
    # with k > 0 geodesics should not come near infinity
    largest = {"polar": 1.5, "stereographic": 0.3}.get(operation.split("_")[0], 0.9)
    return points(rng, n, d, c, dtype, largest)


def operands(operation, rng, n, d, c, dtype):
    """Return one value for each operand; c is a number, or one for each row."""
    c = np.asarray(c, np.float64)[()]
    values = []
    for name in signature(operation):
        if name == "c":
            values.append(c)
        elif name == "k":
            values.append(c * rng.choice([-1.0, 1.0], np.shape(c) or None))
        elif name == "eps":
            values.append(0.3)
        elif name in ("t", "r", "lam"):
            values.append(rng.uniform(-2, 2, n).astype(dtype))
        else:  # tangent vectors are taken from among the points too: any vector is one
            values.append(points_of(operation, rng, n, d, c, dtype))
    return values


def wanted(operation):
    """Return one True for each operand that has a gradient."""
    return (True,) * len(signature(operation))

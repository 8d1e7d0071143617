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
    radius = rng.uniform(0.02, largest, (n, 1)) / np.sqrt(c)[..., None]
    return (directions(rng, n, d) * radius).astype(dtype)


def upper(rows):
    """Return the rows with a positive last coordinate: points of the half-space."""
    rows[..., -1] = np.abs(rows[..., -1]) + rows.dtype.type(0.1)
    return rows


def sphere_points(rng, n, d, c, dtype):
    """Return n points of the sphere, none as far as a right angle from the first axis."""
    x = 0.8 * directions(rng, n, d) + np.eye(1, d)
    return (x / np.linalg.norm(x, axis=-1, keepdims=True) / np.sqrt(c)[..., None]).astype(dtype)


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
        elif name in ("t", "r"):
            values.append(rng.uniform(-2, 2, n).astype(dtype))
        elif operation.startswith("sphere"):  # tangent vectors too: the formulas do not ask that they are tangent
            values.append(sphere_points(rng, n, d, c, dtype))
        else:  # tangent vectors are taken from the ball too: any vector is one
            # with k > 0 geodesics should not come near infinity
            largest = 0.3 if operation.startswith("stereographic") else 0.9
            values.append(points(rng, n, d, c, dtype, largest))
            if operation.startswith("half_space") and name in ("x", "y", "p"):
                upper(values[-1])
    return values


def wanted(operation):
    """Return one True for each operand that has a gradient."""
    return (True,) * len(signature(operation))

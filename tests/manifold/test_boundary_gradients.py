"""Gradients of the ball's operations against mpmath, from the middle to 1e-12 from the boundary."""

import numpy as np
import oracle
import pytest
from samples import directions

from geomkern_manifold.kernels import cpu

C = 0.7
OPERATIONS = ["dist", "logmap", "expmap", "geodesic", "transp", "mobius_add"]
KINDS = {"far": 2.0, "near": 0.1, "to the origin": 12.0, "from the origin": 12.0, "antipodal": 1e-3}  # length of v


def operands(kind, gap, d, rng):
    """Return two points `gap` from the boundary, and a tangent vector at the first."""
    u, w, e = directions(rng, 3, d)
    edge = 1 / np.sqrt(C)
    x, y = {
        "far": (u * (1 - gap) * edge, w * (1 - gap) * edge),
        "near": (u * (1 - gap) * edge, (u * (1 - gap) + w * 0.1 * gap) * edge),
        "to the origin": (u * (1 - gap) * edge, np.zeros(d)),
        "from the origin": (np.zeros(d), u * (1 - gap) * edge),
        "antipodal": (u * (1 - gap) * edge, -u * (1 - gap) * (1 - 1e-3 * gap) * edge),
    }[kind]
    return x, y, e * KINDS[kind] * (1 - C * x @ x) / 2


def check(operation, kind, gap, d):
    rng = np.random.default_rng(int(-np.log10(gap)) + d)
    x, y, v = operands(kind, gap, d, rng)
    arguments = {"expmap": (x, v), "geodesic": (x, y, 0.3), "transp": (x, y, v)}.get(operation, (x, y))
    g = 1.0 if operation == "dist" else directions(rng, 1, d)[0]
    if operation == "geodesic":  # the oracle takes t first
        of_t, *others, of_c = oracle.gradient(operation, "poincare", (0.3, x, y, C), g)
        expected = [*others, of_t, of_c]
    else:
        expected = oracle.gradient(operation, "poincare", (*arguments, C), g)
    found = getattr(cpu, f"poincare_{operation}_vjp")(np.asarray(g), *arguments, C, (True,) * (len(arguments) + 1))
    for gradient, true in zip(found[:-1], expected[:-1], strict=True):
        assert oracle.relative_error(gradient, true) < (1e-12 if operation == "geodesic" else 1e-13), (d, gap)
    # by Euler's identity 2c times the gradient in c is the sum of <gradient, operand>, which may cancel
    terms = sum(np.linalg.norm(f) * np.linalg.norm(a) for f, a in zip(found, arguments, strict=False)) / C
    assert abs(found[-1] - float(expected[-1])) < 1e-10 * abs(float(expected[-1])) + 1e-14 * terms, (d, gap)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_near_the_boundary(operation, kind):
    check(operation, kind, 1e-9, 2)


@pytest.mark.slow
@pytest.mark.parametrize("gap", [0.5, 1e-1, 1e-3, 1e-6, 1e-12])
@pytest.mark.parametrize("d", [2, 10])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_everywhere(operation, kind, d, gap):
    check(operation, kind, gap, d)

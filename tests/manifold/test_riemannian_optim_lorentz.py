"""The fused steps in Lorentz's model against the textbook in the ambient space, where points have a time coordinate."""

import numpy as np
import pytest
from samples import directions

from geomkern_manifold.kernels import cpu


def inner(u, v):
    return (u[:, 1:] * v[:, 1:]).sum(-1, keepdims=True) - u[:, :1] * v[:, :1]


def lift(x, c):
    return np.concatenate([np.sqrt(1 / c + (x * x).sum(-1, keepdims=True)), x], -1)


def tangent(x, v, c):
    return np.concatenate([(x * v).sum(-1, keepdims=True) / lift(x, c)[:, :1], v], -1)


def exponential(x, u, c):
    """The ambient point; by its length, which is not zero here."""
    u = tangent(x, u, c)
    n = np.sqrt(c * inner(u, u))
    return np.cosh(n) * lift(x, c) + np.sinh(n) / n * u


def transported(x, y, v, c):
    x, v = lift(x, c), tangent(x, v, c)
    return (v + c * inner(y, v) / (1 - c * inner(x, y)) * (x + y))[:, 1:]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("sign", "decay"), [(1.0, 0.0), (-1.0, 0.2)])
@pytest.mark.parametrize("d", [1, 3, 16, 20, 64])
def test_steps_follow_the_ambient_ones(d, sign, decay, dtype):
    rng, c, n = np.random.default_rng(0), 0.8, 70
    x, g, b = ((size * rng.uniform(0.1, 1, (n, 1)) * directions(rng, n, d)).astype(dtype) for size in (3.0, 0.3, 0.3))
    v, largest = rng.uniform(0.1, 1, n).astype(dtype), rng.uniform(0.1, 1, n).astype(dtype)
    exact = [array.astype(np.float64) for array in (x, g, b, v, largest)]
    close = {"rtol": 0, "atol": 40 * np.finfo(dtype).eps}
    e = sign * exact[1] + decay * exact[0]
    h = e + c * (exact[0] * e).sum(-1, keepdims=True) * exact[0]

    moved = x.copy()
    cpu.lorentz_sgd_step(moved, None, g, sign, decay, 0.4, 0.0, 0.0, 0.0, c)
    assert np.allclose(moved, exponential(exact[0], -0.4 * h, c)[:, 1:], **close)
    for ahead in (0.0, 0.9):
        buffer = 0.9 * exact[2] + 0.7 * h
        y = exponential(exact[0], -0.4 * (h + ahead * buffer if ahead else buffer), c)
        moved, carried = x.copy(), b.copy()
        cpu.lorentz_sgd_step(moved, carried, g, sign, decay, 0.4, 0.9, 0.7, ahead, c)
        assert np.allclose(moved, y[:, 1:], **close)
        assert np.allclose(carried, transported(exact[0], y, buffer, c), **close)
    for amsgrad in (False, True):
        mean = 0.8 * exact[2] + 0.2 * h
        square = 0.9 * exact[3] + 0.1 * inner(tangent(exact[0], h, c), tangent(exact[0], h, c))[:, 0]
        top = np.maximum(square, exact[4]) if amsgrad else square
        y = exponential(exact[0], -(0.2 / (np.sqrt(top) / 0.5 + 1e-8))[:, None] * mean, c)
        moved, carried, squares, most = x.copy(), b.copy(), v.copy(), largest.copy()
        cpu.lorentz_adam_step(
            moved, carried, squares, most if amsgrad else None, g, sign, decay, 0.8, 0.9, 0.2, 0.5, 1e-8, c
        )
        assert np.allclose(moved, y[:, 1:], **close)
        assert np.allclose(carried, transported(exact[0], y, mean, c), **close)
        assert np.allclose(squares, square, **close)
        assert np.allclose(most, top if amsgrad else exact[4], **close)


def test_a_radial_moment_far_from_the_origin_keeps_its_length():
    """The two terms of |w|_x^2 cancel to one part in c|x|^2 = 1e12; the point moves by the length that is left."""
    u = directions(np.random.default_rng(1), 5, 3)
    x, b, g = 1e6 * u, 1e6 * u, np.zeros((5, 3))
    cpu.lorentz_sgd_step(x, b, g, 1.0, 0.0, 0.5, 1.0, 0.0, 0.0, 1.0)
    assert np.allclose(np.arcsinh(np.linalg.norm(x, axis=1)), np.arcsinh(1e6) - 0.5, rtol=1e-9)
    assert np.allclose(b / np.linalg.norm(x, axis=1)[:, None], u, rtol=1e-9)

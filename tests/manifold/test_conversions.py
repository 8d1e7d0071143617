"""Conversions between the hyperbolic models against mpmath, in units of the metric, up to the boundary."""

import itertools

import mpmath
import numpy as np
import oracle
import pytest
from mpmath import mpf
from oracle import OPERATIONS, gradient, relative_error
from samples import directions

import geomkern as gk
from geomkern.errors import DomainError, ShapeError
from geomkern_manifold import Hyperbolic, PoincareBall
from geomkern_manifold.functions.conversions import MODELS

mpmath.mp.dps = 60
PAIRS = list(itertools.permutations(MODELS, 2))
CURVATURES = (0.01, 0.25, 0.5, 1.0, 2.0, 10.0, 100.0)
# sqrt(c) times the largest distance from the origin that is tried: near the end of the ball, and far out elsewhere
REACH = {
    np.float64: {"poincare": 32.0, "klein": 16.0, "lorentz": 60.0, "half_space": 60.0, "polar": 60.0},
    np.float32: {"poincare": 14.0, "klein": 7.0, "lorentz": 25.0, "half_space": 25.0, "polar": 25.0},
}


def exact(values):
    return [mpf(float(v)) for v in np.atleast_1d(values)]


def stored(model, direction, radius, c, dtype):
    """Return the point of a model at distance radius/sqrt(c), rounded; None if rounding has put it outside."""
    ambient = [mpmath.sinh(mpf(radius)) * mpf(float(v)) / mpmath.sqrt(c) for v in direction]
    x = np.array([float(v) for v in OPERATIONS["convert"]("lorentz", ambient, c, target=model)], dtype)
    square = c * sum(v * v for v in exact(x))
    return None if model in ("poincare", "klein") and square >= 1 else x


def grain(model, x, v, c, dtype):
    """Return the length at x of the rounding errors of the vector v, coordinate by coordinate."""
    eps, zero = float(np.finfo(dtype).eps), [mpf(0)] * len(v)
    parts = ([*zero[:j], eps * v[j], *zero[j + 1 :]] for j in range(len(v)))
    return mpmath.fsum(OPERATIONS["norm"](model, x, part, c) for part in parts)


def samples(rng, source, target, dtype):
    """Points at several distances: anywhere, near the ideal point of the half-space, opposite to it, on an axis."""
    reach = min(REACH[dtype][source], REACH[dtype][target])
    last = np.array([0.0, 0.0, 1.0])
    for c, radius in itertools.product(CURVATURES, (1e-6, 0.5, reach / 2, reach)):
        aside = last + rng.choice([1e-9, 1e-4, 1.0]) * rng.standard_normal(3)
        u = [directions(rng, 1, 3)[0], aside / np.linalg.norm(aside), last, -last][rng.integers(4)]
        x = stored(source, u, radius, c, dtype)
        if x is not None:
            yield x, c


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_points_and_tangent_vectors(source, target, dtype):
    """Off by the rounding of their own coordinates, and of the length sqrt(c) r; of an intermediate stop, if any."""
    rng, eps = np.random.default_rng(0), float(np.finfo(dtype).eps)
    for x, c in samples(rng, source, target, dtype):
        space = Hyperbolic(3, c, source)
        y, there = space.convert(x, target), OPERATIONS["convert"](source, x, c, target=target)
        assert y.dtype == dtype
        error = OPERATIONS["dist"](target, exact(y), there, c)
        allowed = 3 * grain(target, there, there, c, dtype) + 2 * eps * OPERATIONS["dist0"](source, x, c)
        assert error <= allowed, (x, c, float(error / allowed))

        v = (x * dtype(1.1) if rng.random() < 0.3 else rng.standard_normal(3)).astype(dtype)
        w, image = space.convert_tangent(x, v, target), OPERATIONS["convert_tangent"](source, x, v, c, target=target)
        length = OPERATIONS["norm"](source, x, v, c)
        error = OPERATIONS["norm"](target, there, [a - b for a, b in zip(exact(w), image, strict=True)], c)
        scale = 2 + 4 * mpmath.sqrt(c) * OPERATIONS["dist0"](source, x, c)  # the condition of sech(rho)^2
        if {source, target} in (
            {"klein", "half_space"},
            {"polar", "half_space"},
        ):  # the image in Lorentz's model, rounded
            stop = OPERATIONS["convert_tangent"](source, x, v, c, target="lorentz")
            length += grain("lorentz", OPERATIONS["convert"](source, x, c, target="lorentz"), stop, c, dtype) / eps
        allowed = 3 * grain(target, there, image, c, dtype) + eps * scale * length
        assert error <= allowed, (x, v, c, float(error / allowed))


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_gradients(source, target):
    rng = np.random.default_rng(1)
    for c, radius in ((0.25, 1e-5), (1.0, 0.4), (2.0, 3.0), (100.0, 6.0)):
        x = stored(source, directions(rng, 1, 3)[0], radius, c, np.float64)
        v, g = rng.standard_normal((2, 3))
        for operation, values in (("convert", (x,)), ("convert_tangent", (x, v))):
            leaves = [gk.tensor(value, requires_grad=True) for value in (*values, np.array(c))]
            *vectors, curvature = leaves
            space = Hyperbolic(3, curvature, source)
            getattr(space, operation)(*vectors, target).backward(g)
            wanted = gradient(operation, source, (*values, c), g, target=target)
            for leaf, want in zip(leaves, wanted, strict=True):
                assert relative_error(leaf.grad, want) < 2e-12, (operation, c, radius, leaf.grad)


def test_the_two_converters_of_the_ball_keep_distances_and_the_constraint():
    rng = np.random.default_rng(2)
    for c in CURVATURES:
        ball, lorentz = PoincareBall(c), Hyperbolic(4, c, "lorentz")
        x, y = ball.random(2, 50, 4, std=2 / np.sqrt(c), rng=rng, dtype=np.float64)
        X, Y = ball.convert(x, lorentz), ball.convert(y, lorentz)
        time = np.sqrt(1 / c + (X * X).sum(-1))
        assert np.allclose(X / (1 + np.sqrt(c) * time)[:, None], x, rtol=1e-13)
        half = ((X - Y) ** 2).sum(-1) - (time - np.sqrt(1 / c + (Y * Y).sum(-1))) ** 2
        apart = 2 / np.sqrt(c) * np.arcsinh(np.sqrt(c * half) / 2)
        assert np.allclose(apart, ball.dist(x, y), rtol=1e-8)


def test_huge_points_of_the_charts_go_to_the_boundary():
    for c, model in itertools.product(CURVATURES, ("lorentz", "polar")):
        for ball in ("poincare", "klein"):
            u = directions(np.random.default_rng(3), 20, 5)
            for dtype, scale in ((np.float64, 1e150), (np.float64, 1e250), (np.float32, 1e30)):
                x = Hyperbolic(5, c, model).convert((scale * u).astype(dtype), ball)
                assert all(0 < 1 - c * sum(v * v for v in exact(row)) < 32 * np.finfo(dtype).eps for row in x)


@pytest.mark.parametrize("model", MODELS)
def test_the_origin(model):
    space = Hyperbolic(3, 0.7, model)
    origin = PoincareBall(0.7).convert(np.zeros(3), model)
    assert np.array_equal(origin, [0, 0, 1] if model == "half_space" else np.zeros(3))
    for other in MODELS:
        want = [0, 0, 1] if other == "half_space" else np.zeros(3)
        assert np.array_equal(space.convert(origin, other), want)


def test_itself_arrays_tensors_and_shapes():
    ball = PoincareBall(np.array([0.5, 1.0]))
    x = np.full((3, 2, 4), 0.2, np.float32)
    assert ball.convert(x, "poincare") is x
    assert ball.convert(x, "klein").shape == x.shape
    assert isinstance(ball.convert(gk.tensor(x), "half_space"), gk.Tensor)
    assert ball.convert(x[:0], "polar").shape == (0, 2, 4)
    assert np.array_equal(ball.convert(x, "lorentz")[:, 1], PoincareBall(1.0).convert(x[:, 1], "lorentz"))
    assert np.isnan(ball.convert(np.full((2, 4), np.nan), "lorentz")).all()


def test_errors():
    ball, x = PoincareBall(), np.array([0.1, 0.2])
    with pytest.raises(DomainError, match=r"from c = 1.0 to c = 2.0; a change of curvature is a rescaling"):
        ball.convert(x, PoincareBall(2.0))
    with pytest.raises(DomainError, match="poincare, lorentz, klein, half_space, polar, not 'disk'"):
        ball.convert(x, "disk")
    with pytest.raises(DomainError, match=r"x lies outside the ball: c\|x\|\^2 is 4"):
        ball.convert(np.array([2.0, 0.0]), "lorentz")
    with pytest.raises(DomainError, match=r"x\[1\] lies outside the half-space: the last coordinate of x is -2"):
        Hyperbolic(model="half_space").convert(np.array([[0.0, 1.0], [1.0, -2.0]]), "lorentz")
    with pytest.raises(ShapeError, match=r"Lorentz.*needs vectors of 3 coordinates"):
        Hyperbolic(3, model="lorentz").convert(x, "polar")
    with pytest.raises(ShapeError, match="must have one length"):
        ball.convert_tangent(x, np.zeros(3), "klein")


def test_the_oracle_knows_all_models():
    assert set(MODELS) == set(oracle.HYPERBOLIC)

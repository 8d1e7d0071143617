"""Planes, ideal points and translations in every model against mpmath, and the identities that tie them together."""

import itertools

import mpmath
import numpy as np
import pytest
from mpmath import mpf
from oracle import OPERATIONS, gradient, relative_error
from samples import directions
from test_conversions import CURVATURES, REACH, exact, grain, stored

import geomkern as gk
from geomkern.errors import DomainError, ShapeError
from geomkern_manifold import Hyperbolic, PoincareBall
from geomkern_manifold.functions.conversions import MODELS

EPS = float(np.finfo(np.float64).eps)


def cases(rng, model, dtype=np.float64):
    """Two points at several distances from the origin, apart, near one another or nearly opposite, and a vector."""
    reach = REACH[dtype][model] / (2 if model in ("lorentz", "half_space", "polar") else 1)
    for c, radius in itertools.product(CURVATURES, (1e-5, 0.5, reach / 2, reach)):
        u, w = directions(rng, 2, 3)
        w = [w, u + 1e-6 * w, -u + 1e-3 * w][rng.integers(3)]
        x, p = (stored(model, v / np.linalg.norm(v), radius, c, dtype) for v in (u, w))
        if x is not None and p is not None:
            yield x, p, rng.standard_normal(3).astype(dtype), c


def conditioned(values, gradients, dtype):
    """Return what the rounding of the arguments may do to the result."""
    eps = float(np.finfo(dtype).eps)
    pairs = zip(np.concatenate(values), itertools.chain(*gradients), strict=False)
    return eps * mpmath.fsum(abs(mpf(float(v)) * g) for v, g in pairs)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("model", MODELS)
def test_distance_from_a_plane(model, dtype):
    """On either side: within a few roundings of the arguments."""
    rng, eps = np.random.default_rng(0), float(np.finfo(dtype).eps)
    signs = set()
    for x, p, a, c in cases(rng, model, dtype):
        found = Hyperbolic(3, c, model).dist2plane(x, p, a, signed=True)
        want = OPERATIONS["dist2plane"](model, x, p, a, c)
        signs.add(np.sign(found))
        assert found.dtype == dtype
        if dtype == np.float32 and model in ("poincare", "lorentz"):
            allowed = 2 * eps * abs(want) + 1e-12
        else:
            allowed = 8 * eps * abs(want) + 8 * conditioned(
                (x, p, a), gradient("dist2plane", model, (x, p, a, c)), dtype
            )
        assert abs(mpf(float(found)) - want) <= allowed, (x, p, a, c, float(found), float(want))
    assert signs == {-1, 1}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("model", MODELS)
def test_busemann_function(model, dtype):
    rng, eps = np.random.default_rng(1), float(np.finfo(dtype).eps)
    for x, _, u, c in cases(rng, model, dtype):
        toward = np.asarray(Hyperbolic(3, c, model).convert(x, "poincare"))
        for ideal in (u, toward, -toward):
            found, want = Hyperbolic(3, c, model).busemann(x, ideal), OPERATIONS["busemann"](model, ideal, x, c)
            assert found.dtype == dtype
            allowed = 8 * eps * (abs(want) + mpmath.sqrt(c) * OPERATIONS["dist0"](model, x, c) / mpf(c) ** 0.5)
            if model not in ("poincare", "lorentz"):
                _, of_x, _ = gradient("busemann", model, (ideal, x, c))
                allowed += 8 * conditioned((x,), (of_x,), dtype)
            assert abs(mpf(float(found)) - want) <= allowed, (x, ideal, c, float(found), float(want))


@pytest.mark.parametrize("model", ["poincare", "lorentz"])
def test_busemann_function_and_its_gradient_near_the_ideal_point(model):
    """Where u - sqrt(c) x is a difference of equal vectors."""
    rng = np.random.default_rng(2)
    for c, apart in itertools.product((0.01, 1.0, 100.0), (0.0, 1e-13, 1e-7, 1e-3)):
        u = rng.standard_normal(3)
        aside = u + apart * rng.standard_normal(3)
        x = stored(model, aside / np.linalg.norm(aside), 28.0, c, np.float64)
        space, u, x = PoincareBall(c) if model == "poincare" else Hyperbolic(3, c, model), u.copy(), x.copy()
        leaves = [gk.tensor(v, requires_grad=True) for v in (u, x, np.array(c))]
        value = Hyperbolic(3, leaves[2], model).busemann(leaves[1], leaves[0])
        assert relative_error(float(space.busemann(x, u)), OPERATIONS["busemann"](model, u, x, c)) < 4 * EPS
        value.backward()
        for leaf, want in zip(leaves, gradient("busemann", model, (u, x, c)), strict=True):
            assert relative_error(leaf.grad, want) < 100 * EPS, (c, apart)


@pytest.mark.parametrize("model", MODELS)
def test_gradients(model):
    rng = np.random.default_rng(3)
    for c, radius in ((0.25, 0.1), (1.0, 1.0), (10.0, 3.0)):
        x, p, by = (stored(model, u, radius, c, np.float64) for u in directions(rng, 3, 3))
        a, g = rng.standard_normal((2, 3))
        for name, method, values, g_out in (
            ("dist2plane", lambda s, x, p, a: s.dist2plane(x, p, a, signed=True), (x, p, a), 1.0),
            ("busemann", lambda s, u, x: s.busemann(x, u), (a, x), 1.0),
            ("mobius_add", lambda s, by, x: s.translate(x, by), (by, x), g),
            ("recenter", lambda s, by, x: s.recentre(x, by), (by, x), g),
        ):
            leaves = [gk.tensor(v, requires_grad=True) for v in (*values, np.array(c))]
            method(Hyperbolic(3, leaves[-1], model), *leaves[:-1]).backward(g_out)
            wanted = gradient(name, model, (*values, c), g=list(np.atleast_1d(g_out)))
            for leaf, want in zip(leaves, wanted, strict=True):
                if want == 0:  # c does not move points of the half-space
                    assert abs(float(leaf.grad)) < 1e-12, name
                else:
                    assert relative_error(leaf.grad, want) < 1e-11, (name, c, leaf.grad)


@pytest.mark.parametrize("model", MODELS)
def test_translations(model):
    rng = np.random.default_rng(4)
    for x, p, _, c in cases(rng, model):
        space = Hyperbolic(3, c, model)
        for name, image in (("mobius_add", space.translate(x, p)), ("recenter", space.recentre(x, p))):
            want = OPERATIONS[name](model, p, x, c)
            room = c * sum(v * v for v in want) if model in ("poincare", "klein") else 0
            if 1 - room < 4 * EPS:  # rounded to the boundary, or pulled inside
                continue
            error = OPERATIONS["dist"](model, exact(image), want, c)
            allowed = 4 * grain(model, want, want, c, np.float64) + 4 * EPS / mpmath.sqrt(c)
            if model not in ("poincare", "lorentz"):  # in Lorentz's model both points are rounded
                for point in (x, p):
                    there = OPERATIONS["convert"](model, point, c, target="lorentz")
                    allowed += 4 * grain("lorentz", there, there, c, np.float64)
            assert error <= allowed, (name, x, p, c, float(error / allowed))


@pytest.mark.parametrize("c", CURVATURES)
@pytest.mark.parametrize("model", MODELS)
def test_identities(model, c):
    """Translations are isometries; the one toward an ideal point moves its horospheres by the distance."""
    rng = np.random.default_rng(5)
    space = Hyperbolic(4, c, model)
    ball = PoincareBall(c)
    x, y, by = ball.convert(ball.random(3, 40, 4, std=0.7 / np.sqrt(c), rng=rng, dtype=np.float64), space)
    ball_dist = ball.dist(*(space.convert(v, ball) for v in (x, y)))
    moved = [space.convert(space.translate(v, by), ball) for v in (x, y)]
    assert np.allclose(ball.dist(*moved), ball_dist, rtol=1e-9)
    assert np.allclose(space.recentre(space.translate(x, by), by), x, rtol=1e-9, atol=1e-9 / np.sqrt(c))
    origin = ball.convert(np.zeros(4), space)
    assert np.allclose(space.recentre(by, by), origin, atol=1e-12 / np.sqrt(c))
    u, t = directions(rng, 1, 4)[0], 0.8 / np.sqrt(c)
    step = ball.convert(ball.expmap0(0.5 * t * u), space)
    assert np.allclose(
        space.busemann(space.translate(x, step), 3 * u), space.busemann(x, u) - t, rtol=1e-10, atol=1e-12
    )
    assert np.allclose(space.busemann(origin, u), 0, atol=1e-15)
    assert np.allclose(space.dist2horosphere(step, origin, u, signed=True), -t)
    assert np.allclose(space.dist2horosphere(step, origin, u), t)
    # A plane's distance is that of the nearest of its points; its sides are told apart by the sign alone.
    a = rng.standard_normal(4)
    signed = space.dist2plane(x, by, a, signed=True)
    assert np.allclose(space.dist2plane(x, by, -a, signed=True), -signed)
    assert np.array_equal(space.dist2plane(x, by, a), np.abs(signed))
    assert np.allclose(space.dist2plane(by, by, a), 0, atol=1e-12 / np.sqrt(c))
    assert space.dist2plane(x, by, a, keepdim=True).shape == (40, 1)
    start = space.dist2plane(x, by, 7 * a, scaled=True)
    lorentz = Hyperbolic(4, c, "lorentz")
    A, P = space.convert_tangent(by, 7 * a, lorentz), space.convert(by, lorentz)
    length = np.sqrt((A * A).sum(-1) - c * ((P * A).sum(-1)) ** 2 / (1 + c * (P * P).sum(-1)))
    assert np.allclose(start, length * np.abs(signed), rtol=1e-8)


@pytest.mark.parametrize("c", CURVATURES)
def test_boost_matrix(c):
    rng = np.random.default_rng(6)
    ball, lorentz = PoincareBall(c), Hyperbolic(3, c, "lorentz")
    by, x = ball.convert(ball.random(2, 6, 3, std=0.5 / np.sqrt(c), rng=rng, dtype=np.float64), lorentz)
    boost = lorentz.boost_matrix(by)
    form = np.diag([-1.0, 1, 1, 1])
    assert np.allclose(np.swapaxes(boost, -1, -2) @ form @ boost, form, atol=1e-9)
    ambient = np.concatenate([np.sqrt(1 / c + (x * x).sum(-1, keepdims=True)), x], -1)
    assert np.allclose((boost @ ambient[..., None])[:, 1:, 0], lorentz.translate(x, by))
    assert np.allclose(ball.boost_matrix(lorentz.convert(by, ball)), boost)
    assert np.allclose(Hyperbolic(3, np.full(6, c), "lorentz").boost_matrix(by), boost)
    assert gk.gradcheck(lambda b, k: Hyperbolic(3, k, "lorentz").boost_matrix(b), by, np.array(c))
    assert lorentz.boost_matrix(by.astype(np.float32)).dtype == np.float32
    assert np.allclose(lorentz.boost_matrix([3, 4, 0]), lorentz.boost_matrix([3.0, 4.0, 0.0]))


def test_errors():
    ball, x, a = PoincareBall(), np.array([0.1, 0.2]), np.array([1.0, 0.0])
    with pytest.raises(DomainError, match="dist2plane needs a normal vector a that is not zero"):
        ball.dist2plane(x, x, np.zeros((3, 2)))
    with pytest.raises(DomainError, match="busemann needs a direction that is not zero"):
        ball.busemann(x, np.array([[1.0, 0], [0, 0]]))
    with pytest.raises(DomainError, match="p lies outside the ball"):
        ball.dist2plane(x, np.array([3.0, 0.0]), a)
    with pytest.raises(ShapeError, match="must have one length"):
        ball.busemann(x, np.ones(3))
    with pytest.raises(ShapeError, match="needs vectors of 3 coordinates"):
        Hyperbolic(3).busemann(x, a)
    assert ball.dist2plane(x[None][:0], x, a).shape == (0,)
    assert np.isnan(ball.busemann(np.array([np.nan, 0.1]), a))

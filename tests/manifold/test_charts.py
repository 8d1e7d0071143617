"""Klein's ball, the half-space and the polar chart: accuracy by the oracle, limits, and what they are as objects.

Relative errors are those of whole vectors. Near the boundary, and far out, stored coordinates are taken as exact.
"""

import mpmath
import numpy as np
import pytest
from oracle import OPERATIONS as ORACLE
from oracle import gradient, relative_error
from samples import OPERATIONS, directions, signature, wanted

import geomkern as gk
from geomkern.errors import DomainError, ShapeError
from geomkern_manifold import HalfSpace, Klein, PoincareBall, Polar
from geomkern_manifold.kernels import cpu

MODELS = [Klein, HalfSpace, Polar]
ARGUMENTS = {
    "dist": ("x", "y"), "norm": ("x", "u"), "inner": ("x", "u", "v"), "egrad2rgrad": ("x", "u"), "expmap": ("x", "v"),
    "logmap": ("x", "y"), "geodesic": ("t", "x", "y"), "transp": ("x", "y", "v"), "mobius_add": ("x", "y"),
}  # fmt: skip


def klein_points(rng, gap, step, d, c):
    """Two points, the first at `gap` from the boundary, the second as far or a step away, and vectors there."""
    x = directions(rng, 1, d)[0] * (1 - gap) / np.sqrt(c)
    y = directions(rng, 1, d)[0] * (1 - gap) / np.sqrt(c)
    a, along = 1 - c * x @ x, np.outer(x, x) / (x @ x)
    shrink = a * along + np.sqrt(a) * (np.eye(d) - along)  # about the square root of the inverse metric
    u, v, w = (shrink @ vector / np.sqrt(c) for vector in directions(rng, 3, d))
    return x, x + step * w if step else y, u, v


def half_space_points(rng, spread, step, d, c):
    """Points at heights from e^-spread to e^spread, of any scale."""
    scale = np.exp(3 * rng.standard_normal())
    x, y = scale * rng.standard_normal((2, d))
    x[-1], y[-1] = scale * np.exp(rng.uniform(-spread, spread, 2))
    u, v, w = x[-1] * directions(rng, 3, d)
    return x, x + 0.9 * step * w if step else y, u, v


def polar_points(rng, radius, step, d, c):
    x, y = directions(rng, 2, d) * radius * rng.uniform(0.8, 1, (2, 1))
    z, along = np.sqrt(c) * np.linalg.norm(x), np.outer(x, x) / (x @ x)
    shrink = along + z / np.sinh(z) * (np.eye(d) - along)
    u, v, w = (shrink @ vector for vector in directions(rng, 3, d))
    return x, x + step * w if step else y, u, v


PLACES = {
    "klein": (klein_points, [0.9, 0.1, 1e-3, 1e-6, 1e-9, 1e-12]),
    "half_space": (half_space_points, [0.1, 1.0, 5.0, 12.0]),
    "polar": (polar_points, [0.1, 1.0, 5.0, 12.0]),
}
CASES = [(model, place) for model, (_, places) in PLACES.items() for place in places]


@pytest.mark.parametrize("step", [0.0, 0.3, 1e-5])
@pytest.mark.parametrize(("model", "place"), CASES)
def test_values_and_gradients(model, place, step):
    rng, c = np.random.default_rng(int(-np.log(place) + 50)), 0.7
    for d in (2, 5):
        x, y, u, v = PLACES[model][0](rng, place, step, d, c)
        operands = {"x": x, "y": y, "u": u, "v": v, "t": rng.uniform(-0.2, 1.2), "c": c}
        for name, arguments in ARGUMENTS.items():
            operation = f"{model}_{name}"
            if operation not in OPERATIONS:
                continue
            order = signature(operation)
            values = [operands[argument] for argument in order]
            out = getattr(cpu, operation)(*values)
            exact = [operands[argument] for argument in arguments]
            assert relative_error(out.tolist(), ORACLE[name](model, *exact, c)) < 2e-14, (name, d)
            g = rng.standard_normal(out.shape)
            found = getattr(cpu, f"{operation}_vjp")(g, *values, wanted(operation))
            oracle = dict(zip((*arguments, "c"), gradient(name, model, [*exact, c], g.tolist()), strict=True))
            for argument, part in zip(order, found, strict=True):
                if argument == "c":  # some are differences of the other gradients, which cancel for near points
                    assert np.isclose(part, float(oracle["c"]), rtol=1e-9, atol=1e-11 * np.linalg.norm(g))
                else:  # the two are smaller than their terms for y near x, and far out
                    loose = operation in ("klein_mobius_add", "polar_transp")
                    error = relative_error(part.tolist(), oracle[argument])
                    assert error < (1e-9 if loose else 1e-12), (name, argument, d)


def exact_polar_dist(x, y, c):
    """The formula of the class, with digits to spare for radii of 1e5."""
    with mpmath.workdps(500):
        x, y = (mpmath.matrix([mpmath.mpf(float(v)) for v in row]) for row in (x, y))
        p, q = mpmath.norm(x), mpmath.norm(y)
        turn = mpmath.norm(x / p - y / q) / 2 if p and q else mpmath.mpf(0)
        flat, k = mpmath.mpf(10) ** -400, mpmath.sqrt(c)
        turn = turn if turn > flat else 0
        square = mpmath.sinh(k * (p - q) / 2) ** 2 + mpmath.sinh(k * p) * mpmath.sinh(k * q) * turn**2
        return 2 / k * mpmath.asinh(mpmath.sqrt(square))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_polar_distances_at_any_radius(dtype):
    rng, eps = np.random.default_rng(1), float(np.finfo(dtype).eps)
    for radius in (1e-6, 1.0, 80.0, 700.0, 1e5):
        for d in (1, 2, 10):
            x, y = (directions(rng, 2, d) * radius).astype(dtype)
            for other in (y, -x, 2 * x, x / 4, np.zeros_like(x)):
                true = exact_polar_dist(x, other, mpmath.mpf(1.3))
                assert abs(float(cpu.polar_dist(x, other, 1.3)) - true) <= 4 * eps * true, (radius, d)


def test_half_space_distances_at_any_height():
    for height in (1e-300, 1e-150, 1.0, 1e150, 1e300):
        for other in (1e-300, 1.0, 1e300):
            x, y = np.array([0.0, height]), np.array([1.0, other])
            with mpmath.workdps(50):
                h, k = mpmath.mpf(height), mpmath.mpf(other)
                true = 2 * mpmath.asinh(mpmath.sqrt((1 + (h - k) ** 2) / (4 * h * k)))
            assert abs(float(cpu.half_space_dist(x, y, 1.0)) - true) <= 1e-15 * true
    x, y, s = np.array([0.3, 0.5]), np.array([-2.0, 1.0]), 2.0**900
    space = HalfSpace()
    assert np.array_equal(space.logmap(s * x, s * y), s * space.logmap(x, y))
    assert np.array_equal(space.geodesic(0.3, s * x, s * y), s * space.geodesic(0.3, x, y))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "operation", [name for name in OPERATIONS if name.startswith(("klein", "half_space", "polar"))]
)
def test_finite_input_gives_finite_output_and_gradients(operation, dtype):
    """Equal, opposite, zero and extreme points, vectors of no length, times at and beyond the ends."""
    rng = np.random.default_rng(2)
    model, vectors = operation.partition("_")[0], ("u", "v")

    def point(d, c):
        if model == "klein":
            radius = rng.choice([0, 1e-300, 1e-9, 0.5, 1 - 1e-6, 1.0])
            return cpu.klein_projx((directions(rng, 1, d)[0] * radius / np.sqrt(c)).astype(dtype), 0.0, c)
        if model == "polar":
            return (directions(rng, 1, d)[0] * rng.choice([0, 1e-300, 1e-9, 1.0, 40.0]) / np.sqrt(c)).astype(dtype)
        x = rng.standard_normal(d) * rng.choice([0.0, 1e-9, 1.0])
        x[-1] = rng.choice([1e-6, 1.0, 1e6])
        return x.astype(dtype)

    for d, c in [(1, 1.0), (2, 0.01), (10, 100.0), (40, 0.3)] * 12:
        values = []
        for name in signature(operation):
            if name == "c":
                values.append(c)
            elif name == "eps":
                values.append(rng.choice([0.0, 0.1]))
            elif name in ("t", "r"):
                values.append(dtype(rng.choice([0, 1, 0.5, -0.5, 1.5])))
            elif name in vectors and values:
                unit = values[0][-1] if model == "half" else np.exp(-min(np.sqrt(c) * np.linalg.norm(values[0]), 60))
                values.append((directions(rng, 1, d)[0] * unit * rng.choice([0.0, 1e-30, 1.0])).astype(dtype))
            elif values and np.ndim(values[0]) and rng.random() < 0.4:
                values.append(values[0].copy() if model == "half" else values[0] * dtype(rng.choice([1, -1])))
            else:
                values.append(point(d, c))
        out = getattr(cpu, operation)(*values)
        assert np.isfinite(out).all(), values
        g = np.asarray(rng.standard_normal(out.shape), dtype)
        for gradient_ in getattr(cpu, f"{operation}_vjp")(g, *values, wanted(operation)):
            assert np.isfinite(gradient_).all(), values


class TestKlein:
    @pytest.mark.parametrize("c", [0.01, 0.25, 1.0, 100.0])
    def test_einstein_addition_is_moebius_addition(self, c):
        rng = np.random.default_rng(3)
        ball, klein = PoincareBall(c), Klein(c)
        u, v = directions(rng, 20, 3) * rng.uniform(0, 0.9, (2, 20, 1)) / np.sqrt(c)

        def to_klein(x):
            return 2 * x / (1 + c * (x * x).sum(-1, keepdims=True))

        assert np.allclose(
            klein.mobius_add(to_klein(u), to_klein(v)), to_klein(ball.mobius_add(u, v)), rtol=1e-13, atol=0
        )
        assert np.allclose(klein.dist(to_klein(u), to_klein(v)), ball.dist(u, v), rtol=1e-13)
        assert np.allclose(klein.gyration(to_klein(u), to_klein(v), u), ball.gyration(u, v, u), rtol=1e-12)

    def test_geodesics_are_chords(self):
        klein, x, y = Klein(0.7), np.array([0.3, 0.5]), np.array([-0.6, 0.1])
        z = klein.geodesic(0.4, x, y)
        s = (z - x) @ (y - x) / ((y - x) @ (y - x))
        assert np.allclose(klein.chord(x, y, s), z, rtol=1e-14)
        assert klein.chord(x, y, np.array([0.0, 1.0])).tolist() == [x.tolist(), y.tolist()]
        for t in (0.0, 0.3, 1.0, -2.0, 7.0):
            assert np.array_equal(klein.geodesic(t, x, x), x)

    def test_lorentz_factor(self):
        klein, x = Klein(0.7), np.array([0.3, 0.5])
        assert np.isclose(klein.gamma(x), np.cosh(np.sqrt(0.7) * klein.dist0(x)), rtol=1e-15)

    def test_projection(self):
        pulled = Klein().projx(np.array([3.0, 4.0]))
        assert 0 < 1 - pulled @ pulled < 1e-14
        assert np.allclose(Klein().projx(np.array([3.0, 4.0]), eps=0.5), [0.3, 0.4])


class TestHalfSpace:
    def test_origin_and_what_starts_there(self):
        space, u = HalfSpace(0.5), np.array([0.3, -0.2, 0.4])
        assert space.origin(2, 3, dtype=np.float32).tolist() == [[0, 0, 1], [0, 0, 1]]
        y = space.expmap0(u)
        assert np.allclose(space.logmap0(y), u, rtol=1e-14)
        assert np.isclose(space.dist0(y), np.linalg.norm(u) / np.sqrt(0.5), rtol=1e-14)
        assert space.lambda_x(y).shape == ()

    def test_projection(self):
        x = np.array([[1.0, 2.0], [1.0, 0.0], [1.0, -3.0], [np.nan, -1.0], [1.0, np.nan]])
        lifted = HalfSpace().projx(x)
        assert np.array_equal(lifted[:, 1], [2.0, 2.0**-1022, 2.0**-1022, 2.0**-1022, np.nan], equal_nan=True)
        assert HalfSpace().projx(x.astype(np.float32))[1, 1] == np.float32(2.0**-126)
        assert HalfSpace().projx(x, eps=0.1)[:3, 1].tolist() == [2.0, 0.1, 0.1]
        with pytest.raises(DomainError, match="not negative"):
            HalfSpace().projx(x, eps=-1.0)

    def test_points_outside(self):
        with pytest.raises(
            DomainError, match=r"dist: y\[1\] lies outside the half-space: the last coordinate of y is -2"
        ):
            HalfSpace().dist(np.ones(2), np.array([[1.0, 1.0], [1.0, -2.0]]))


class TestPolar:
    def test_normal_coordinates_of_the_origin(self):
        polar, u = Polar(0.5), np.array([0.3, -0.2, 0.4])
        assert np.array_equal(polar.expmap0(u), u)
        assert np.array_equal(polar.logmap0(u), u)
        assert np.allclose(polar.expmap(np.zeros(3), u), u, rtol=1e-15)
        assert np.allclose(polar.logmap(np.zeros(3), u), u, rtol=1e-15)
        assert polar.dist0(u) == np.linalg.norm(u)

    def test_rays_are_geodesics(self):
        x = np.array([30.0, -20.0, 10.0])
        assert np.allclose(Polar().geodesic(0.25, -x, x), -0.5 * x, rtol=1e-13)
        assert np.allclose(Polar().geodesic(0.5, -x, x), 0, atol=1e-12)


@pytest.mark.parametrize("manifold", MODELS)
def test_as_an_object(manifold):
    space = manifold(0.8)
    x = space.random(6, 3, rng=0, dtype=np.float64)
    y = space.random(6, 3, rng=1, dtype=np.float64)
    space.check_point(x)
    assert space.random(4, 2, rng=0, dtype=np.float32).dtype == np.float32
    assert np.allclose(space.geodesic(0.0, x, y), x, rtol=1e-12, atol=1e-13)
    assert np.allclose(space.geodesic(1.0, x, y), y, rtol=1e-12, atol=1e-13)
    assert np.allclose(space.geodesic(0.3, x, y), space.geodesic(0.7, y, x), rtol=1e-12, atol=1e-13)
    v = space.logmap(x, y)
    assert np.allclose(space.norm(x, v), space.dist(x, y), rtol=1e-13)
    assert np.allclose(space.expmap(x, v), y, rtol=1e-11, atol=1e-12)
    assert np.allclose(space.transp(x, y, v), -space.logmap(y, x), rtol=1e-11, atol=1e-12)
    assert np.allclose(space.inner(y, space.transp(x, y, v)), space.inner(x, v), rtol=1e-12)
    assert np.allclose(space.dist(space.geodesic_unit(0.5, x, v), x), 0.5, rtol=1e-12)
    assert space.dist(x[:, None], y[None], keepdim=True).shape == (6, 6, 1)
    assert space.dist(x[:0], y[:0]).shape == (0,)
    assert np.isnan(space.dist(x * [np.nan, 1, 1], y)).all()
    with pytest.raises(ShapeError):
        space.dist(x, y[:, :2])
    assert repr(space) == f"{manifold.__name__}(c=0.8)"


@pytest.mark.parametrize("manifold", MODELS)
def test_learnable_curvature(manifold):
    x, y = (manifold().random(5, 2, std=0.3, rng=seed, dtype=np.float64) for seed in (0, 1))

    def value(c):
        space = manifold(c)
        return (space.dist(x, y) + space.norm(x, space.logmap(x, y)) + space.dist0(space.geodesic(0.3, x, y))).sum()

    slope = gk.grad(value)(np.array(0.6))
    assert np.isclose(slope, (value(0.6 + 1e-6) - value(0.6 - 1e-6)) / 2e-6, rtol=1e-7)

"""The laws of the Poincaré ball: a gyrovector space, and a space of constant curvature.

Rounding a point x moves it by eps |x|, which the metric enlarges by 1/(1 - c|x|^2); operations on several points
multiply these factors. So every law is held to `SLACK` roundings of the longest point, times that product.
"""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from samples import directions

from geomkern_manifold import PoincareBall

SLACK = 50
RADII = [0.0, 1e-12, 1e-4, 0.1, 0.5, 0.75, 0.9, 0.99]

laws = settings(max_examples=60, deadline=None, derandomize=True)


class Space:
    """A ball, and random points and vectors in it."""

    def __init__(self, dtype, c, d, radii, seed):
        self.dtype, self.c, self.d, self.radii, self.rng = dtype, c, d, iter(radii), np.random.default_rng(seed)
        self.ball = PoincareBall(c)
        self.loss, self.longest = 1.0, 0.0

    def __repr__(self):
        return f"Space({self.dtype.__name__}, c={self.c}, d={self.d})"

    def points(self, count):
        return [self.point() for _ in range(count)]

    def point(self):
        radius = next(self.radii)
        self.loss /= 1 - radius**2
        self.longest = max(self.longest, radius / np.sqrt(self.c))
        return (directions(self.rng, 1, self.d)[0] * radius / np.sqrt(self.c)).astype(self.dtype)

    def tangent(self, x, length=1.0):
        """A tangent vector at x that leads to a point `length` away, in units of the radius of curvature."""
        v = directions(self.rng, 1, self.d)[0]
        self.loss *= np.cosh(length / 2) ** 2
        self.longest = max(self.longest, np.tanh(length / 2) / np.sqrt(self.c))
        return (v * length / np.sqrt(self.c) / float(self.ball.lambda_x(x))).astype(self.dtype)

    def orthogonal(self):
        return np.linalg.qr(self.rng.standard_normal((self.d, self.d)))[0].astype(self.dtype)

    def allowed(self, scale=None):
        return SLACK * np.finfo(self.dtype).eps * self.loss * (self.longest if scale is None else scale)

    def same(self, got, expected, scale=None):
        """Compare points, or vectors and numbers of the size `scale`."""
        assert np.asarray(got).dtype == self.dtype
        error = np.linalg.norm(np.atleast_1d(np.asarray(got, np.float64) - np.asarray(expected, np.float64)))
        assert error <= self.allowed(scale), (got, expected)


def spaces(dimensions=(1, 2, 3, 10, 16, 17, 33), curvatures=(1e-4, 0.25, 1.0, 2.3, 100.0), radii=RADII):
    return st.builds(
        Space,
        st.sampled_from([np.float32, np.float64]),
        st.sampled_from(curvatures),
        st.sampled_from(dimensions),
        st.lists(st.sampled_from(radii), min_size=4, max_size=4),
        st.integers(0, 2**32 - 1),
    )


numbers = st.floats(-3, 3).map(lambda value: round(value, 3))


class TestGyrogroup:
    @laws
    @given(spaces())
    def test_neutral_element(self, space):
        x, zero = space.point(), np.zeros(space.d, space.dtype)
        assert np.allclose(space.ball.mobius_add(zero, x), x, rtol=4 * np.finfo(space.dtype).eps, atol=0)
        assert np.allclose(space.ball.mobius_add(x, zero), x, rtol=4 * np.finfo(space.dtype).eps, atol=0)

    @laws
    @given(spaces())
    def test_inverse(self, space):
        x = space.point()
        assert np.all(space.ball.mobius_add(space.ball.mobius_neg(x), x) == 0)
        assert np.all(space.ball.mobius_sub(x, x) == 0)

    @laws
    @given(spaces())
    def test_left_cancellation(self, space):
        add = space.ball.mobius_add
        x, y = space.points(2)
        space.same(add(-x, add(x, y)), y)

    @laws
    @given(spaces())
    def test_gyroassociativity(self, space):
        add, gyr = space.ball.mobius_add, space.ball.gyration
        x, y, z = space.points(3)
        space.same(add(x, add(y, z)), add(add(x, y), gyr(x, y, z)))

    @laws
    @given(spaces())
    def test_gyrocommutativity(self, space):
        add, gyr = space.ball.mobius_add, space.ball.gyration
        x, y = space.points(2)
        space.same(add(x, y), gyr(x, y, add(y, x)))

    @laws
    @given(spaces())
    def test_gyration_is_defined_by_addition(self, space):
        add, gyr = space.ball.mobius_add, space.ball.gyration
        x, y, z = space.points(3)
        space.same(gyr(x, y, z), add(-add(x, y), add(x, add(y, z))))

    @laws
    @given(spaces())
    def test_gyration_keeps_inner_products(self, space):
        gyr = space.ball.gyration
        x, y = space.points(2)
        v, w = space.rng.standard_normal((2, space.d)).astype(space.dtype)
        size = np.linalg.norm(v) * np.linalg.norm(w)
        space.same(np.dot(gyr(x, y, v), gyr(x, y, w)), np.dot(v, w), size)

    @laws
    @given(spaces())
    def test_gyration_is_inverted_by_its_exchange(self, space):
        gyr = space.ball.gyration
        x, y = space.points(2)
        v = space.rng.standard_normal(space.d).astype(space.dtype)
        space.same(gyr(y, x, gyr(x, y, v)), v, np.linalg.norm(v))

    @laws
    @given(spaces())
    def test_loop_property(self, space):
        add, gyr = space.ball.mobius_add, space.ball.gyration
        x, y = space.points(2)
        v = space.rng.standard_normal(space.d).astype(space.dtype)
        space.same(gyr(add(x, y), y, v), gyr(x, y, v), np.linalg.norm(v))


class TestScalarsAndMatrices:
    @laws
    @given(spaces(radii=RADII[:-2]), numbers, numbers)
    def test_scalars_associate(self, space, r, s):
        times = space.ball.mobius_scalar_mul
        x = space.point()
        space.loss **= 1 + max(abs(s), abs(r * s))
        space.longest *= 1 + abs(s) + abs(r * s)
        space.same(times(r, times(s, x)), times(r * s, x))

    @laws
    @given(spaces(radii=RADII[:-2]), numbers, numbers)
    def test_scalars_distribute(self, space, r, s):
        add, times = space.ball.mobius_add, space.ball.mobius_scalar_mul
        x = space.point()
        space.loss **= 1 + abs(r) + abs(s)
        space.longest *= 1 + abs(r) + abs(s)
        space.same(times(r + s, x), add(times(r, x), times(s, x)))

    @laws
    @given(spaces(radii=RADII[:-2]), st.integers(1, 5))
    def test_whole_multiples_are_sums(self, space, n):
        add, times = space.ball.mobius_add, space.ball.mobius_scalar_mul
        x = space.point()
        total = np.zeros_like(x)
        for _ in range(n):
            total = add(x, total)
        space.loss **= n
        space.longest *= n
        space.same(times(n, x), total)

    @laws
    @given(spaces(radii=RADII[:-2]), numbers)
    def test_scalars_stretch_the_distance_from_the_origin(self, space, r):
        times, dist0 = space.ball.mobius_scalar_mul, space.ball.dist0
        x = space.point()
        space.loss **= 1 + abs(r)
        space.longest *= 1 + abs(r)
        space.same(dist0(times(r, x)), abs(r) * dist0(x))

    @laws
    @given(spaces(radii=RADII[:-2]), st.integers(1, 6), st.integers(1, 6))
    def test_matrices_associate(self, space, middle, out):
        apply = space.ball.mobius_matvec
        n = (space.rng.standard_normal((middle, space.d)) / np.sqrt(space.d)).astype(space.dtype)
        m = (space.rng.standard_normal((out, middle)) / np.sqrt(middle)).astype(space.dtype)
        x = space.point()
        growth = 1 + np.linalg.norm(n, 2) * (1 + np.linalg.norm(m, 2))
        space.loss **= growth
        space.longest *= growth
        space.same(apply((m @ n).astype(space.dtype), x), apply(m, apply(n, x)))

    @laws
    @given(spaces())
    def test_orthogonal_matrices_rotate(self, space):
        x, rotation = space.point(), space.orthogonal()
        space.loss *= space.d
        space.same(space.ball.mobius_matvec(rotation, x), rotation @ x)


class TestDistance:
    @laws
    @given(spaces())
    def test_symmetric_and_zero_only_at_equal_points(self, space):
        dist = space.ball.dist
        x, y = space.points(2)
        assert dist(x, y) == dist(y, x)
        assert dist(x, x) == 0
        assert np.array_equal(x, y) or dist(x, y) > 0

    @laws
    @given(spaces())
    def test_triangle_inequality(self, space):
        dist = space.ball.dist
        x, y, z = space.points(3)
        assert dist(x, z) <= (dist(x, y) + dist(y, z)) * (1 + 8 * np.finfo(space.dtype).eps)

    @laws
    @given(spaces())
    def test_invariant_under_left_translation(self, space):
        add, dist = space.ball.mobius_add, space.ball.dist
        x, y, z = space.points(3)
        space.same(dist(add(z, x), add(z, y)), dist(x, y))

    @laws
    @given(spaces())
    def test_invariant_under_rotation(self, space):
        x, y = space.points(2)
        rotation = space.orthogonal()
        space.loss *= space.d
        space.same(space.ball.dist(rotation @ x, rotation @ y), space.ball.dist(x, y))

    @laws
    @given(spaces())
    def test_is_the_length_of_the_difference(self, space):
        x, y = space.points(2)
        space.same(space.ball.dist(x, y), space.ball.dist0(space.ball.mobius_add(-x, y)))


class TestMaps:
    @laws
    @given(spaces())
    def test_exponential_of_logarithm(self, space):
        x, y = space.points(2)
        space.same(space.ball.expmap(x, space.ball.logmap(x, y)), y)

    @laws
    @given(spaces(), st.sampled_from([1e-8, 0.1, 1.0, 3.0]))
    def test_logarithm_of_exponential(self, space, length):
        x = space.point()
        v = space.tangent(x, length)
        space.same(space.ball.norm(x, space.ball.logmap(x, space.ball.expmap(x, v)) - v), 0)

    @laws
    @given(spaces())
    def test_length_of_the_logarithm_is_the_distance(self, space):
        x, y = space.points(2)
        space.same(space.ball.norm(x, space.ball.logmap(x, y)), space.ball.dist(x, y))

    @laws
    @given(spaces())
    def test_maps_at_the_origin(self, space):
        y, zero = space.point(), np.zeros(space.d, space.dtype)
        v = space.ball.logmap0(y)
        space.same(space.ball.logmap(zero, y), v)
        space.same(space.ball.expmap(zero, v), y)
        space.same(space.ball.expmap0(v), y)

    @laws
    @given(spaces())
    def test_inner_product_polarises(self, space):
        inner = space.ball.inner
        x = space.point()
        u, v = space.rng.standard_normal((2, space.d)).astype(space.dtype)
        size = inner(x, u) + inner(x, v)
        space.same(inner(x, u + v) - inner(x, u - v), 4 * inner(x, u, v), size)
        space.same(space.ball.norm(x, u) ** 2, inner(x, u), inner(x, u))

    @laws
    @given(spaces())
    def test_riemannian_gradient_represents_the_differential(self, space):
        x = space.point()
        g, v = space.rng.standard_normal((2, space.d)).astype(space.dtype)
        size = np.linalg.norm(g) * np.linalg.norm(v)
        space.same(space.ball.inner(x, space.ball.egrad2rgrad(x, g), v), np.dot(g, v), size)


class TestGeodesics:
    @laws
    @given(spaces())
    def test_endpoints(self, space):
        x, y = space.points(2)
        space.same(space.ball.geodesic(0.0, x, y), x)
        space.same(space.ball.geodesic(1.0, x, y), y)

    @laws
    @given(spaces(radii=RADII[:-2]), st.floats(-0.5, 1.5), st.floats(-0.5, 1.5))
    def test_constant_speed_beyond_the_endpoints_too(self, space, s, t):
        dist, geodesic = space.ball.dist, space.ball.geodesic
        x, y = space.points(2)
        s, t = space.dtype(s), space.dtype(t)
        space.loss **= 2
        space.same(dist(geodesic(s, x, y), geodesic(t, x, y)), abs(s - t) * dist(x, y))

    @laws
    @given(spaces(), st.floats(0, 1))
    def test_reversal(self, space, t):
        x, y = space.points(2)
        t = space.dtype(t)
        space.same(space.ball.geodesic(t, x, y), space.ball.geodesic(1 - t, y, x))

    @laws
    @given(spaces(), st.floats(-0.5, 1.5))
    def test_is_the_exponential_of_the_logarithm(self, space, t):
        x, y = space.points(2)
        t = space.dtype(t)
        space.loss **= 1.5
        space.same(space.ball.geodesic(t, x, y), space.ball.expmap(x, t * space.ball.logmap(x, y)))

    @laws
    @given(spaces())
    def test_midpoint_is_equally_far(self, space):
        x, y = space.points(2)
        middle = space.ball.geodesic(0.5, x, y)
        space.same(space.ball.dist(x, middle), space.ball.dist(middle, y))


class TestTransport:
    @laws
    @given(spaces())
    def test_isometry(self, space):
        inner, transp = space.ball.inner, space.ball.transp
        x, y = space.points(2)
        u, v = space.tangent(x), space.tangent(x)
        size = 1 / space.c
        space.same(inner(y, transp(x, y, u), transp(x, y, v)), inner(x, u, v), size)

    @laws
    @given(spaces())
    def test_carries_the_direction_of_the_geodesic_along(self, space):
        log, transp = space.ball.logmap, space.ball.transp
        x, y = space.points(2)
        space.same(space.ball.norm(y, transp(x, y, log(x, y)) + log(y, x)), 0)

    @laws
    @given(spaces())
    def test_there_and_back(self, space):
        transp = space.ball.transp
        x, y = space.points(2)
        v = space.tangent(x)
        space.same(space.ball.norm(x, transp(y, x, transp(x, y, v)) - v), 0, 1 / np.sqrt(space.c))

    @laws
    @given(spaces(), st.floats(0, 1))
    def test_in_two_steps_along_the_geodesic(self, space, t):
        transp = space.ball.transp
        x, y = space.points(2)
        v, between = space.tangent(x), space.ball.geodesic(space.dtype(t), x, y)
        direct, stepwise = transp(x, y, v), transp(between, y, transp(x, between, v))
        space.same(space.ball.norm(y, direct - stepwise), 0, 1 / np.sqrt(space.c))

    @laws
    @given(spaces())
    def test_is_the_scaled_gyration(self, space):
        ball = space.ball
        x, y = space.points(2)
        v = space.tangent(x)
        expected = ball.lambda_x(x) / ball.lambda_x(y) * ball.gyration(y, -x, v)
        space.same(ball.norm(y, ball.transp(x, y, v) - expected), 0, 1 / np.sqrt(space.c))


# Each operation as a function of three points u, v, w, with what it becomes in flat space, where the tangent vector at
# x has twice its length (lambda_0 = 2), and the power of length that its result has.
OPERATIONS = {
    "mobius_add": (lambda b, u, v, w: b.mobius_add(u, v), lambda u, v, w: u + v, 1),
    "mobius_sub": (lambda b, u, v, w: b.mobius_sub(u, v), lambda u, v, w: u - v, 1),
    "mobius_scalar_mul": (lambda b, u, v, w: b.mobius_scalar_mul(0.7, u), lambda u, v, w: 0.7 * u, 1),
    "gyration": (lambda b, u, v, w: b.gyration(u, v, w), lambda u, v, w: w, 1),
    "expmap0": (lambda b, u, v, w: b.expmap0(u), lambda u, v, w: u, 1),
    "logmap0": (lambda b, u, v, w: b.logmap0(u), lambda u, v, w: u, 1),
    "expmap": (lambda b, u, v, w: b.expmap(u, w), lambda u, v, w: u + w, 1),
    "logmap": (lambda b, u, v, w: b.logmap(u, v), lambda u, v, w: v - u, 1),
    "geodesic": (lambda b, u, v, w: b.geodesic(0.3, u, v), lambda u, v, w: 0.7 * u + 0.3 * v, 1),
    "transp": (lambda b, u, v, w: b.transp(u, v, w), lambda u, v, w: w, 1),
    "egrad2rgrad": (lambda b, u, v, w: b.egrad2rgrad(u, w), lambda u, v, w: w / 4, 1),
    "dist": (lambda b, u, v, w: b.dist(u, v), lambda u, v, w: 2 * np.linalg.norm(u - v), 1),
    "dist0": (lambda b, u, v, w: b.dist0(u), lambda u, v, w: 2 * np.linalg.norm(u), 1),
    "pairwise_dist": (lambda b, u, v, w: b.pairwise_dist(u[None], v[None])[0, 0],
                      lambda u, v, w: 2 * np.linalg.norm(u - v), 1),
    "norm": (lambda b, u, v, w: b.norm(u, w), lambda u, v, w: 2 * np.linalg.norm(w), 1),
    "inner": (lambda b, u, v, w: b.inner(u, v, w), lambda u, v, w: 4 * np.dot(v, w), 2),
    "lambda_x": (lambda b, u, v, w: b.lambda_x(u), lambda u, v, w: 2.0, 0),
}  # fmt: skip


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("d", [1, 3, 20])
def test_curvature_zero_is_flat_space(name, d):
    """The difference from the flat operation is of the order of c: it falls with c, down to rounding."""
    operation, flat, _ = OPERATIONS[name]
    u, v, w = directions(np.random.default_rng(0), 3, d)
    expected = flat(u, v, w)
    for c in (1e-4, 1e-8, 1e-12, 1e-16, 1e-30, 1e-200):
        assert np.allclose(operation(PoincareBall(c), u, v, w), expected, rtol=0, atol=10 * c + 1e-14)


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("c", [1e-6, 0.3, 100.0])
def test_scaling_between_curvatures(name, c):
    """x -> x/sqrt(c) carries the unit ball to that of curvature -c and makes lengths 1/sqrt(c) as large."""
    operation, _, power = OPERATIONS[name]
    rng = np.random.default_rng(1)
    for d in (1, 4, 30):
        u, v, w = directions(rng, 3, d) * rng.uniform(0, 0.95, (3, 1))
        unit = operation(PoincareBall(1.0), u, v, w)
        scaled = operation(PoincareBall(c), *(x / np.sqrt(c) for x in (u, v, w)))
        assert np.allclose(scaled * np.sqrt(c) ** power, unit, rtol=1e-12, atol=1e-13)

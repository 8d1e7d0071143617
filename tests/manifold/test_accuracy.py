"""Errors against mpmath at 60 digits, the stored coordinates taken as exact, up to the boundary of the ball."""

import mpmath
import numpy as np
import pytest
from samples import OPERATIONS, directions, signature, wanted

from geomkern_manifold.kernels import cpu

mpmath.mp.dps = 60
GAPS = {np.float64: (0.5, 0.1, 1e-3, 1e-6, 1e-9, 1e-12), np.float32: (0.5, 0.1, 1e-3, 1e-4, 1e-5, 1e-6)}


def exact(vector):
    return [mpmath.mpf(float(v)) for v in vector]


def squared(x):
    return mpmath.fsum(v * v for v in x)


def pair_terms(x, y, c):
    a, b = 1 - c * squared(x), 1 - c * squared(y)
    s = c * squared([p - q for p, q in zip(x, y, strict=True)])
    return a, b, s


def exact_dist(x, y, c):
    a, b, s = pair_terms(x, y, c)
    return 2 / mpmath.sqrt(c) * mpmath.asinh(mpmath.sqrt(s / (a * b)))


def exact_gradient(x, y, c):
    """Derivative of the distance in x: 2 sqrt(c)/(sqrt(E(1 + E)) ab) (x - y + (s/a) x)."""
    a, b, s = pair_terms(x, y, c)
    E = s / (a * b)
    k = 2 * mpmath.sqrt(c) / (mpmath.sqrt(E * (1 + E)) * a * b)
    return [k * ((p - q) + s / a * p) for p, q in zip(x, y, strict=True)]


def pairs(rng, gap, d, c, dtype):
    """Far, near, antipodal and origin pairs at distance `gap` from the boundary of the unit ball, scaled by c."""
    scale = 1 / np.sqrt(c)
    for u, w in zip(directions(rng, 8, d), directions(rng, 8, d), strict=True):
        x = (u * (1 - gap) * scale).astype(dtype)
        for y in (w * (1 - gap) * scale, x + w * 0.1 * gap * scale, -u * (1 - gap) * scale, np.zeros(d)):
            y = y.astype(dtype)
            if c * squared(exact(x)) < 1 and c * squared(exact(y)) < 1 and not np.array_equal(x, y):
                yield x, y


@pytest.mark.parametrize("c", [1.0, 0.7])
@pytest.mark.parametrize("d", [2, 10, 64])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_distance_and_its_gradient(dtype, d, c):
    rng = np.random.default_rng(0)
    ulp, allowed = float(np.finfo(dtype).eps), {np.float64: 2e-15, np.float32: 2e-7}[dtype]
    for gap in GAPS[dtype]:
        for x, y in pairs(rng, gap, d, c, dtype):
            mx, my = exact(x), exact(y)
            true = exact_dist(mx, my, mpmath.mpf(c))
            assert abs(float(cpu.poincare_dist(x, y, c)) - true) / true < 4 * ulp, (gap, x, y)
            of_x, of_y, _ = cpu.poincare_dist_vjp(dtype(1), x, y, c, (True, True, False))
            for computed, oracle in (
                (of_x, exact_gradient(mx, my, mpmath.mpf(c))),
                (of_y, exact_gradient(my, mx, mpmath.mpf(c))),
            ):
                error = mpmath.sqrt(squared([p - q for p, q in zip(exact(computed), oracle, strict=True)]))
                assert error / mpmath.sqrt(squared(oracle)) < allowed, (gap, x, y)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_distance_from_the_origin(dtype):
    rng = np.random.default_rng(1)
    for gap in GAPS[dtype]:
        for u in directions(rng, 8, 5):
            x = (u * (1 - gap)).astype(dtype)
            true = 2 * mpmath.atanh(mpmath.sqrt(squared(exact(x))))
            assert abs(float(cpu.poincare_dist0(x, 1.0)) - true) / true < 4 * float(np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("c", [1.0, 0.25, 4.0])
def test_logarithm_of_exponential(dtype, c):
    """The error is that of rounding the point: a relative eps in |y| moves artanh |y| by eps |y|/(1 - |y|^2)."""
    rng = np.random.default_rng(2)
    eps = float(np.finfo(dtype).eps)
    largest = 7.5 if dtype == np.float32 else 17.0
    for length in np.concatenate([np.logspace(-12, 0, 13), np.linspace(1, largest, 9)]):
        for u in directions(rng, 4, 10):
            v = (u * length / np.sqrt(c)).astype(dtype)
            back = cpu.poincare_logmap0(cpu.poincare_expmap0(v, c), c)
            z = np.linalg.norm(v.astype(np.float64)) * np.sqrt(c)
            grain = eps * np.tanh(z) * np.cosh(z) ** 2 / z  # relative effect of one rounding of the point
            assert np.linalg.norm(back - v) <= (6 * eps + 4 * grain) * np.linalg.norm(v), length


def exact_expmap(x, v, c):
    """Möbius addition of x and tanh(sqrt(c)|v|/(1 - c|x|^2)) v/(sqrt(c)|v|)."""
    n, a = mpmath.sqrt(squared(v)), 1 - c * squared(x)
    w = [mpmath.tanh(mpmath.sqrt(c) * n / a) * p / (mpmath.sqrt(c) * n) for p in v]
    inner, ww = mpmath.fsum(p * q for p, q in zip(x, w, strict=True)), squared(w)
    D = 1 + 2 * c * inner + c * c * squared(x) * ww
    return [((1 + 2 * c * inner + c * ww) * p + a * q) / D for p, q in zip(x, w, strict=True)]


@pytest.mark.parametrize("c", [1.0, 0.7])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_exponential_from_near_the_boundary(dtype, c):
    """Straight to the origin, past it, aside and outwards, the error in units of the metric.

    It has three parts: the rounding of the length travelled, that of the stored result, and that of the direction,
    which grows like sinh of the length.
    """
    rng, eps = np.random.default_rng(7), float(np.finfo(dtype).eps)
    for gap in GAPS[dtype]:
        for u, aside in zip(directions(rng, 6, 4), directions(rng, 6, 4), strict=True):
            x = (u * (1 - gap) / np.sqrt(c)).astype(dtype)
            room, far = 2 / float(cpu.poincare_lambda_x(x, c)), float(cpu.poincare_dist0(x, c))
            for share in (0.3, 0.9, 1.0, 1.3, -0.2):
                for tilt in (0.0, 1e-6, 0.1, 1.0):
                    v = ((-u + tilt * aside) * share * far * room / 2).astype(dtype)
                    oracle = exact_expmap(exact(x), exact(v), mpmath.mpf(c))
                    stretch = 2 / (1 - c * squared(oracle))
                    found = exact(cpu.poincare_expmap(x, v, c))
                    error = stretch * mpmath.sqrt(squared([p - q for p, q in zip(found, oracle, strict=True)]))
                    travelled = float(cpu.poincare_norm(x, v, c))
                    direction = 2.2e-16 * np.sinh(np.sqrt(c) * travelled) / np.sqrt(c)
                    allowed = eps * (8 * travelled + 2 * stretch / np.sqrt(c)) + 4 * direction
                    assert error <= allowed, (gap, share, tilt, float(error / allowed))


@pytest.mark.parametrize("length", [20.0, 1e3, 1e30, 3e38])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("d", [1, 2, 10, 50])
def test_exponential_reaches_the_last_representable_point(d, dtype, length):
    rng = np.random.default_rng(3)
    v = (directions(rng, 50, d) * length).astype(dtype)
    y = cpu.poincare_expmap0(v, 1.0)
    room = [1 - squared(exact(row)) for row in y]
    assert all(0 < gap < 16 * np.finfo(dtype).eps for gap in room)
    assert np.allclose(y, v / np.linalg.norm(v.astype(np.float64), axis=-1, keepdims=True), rtol=1e-6)


@pytest.mark.parametrize("c", [1.0, 0.7])
@pytest.mark.parametrize("d", [1, 2, 5, 40])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_results_are_points_of_the_ball(dtype, d, c):
    """Where the exact result is nearer to the boundary than a rounding, too."""
    rng = np.random.default_rng(5)
    edge, other = (
        cpu.poincare_projx((directions(rng, 60, d) * 2 / np.sqrt(c)).astype(dtype), 0.0, c) for _ in range(2)
    )
    other[::2] = edge[::2] * dtype(1 - 1e-3)
    longs = (directions(rng, 60, d) * 30 / np.sqrt(c)).astype(dtype)
    for y in (
        cpu.poincare_mobius_add(edge, other, c),
        cpu.poincare_mobius_add(other, edge, c),
        cpu.poincare_mobius_scalar_mul(edge, 3.0, c),
        cpu.poincare_mobius_scalar_mul(other, -3.0, c),
        cpu.poincare_expmap0(longs, c),
        cpu.poincare_expmap(edge, longs, c),
        cpu.poincare_expmap(other, edge, c),
        cpu.poincare_geodesic(other, edge, 2.0, c),
        cpu.poincare_geodesic(edge, other, -3.0, c),
        cpu.poincare_projx(longs, 0.0, c),
    ):
        assert y.dtype == dtype
        assert all(c * squared(exact(row)) < 1 for row in y)


@pytest.mark.parametrize("d", [1, 3, 16, 17, 40])
def test_lengths_neither_overflow_nor_underflow(d):
    rng = np.random.default_rng(6)
    zero, u = np.zeros(d), directions(rng, 50, d)
    for scale in (2.0**-1000, 2.0**-600, 2.0**600, 2.0**1000):
        v = u * scale
        assert np.allclose(cpu.poincare_norm(zero, v, 1.0), 2 * scale, rtol=4e-16 * d, atol=0)
        end = u if scale > 1 else v
        assert np.allclose(cpu.poincare_expmap0(v, 1.0), end, rtol=4e-16 * d, atol=0)
        assert np.allclose(cpu.poincare_expmap(zero, v, 1.0), end, rtol=4e-16 * d, atol=0)
        assert np.allclose(cpu.poincare_projx(v, 0.25, 1.0), 0.75 * u if scale > 1 else v, rtol=4e-16 * d, atol=0)


def test_projection_keeps_what_is_inside_and_pulls_to_the_edge():
    inside = np.array([[0.3, 0.4], [1 - 2**-53, 0.0]])
    assert np.array_equal(cpu.poincare_projx(inside, 0.0, 1.0), inside)
    outside = np.array([[3.0, 4.0], [1.0, 0.0], [1e200, -1e200], [1 / np.sqrt(2), 1 / np.sqrt(2)]])
    pulled = cpu.poincare_projx(outside, 0.0, 1.0)
    assert all(0 < 1 - squared(exact(row)) < 2**-50 for row in pulled)
    again = cpu.poincare_projx(pulled, 0.0, 1.0)
    assert np.array_equal(again, pulled)
    assert np.isnan(cpu.poincare_projx(np.array([np.nan, 2.0]), 0.0, 1.0)).any()
    assert np.isinf(cpu.poincare_projx(np.array([np.inf, 2.0]), 0.0, 1.0)).any()


@pytest.mark.parametrize("operation", [name for name in OPERATIONS if name.startswith("poincare")])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_finite_input_gives_finite_output_and_gradients(operation, dtype):
    """Points from the origin to the last representable one, vectors from subnormal to huge, times of any size."""
    rng = np.random.default_rng(4)
    double = dtype == np.float64
    tiny = [0, 1e-300, 1e-160, 1e-30, 1e-12, 1e-4, 0.3] if double else [0, 1e-45, 1e-38, 1e-12, 1e-4, 0.3]
    huge = [1e3, 1e30, 1e150] if double else [1e3, 1e30, 3e38]
    edges = [0.1, 1e-3, 1e-9, 2.3e-16] if double else [0.1, 1e-3, 1.2e-7]
    name_of = operation.removeprefix("poincare_")
    saturating = name_of in ("expmap", "expmap0", "projx")  # the others' results would leave the range of the type

    def direction(d):
        return rng.choice([-1.0, 1.0]) * np.eye(d)[0] if rng.random() < 0.3 else directions(rng, 1, d)[0]

    def point(d, c):
        radius = rng.choice(tiny) if rng.random() < 0.5 else 1 - rng.choice(edges)
        return cpu.poincare_projx((direction(d) * radius / np.sqrt(c)).astype(dtype), 0.0, c)

    def vector(d):
        return (direction(d) * rng.choice(tiny + (huge if saturating else [1.0, 1e3]))).astype(dtype)

    for d, c in [(1, 1.0), (2, 0.01), (10, 100.0), (40, 1e-4)] * 15:
        values = []
        for name in signature(operation):
            is_vector = name == "w" or (name == "v" and name_of != "gyration") or name_of == "projx"
            is_vector |= name == "u" and name_of in ("inner", "norm", "egrad2rgrad")
            if name == "c":
                values.append(c)
            elif name == "eps":
                values.append(rng.choice([0.0, 0.1]))
            elif name in ("t", "r"):
                values.append(dtype(rng.choice([0, 1, -1, 0.5, -3, 1e3, -1e6, 1e-20])))
            elif name == "a" or (name == "p" and name_of == "busemann"):  # a normal or a direction, not 0
                values.append(direction(d).astype(dtype))
            elif is_vector:
                values.append(vector(d))
            elif values and np.ndim(values[0]) and rng.random() < 0.3:
                values.append(cpu.poincare_projx(values[0] * dtype(rng.choice([-1, 1])), 0.0, c))
            else:
                values.append(point(d, c))
        out = getattr(cpu, operation)(*values)
        assert np.isfinite(out).all(), values
        g = np.asarray(rng.standard_normal(out.shape), dtype)
        for gradient in getattr(cpu, f"{operation}_vjp")(g, *values, wanted(operation)):
            assert np.isfinite(gradient).all(), values

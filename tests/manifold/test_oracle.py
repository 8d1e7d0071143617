"""The oracle against identities, and against closed forms of other origin."""

import mpmath
import numpy as np
import oracle
import pytest
from mpmath import mp, mpf
from oracle import CHARTS, HYPERBOLIC
from samples import directions

PARAMETER = dict.fromkeys(CHARTS, 0.7) | {"stereographic": 0.3}
C = mpf(0.7)


@pytest.fixture(autouse=True)
def digits():
    with mp.workdps(60):
        yield


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def close(got, want, tolerance=1e-25):
    return oracle.relative_error(got, want) < tolerance


def points(chart, rng, count, d=3, radius=2.5):
    """Return points up to `radius` from the origin."""
    v = directions(rng, count, d) * rng.uniform(0.1, radius, (count, 1))
    start, c = ("stereographic", 0) if chart == "euclidean" else ("poincare", PARAMETER[chart])
    if chart in ("stereographic", "sphere"):
        start = "stereographic"
    return [oracle.expmap0(start, row / 2, c, target=chart) for row in v]


def vectors(chart, rng, x, count=2):
    """Return tangent vectors at x."""
    for _ in range(count):
        v = rng.standard_normal(len(x)) * 0.4
        yield [a - PARAMETER[chart] * np.dot(v, x) * b for a, b in zip(v, x, strict=True)] if chart == "sphere" else v


@pytest.mark.parametrize("chart", CHARTS)
def test_exponential_and_logarithm_are_inverse(chart, rng):
    c = PARAMETER[chart]
    x, y = points(chart, rng, 2)
    (v,) = vectors(chart, rng, x, 1)
    assert close(oracle.expmap(chart, x, oracle.logmap(chart, x, y, c), c), y)
    assert close(oracle.logmap(chart, x, oracle.expmap(chart, x, v, c), c), v)
    assert close(oracle.expmap0(chart, oracle.logmap0(chart, y, c), c), y)
    assert close(oracle.norm(chart, x, oracle.logmap(chart, x, y, c), c), oracle.dist(chart, x, y, c))


@pytest.mark.parametrize("chart", CHARTS)
def test_geodesics_are_shortest_and_have_constant_speed(chart, rng):
    c, t = PARAMETER[chart], mpf(0.3)
    x, y = points(chart, rng, 2, radius=1.5)
    m, whole = oracle.geodesic(chart, t, x, y, c), oracle.dist(chart, x, y, c)
    assert close(oracle.dist(chart, x, m, c), t * whole)
    assert close(oracle.dist(chart, m, y, c), (1 - t) * whole)
    assert close(oracle.geodesic_unit(chart, t * whole, x, oracle.logmap(chart, x, y, c), c), m)
    assert close(oracle.geodesic(chart, 1 - t, y, x, c), m)


@pytest.mark.parametrize("chart", CHARTS)
def test_transport_keeps_inner_products_and_geodesics(chart, rng):
    c = PARAMETER[chart]
    x, y = points(chart, rng, 2)
    u, v = vectors(chart, rng, x)
    start = oracle.transp0back(chart, x, u, c)
    assert close(oracle.transp0(chart, x, start, c), u)
    moved = [oracle.transp(chart, x, y, w, c) for w in (u, v)]
    assert close(oracle.inner(chart, y, *moved, c), oracle.inner(chart, x, u, v, c))
    assert close(oracle.transp(chart, y, x, moved[0], c), u)
    arrival = oracle.transp(chart, x, y, oracle.logmap(chart, x, y, c), c)
    assert close([-w for w in oracle.logmap(chart, y, x, c)], arrival)
    assert close(oracle.expmap_transp(chart, x, oracle.logmap(chart, x, y, c), c), arrival)
    around = oracle.transp0back(chart, y, oracle.transp(chart, x, y, oracle.transp0(chart, x, start, c), c), c)
    assert close(around, start) == (chart == "euclidean")  # curvature is that a way around a triangle rotates


@pytest.mark.parametrize("target", HYPERBOLIC)
@pytest.mark.parametrize("chart", HYPERBOLIC)
def test_charts_show_the_same_space(chart, target, rng):
    x, y = points(chart, rng, 2)
    u, v = vectors(chart, rng, x)
    p, q = (oracle.convert(chart, w, C, target=target) for w in (x, y))
    r, s = (oracle.convert_tangent(chart, x, w, C, target=target) for w in (u, v))
    assert close(oracle.convert(target, p, C, target=chart), x)
    assert close(oracle.convert_tangent(target, p, r, C, target=chart), u)
    assert close(oracle.dist(target, p, q, C), oracle.dist(chart, x, y, C))
    assert close(oracle.inner(target, p, r, s, C), oracle.inner(chart, x, u, v, C))
    h = mpf(10) ** -25
    ahead = oracle.convert(chart, [a + h * b for a, b in zip(x, map(mpf, u), strict=True)], C, target=target)
    back = oracle.convert(chart, [a - h * b for a, b in zip(x, map(mpf, u), strict=True)], C, target=target)
    assert close([(a - b) / (2 * h) for a, b in zip(ahead, back, strict=True)], r)


@pytest.mark.parametrize("chart", CHARTS)
def test_gyrovector_laws(chart, rng):
    c = PARAMETER[chart]
    x, y, z = points(chart, rng, 3, radius=1.2)

    def add(a, b):
        return oracle.mobius_add(chart, a, b, c)

    def minus(a):
        return oracle.mobius_neg(chart, a, c)

    def rotated(w):  # as vectors at the origin
        return oracle.expmap0(chart, oracle.gyration(chart, x, y, oracle.logmap0(chart, w, c), c), c)

    assert close(add(minus(x), add(x, y)), y)
    assert close(add(x, add(y, z)), add(add(x, y), rotated(z)))
    assert close(add(x, y), rotated(add(y, x)))
    assert close(oracle.recenter(chart, x, add(x, y), c), y)
    assert close(oracle.mobius_sub(chart, oracle.mobius_coadd(chart, x, y, c), y, c), x)
    assert close(oracle.dist(chart, add(x, y), add(x, z), c), oracle.dist(chart, y, z, c))
    start = oracle.logmap0(chart, y, c)
    assert close(add(x, y), oracle.expmap(chart, x, oracle.transp0(chart, x, start, c), c))
    assert close(oracle.mobius_scalar_mul(chart, 3, x, c), add(x, add(x, x)))
    assert close(oracle.mobius_matvec(chart, np.diag([2, 2, 2]), x, c), add(x, x))
    assert close(oracle.mobius_pointwise_mul(chart, [2, 2, 2], x, c), add(x, x))


@pytest.mark.parametrize("chart", CHARTS)
def test_translations_act_on_tangents_by_their_differential(chart, rng):
    c = PARAMETER[chart]
    x, y = points(chart, rng, 2, radius=1.2)
    (v,) = vectors(chart, rng, y, 1)
    moved = oracle.expmap(chart, oracle.mobius_add(chart, x, y, c), oracle.boost_tangent(chart, x, y, v, c), c)
    assert close(oracle.mobius_add(chart, x, oracle.expmap(chart, y, v, c), c), moved)


@pytest.mark.parametrize("chart", CHARTS)
def test_gradient_of_the_squared_distance_is_minus_twice_the_logarithm(chart, rng):
    c = PARAMETER[chart]
    x, y = points(chart, rng, 2)
    whole = oracle.dist(chart, x, y, c)
    of_x = oracle.gradient("dist", chart, (x, y, c), 2 * whole)[0]
    assert close([-2 * w for w in oracle.logmap(chart, x, y, c)], oracle.egrad2rgrad(chart, x, of_x, c))


def squared(x):
    return mpmath.fsum(v * v for v in x)


def test_closed_forms_of_the_ball(rng):
    """Distance of Nickel and Kiela, Möbius sum and exponential of Ganea, Bécigneul and Hofmann."""
    x, y, v = points("poincare", rng, 3)
    gap = squared([a - b for a, b in zip(x, y, strict=True)])
    cosh = 1 + 2 * C * gap / ((1 - C * squared(x)) * (1 - C * squared(y)))
    assert close(oracle.dist("poincare", x, y, C), mp.acosh(cosh) / mp.sqrt(C))

    def add(a, b):
        ab, aa, bb = mp.fdot(a, b), squared(a), squared(b)
        D = 1 + 2 * C * ab + C**2 * aa * bb
        return [((1 + 2 * C * ab + C * bb) * p + (1 - C * aa) * q) / D for p, q in zip(a, b, strict=True)]

    assert close(oracle.mobius_add("poincare", x, y, C), add(x, y))
    n = mp.sqrt(C * squared(v))
    step = [mp.tanh(n / (1 - C * squared(x))) * w / n for w in v]
    assert close(oracle.expmap("poincare", x, v, C), add(x, step))
    back = [-w for w in add(x, y)]
    assert close(oracle.gyration("poincare", x, y, v, C), add(back, add(x, add(y, v))))
    assert close(oracle.lambda_x("poincare", x, C), 2 / (1 - C * squared(x)))
    assert close(oracle.dist0("poincare", x, C), 2 / mp.sqrt(C) * mp.atanh(mp.sqrt(C * squared(x))))


def test_closed_forms_of_the_klein_model(rng):
    """Einstein's addition of velocities, and the midpoint weighted by Lorentz factors."""
    x, y, z = points("klein", rng, 3)
    xy, (gx, gy, gz) = C * mp.fdot(x, y), (1 / mp.sqrt(1 - C * squared(w)) for w in (x, y, z))
    added = [(a + b / gx + gx / (1 + gx) * xy * a) / (1 + xy) for a, b in zip(x, y, strict=True)]
    assert close(oracle.mobius_add("klein", x, y, C), added)
    assert close(oracle.dist("klein", x, y, C), mp.acosh(gx * gy * (1 - xy)) / mp.sqrt(C))
    w = [mpf(1), mpf(2), mpf(0.5)]
    total = gx + 2 * gy + gz / 2
    middle = [
        mp.fdot([gx, gy, gz], [f * a for f, a in zip(w, row, strict=True)]) / total for row in zip(x, y, z, strict=True)
    ]
    assert close(oracle.einstein_midpoint("klein", [x, y, z], w, C), middle)
    assert close(oracle.einstein_midpoint("klein", [x, y], [1, 1], C), oracle.geodesic("klein", 0.5, x, y, C))


def test_closed_forms_of_the_half_space(rng):
    x, y = points("half_space", rng, 2)
    gap = squared([a - b for a, b in zip(x, y, strict=True)])
    assert close(oracle.dist("half_space", x, y, C), mp.acosh(1 + gap / (2 * x[-1] * y[-1])) / mp.sqrt(C))
    assert close(oracle.norm("half_space", x, y, C), mp.sqrt(squared(y) / C) / x[-1])
    assert oracle.convert("poincare", [0, 0, 0], C, target="half_space") == [0, 0, 1]
    b = [mp.sqrt(C) * v for v in oracle.convert("half_space", x, C, target="poincare")]
    E = squared(x[:-1]) + (1 + x[-1]) ** 2
    assert close([*(2 * v / E for v in x[:-1]), (squared(x) - 1) / E], b)
    D = squared(b[:-1]) + (1 - b[-1]) ** 2
    assert close([*(2 * v / D for v in b[:-1]), (1 - squared(b)) / D], x)


def test_closed_forms_of_the_hyperboloid_and_the_sphere(rng):
    x, y = points("lorentz", rng, 2)
    times = mp.sqrt(1 / C + squared(x)) * mp.sqrt(1 / C + squared(y))
    assert close(oracle.dist("lorentz", x, y, C), mp.acosh(C * (times - mp.fdot(x, y))) / mp.sqrt(C))
    x, y = points("sphere", rng, 2)
    assert close(oracle.dist("sphere", x, y, C), mp.acos(C * mp.fdot(x, y)) / mp.sqrt(C))
    assert close(squared(x), 1 / C)
    x, y = rng.uniform(-0.5, 0.5, (2, 3))
    assert close(oracle.dist("polar", x, [0, 0, 0], C), mp.sqrt(squared(x)), 1e-15)
    assert close(oracle.dist("euclidean", x, y, 5), np.linalg.norm(x - y), 1e-15)


def test_flat_space_is_the_limit_from_both_sides(rng):
    x, y = rng.uniform(-0.5, 0.5, (2, 3))
    flat = oracle.gradient("dist", "stereographic", (x, y, 0))
    assert close(oracle.dist("stereographic", x, y, 0), 2 * np.linalg.norm(x - y), 1e-15)
    for k in (1e-12, -1e-12):
        curved = oracle.gradient("dist", "stereographic", (x, y, k))
        assert all(close(a, b, 1e-11) for a, b in zip(curved, flat, strict=True))
    assert close(oracle.mobius_add("stereographic", x, y, 0), x + y, 1e-15)
    assert close(oracle.dist("stereographic", x, y, -0.7), oracle.dist("poincare", x, y, 0.7))


def test_busemann_functions_are_limits_of_distances(rng):
    p = directions(rng, 1, 3)[0]
    far = [v / mp.sqrt(squared(map(mpf, p))) * 80 for v in map(mpf, p)]
    (x,) = points("polar", rng, 1)
    assert close(oracle.busemann("polar", p, x, C), oracle.dist("polar", x, far, C) - 80)
    assert oracle.busemann("poincare", p, [0, 0, 0], C) == 0
    (x,) = points("half_space", rng, 1)
    assert close(oracle.busemann("half_space", [0, 0, 1], x, C), -mp.log(x[-1]) / mp.sqrt(C))


def test_distance_to_a_plane_is_that_to_its_nearest_point(rng):
    for chart in ("poincare", "klein", "half_space", "lorentz"):
        (p,) = points(chart, rng, 1)
        a, u = vectors(chart, rng, p)
        share = oracle.inner(chart, p, a, u, C) / oracle.inner(chart, p, a, a, C)
        foot = oracle.expmap(chart, p, [v - share * w for v, w in zip(map(mpf, u), map(mpf, a), strict=True)], C)
        up = oracle.transp(chart, p, foot, a, C)  # a plane is totally geodesic: its normals are transported
        for away in (-1.5, 0.8):
            x = oracle.geodesic_unit(chart, away, foot, up, C)
            assert close(oracle.dist2plane(chart, x, p, a, C), away)


def test_the_boundary_and_far_away(rng):
    x = np.array([1 - 2.0**-53, 0.0])
    y = np.array([0.0, -1 + 2.0**-53])
    gap = 2 - mpf(2) ** -53
    cosh = 1 + 4 * (1 - mpf(2) ** -53) ** 2 / (gap * mpf(2) ** -53) ** 2
    assert close(oracle.dist("poincare", x, y, 1), mp.acosh(cosh))
    assert close(oracle.dist("polar", [3e3, 0], [-2e3, 0], 1), 5e3)
    assert oracle.dist("poincare", x, x, 1) == 0
    assert oracle.mobius_add("poincare", -x, x, 1) == [0, 0]
    assert oracle.gradient("dist", "poincare", (x, x, 1))[0] == [0, 0]
    with pytest.raises(ArithmeticError):
        oracle.dist0("poincare", [1.0, 0.0], 1)
    with pytest.raises(ArithmeticError):
        oracle.logmap("sphere", [1.0, 0.0], [-1.0, 0.0], 1)


def test_rows_broadcast_and_round(rng):
    x, y, c = rng.uniform(-0.4, 0.4, (2, 1, 3)), rng.uniform(-0.4, 0.4, (4, 3)), np.array([[0.5], [1.0]])
    d, m = (oracle.rows(op, "poincare", x, y, c=c) for op in ("dist", "mobius_add"))
    assert d.shape == (2, 4)
    assert m.shape == (2, 4, 3)
    assert d[1, 2] == float(oracle.dist("poincare", x[1, 0], y[2], 1.0))
    middle = oracle.rows("einstein_midpoint", "lorentz", y, np.ones(4), c=1.0)
    assert middle.shape == (3,)
    assert oracle.rows("geodesic", "klein", 0.5, x, y, c=1.0, target="polar").shape == (2, 4, 3)

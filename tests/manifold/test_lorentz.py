"""Lorentz's model: its accuracy against the oracle at any radius, what it takes and returns, its errors."""

import itertools

import mpmath
import numpy as np
import pytest
from oracle import OPERATIONS, exact, gradient, relative_error
from samples import directions, signature, wanted

import geomkern as gk
from geomkern.errors import DomainError, DTypeError, ShapeError
from geomkern_manifold import Lorentz, PoincareBall
from geomkern_manifold.kernels import cpu

DOUBLE, SINGLE = np.float64, np.float32
RADII = {DOUBLE: (0.1, 1, 7, 14, 28), SINGLE: (0.1, 1, 7, 14)}
KINDS = ("far", "antipodal", "origin", "radial", "narrow", 0.01, 1.0)


def pair(rng, kind, radius, d, c, dtype):
    """A point at that distance from the origin and another: a number says how far away, in any direction."""
    u, w = directions(rng, 2, d)
    size = np.sinh(radius)
    if kind == "far":
        y = np.sinh(radius * rng.uniform(0.5, 1)) * w
    elif kind == "antipodal":
        y = -np.sinh(radius * rng.uniform(0.5, 1)) * u
    elif kind == "origin":
        y = np.zeros(d)
    elif kind == "radial":
        y = np.sinh(radius + 0.01) * u
    elif kind == "narrow":
        y = np.sinh(radius * rng.uniform(0.3, 1)) * (u + 1e-3 * w)
    else:
        y = size * u + kind * (w + (np.cosh(radius) - 1) * (u @ w) * u)
    return (size * u / np.sqrt(c)).astype(dtype), (y / np.sqrt(c)).astype(dtype)


def pairs(seed, dtype, kinds=KINDS, radii=None, dimensions=(2, 10, 64)):
    rng = np.random.default_rng(seed)
    for radius in radii or RADII[dtype]:
        for kind in kinds:
            for d, c in zip(dimensions, (1.0, 0.7, 3.0), strict=False):
                x, y = pair(rng, kind, radius, d, c, dtype)
                if not np.array_equal(x, y):
                    yield x, y, c, (radius, kind, d)


def metric_error(found, oracle, at, c):
    """The length of found - oracle in the metric of a point, which takes a hundred digits."""
    with mpmath.workdps(100):
        e = [p - q for p, q in zip(exact(found), oracle, strict=True)]
        at, along = exact(list(at)), mpmath.fsum(p * q for p, q in zip(e, exact(list(at)), strict=True))
        square = mpmath.fsum(p * p for p in e) - along**2 / (1 / mpmath.mpf(c) + mpmath.fsum(p * p for p in at))
        return float(mpmath.sqrt(abs(square)))


def length(vector):
    return float(mpmath.norm(exact(list(vector))))


class TestAccuracy:
    """Stored coordinates are taken as exact; errors are in units of the type's machine epsilon."""

    @pytest.mark.parametrize("dtype", [DOUBLE, SINGLE])
    def test_distance(self, dtype):
        eps = np.finfo(dtype).eps
        near = pairs(0, dtype, (1e-12, 1e-6), (0.1, 1, 7))
        for x, y, c, case in itertools.chain(pairs(0, dtype), near):
            true = OPERATIONS["dist"]("lorentz", x, y, c)
            assert relative_error(cpu.lorentz_dist(x, y, c), true) < 3 * eps, case
            assert relative_error(cpu.lorentz_dist(y, x, c), true) < 3 * eps, case
            true = OPERATIONS["dist0"]("lorentz", x, c)
            assert relative_error(cpu.lorentz_dist0(x, c), true) < 2 * eps, case

    @pytest.mark.parametrize("dtype", [DOUBLE, SINGLE])
    def test_gradient_of_the_distance(self, dtype):
        allowed = {DOUBLE: 3e-15, SINGLE: 2e-7}[dtype]
        near = pairs(1, dtype, (1e-12, 1e-6), (0.1, 1, 7), (2, 5))
        for x, y, c, case in itertools.chain(pairs(1, dtype, dimensions=(2, 5)), near):
            of_x, of_y, of_c = cpu.lorentz_dist_vjp(dtype(1), x, y, c, (True,) * 3)
            oracle = gradient("dist", "lorentz", (x, y, c))
            assert relative_error(of_x, oracle[0]) < allowed, case
            assert relative_error(of_y, oracle[1]) < allowed, case
            assert relative_error(of_c, oracle[2]) < max(allowed, 5e-15), case

    @pytest.mark.parametrize("dtype", [DOUBLE, SINGLE])
    def test_logarithm_and_exponential(self, dtype):
        """The logarithm by its coordinates, whose rounding is the least error; the exponential in units of the metric:
        the rounding of the length travelled, that of the stored result, and that of the direction for a long way."""
        eps = float(np.finfo(dtype).eps)
        for x, y, c, case in pairs(2, dtype, dimensions=(2, 10)):
            oracle = OPERATIONS["logmap"]("lorentz", x, y, c)
            v = cpu.lorentz_logmap(x, y, c)
            assert relative_error(v, oracle) < 8 * eps, case
            travelled = float(OPERATIONS["norm"]("lorentz", x, v, c))
            assert relative_error(cpu.lorentz_norm(x, v, c), travelled) < 4 * eps, case
            oracle = OPERATIONS["expmap"]("lorentz", x, v, c)
            direction = 2.2e-16**2 * length(v) * np.sinh(np.sqrt(c) * travelled) / travelled
            allowed = 2 * eps * (travelled + length(oracle)) + 8 * direction
            assert metric_error(cpu.lorentz_expmap(x, v, c), oracle, oracle, c) < allowed, case

    @pytest.mark.parametrize("share", [0.3, 1.0, 1.2, -0.2])
    def test_exponential_towards_the_origin(self, share):
        rng = np.random.default_rng(3)
        for radius in (1, 7, 14, 21):
            for tilt in (0.0, 1e-9, 1e-3, 1.0):
                u, w = directions(rng, 2, 4)
                x, v = np.sinh(radius) * u, -share * radius * (np.cosh(radius) * u + tilt * w)
                oracle = OPERATIONS["expmap"]("lorentz", x, v, 1.0)
                travelled = float(OPERATIONS["norm"]("lorentz", x, v, 1.0))
                allowed = 4.4e-16 * (travelled + length(oracle)) + 4e-31 * length(v) * np.sinh(travelled)
                assert metric_error(cpu.lorentz_expmap(x, v, 1.0), oracle, oracle, 1.0) < allowed, (radius, tilt)

    @pytest.mark.parametrize("time", [0.0, 0.3, 1.0, 1.7, -0.6, 40.0])
    def test_geodesic(self, time):
        for x, y, c, case in pairs(4, DOUBLE, radii=(0.1, 1, 7), dimensions=(3,)):
            travelled = float(OPERATIONS["dist"]("lorentz", x, y, c)) * max(abs(time), 1)
            if travelled < 20:
                oracle = OPERATIONS["geodesic"]("lorentz", time, x, y, c)
                error = metric_error(cpu.lorentz_geodesic(x, y, time, c), oracle, oracle, c)
                assert error < 4.4e-16 * (travelled + length(oracle)), case

    @pytest.mark.parametrize("dtype", [DOUBLE, SINGLE])
    def test_transport_and_inner_product(self, dtype):
        """In units of the metric at y, with the length of v and the rounding of the stored result."""
        rng, eps = np.random.default_rng(5), float(np.finfo(dtype).eps)
        for x, y, c, case in pairs(6, dtype, dimensions=(2, 10)):
            size = 1.0 * x / np.linalg.norm(1.0 * x)
            stretch = np.sqrt(1 + c * np.sum((1.0 * x) ** 2)) - 1
            u, v = ((w + stretch * (w @ size) * size).astype(dtype) for w in directions(rng, 2, len(x)))
            oracle = OPERATIONS["transp"]("lorentz", x, y, v, c)
            allowed = 8 * eps * (1 + length(oracle))
            assert metric_error(cpu.lorentz_transp(x, y, v, c), oracle, y, c) < allowed, case
            error = float(cpu.lorentz_inner(x, u, v, c)) - float(OPERATIONS["inner"]("lorentz", x, u, v, c))
            assert abs(error) < 4 * eps, case

    @pytest.mark.parametrize("dtype", [DOUBLE, SINGLE])
    @pytest.mark.parametrize("operation", ["expmap", "logmap", "expmap0", "logmap0", "transp", "norm", "geodesic"])
    def test_gradients_of_the_maps(self, operation, dtype):
        rng, allowed = np.random.default_rng(7), {DOUBLE: 2e-13, SINGLE: 1e-6}[dtype]
        for x, y, c, case in pairs(8, dtype, ("far", "radial", "narrow", 0.01, 1.0), (0.1, 1, 3), (3,)):
            v = (0.5 * rng.standard_normal(3)).astype(dtype)
            take = {"x": x, "y": y, "u": v, "v": v, "t": 0.7}
            args = [take[name] for name in signature(f"lorentz_{operation}") if name != "c"]
            g = np.asarray(1.0 if operation == "norm" else rng.standard_normal(3), dtype)
            flags = (True,) * (len(args) + 1)
            found = getattr(cpu, f"lorentz_{operation}_vjp")(g, *args, c, flags)
            if operation == "geodesic":
                *oracle, of_c = gradient(operation, "lorentz", (0.7, x, y, c), g)
                oracle = [*oracle[1:], oracle[0], of_c]
            else:
                oracle = gradient(operation, "lorentz", (*args, c), g)
            largest = max(length(np.atleast_1d(np.asarray(part, float))) for part in oracle)
            for part, true in zip(found, oracle, strict=True):
                error = length(np.atleast_1d(np.asarray(part, float)) - np.atleast_1d(np.asarray(true, float)))
                assert error < allowed * largest, case

    @pytest.mark.parametrize("dtype", [DOUBLE, SINGLE])
    def test_logarithm_of_exponential_at_the_origin(self, dtype):
        rng = np.random.default_rng(9)
        lengths = np.concatenate([np.logspace(-12, 0, 13), np.linspace(1, 80 if dtype == SINGLE else 300, 20)])
        v = (directions(rng, len(lengths), 5) * lengths[:, None]).astype(dtype)
        back = cpu.lorentz_logmap0(cpu.lorentz_expmap0(v, 1.0), 1.0)
        error = np.linalg.norm((back - v).astype(DOUBLE), axis=-1) / lengths
        assert np.all(error < 4 * np.finfo(dtype).eps)


MODEL = (
    "time dist dist0 inner norm egrad2rgrad expmap0 logmap0 expmap logmap geodesic transp"  # the kernels of the model
)


@pytest.mark.parametrize("operation", [f"lorentz_{name}" for name in MODEL.split()])
@pytest.mark.parametrize("dtype", [DOUBLE, SINGLE])
def test_finite_input_gives_finite_output_and_gradients(operation, dtype):
    """Points from the origin to 1e150 (float32: 1e36), equal, opposite and parallel ones; short vectors."""
    rng, double = np.random.default_rng(10), dtype == DOUBLE
    sizes = (
        [0, 1e-300, 1e-160, 1e-30, 1e-8, 0.3, 5, 1e6, 1e15, 1e40, 1e100]
        if double
        else [0, 1e-45, 1e-12, 0.3, 1e5, 1e18]
    )
    if operation.endswith(("dist", "dist0", "time", "logmap", "logmap0")):
        sizes += [1e150] if double else [1e36]
    short = [0, 1e-300, 1e-160, 1e-30, 1e-8, 0.3, 5] if double else [0, 1e-45, 1e-12, 0.3, 5]
    for d, c in [(1, 1.0), (2, 0.01), (10, 100.0), (40, 1e-4)] * 40:
        values = []
        for name in signature(operation):
            u = rng.choice([-1.0, 1.0]) * np.eye(d)[0] if rng.random() < 0.4 else directions(rng, 1, d)[0]
            if name == "c":
                values.append(c)
            elif name == "t":
                values.append(dtype(rng.choice([0, 1, 0.5, 1e-20])))
            elif name in "uv":
                values.append((u * rng.choice(short) / np.sqrt(c)).astype(dtype))
            elif values and rng.random() < 0.4:
                values.append(values[0] * dtype(rng.choice([-1, 1, 0.5])))
            else:
                values.append((u * rng.choice(sizes)).astype(dtype))
        out = getattr(cpu, operation)(*values)
        assert np.isfinite(out).all(), values
        g = np.asarray(rng.standard_normal(out.shape), dtype)
        for part in getattr(cpu, f"{operation}_vjp")(g, *values, wanted(operation)):
            with np.errstate(over="ignore"):
                assert np.isfinite(part).all(), values


def arguments(dtype=DOUBLE, n=4, d=3):
    rng = np.random.default_rng(11)
    x, y, v = (rng.standard_normal((n, d)).astype(dtype) for _ in range(3))
    return x, y, v


class TestIdentities:
    @pytest.mark.parametrize("c", [0.01, 0.25, 0.5, 1.0, 2.0, 10.0, 100.0])
    def test_is_the_ball_in_other_coordinates(self, c):
        lorentz, ball = Lorentz(c), PoincareBall(c)
        x, y, v = (a / np.sqrt(c) for a in arguments(n=20))

        def to_ball(z):
            return z / (1 + np.sqrt(c) * lorentz.lift(z)[..., :1])

        assert np.allclose(ball.dist(to_ball(x), to_ball(y)), lorentz.dist(x, y), rtol=1e-13)
        assert np.allclose(ball.dist0(to_ball(x)), lorentz.dist0(x), rtol=1e-13)
        assert np.allclose(ball.expmap0(v / 2), to_ball(lorentz.expmap0(v)), rtol=1e-13)
        assert np.allclose(ball.geodesic(0.3, to_ball(x), to_ball(y)), to_ball(lorentz.geodesic(0.3, x, y)), rtol=1e-12)

    def test_maps(self):
        lorentz, (x, y, v) = Lorentz(0.7), arguments(n=50)
        assert np.allclose(lorentz.expmap(x, lorentz.logmap(x, y)), y, rtol=1e-13)
        assert np.allclose(lorentz.norm(x, lorentz.logmap(x, y)), lorentz.dist(x, y), rtol=1e-14)
        assert np.array_equal(lorentz.geodesic(0.0, x, y), x)
        assert np.array_equal(lorentz.geodesic(1.0, x, y), y)
        assert np.allclose(lorentz.dist(x, lorentz.geodesic_unit(2.0, x, v)), 2.0)
        there = lorentz.transp(x, y, v)
        assert np.allclose(lorentz.inner(y, there), lorentz.inner(x, v), rtol=1e-13)
        assert np.allclose(lorentz.transp(y, x, there), v, rtol=1e-12)
        assert np.allclose(lorentz.transp(x, y, lorentz.logmap(x, y)), -lorentz.logmap(y, x), rtol=1e-12)
        assert np.allclose(lorentz.transp0back(x, lorentz.transp0(x, v)), v, rtol=1e-13)
        gradient = lorentz.egrad2rgrad(x, v)
        assert np.allclose(lorentz.inner(x, gradient, y), (v * y).sum(-1))

    def test_every_vector_is_a_point_and_a_tangent_vector(self):
        lorentz, (x, _, v) = Lorentz(), arguments()
        assert lorentz.projx(x) is x
        assert lorentz.proju(x, v) is v
        assert np.array_equal(lorentz.retr(x, v), x + v)
        lorentz.check_point(1e9 * x)

    def test_values_of_geoopt(self):
        """geoopt 0.5.1, Lorentz(k=2.0) in float64, its k being 1/c."""
        lorentz = Lorentz(0.5)
        x, y, v = np.array([0.3, -1.2, 2.0]), np.array([1.5, 0.4, -0.7]), np.array([0.2, 0.1, -0.4])
        for name, found in (
            ("dist", lorentz.dist(x, y)),
            ("inner", lorentz.inner(x, v)),
            ("expmap", lorentz.expmap(x, v)),
            ("logmap", lorentz.logmap(x, y)),
            ("transp", lorentz.transp(x, y, v)),
        ):
            assert np.allclose(found, GEOOPT[name], rtol=1e-12), name


GEOOPT = {
    "dist": 2.824502453272982,
    "inner": 0.11177954847277558,
    "expmap": [0.5102907903051889, -1.1327562363844186, 1.6524141542016477],
    "logmap": [0.20674347882906088, 2.70751341953118, -4.53093115408763],
    "transp": [0.44880748571941703, -0.010581104764185403, -0.22030570475819883],
}


class TestAmbient:
    def test_lifted_points_satisfy_the_constraint(self):
        x, _, v = arguments(n=30)
        for c in (0.25, 1.0, np.linspace(0.5, 2, 30)):
            lorentz = Lorentz(c)
            X, V = lorentz.lift(x), lorentz.lift_tangent(x, v)
            assert X.shape == V.shape == (30, 4)
            assert np.allclose(c * ((X[:, 1:] ** 2).sum(-1) - X[:, 0] ** 2), -1)
            assert np.allclose((X[:, 1:] * V[:, 1:]).sum(-1), X[:, 0] * V[:, 0])
            assert np.allclose((V[:, 1:] ** 2).sum(-1) - V[:, 0] ** 2, lorentz.inner(x, v))
            assert np.array_equal(lorentz.drop(X), x)
            assert np.array_equal(lorentz.drop_tangent(x, V), v)

    @pytest.mark.parametrize("dtype", [DOUBLE, SINGLE])
    def test_type_shape_and_range(self, dtype):
        lorentz, (x, _, v) = Lorentz(), arguments(dtype)
        assert lorentz.lift(x).dtype == lorentz.lift_tangent(x, v).dtype == dtype
        assert lorentz.lift(x[0]).shape == (4,)
        assert lorentz.lift(x[:0]).shape == (0, 4)
        assert lorentz.lift_tangent(x[0], v).shape == (4, 4)
        assert lorentz.lift_tangent(x, v[0]).shape == (4, 4)
        assert lorentz.drop(lorentz.lift(x)).dtype == dtype
        assert np.isfinite(lorentz.lift(np.full(3, 1e38, dtype) / 2)).all()

    def test_gradients(self):
        x, _, v = arguments()
        weights = np.random.default_rng(12).standard_normal((4, 4))
        c = np.array(0.7)

        def ambient(x, v, c):
            lorentz = Lorentz(c)
            X, V = lorentz.lift(x), lorentz.lift_tangent(x, v)
            spatial = lorentz.drop(X) * lorentz.drop_tangent(x, V)
            return (weights * (X * V + X)).sum() + spatial.sum()

        gk.gradcheck(ambient, x, v, c)

    def test_what_is_not_on_the_hyperboloid(self):
        lorentz, (x, _, v) = Lorentz(), arguments()
        X, V = lorentz.lift(x), lorentz.lift_tangent(x, v)
        X[2, 0] *= 1.25
        with pytest.raises(
            DomainError, match=r"drop needs vectors of the hyperboloid, but the time of row \[2\] is .* differs by"
        ):
            lorentz.drop(X)
        assert np.array_equal(lorentz.drop(X, tolerance=0.3), x)
        with pytest.raises(DomainError, match="the time of the vector is -1"):
            lorentz.drop([-1.0, 0.0, 0.0])
        V[1, 0] += 0.5
        with pytest.raises(DomainError, match=r"drop_tangent needs .* row \[1\] .* differs by 0\.5 from"):
            lorentz.drop_tangent(x, V)
        with pytest.raises(
            ShapeError, match=r"drop needs the time and at least one spatial coordinate, not shape \(1,\)"
        ):
            lorentz.drop([1.0])
        with pytest.raises(ShapeError, match="as long as its point"):
            lorentz.lift_tangent(x, v[:, :2])


METHODS = {
    "dist": lambda m, x, y, v: m.dist(x, y),
    "dist0": lambda m, x, y, v: m.dist0(x, keepdim=True),
    "inner": lambda m, x, y, v: m.inner(x, y, v),
    "norm": lambda m, x, y, v: m.norm(x, v),
    "expmap": lambda m, x, y, v: m.expmap(x, v),
    "logmap": lambda m, x, y, v: m.logmap(x, y),
    "expmap0": lambda m, x, y, v: m.expmap0(v),
    "logmap0": lambda m, x, y, v: m.logmap0(y),
    "geodesic": lambda m, x, y, v: m.geodesic(1.4, x, y),
    "geodesic_unit": lambda m, x, y, v: m.geodesic_unit(0.6, x, v),
    "transp": lambda m, x, y, v: m.transp(x, y, v),
    "transp0": lambda m, x, y, v: m.transp0(y, v),
    "transp0back": lambda m, x, y, v: m.transp0back(x, v),
    "egrad2rgrad": lambda m, x, y, v: m.egrad2rgrad(x, v),
    "expmap_transp": lambda m, x, y, v: m.expmap_transp(x, v, y)[1],
}


class TestMethods:
    @pytest.mark.parametrize("name", METHODS)
    def test_gradients_also_in_c(self, name):
        gk.gradcheck(lambda x, y, v, c: METHODS[name](Lorentz(c), x, y, v), *arguments(), np.array(0.8))

    @pytest.mark.parametrize("name", METHODS)
    @pytest.mark.parametrize("dtype", [DOUBLE, SINGLE])
    def test_arrays_and_tensors(self, name, dtype):
        x, y, v = arguments(dtype)
        out = METHODS[name](Lorentz(0.8), x, y, v)
        assert isinstance(out, np.ndarray)
        assert out.dtype == dtype
        tensor = METHODS[name](Lorentz(0.8), *map(gk.tensor, (x, y, v)))
        assert np.array_equal(tensor.data, out)
        assert METHODS[name](Lorentz(0.8), x[:0], y[:0], v[:0]).shape == (0, *out.shape[1:])
        stacked = METHODS[name](Lorentz(0.8), *(np.stack([z, z]) for z in (x, y, v)))
        assert np.array_equal(stacked, np.stack([out, out]))

    def test_equal_points(self):
        x, *_ = arguments()
        lorentz = Lorentz()
        assert np.array_equal(lorentz.dist(x, x), np.zeros(4))
        assert np.allclose(lorentz.logmap(x, x), 0, atol=1e-15)
        found = gk.grad(lambda x, y: lorentz.dist(x, y).sum(), (0, 1))(x, x)
        assert all(np.array_equal(part, np.zeros_like(x)) for part in found)

    def test_random_points_have_normal_distance_vectors(self):
        z = Lorentz(2.0).random(20_000, 3, std=0.7, rng=0)
        distances = Lorentz(2.0).logmap0(z)
        assert np.allclose(distances.std(0), 0.7, rtol=0.03)
        assert Lorentz().random(2, 3, dtype=SINGLE, rng=0).dtype == SINGLE

    def test_errors(self):
        lorentz, (x, _, v) = Lorentz(), arguments()
        with pytest.raises(ShapeError, match="dist: the shapes x"):
            lorentz.dist(x, v[:, :2])
        with pytest.raises(DTypeError, match="expmap: x has dtype complex128"):
            lorentz.expmap(x + 1j, v)
        with pytest.raises(DomainError, match="Lorentz has curvature -c with c > 0"):
            Lorentz(-1.0)
        assert repr(Lorentz(0.5)) == "Lorentz(c=0.5)"

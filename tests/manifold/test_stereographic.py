"""The stereographic model: both signs of the curvature, the way through zero, antipodes, the edge of the ball."""

import copy
import pickle

import mpmath
import numpy as np
import oracle
import pytest
from samples import directions

import geomkern as gk
from geomkern.errors import DomainError, DTypeError
from geomkern_manifold import PoincareBall, Stereographic
from geomkern_manifold.kernels import cpu

# The operands of each kernel: points x, y, vectors u, v, and a number t.
OPERANDS = {
    "dist": "xy", "dist0": "x", "inner": "xuv", "norm": "xu", "egrad2rgrad": "xu", "lambda_x": "x", "expmap": "xu",
    "logmap": "xy", "expmap0": "u", "logmap0": "x", "geodesic": "xyt", "transp": "xyv", "mobius_add": "xy",
    "mobius_scalar_mul": "xt", "gyration": "xyv",
}  # fmt: skip
every_operation = pytest.mark.parametrize("operation", OPERANDS)
EPS = {np.float32: 1.2e-7, np.float64: 2.2e-16}


def kernel(operation):
    return getattr(cpu, f"stereographic_{operation}")


def draw(rng, n, d, k, dtype=np.float64, reach=0.8):
    """Return operands by name; points within `reach` radii of curvature, or of 1 where the space is nearly flat."""
    scale = reach / np.sqrt(np.maximum(np.abs(k), 0.1))[..., None]
    values = {name: directions(rng, n, d) * rng.uniform(0.1, 1, (n, 1)) * scale for name in "xyuv"}
    return {name: value.astype(dtype) for name, value in values.items()} | {"t": rng.uniform(-1, 2, n).astype(dtype)}


def in_oracle(operation, values, k):
    """Return the arguments as the oracle takes them, which has numbers first."""
    names = sorted(OPERANDS[operation], key=lambda name: name != "t")
    return names, [values[name][0] for name in names]


class TestAccuracy:
    @every_operation
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @pytest.mark.parametrize("k", [2.0, 0.3, 1e-4, 1e-12, 0.0, -1e-12, -1e-4, -1.3])
    def test_values(self, operation, k, dtype):
        rng = np.random.default_rng(0)
        for d in (2, 10):
            values = draw(rng, 1, d, k, dtype)
            _, args = in_oracle(operation, values, k)
            exact = oracle.OPERATIONS[operation]("stereographic", *args, k)
            found = kernel(operation)(*(values[name][0] for name in OPERANDS[operation]), k)
            assert oracle.relative_error(found, exact) < 8 * EPS[dtype]

    @every_operation
    @pytest.mark.parametrize("k", [1.7, 1e-4, -1e-4, 1e-8, -1e-8, 0.0])
    def test_gradients_in_everything(self, operation, k):
        rng = np.random.default_rng(1)
        values = draw(rng, 1, 3, k)
        names, args = in_oracle(operation, values, k)
        inputs = [values[name][0] for name in OPERANDS[operation]]
        g = rng.standard_normal(np.shape(kernel(operation)(*inputs, k)))
        exact = dict(zip([*names, "k"], oracle.gradient(operation, "stereographic", [*args, k], g), strict=True))
        found = getattr(cpu, f"stereographic_{operation}_vjp")(g, *inputs, k, (True,) * (len(inputs) + 1))
        for name, gradient in zip([*OPERANDS[operation], "k"], found, strict=True):
            assert oracle.relative_error(gradient, exact[name]) < 1e-13, name

    @pytest.mark.parametrize("k", [1.0, 0.3])
    @pytest.mark.parametrize("gap", [0.5, 1e-3, 1e-6, 1e-9, 1e-12])
    def test_towards_the_antipode(self, gap, k):
        """The distance loses nothing; the logarithm's direction, 1/cos of half the angle."""
        rng = np.random.default_rng(2)
        for x, w in zip(directions(rng, 6, 4), directions(rng, 6, 4), strict=True):
            x = x * rng.uniform(0.2, 3.0) / np.sqrt(k)
            y = -(x + gap * np.linalg.norm(x) * w) / (k * np.dot(x, x))
            exact = oracle.OPERATIONS["dist"]("stereographic", x, y, k)
            assert oracle.relative_error(cpu.stereographic_dist(x, y, k), exact) < 4 * EPS[np.float64]
            cosine = float(mpmath.cos(mpmath.sqrt(k) * exact / 2))
            for operation, args in (("logmap", (x, y)), ("geodesic", (0.3, x, y)), ("transp", (x, y, w))):
                want = oracle.OPERATIONS[operation]("stereographic", *args, k)
                numbers_last = sorted(args, key=lambda value: np.ndim(value) == 0)
                found = kernel(operation)(*numbers_last, k)
                assert oracle.relative_error(found, want) < 20 * EPS[np.float64] / cosine, operation

    def test_antipodal_points_are_half_a_great_circle_apart(self):
        x = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, -1.0]])
        assert np.allclose(Stereographic(1.0).dist(x, -x), np.pi, rtol=2e-16, atol=0)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @pytest.mark.parametrize("d", [2, 20])
    @every_operation
    def test_a_negative_curvature_is_the_ball_to_the_last_bit(self, operation, d, dtype):
        """So it is as accurate at the edge, mixed with rows of other curvatures too."""
        rng = np.random.default_rng(3)
        c = rng.uniform(0.3, 2.0, 50)
        values = draw(rng, 50, d, c, dtype)
        gap = rng.choice([1e-3, 1e-5], 50) if dtype == np.float32 else rng.choice([1e-3, 1e-6, 1e-12], 50)
        for name in "xy":
            values[name] = (directions(rng, 50, d) * ((1 - gap) / np.sqrt(c))[:, None]).astype(dtype)
            values[name] = cpu.poincare_projx(values[name], 0.0, c)
        args = [values[name] for name in OPERANDS[operation]]
        mixed = np.where(np.arange(50) % 3 == 0, 1e-3, -c)
        negative = mixed < 0
        found, ball = kernel(operation)(*args, mixed), getattr(cpu, f"poincare_{operation}")(*args, c)
        assert np.array_equal(found[negative], ball[negative])
        g = rng.standard_normal(ball.shape).astype(dtype)
        wanted = (True,) * (len(args) + 1)
        *found, of_k = getattr(cpu, f"stereographic_{operation}_vjp")(g, *args, mixed, wanted)
        *expected, of_c = getattr(cpu, f"poincare_{operation}_vjp")(g, *args, c, wanted)
        for a, b in zip([*found, of_k], [*expected, -of_c], strict=True):
            assert np.array_equal(a[negative], b[negative])


class TestThroughZero:
    @every_operation
    def test_value_and_derivative_are_continuous(self, operation):
        """At curvatures that are nothing they are those at 0, and near 0 they differ by a multiple of k."""
        rng = np.random.default_rng(4)
        values = draw(rng, 5, 3, 0.0)
        args = [values[name] for name in OPERANDS[operation]]
        flat = kernel(operation)(*args, 0.0)
        g = rng.standard_normal(flat.shape)

        def everything(k):
            vjp = getattr(cpu, f"stereographic_{operation}_vjp")
            return [kernel(operation)(*args, k), *vjp(g, *args, k, (True,) * (len(args) + 1))]

        at_zero = everything(0.0)
        for size in (5e-324, 1e-300, 1e-160, 1e-101, 1e-99, 1e-60, 1e-20, 1e-16, 1e-12, 1e-8, 1e-4):
            for k in (size, -size):
                for found, zero in zip(everything(k), at_zero, strict=True):
                    assert np.allclose(found, zero, rtol=0, atol=3000 * size + 3e-13), k

    def test_the_signs_may_be_mixed(self):
        rng = np.random.default_rng(5)
        k = np.array([-1.0, -1e-9, 0.0, 1e-300, 1e-3, 2.0, -0.0])
        values = draw(rng, 7, 3, k)
        for operation, names in OPERANDS.items():
            together = kernel(operation)(*(values[name] for name in names), k)
            for i in range(7):
                assert np.array_equal(together[i], kernel(operation)(*(values[name][i] for name in names), k[i]))

    def test_zero_is_flat_space_with_twice_the_lengths(self):
        rng = np.random.default_rng(6)
        x, y, v = directions(rng, 3, 4)
        flat = Stereographic()
        assert np.isclose(flat.dist(x, y), 2 * np.linalg.norm(x - y))
        assert np.allclose(flat.expmap(x, v), x + v)
        assert np.allclose(flat.mobius_add(x, y), x + y)
        assert np.array_equal(flat.transp(x, y, v), v)

    def test_a_curvature_learns_its_sign(self):
        """From distances measured on a sphere, starting with a ball."""
        rng = np.random.default_rng(7)
        x, y = 0.4 * directions(rng, 20, 3), 0.4 * directions(rng, 20, 3)
        target = Stereographic(0.8).dist(x, y)
        k = gk.nn.Parameter(np.array(-0.5))
        space, optimiser = Stereographic(k), gk.optim.Adam([k], lr=0.05)
        for _ in range(200):
            optimiser.zero_grad()
            ((space.dist(x, y) - target) ** 2).sum().backward()
            optimiser.step()
        assert np.isclose(k.item(), 0.8, atol=1e-3)


MATRIX = [[0.4, -0.3, 0.2], [0.1, 0.8, -0.5]]
METHODS = {
    "dist": lambda s, x, y, v, t: s.dist(x, y),
    "dist0": lambda s, x, y, v, t: s.dist0(x, keepdim=True),
    "expmap": lambda s, x, y, v, t: s.expmap(x, v),
    "logmap": lambda s, x, y, v, t: s.logmap(x, y),
    "expmap0": lambda s, x, y, v, t: s.expmap0(v),
    "logmap0": lambda s, x, y, v, t: s.logmap0(y),
    "geodesic": lambda s, x, y, v, t: s.geodesic(t, x, y),
    "geodesic_unit": lambda s, x, y, v, t: s.geodesic_unit(t, x, v),
    "transp": lambda s, x, y, v, t: s.transp(x, y, v),
    "transp0": lambda s, x, y, v, t: s.transp0(y, v),
    "transp0back": lambda s, x, y, v, t: s.transp0back(x, v),
    "retr": lambda s, x, y, v, t: s.retr(x, 0.1 * v),
    "mobius_add": lambda s, x, y, v, t: s.mobius_add(x, y),
    "mobius_sub": lambda s, x, y, v, t: s.mobius_sub(x, y),
    "mobius_coadd": lambda s, x, y, v, t: s.mobius_coadd(x, y),
    "mobius_scalar_mul": lambda s, x, y, v, t: s.mobius_scalar_mul(t, x),
    "mobius_matvec": lambda s, x, y, v, t: s.mobius_matvec(np.array(MATRIX, x.dtype), x),
    "mobius_pointwise_mul": lambda s, x, y, v, t: s.mobius_pointwise_mul(v, x),
    "gyration": lambda s, x, y, v, t: s.gyration(x, y, v),
    "lambda_x": lambda s, x, y, v, t: s.lambda_x(x),
    "inner": lambda s, x, y, v, t: s.inner(x, v, y),
    "norm": lambda s, x, y, v, t: s.norm(x, v),
    "egrad2rgrad": lambda s, x, y, v, t: s.egrad2rgrad(x, v),
    "projx": lambda s, x, y, v, t: s.projx(2 * x, eps=0.01),
}  # fmt: skip
MIXED = np.array([-0.8, 0.0, 1e-9, 1.3])
every_method = pytest.mark.parametrize("method", METHODS)


def arguments(dtype=np.float64):
    values = draw(np.random.default_rng(8), 4, 3, MIXED, dtype, 0.6)
    return values["x"], values["y"], values["v"], values["t"]


class TestMethods:
    @every_method
    def test_gradients_in_every_operand_and_k(self, method):
        def function(k, x, y, v, t):
            used = METHODS[method](Stereographic(k), x, y, v, t)
            return used + 0 * (k.sum() + x.sum() + y.sum() + v.sum() + t.sum())

        assert gk.gradcheck(function, MIXED, *arguments())
        assert gk.gradcheck(function, np.array(0.4), *arguments())

    @every_method
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_types_shapes_and_empty_batches(self, method, dtype):
        operands = arguments(dtype)
        for k in (0.4, np.float64(0.4), MIXED, gk.tensor(0.4)):
            out = METHODS[method](Stereographic(k), *operands)
            assert out.dtype == dtype
            assert isinstance(out, gk.Tensor) == isinstance(k, gk.Tensor)
        none = METHODS[method](Stereographic(0.4), *(operand[:0] for operand in operands))
        assert none.shape == (0, *out.shape[1:])

    @every_method
    @pytest.mark.parametrize("k", [-1.0, 0.0, 1.0])
    def test_nan_stays_nan(self, method, k):
        x, y, v, t = arguments()
        for value in (x, y, v):
            value[2] = np.nan
        out = METHODS[method](Stereographic(k), x, y, v, t)
        assert np.isnan(out[2]).all()
        assert np.isfinite(np.delete(out, 2, 0)).all()

    @every_operation
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_finite_input_gives_finite_results_and_gradients(self, operation, dtype):
        rng = np.random.default_rng(9)
        radii = [0, 1e-38, 1e-12, 1e-4, 0.3, 1.0, 30.0]
        for d, k in [(1, 1.0), (2, 0.01), (10, 100.0), (40, 1e-4), (3, 0.0), (3, 1e-300)] * 15:
            values = {name: directions(rng, 1, d)[0] * rng.choice(radii) for name in "xyuv"}
            if rng.random() < 0.3:
                values["y"] = values["x"] * rng.choice([1, 1 + 1e-6])
            values = {name: (value / np.sqrt(k if k > 1e-9 else 1)).astype(dtype) for name, value in values.items()}
            values["t"] = dtype(rng.choice([0, 1, -1, 0.5, -3, 1e3, 1e-20]))
            args = [values[name] for name in OPERANDS[operation]]
            try:
                out = kernel(operation)(*args, k)
            except DomainError:  # the points happen to be antipodal
                continue
            assert np.isfinite(out).all(), (values, k)
            g = np.asarray(rng.standard_normal(out.shape), dtype)
            for gradient in getattr(cpu, f"stereographic_{operation}_vjp")(g, *args, k, (True,) * (len(args) + 1)):
                assert np.isfinite(gradient).all(), (values, k)

    @pytest.mark.parametrize("k", [-0.5, 0.0, 0.5, MIXED])
    def test_random_points(self, k):
        space = Stereographic(k)
        x = space.random(500, 4, 3, rng=0, dtype=np.float64)
        assert x.shape == (500, 4, 3)
        assert np.array_equal(x, space.random(500, 4, 3, rng=0, dtype=np.float64))
        far = np.sqrt(3) + 4 if np.ndim(k) or k <= 0 else np.pi / np.sqrt(k)
        assert np.all(space.dist0(x) <= far * (1 + 1e-12))


class TestSphericalLaws:
    """Of a gyrovector space and of a space of positive curvature, where the operations are defined."""

    @pytest.fixture(params=[1.0, 0.2, 7.0])
    def space(self, request):
        return Stereographic(request.param)

    @pytest.fixture
    def points(self, space):
        rng = np.random.default_rng(10)
        return [directions(rng, 200, 3) * rng.uniform(0, 1.5, (200, 1)) / np.sqrt(space.k) for _ in range(4)]

    def same(self, a, b, space, roundings=1e4):
        assert np.allclose(a, b, rtol=roundings * 2.2e-16, atol=roundings * 2.2e-16 / np.sqrt(space.k))

    def test_gyrogroup(self, space, points):
        x, y, z, _ = points
        add, gyr = space.mobius_add, space.gyration
        self.same(add(-x, add(x, y)), y, space, 1e6)
        self.same(add(x, y), gyr(x, y, add(y, x)), space, 1e6)
        self.same(gyr(x, y, z), -add(add(x, y), -add(x, add(y, z))), space, 1e8)
        self.same(gyr(y, x, gyr(x, y, z)), z, space, 1e6)
        self.same(np.linalg.norm(gyr(x, y, z), axis=-1), np.linalg.norm(z, axis=-1), space, 1e6)
        assert np.all(add(-x, x) == 0)

    def test_scalars(self, space, points):
        x = 0.3 * points[0]
        add, times = space.mobius_add, space.mobius_scalar_mul
        self.same(times(2, x), add(x, x), space)
        self.same(times(1.5, times(0.5, x)), times(0.75, x), space)
        self.same(times(1.2, x), add(times(0.5, x), times(0.7, x)), space)
        self.same(space.dist0(times(0.7, x)), 0.7 * space.dist0(x), space)

    def test_distance(self, space, points):
        x, y, z, _ = points
        assert np.array_equal(space.dist(x, y), space.dist(y, x))
        assert np.all(space.dist(x, x) == 0)
        assert np.all(space.dist(x, z) <= (space.dist(x, y) + space.dist(y, z)) * (1 + 1e-15))
        assert np.all(space.dist(x, y) <= np.pi / np.sqrt(space.k) * (1 + 1e-15))
        self.same(space.dist(space.mobius_add(0.5 * z, 0.5 * x), space.mobius_add(0.5 * z, 0.5 * y)),
                  space.dist(0.5 * x, 0.5 * y), space)  # fmt: skip
        self.same(space.norm(x, space.logmap(x, y)), space.dist(x, y), space)

    def test_maps_and_transport(self, space, points):
        x, y, u, v = points
        self.same(space.expmap(x, space.logmap(x, y)), y, space, 1e6)
        short = 0.5 * u / space.lambda_x(x, keepdim=True)
        self.same(space.logmap(x, space.expmap(x, short)), short, space, 1e6)
        self.same(space.inner(y, space.transp(x, y, u), space.transp(x, y, v)), space.inner(x, u, v), space, 1e6)
        there = space.transp(x, y, space.logmap(x, y))
        self.same(there, -space.logmap(y, x), space, 1e6)

    def test_geodesic(self, space, points):
        x, y, *_ = points
        self.same(space.geodesic(0.0, x, y), x, space)
        self.same(space.geodesic(1.0, x, y), y, space, 1e6)
        middle = space.geodesic(0.5, x, y)
        self.same(space.dist(x, middle), 0.5 * space.dist(x, y), space)
        self.same(space.geodesic(0.3, x, y), space.expmap(x, 0.3 * space.logmap(x, y)), space, 1e6)

    def test_great_circles_close(self, space, points):
        x, y, *_ = points
        turn = 2 * np.pi / np.sqrt(space.k) / space.dist(x, y)
        near = space.dist(x, y) > 0.1 / np.sqrt(space.k)
        self.same(space.geodesic(turn, x, y)[near], x[near], space, 1e6)


X, Y, V = np.array([0.3, -0.2, 0.5]), np.array([-0.4, 0.1, 0.2]), np.array([0.2, 0.7, -0.1])

# geoopt 0.5 in float64, with torch 2.13: the value, and the derivative in k of the sum of its numbers
GOLDEN = {
    ("dist", 0.7): ([1.44492272544887], -0.251682312127),
    ("dist0", 0.7): ([1.1382629509018], -0.117444197274),
    ("mobius_add", 0.7): ([-0.21340477873294, -0.0504062635261373, 0.646241172055206], -0.1728784209),
    ("mobius_scalar_mul", 0.7): ([0.504285075314208, -0.336190050209472, 0.84047512552368], 0.169034829731),
    ("expmap", 0.7): ([0.390675590036497, 0.475669835752584, 0.268343464256833], -0.326532204652),
    ("logmap", 0.7): ([-0.840154752232033, 0.322312889521611, -0.163748471494721], 0.0784008014081),
    ("expmap0", 0.7): ([0.229698658212425, 0.803945303743488, -0.114849329106213], 0.200058648178),
    ("logmap0", 0.7): ([-0.381965737081068, 0.0954914342702669, 0.190982868540534], 0.00593391151326),
    ("geodesic", 0.7): ([0.0657801428381134, -0.106982250805285, 0.437903447078878], 0.0146188645871),
    ("transp", 0.7): ([0.259424551489715, 0.606725977687873, -0.088526954383546], 0.00103759884642),
    ("gyration", 0.7): ([0.281876391422899, 0.671414534901772, -0.0987330860504318], 0.0897123472175),
    ("lambda_x", 0.7): ([1.57977883096367], -0.474183219405),
    ("dist", 0.0): ([1.63707055437449], -0.300129601635),
    ("dist0", 0.0): ([1.2328828005938], -0.156165154742),
    ("mobius_add", 0.0): ([-0.1, -0.1, 0.7], -0.156),
    ("mobius_scalar_mul", 0.0): ([0.45, -0.3, 0.75], 0.1425),
    ("expmap", 0.0): ([0.5, 0.5, 0.4], -0.388),
    ("logmap", 0.0): ([-0.7, 0.3, -0.3], -0.0296666666667),
    ("expmap0", 0.0): ([0.2, 0.7, -0.1], 0.144),
    ("logmap0", 0.0): ([-0.4, 0.1, 0.2], 0.007),
    ("geodesic", 0.0): ([0.09, -0.11, 0.41], 0.003619),
    ("transp", 0.0): ([0.2, 0.7, -0.1], -0.074),
    ("gyration", 0.0): ([0.2, 0.7, -0.1], 0.062),
    ("lambda_x", 0.0): ([2.0], -0.76),
    ("dist", -0.7): ([1.8717222229735], -0.377977167573),
    ("mobius_add", -0.7): ([0.0342792507796749, -0.147288887623054, 0.704199564236468], -0.098918988572),
    ("expmap", -0.7): ([0.58919227970756, 0.345856101596147, 0.597888636383983], 0.134383362538),
    ("logmap", -0.7): ([-0.52487081455349, 0.251809680320544, -0.364642871470546], -0.148125500386),
    ("geodesic", -0.7): ([0.12022150680246, -0.116505231600522, 0.389428492078285], -0.0139616642702),
    ("transp", -0.7): ([0.141247157761677, 0.83830460330081, -0.0811399927973564], -0.225814431275),
}


@pytest.mark.parametrize(("operation", "k"), GOLDEN)
def test_geoopt(operation, k):
    value, slope = GOLDEN[operation, k]
    values = {"x": X, "y": Y, "v": V, "u": V, "t": 1.5 if operation == "mobius_scalar_mul" else 0.3}
    values["x"] = Y if operation == "logmap0" else X
    args = [values[name] for name in OPERANDS[operation]]
    found = kernel(operation)(*args, k)
    assert np.allclose(found, value if found.ndim else value[0], rtol=1e-12, atol=1e-14)
    *_, of_k = getattr(cpu, f"stereographic_{operation}_vjp")(np.ones_like(found), *args, k, (True,) * (len(args) + 1))
    assert np.isclose(of_k, slope, rtol=1e-9)


class TestErrors:
    def test_outside_the_ball(self):
        outside = np.array([[0.1, 0.0], [0.0, 1.5]])
        with pytest.raises(DomainError, match=r"dist0: x\[1\] lies outside the ball: -k\|x\|\^2 is 2\.25, but must be"):
            Stereographic(-1.0).dist0(outside)
        assert np.isfinite(Stereographic(1.0).dist0(outside)).all()
        assert np.isfinite(Stereographic([-1.0, 0.0]).dist0(outside)).all()
        pulled = Stereographic(np.array([-1.0, -1.0])).projx(outside)
        assert np.array_equal(pulled, PoincareBall(1.0).projx(outside))
        assert np.array_equal(Stereographic(0.5).projx(1e3 * outside, eps=0.1), 1e3 * outside)

    def test_antipodal_points(self):
        x, y = np.array([[0.1, 0.2], [0.6, 0.8]]), np.array([[0.1, 0.3], [-0.6, -0.8]])
        space = Stereographic(1.0)
        for call in (space.logmap, lambda x, y: space.transp(x, y, x), lambda x, y: space.geodesic(0.3, x, y)):
            with pytest.raises(DomainError, match=r"\w+: y\[1\] is antipodal, and no single geodesic leads there"):
                call(x, y)
        for call in (space.mobius_add, lambda x, y: space.gyration(x, y, x)):
            with pytest.raises(DomainError, match=r"\[1\] is antipodal to the negative of the other point"):
                call(x, -y)

    @pytest.mark.parametrize("k", [np.nan, np.inf, [0.0, -np.inf]])
    def test_curvature_must_be_finite(self, k):
        with pytest.raises(DomainError, match="Stereographic has a finite curvature k, but k is"):
            Stereographic(k)

    @pytest.mark.parametrize("k", [None, "1", 1j, True])
    def test_curvature_must_be_a_number(self, k):
        with pytest.raises(DTypeError, match="Stereographic needs a real number or an array of them for k, not"):
            Stereographic(k)

    def test_margin_of_the_projection(self):
        with pytest.raises(DomainError, match=r"projx needs eps in \[0, 1\)"):
            Stereographic(-1.0).projx(np.zeros(3), eps=1.0)


def test_the_object():
    k = gk.tensor(0.5, requires_grad=True)
    assert Stereographic(k).k is k
    assert Stereographic(0.5) == Stereographic(0.5) != Stereographic(-0.5)
    assert repr(Stereographic(-0.5)) == "Stereographic(k=-0.5)"
    assert Stereographic([1, -1]).k.dtype == np.float64
    for clone in (copy.deepcopy(Stereographic(k)), pickle.loads(pickle.dumps(Stereographic(k)))):
        assert clone == Stereographic(k)
        assert clone.k.requires_grad
    assert isinstance(Stereographic(k).detach().dist0(np.zeros(2)), np.ndarray | np.generic)

"""The sphere: against the oracle and geoopt, its laws, its edges and its errors."""

import copy
import pickle

import mpmath
import numpy as np
import oracle
import pytest
from samples import directions, sphere_points
from scipy import stats

import geomkern as gk
from geomkern.errors import DomainError, DTypeError, ShapeError
from geomkern_manifold import PoincareBall, ProductManifold, Sphere, Stereographic
from geomkern_manifold.kernels import cpu

# The operands of each kernel as the oracle takes them: points x, y, vectors u, v tangent at x and o at the origin,
# and a number t.
OPERANDS = {
    "dist": "xy", "dist0": "x", "inner": "xuv", "norm": "xu", "expmap": "xu", "logmap": "xy", "expmap0": "o",
    "logmap0": "x", "geodesic": "txy", "transp": "xyv",
}  # fmt: skip
every_operation = pytest.mark.parametrize("operation", OPERANDS)
EPS = {np.float32: 1.2e-7, np.float64: 2.2e-16}


def draw(rng, c, d, dtype=np.float64, gap=None):
    """Return a point, another (`gap` from it or its antipode if that is negative), and vectors."""
    sphere = Sphere(c)
    x, y, *others = sphere.projx(directions(rng, 5, d))
    if gap is not None:
        y = sphere.projx(np.sign(gap) * x + abs(gap) * y)
    u, v = (sphere.proju(x, w) for w in others[:2])
    o = others[2] * (np.arange(d) > 0)
    values = {"x": x, "y": y, "u": u, "v": v, "o": o, "t": np.asarray(rng.uniform(-1, 2))}
    return {name: value.astype(dtype) for name, value in values.items()}


def call(operation, values, c):
    names = sorted(OPERANDS[operation], key="t".__eq__)
    return getattr(cpu, f"sphere_{operation}")(*(values[name] for name in names), c)


class TestAccuracy:
    @every_operation
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @pytest.mark.parametrize("c", [1.0, 0.3, 100.0])
    def test_values(self, operation, c, dtype):
        rng = np.random.default_rng(0)
        for d in (2, 3, 20):
            values = draw(rng, c, d, dtype)
            if operation in ("logmap0", "dist0") and dtype == np.float32:
                continue  # where the normal part of a stored point counts
            exact = oracle.OPERATIONS[operation]("sphere", *(values[n] for n in OPERANDS[operation]), c)
            assert oracle.relative_error(call(operation, values, c), exact) < 20 * EPS[dtype]

    @every_operation
    def test_gradients(self, operation):
        """Up to what is orthogonal to the sphere, which the oracle projects away."""
        rng, c = np.random.default_rng(1), 0.7
        values = draw(rng, c, 3)
        g = rng.standard_normal(np.shape(call(operation, values, c)))
        if g.ndim and operation not in ("logmap", "logmap0", "transp"):
            out = call(operation, values, c)
            g -= c * np.dot(g, out) * out  # the oracle's result is a point, however its arguments are moved
        elif g.ndim:
            foot = {"logmap": values["x"], "logmap0": np.eye(3)[0] / np.sqrt(c), "transp": values["y"]}[operation]
            g -= c * np.dot(g, foot) * foot
        names = OPERANDS[operation]
        exact = oracle.gradient(operation, "sphere", [*(values[n] for n in names), c], g)
        exact = dict(zip(names, exact, strict=False))
        wanted = (True,) * (len(names) + 1)
        names = sorted(names, key="t".__eq__)
        gradients = getattr(cpu, f"sphere_{operation}_vjp")(g, *(values[n] for n in names), c, wanted)
        found = dict(zip(names, gradients, strict=False))
        for name in names:
            gradient, true = np.asarray(found[name]), np.array([float(w) for w in np.atleast_1d(exact[name])])
            if name != "t":
                foot = np.eye(3)[0] / np.sqrt(c) if name == "o" else values["y" if name == "y" else "x"]
                gradient, true = (w - c * np.dot(w, foot) * foot for w in (gradient, true))
            if name == "x" and operation in ("expmap", "inner", "norm", "transp"):
                continue  # which moves the tangent space under the vectors
            assert np.allclose(gradient, true, rtol=1e-12, atol=1e-13), name

    @pytest.mark.parametrize("gap", [1e-1, 1e-4, 1e-8, -1e-1, -1e-4, -1e-8])
    def test_near_and_nearly_antipodal_points(self, gap):
        rng = np.random.default_rng(2)
        for _ in range(5):
            values = draw(rng, 0.5, 4, gap=gap)
            x, y = values["x"], values["y"]
            exact = oracle.OPERATIONS["dist"]("sphere", x, y, 0.5)
            assert oracle.relative_error(cpu.sphere_dist(x, y, 0.5), exact) < 4 * EPS[np.float64]
            cosine = float(mpmath.cos(mpmath.sqrt(0.5) * exact / 2))
            for operation in ("geodesic", "transp", "logmap"):
                want = oracle.OPERATIONS[operation]("sphere", *(values[n] for n in OPERANDS[operation]), 0.5)
                # stored points are off the sphere by a rounding, which counts beside a distance of `gap`
                allowed = 30 * EPS[np.float64] / cosine / (min(1.0, abs(gap)) if operation == "logmap" else 1.0)
                assert oracle.relative_error(call(operation, values, 0.5), want) < allowed, operation


METHODS = {
    "dist": lambda s, x, y, v, t: s.dist(x, y),
    "dist0": lambda s, x, y, v, t: s.dist0(x, keepdim=True),
    "expmap": lambda s, x, y, v, t: s.expmap(x, v),
    "logmap": lambda s, x, y, v, t: s.logmap(x, y),
    "expmap0": lambda s, x, y, v, t: s.expmap0(v),
    "logmap0": lambda s, x, y, v, t: s.logmap0(y),
    "geodesic": lambda s, x, y, v, t: s.geodesic(t, x, y),
    "transp": lambda s, x, y, v, t: s.transp(x, y, v),
    "transp0": lambda s, x, y, v, t: s.transp0(y, v),
    "retr": lambda s, x, y, v, t: s.retr(x, v),
    "inner": lambda s, x, y, v, t: s.inner(x, v, y),
    "norm": lambda s, x, y, v, t: s.norm(x, v),
    "egrad2rgrad": lambda s, x, y, v, t: s.egrad2rgrad(x, v),
    "proju": lambda s, x, y, v, t: s.proju(x, v),
    "projx": lambda s, x, y, v, t: s.projx(2 * x),
}
every_method = pytest.mark.parametrize("method", METHODS)


def arguments(c=0.7, dtype=np.float64, n=4):
    rng = np.random.default_rng(3)
    x, y = sphere_points(rng, n, 3, c, dtype), sphere_points(rng, n, 3, c, dtype)
    return x, y, rng.standard_normal((n, 3)).astype(dtype), rng.uniform(-1, 2, n).astype(dtype)


class TestMethods:
    @every_method
    def test_gradients_in_every_operand_and_c(self, method):
        def function(c, x, y, v, t):
            used = METHODS[method](Sphere(c), x, y, v, t)
            return used + 0 * (c.sum() + x.sum() + y.sum() + v.sum() + t.sum())

        assert gk.gradcheck(function, np.array(0.7), *arguments())
        c = np.array([0.5, 0.7, 1.0, 3.0])
        assert gk.gradcheck(function, c, *arguments(c))

    @every_method
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_types_shapes_empty_batches_and_nan(self, method, dtype):
        operands = arguments(dtype=dtype)
        for c in (0.7, np.full(4, 0.7), gk.tensor(np.array(0.7))):
            out = METHODS[method](Sphere(c), *operands)
            assert out.dtype == dtype
            assert isinstance(out, gk.Tensor) == isinstance(c, gk.Tensor)
        none = METHODS[method](Sphere(0.7), *(operand[:0] for operand in operands))
        assert none.shape == (0, *out.shape[1:])
        for operand in operands[:3]:
            operand[2] = np.nan
        out = METHODS[method](Sphere(0.7), *operands)
        assert np.isnan(out[2]).all()
        assert np.isfinite(np.delete(out, 2, 0)).all()

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @pytest.mark.parametrize("d", [1, 2, 20])
    def test_finite_where_points_coincide_or_oppose_one_another(self, d, dtype):
        x = np.eye(1, d, dtype=dtype)[0]
        zero, tiny, huge = np.zeros(d, dtype), np.full(d, 1e-30, dtype), np.full(d, 1e30, dtype)
        for y, v, t in ((x, zero, 0.0), (x, tiny, 1.0), (-x, huge, 2.0), (x, huge, -1e6)):
            for name, method in METHODS.items():
                operands = [gk.tensor(value, requires_grad=True) for value in (x, y, v, np.array(t, dtype))]
                if np.array_equal(y, -x) and name in ("logmap", "logmap0", "geodesic", "transp", "transp0"):
                    continue
                c = gk.tensor(np.array(1.0, dtype), requires_grad=True)
                out = method(Sphere(c), *operands)
                assert np.isfinite(out.data).all(), name
                out.sum().backward()
                for operand in (c, *operands):
                    assert operand.grad is None or np.isfinite(operand.grad.data).all(), name

    def test_subgradients_are_zero(self):
        x = gk.tensor(np.array([0.6, 0.8]), requires_grad=True)
        for y in (x.data, -x.data):
            x.grad = None
            Sphere().dist(x, y).backward()
            assert np.all(x.grad.data == 0)


@pytest.mark.parametrize("c", [0.2, 1.0, 7.0])
class TestLaws:
    @pytest.fixture
    def points(self, c):
        return Sphere(c).random_uniform(3, 200, 4, rng=0, dtype=np.float64)

    @staticmethod
    def same(a, b, c, roundings=100):
        assert np.allclose(a, b, rtol=0, atol=roundings * 2.2e-16 / np.sqrt(c))

    def test_distance(self, c, points):
        x, y, z = points
        dist = Sphere(c).dist
        assert np.array_equal(dist(x, y), dist(y, x))
        assert np.all(dist(x, x) == 0)
        assert np.allclose(dist(x, -x), np.pi / np.sqrt(c), rtol=4e-16)
        assert np.all(dist(x, z) <= (dist(x, y) + dist(y, z)) * (1 + 1e-15))
        rotation = np.linalg.qr(np.random.default_rng(1).standard_normal((4, 4)))[0]
        self.same(dist(x @ rotation, y @ rotation), dist(x, y), c)
        self.same(Sphere(c).dist0(x), dist(np.eye(4)[0] / np.sqrt(c), x), c)

    def test_maps(self, c, points):
        sphere = Sphere(c)
        x, y, z = points
        v = sphere.logmap(x, y)
        self.same(sphere.inner(x, x, v), 0, c**2, 1000)
        self.same(sphere.expmap(x, v), y, c, 1000)
        self.same(sphere.norm(x, v), sphere.dist(x, y), c, 1000)
        self.same(sphere.logmap0(x), sphere.logmap(sphere.origin(4, dtype=np.float64), x), c, 1000)
        self.same(sphere.expmap0(sphere.logmap0(x)), x, c, 1000)
        self.same(sphere.expmap(x, z * 0), x, c)
        self.same(sphere.geodesic(0.3, x, y), sphere.expmap(x, 0.3 * v), c, 1000)
        self.same(sphere.geodesic(0.0, x, y), x, c)
        self.same(sphere.geodesic(1.0, x, y), y, c)

    def test_transport(self, c, points):
        sphere = Sphere(c)
        x, y, z = points
        u, v = sphere.proju(x, z), sphere.logmap(x, y)
        there = sphere.transp(x, y, u)
        self.same(sphere.inner(y, y, there), 0, c**2, 1000)
        self.same(sphere.inner(y, there, sphere.transp(x, y, v)), sphere.inner(x, u, v), c**2, 1000)
        self.same(sphere.transp(x, y, v), -sphere.logmap(y, x), c, 10000)
        self.same(sphere.transp(y, x, there), u, c, 1000)
        self.same(sphere.transp0back(x, sphere.transp0(x, sphere.logmap0(y))), sphere.logmap0(y), c, 1000)

    def test_projections(self, c, points):
        sphere = Sphere(c)
        x, _, z = points
        self.same(sphere.projx(3.0 * x), x, c, 4)
        assert np.array_equal(sphere.proju(x, z), sphere.egrad2rgrad(x, z))
        self.same(sphere.inner(x, x, sphere.proju(x, z)), 0, c**2)
        errors = [np.abs(sphere.retr(x, h * z) - sphere.expmap(x, h * sphere.proju(x, z))).max() for h in (1e-2, 1e-3)]
        assert errors[1] < errors[0] / 80

    def test_stereographic_projection_is_an_isometry(self, c, points):
        """From the antipode of the origin: x = z/(1 + W) with W = sqrt(c) x_1."""
        project = points[..., 1:] / (1 + np.sqrt(c) * points[..., :1])
        near = np.all(points[..., 0] * np.sqrt(c) > -0.9, axis=0)
        x, y, _ = project[:, near]
        self.same(Stereographic(c).dist(x, y), Sphere(c).dist(*points[:2, near]), c, 1000)


# geoopt 0.5 in float64, with torch 2.13; its transport is a projection, not a parallel one
GOLDEN_X = np.array([0.486664263392288, -0.324442842261525, 0.811107105653813])
GOLDEN_Y = np.array([-0.872871560943969, 0.218217890235992, 0.436435780471985])
GOLDEN_V = np.array([0.302631578947368, 0.631578947368421, 0.0710526315789474])
GOLDEN = {
    "dist": 1.71287229063541,
    "expmap": [0.649234300721618, 0.333372569286787, 0.683635540923407],
    "logmap": [-1.39109837924245, 0.298092509837667, 0.953896031480536],
    "retr": [0.645420544546613, 0.251150381864946, 0.721356920231757],
}


@pytest.mark.parametrize("method", GOLDEN)
def test_geoopt(method):
    found = METHODS[method](Sphere(), GOLDEN_X, GOLDEN_Y, GOLDEN_V, None)
    assert np.allclose(found, GOLDEN[method], rtol=1e-13, atol=1e-14)


class TestPoints:
    def test_the_origin(self):
        assert np.array_equal(Sphere(4.0).origin(2, 3), [[0.5, 0, 0]] * 2)
        assert Sphere().origin(3, dtype=np.float64).dtype == np.float64

    def test_uniform_points(self):
        sphere = Sphere(0.25)
        x = sphere.random_uniform(20_000, 3, rng=0, dtype=np.float64)
        assert np.allclose(np.linalg.norm(x, axis=-1), 2.0)
        for column in x.T:  # Archimedes: each coordinate of a point of the sphere in space is uniform
            assert stats.kstest(column / 2, stats.uniform(-1, 2).cdf).pvalue > 0.01
        assert np.array_equal(sphere.random_uniform(5, 3, rng=1), sphere.random_uniform(5, 3, rng=1))

    def test_wrapped_normal_points(self):
        x = Sphere(0.25).random(20_000, 3, std=0.3, rng=0, dtype=np.float64)
        assert stats.kstest(Sphere(0.25).dist0(x) / 0.3, stats.chi(2).cdf).pvalue > 0.01

    def test_parts_of_a_product(self):
        space = ProductManifold((Sphere(2.0), 3), (PoincareBall(1.0), 2), (Stereographic(0.5), 2))
        x, y = space.random(5, 7, rng=0, dtype=np.float64), space.random(5, 7, rng=1, dtype=np.float64)
        parts = [m.dist(a, b) for m, a, b in zip(space.manifolds, space.parts(x), space.parts(y), strict=True)]
        assert np.allclose(space.dist(x, y) ** 2, np.sum(np.square(parts), axis=0), rtol=1e-14)
        assert np.allclose(space.expmap(x, space.logmap(x, y)), y)


class TestErrors:
    def test_a_point_off_the_sphere(self):
        x = np.array([[1.0, 0.0], [0.6, 0.9]])
        with pytest.raises(
            DomainError, match=r"dist0: x\[1\] lies off the sphere: \|c\|x\|\^2 - 1\| is 0\.1[67]"
        ) as caught:
            Sphere().dist0(x)
        assert "projx" in str(caught.value)
        with pytest.raises(DomainError, match=r"expmap: x\[1\] lies off the sphere"):
            Sphere().expmap(x, x)
        with pytest.raises(DomainError, match=r"dist: y\[0\] lies off the sphere"):
            Sphere(4.0).dist(Sphere(4.0).projx(x), x)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_how_far_a_point_may_be_off(self, dtype):
        x = np.array([0.6, 0.8])
        assert np.isfinite(Sphere().dist0((x * (1 + 4e-5)).astype(dtype)))
        with pytest.raises(DomainError, match="must be at most 1e-4"):
            Sphere().dist0((x * (1 - 8e-5)).astype(dtype))

    def test_antipodal_points(self):
        x = np.array([[1.0, 0.0], [0.6, 0.8]])
        y = np.array([[0.0, 1.0], [-0.6, -0.8]])
        for call in (Sphere().logmap, lambda x, y: Sphere().transp(x, y, x), lambda x, y: Sphere().geodesic(0.3, x, y)):
            with pytest.raises(DomainError, match=r"\w+: y\[1\] is antipodal, and no single geodesic leads there"):
                call(x, y)
        with pytest.raises(DomainError, match=r"logmap0: y is antipodal"):
            Sphere().logmap0([-1.0, 0.0])

    def test_zero_has_no_projection(self):
        with pytest.raises(DomainError, match=r"projx: x\[1\] has no direction: \|x\| is 0, but must be positive"):
            Sphere().projx([[1.0, 0.0], [0.0, 0.0]])

    @pytest.mark.parametrize("c", [0, -1.0, np.nan, np.inf])
    def test_curvature_must_be_positive(self, c):
        with pytest.raises(DomainError, match=r"Sphere has curvature c > 0 and finite, but c is .*; Stereographic"):
            Sphere(c)

    def test_other_bad_input(self):
        with pytest.raises(DTypeError, match="Sphere needs a real number"):
            Sphere("1")
        with pytest.raises(ShapeError, match="dist: the shapes"):
            Sphere().dist([1.0, 0.0], [1.0, 0.0, 0.0])
        with pytest.raises(ShapeError, match="random needs the shape"):
            Sphere().random_uniform()


def test_the_object():
    c = gk.tensor(0.5, requires_grad=True)
    assert Sphere(c).c is c
    assert Sphere(0.5) == Sphere(0.5) != Sphere(0.6)
    assert repr(Sphere()) == "Sphere(c=1.0)"
    for clone in (copy.deepcopy(Sphere(c)), pickle.loads(pickle.dumps(Sphere(c)))):
        assert clone == Sphere(c)
        assert clone.c.requires_grad

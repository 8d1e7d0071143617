"""Means of sets of points: midpoints and Fréchet means in value and gradient, up to the boundary, and their errors."""

import math
import warnings

import numpy as np
import oracle
import pytest
from mpmath import mp, mpf
from samples import directions, points

import geomkern as gk
from geomkern.errors import ConvergenceWarning, DomainError, DTypeError, ShapeError
from geomkern_manifold import (
    Euclidean,
    HalfSpace,
    Klein,
    Lorentz,
    PoincareBall,
    Polar,
    ProductManifold,
    Scaled,
    Sphere,
    Stereographic,
)
from geomkern_manifold.kernels import cpu, reference

MODELS = [PoincareBall, Lorentz]
CHARTS = ["poincare", "lorentz", "klein"]
MEANS = ["frechet_mean", "einstein_midpoint", "tangent_mean"]


def sets(seed, lead=(3,), n=9, d=4, c=0.7, dtype=np.float64, largest=0.9):
    rng = np.random.default_rng(seed)
    x = points(rng, math.prod(lead) * n, d, c, dtype, largest).reshape(*lead, n, d)
    return x, rng.uniform(0.1, 1.0, (*lead, n)).astype(dtype)


def near_boundary(chart, gap, spread, n=4, d=3, seed=0):
    """Return points of curvature -1 whose distance from the origin is about log(2/gap), in directions so far apart."""
    rng = np.random.default_rng(seed)
    u = rng.standard_normal(d) + spread * rng.standard_normal((n, d))
    u /= np.linalg.norm(u, axis=-1, keepdims=True)
    far = rng.uniform(0.5, 2.0, (n, 1))
    return {"poincare": u * (1 - gap * far), "klein": u * np.sqrt(1 - gap * far), "lorentz": u * far / gap}[chart]


def karcher_residual(chart, x, w, c, m):
    """Return the weighted mean of the logarithms at m, and the size of its terms, to 50 digits."""
    with mp.workdps(50):
        logs = [oracle.logmap(chart, m, row, c) for row in x]
        total = [sum(mpf(float(w_i)) * v[j] for w_i, v in zip(w, logs, strict=True)) for j in range(len(m))]
        weight = sum(mpf(float(w_i)) for w_i in w)
        lengths = [float(oracle.norm(chart, m, v, c)) for v in logs]
        return float(oracle.norm(chart, m, [t / weight for t in total], c)), max(lengths)


class TestEinsteinMidpoint:
    @pytest.mark.parametrize("chart", [*CHARTS, "stereographic"])
    @pytest.mark.parametrize("d", [1, 2, 16, 17, 70])
    @pytest.mark.parametrize("n", [1, 2, 33])
    def test_kernels_follow_the_definition(self, chart, d, n):
        x, w = sets(0, n=n, d=d, c=1.0)
        c = np.array([[0.3], [0.7], [1.0]]) if chart != "stereographic" else np.array([[-0.3], [0.0], [1.0]])
        name = f"{chart}_einstein_midpoint"
        expected = getattr(reference, name)(x, w, c)
        g = np.random.default_rng(1).standard_normal(expected.shape)
        found = (getattr(cpu, name)(x, w, c), *getattr(cpu, f"{name}_vjp")(g, x, w, c, (True,) * 3))
        oracles = (expected, *getattr(reference, f"{name}_vjp")(g, x, w, c, (True,) * 3))
        for value, wanted in zip(found, oracles, strict=True):
            assert np.allclose(value, wanted, rtol=1e-12, atol=1e-13)

    @pytest.mark.parametrize("chart", CHARTS)
    @pytest.mark.parametrize("gap", [1e-3, 1e-6, 1e-9])
    @pytest.mark.parametrize("spread", [0.0, 1.0, "gap"])
    def test_keeps_its_digits_near_the_boundary(self, chart, gap, spread):
        x = near_boundary(chart, gap, gap if spread == "gap" else spread)
        w = np.array([0.3, 1.0, 0.0, 0.6])
        name = f"{chart}_einstein_midpoint"
        found = getattr(cpu, name)(x, w, 1.0)
        assert oracle.relative_error(found, oracle.einstein_midpoint(chart, x, w, 1.0)) < 2e-14
        g = np.random.default_rng(1).standard_normal(3)
        gradients = getattr(cpu, f"{name}_vjp")(g, x, w, 1.0, (True,) * 3)
        wanted = oracle.gradient("einstein_midpoint", chart, (x, w, 1.0), list(g))
        # In Lorentz's chart the last bit of a coordinate turns the point by eps/gap, and what turns counts 1/gap times
        tolerance = 1e-15 / gap**2 if chart == "lorentz" else 1e-12
        for gradient, exact in zip(gradients[:2], wanted[:2], strict=True):
            assert oracle.relative_error(gradient, exact) < max(tolerance, 1e-12)

    def test_the_gap_to_the_boundary_is_that_of_the_stored_result(self):
        x = near_boundary("poincare", 1e-9, 1e-9)
        with mp.workdps(50):
            exact = oracle.einstein_midpoint("poincare", x, np.ones(4), 1.0)
            gaps = [
                float(1 - sum(mpf(v) ** 2 for v in map(mpf, m)))
                for m in (map(float, cpu.poincare_einstein_midpoint(x, 1.0, 1.0)), exact)
            ]
        assert abs(gaps[0] / gaps[1] - 1) < 3e-16 / 1e-9

    def test_is_the_scaled_sum_on_the_hyperboloid(self):
        manifold = Lorentz(0.7)
        x, w = sets(3, c=0.7)
        total = (w[..., None] * manifold.lift(x)).sum(-2)
        size = np.sqrt(0.7 * (total[..., :1] ** 2 - (total[..., 1:] ** 2).sum(-1, keepdims=True)))
        assert np.allclose(manifold.einstein_midpoint(x, w), (total / size)[..., 1:], rtol=1e-13)

    def test_of_two_points_lies_half_way(self):
        ball = PoincareBall(0.7)
        x, _ = sets(4, n=2)
        assert np.allclose(ball.einstein_midpoint(x), ball.geodesic(0.5, x[:, 0], x[:, 1]), rtol=1e-13)

    def test_weighted_midpoint_takes_any_axes(self):
        ball = PoincareBall(0.7)
        x, w = sets(5, lead=(2, 3))
        flat = ball.einstein_midpoint(x.reshape(-1, 4), w.reshape(-1))
        assert np.allclose(ball.weighted_midpoint(x, w), flat, rtol=1e-13)
        assert np.allclose(ball.weighted_midpoint(x, w, reducedim=2), ball.einstein_midpoint(x, w), rtol=1e-13)
        assert ball.weighted_midpoint(x, w, reducedim=(0, 2), keepdim=True).shape == (1, 3, 1, 4)
        scaled = ball.weighted_midpoint(x, w, lincomb=True)
        assert np.allclose(scaled, ball.mobius_scalar_mul(w.sum(), flat), rtol=1e-13)

    def test_weighted_midpoint_takes_opposites_for_negative_weights(self):
        ball = PoincareBall(0.7)
        x, w = sets(6, lead=())
        signs = np.where(np.arange(9) % 2, -1.0, 1.0)
        expected = ball.einstein_midpoint(signs[:, None] * x, w)
        assert np.allclose(ball.weighted_midpoint(x, signs * w, posweight=True), expected, rtol=1e-13)
        tensor = gk.tensor(x, requires_grad=True)
        assert ball.weighted_midpoint(tensor, signs * w, posweight=True).requires_grad


class TestFrechetMean:
    @pytest.mark.parametrize("model", MODELS)
    @pytest.mark.parametrize(("n", "d"), [(1, 3), (2, 1), (5, 2), (40, 17)])
    def test_logarithms_at_the_mean_cancel(self, model, n, d):
        x, w = sets(1, lead=(), n=n, d=d)
        mean = model(0.7).frechet_mean(x, w)
        residual, size = karcher_residual(model.model, x, w, 0.7, mean)
        assert residual < 1e-13 * (1 + size)

    @pytest.mark.parametrize("model", MODELS)
    @pytest.mark.parametrize("gap", [1e-3, 1e-6, 1e-9])
    @pytest.mark.parametrize("spread", [0.0, 1.0, "gap"])
    def test_near_the_boundary(self, model, gap, spread):
        """The residual is a distance; that between neighbouring numbers is eps/gap of the mean itself."""
        x = near_boundary(model.model, gap, gap if spread == "gap" else spread)
        w = np.array([0.3, 1.0, 0.0, 0.6])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            mean = model().frechet_mean(x, w)
        residual, size = karcher_residual(model.model, x, w, 1.0, mean)
        grain = np.sinh(float(model().dist0(mean))) * 2.3e-16
        assert residual < 4 * grain + 1e-13 * size

    def test_minimises_the_squared_distances(self):
        ball = PoincareBall(0.7)
        x, w = sets(2)
        mean = ball.frechet_mean(x, w)
        least = ball.frechet_variance(x, w)
        assert np.allclose(least, (w * ball.dist(mean[:, None], x) ** 2).sum(-1) / w.sum(-1))
        rng = np.random.default_rng(3)
        for _ in range(20):
            elsewhere = ball.expmap(mean, 0.05 * rng.standard_normal(mean.shape))
            assert np.all(ball.frechet_variance(x, w, elsewhere) > least)

    def test_moves_with_isometries(self):
        ball = PoincareBall(0.7)
        x, w = sets(4)
        y = points(np.random.default_rng(5), 1, 4, 0.7, np.float64)
        moved = ball.frechet_mean(ball.mobius_add(y, x), w)
        assert np.allclose(moved, ball.mobius_add(y, ball.frechet_mean(x, w)), rtol=1e-12)

    def test_of_two_points_is_on_the_geodesic(self):
        ball = PoincareBall(0.7)
        x, _ = sets(6, n=2)
        w = np.array([0.25, 0.75])
        assert np.allclose(ball.frechet_mean(x, w), ball.geodesic(0.75, x[:, 0], x[:, 1]), rtol=1e-13)

    @pytest.mark.parametrize("model", MODELS)
    @pytest.mark.parametrize("name", ["frechet_mean", "einstein_midpoint"])
    def test_of_equal_points_is_the_point(self, model, name):
        x = np.full((6, 3), 0.3)
        assert np.allclose(getattr(model(), name)(x), x[0], rtol=1e-15)

    def test_points_very_far_apart(self):
        ball = PoincareBall()
        u = directions(np.random.default_rng(7), 30, 5)
        x = u * (1 - 1e-12)
        mean = ball.frechet_mean(x)
        residual, _ = karcher_residual("poincare", x, np.ones(30), 1.0, mean)
        assert residual < 1e-12

    def test_points_on_a_line_and_one_aside(self):
        """The Hessian's smallest and largest eigenvalues lie as far apart as they can."""
        x = np.zeros((21, 3))
        x[:20, 0] = np.tanh(np.linspace(-8, 8, 20))
        x[20, 1] = 0.9
        mean = PoincareBall().frechet_mean(x)
        residual, size = karcher_residual("poincare", x, np.ones(21), 1.0, mean)
        assert residual < 1e-13 * (1 + size)

    def test_says_when_it_does_not_converge(self):
        x, w = sets(8, lead=())
        with pytest.warns(ConvergenceWarning, match=r"after 1 iterations with a residual of .*tolerance 1e-30"):
            PoincareBall(0.7).frechet_mean(x, w, tol=1e-30, max_iter=1)

    def test_of_a_product_is_that_of_the_parts(self):
        ball, scaled = PoincareBall(0.7), Scaled(PoincareBall(0.7), 2.0)
        product = ProductManifold((ball, 2), (scaled, 2))
        x, w = sets(9)
        expected = np.concatenate([ball.frechet_mean(x[..., :2], w), ball.frechet_mean(x[..., 2:], w)], -1)
        assert np.array_equal(product.frechet_mean(x, w), expected)
        squares = product.dist(expected[:, None], x) ** 2
        assert np.allclose(product.frechet_variance(x, w), (w * squares).sum(-1) / w.sum(-1))


def test_tangent_mean_is_a_composition():
    ball = PoincareBall(0.7)
    x, w = sets(10)
    logs = (w[..., None] * ball.logmap0(x)).sum(-2) / w.sum(-1)[..., None]
    assert np.allclose(ball.tangent_mean(x, w), ball.expmap0(logs), rtol=1e-13)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", [*MEANS, "frechet_variance"])
class TestGradients:
    def test_match_central_differences(self, model, name):
        x, w = sets(11, lead=(2,), n=5, d=3)

        def mean(x, w, c):
            return getattr(model(c), name)(x, w)

        assert gk.gradcheck(mean, x, w, np.array(0.7), rtol=1e-7, atol=1e-9)

    def test_are_those_of_float64_in_float32(self, model, name):
        x, w = sets(12, dtype=np.float32)
        found = []
        for dtype in (np.float32, np.float64):
            leaves = [gk.tensor(v.astype(dtype), requires_grad=True) for v in (x, w, np.array(0.7, np.float32))]
            out = getattr(model(leaves[2]), name)(*leaves[:2])
            assert out.dtype == dtype
            out.sum().backward()
            found.append([leaf.grad.data for leaf in leaves])
        for single, double in zip(*found, strict=True):
            assert single.dtype == np.float32
            assert np.allclose(single, double, rtol=1e-5, atol=1e-5 * np.abs(double).max())


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", MEANS)
class TestOperands:
    def test_shapes_broadcast(self, model, name):
        x, _ = sets(13, lead=(2, 1))
        weights = np.random.default_rng(14).uniform(0, 1, (3, 9))
        manifold = model(np.array([[[0.5]], [[0.7]]]))
        found = getattr(manifold, name)(x, weights)
        assert found.shape == (2, 3, 4)
        alone = getattr(model(0.7), name)(x[1, 0], weights[2])
        assert np.allclose(found[1, 2], alone, rtol=1e-13)
        assert np.allclose(
            getattr(model(0.7), name)(x[1, 0]), getattr(model(0.7), name)(x[1, 0], np.ones(9)), rtol=1e-13
        )
        assert getattr(model(), name)(np.empty((0, 5, 3))).shape == (0, 3)

    def test_layouts_and_types(self, model, name):
        x, w = sets(15, dtype=np.float32)
        mean = getattr(model(0.7), name)
        assert mean(x, w).dtype == np.float32
        assert np.allclose(mean(x, w), mean(x.astype(np.float64), w), rtol=1e-5)
        strided = np.asfortranarray(x)
        assert np.array_equal(mean(strided, w), mean(x, w))
        assert isinstance(mean(gk.tensor(x), w), gk.Tensor)
        assert np.array_equal(mean(x.tolist(), w.tolist()), mean(x.astype(np.float64), w.astype(np.float64)))

    def test_results_do_not_depend_on_the_threads(self, model, name):
        x, w = sets(16, lead=(64,), n=70, d=20)
        before = gk.get_num_threads()
        found = []
        try:
            for threads in (1, 3):
                gk.set_num_threads(threads)
                found.append(getattr(model(0.7), name)(x, w))
        finally:
            gk.set_num_threads(before)
        assert np.array_equal(*found)

    def test_nan_stays(self, model, name):
        x, w = sets(17)
        x[1, 2, 0] = np.nan
        found = getattr(model(0.7), name)(x, w)
        assert np.isnan(found[1]).all()
        assert np.isfinite(found[[0, 2]]).all()

    def test_bad_operands_are_refused(self, model, name):
        x, w = sets(18)
        mean = getattr(model(0.7), name)
        with pytest.raises(ShapeError, match="n > 0"):
            mean(np.empty((3, 0, 4)))
        with pytest.raises(ShapeError, match="n > 0"):
            mean(x[0, 0])
        with pytest.raises(ShapeError, match=r"weights \(..., 9\)"):
            mean(x, np.ones(4))
        with pytest.raises(DomainError, match="not negative, not -1"):
            mean(x, np.where(np.arange(9) == 3, -1.0, 1.0))
        with pytest.raises(DomainError, match="sum to zero"):
            mean(x, np.where(np.arange(3)[:, None] == 1, 0.0, w))
        with pytest.raises(DTypeError, match="real numbers for weights"):
            mean(x, w + 1j)


@pytest.mark.parametrize("name", MEANS)
def test_a_point_outside_is_named(name):
    x, _ = sets(19)
    x[2, 4] = 2.0
    with pytest.raises(DomainError, match=r"\[2, 4\] lies outside the ball"):
        getattr(PoincareBall(0.7), name)(x)


@pytest.mark.parametrize("name", ["frechet_mean", "einstein_midpoint"])
def test_mixed_curvatures_are_refused(name):
    x, _ = sets(20)
    with pytest.raises(ShapeError, match="one curvature for each set"):
        getattr(PoincareBall(np.linspace(0.1, 0.7, 9)), name)(x)


@pytest.mark.parametrize("sign", [1, 0, -1])
@pytest.mark.parametrize("d", [1, 2, 16, 17])
@pytest.mark.parametrize("n", [1, 2, 33])
def test_newtons_method_follows_the_definition_in_every_geometry(sign, d, n):
    rng = np.random.default_rng(21)
    v = directions(rng, 2 * n, d).reshape(2, n, d) * rng.uniform(0, 4 if sign > 0 else 1.2, (2, n, 1))
    w, scale = rng.uniform(0, 1, (2, n)), np.array([1.0, 0.5])
    mean, residuals = cpu.karcher_mean(v, w, scale, sign, 1e-13, 50)
    assert np.all(residuals <= 1e-13)
    assert np.allclose(mean, reference.karcher_mean(v, w, scale, sign, 1e-13, 50)[0], rtol=1e-11, atol=1e-12)
    g = rng.standard_normal((2, d))
    expected = reference.karcher_solve(g, v, w, scale, sign)
    assert np.allclose(cpu.karcher_solve(g, v, w, scale, sign), expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("model", [Klein, HalfSpace, Polar])
class TestOtherModels:
    @pytest.mark.parametrize("name", MEANS)
    def test_have_the_same_means(self, model, name):
        ball, manifold = PoincareBall(0.7), model(0.7)
        x, w = sets(22, largest=0.99)
        found = getattr(manifold, name)(ball.convert(x, manifold), w)
        expected = getattr(ball, name)(x, w)
        if name == "tangent_mean" and model is HalfSpace:
            return  # whose logarithm at the origin has other coordinates, in which the mean is the same vector
        assert np.allclose(manifold.convert(found, ball), expected, rtol=1e-11, atol=1e-12)

    @pytest.mark.parametrize("name", MEANS)
    def test_have_gradients(self, model, name):
        x, w = sets(23, lead=(), n=4, d=3)

        def mean(x, w, c):
            return getattr(model(c), name)(x, w)

        points = PoincareBall(0.7).convert(x, model(0.7))
        assert gk.gradcheck(mean, points, w, np.array(0.7), rtol=1e-6, atol=1e-8)


class TestOtherCurvatures:
    def test_in_flat_space_all_means_are_the_average(self):
        x, w = sets(24)
        average = (w[..., None] * x).sum(-2) / w.sum(-1)[..., None]
        assert np.allclose(Euclidean().frechet_mean(x, w), average, rtol=1e-13)
        for name in MEANS:
            assert np.allclose(getattr(Stereographic(0.0), name)(x, w), average, rtol=1e-13)

    @pytest.mark.parametrize("k", [-0.7, 1e-9, 0.7])
    def test_stereographic(self, k):
        x, w = sets(25, largest=0.5)
        manifold = Stereographic(k)
        mean = manifold.frechet_mean(x, w)
        logs = manifold.logmap(mean[:, None], x)
        assert np.abs((w[..., None] * logs).sum(-2)).max() < 1e-12
        if k < 0:
            assert np.allclose(mean, PoincareBall(-k).frechet_mean(x, w), rtol=1e-12)

    @pytest.mark.parametrize("k", [-0.7, 0.7])
    @pytest.mark.parametrize("name", ["frechet_mean", "einstein_midpoint"])
    def test_stereographic_gradients(self, k, name):
        x, w = sets(26, lead=(), n=4, d=3, largest=0.5)
        assert gk.gradcheck(
            lambda x, w, k: getattr(Stereographic(k), name)(x, w), x, w, np.array(k), rtol=1e-6, atol=1e-8
        )

    def test_sphere(self):
        rng = np.random.default_rng(27)
        x = np.array([1.0, 0.0, 0.0, 0.0]) + 0.3 * rng.standard_normal((3, 9, 4))
        sphere, w = Sphere(0.7), rng.uniform(0.1, 1.0, (3, 9))
        x = sphere.projx(x)
        mean = sphere.frechet_mean(x, w)
        assert np.abs((w[..., None] * sphere.logmap(mean[:, None], x)).sum(-2)).max() < 1e-12
        assert np.allclose(0.7 * (mean**2).sum(-1), 1.0, rtol=1e-13)

    def test_mixed_signs_are_refused(self):
        x, w = sets(28, lead=(2,))
        with pytest.raises(DomainError, match="of one sign"):
            Stereographic(np.array([[-0.7], [0.7]])).frechet_mean(x, w)

"""Distributions: densities integrate to one and are right to many digits, samples follow them, gradients are exact."""

import math

import numpy as np
import oracle
import pytest
from mpmath import mp, mpf
from scipy import stats

import geomkern as gk
from geomkern.errors import DomainError, ShapeError
from geomkern_manifold import Lorentz, PoincareBall, ProductManifold
from geomkern_manifold.distributions import RiemannianNormal, UniformBall, WrappedNormal
from geomkern_manifold.distributions.base import log_sinhc

C = 0.7
TRIL = np.array([[0.5, 0.0, 0.0], [0.3, 0.4, 0.0], [-0.1, 0.2, 0.6]])


def distributions(manifold, mean):
    d = mean.shape[-1]
    return {
        "wrapped, one scale": WrappedNormal(manifold, mean, 0.6),
        "wrapped, scales": WrappedNormal(manifold, mean, np.linspace(0.3, 0.8, d)),
        "wrapped, covariance": WrappedNormal(manifold, mean, scale_tril=TRIL[:d, :d]),
        "Riemannian": RiemannianNormal(manifold, mean, 0.7),
        "uniform": UniformBall(manifold, mean, 1.5),
    }


NAMES = list(distributions(PoincareBall(C), np.zeros(3)))


def around(mean, radii, c, d):
    """Return points of the ball at these distances from the mean, spread evenly, and the directions' weights."""
    if d == 2:
        angle = 2 * np.pi * np.arange(128) / 128
        u, weight = np.stack([np.cos(angle), np.sin(angle)], -1), np.full(128, 2 * np.pi / 128)
    else:
        nodes, weights = np.polynomial.legendre.leggauss(48)
        angle = 2 * np.pi * np.arange(96) / 96
        z, angle = (v.ravel() for v in np.meshgrid(nodes, angle, indexing="ij"))
        u = np.stack([np.sqrt(1 - z * z) * np.cos(angle), np.sqrt(1 - z * z) * np.sin(angle), z], -1)
        weight = np.repeat(weights, 96) * 2 * np.pi / 96
    ball = PoincareBall(c)
    return ball.expmap(mean, radii[:, None, None] * u / ball.lambda_x(mean)), weight


class TestDensity:
    @pytest.mark.parametrize("name", NAMES)
    @pytest.mark.parametrize("d", [2, 3])
    def test_integrates_to_one(self, name, d):
        mean = np.array([0.4, -0.3, 0.2])[:d]
        high = 1.5 if name == "uniform" else 8.0
        nodes, weights = np.polynomial.legendre.leggauss(120)
        radii = 0.5 * high * (1 + nodes)
        x, around_weight = around(mean, radii, C, d)
        density = np.exp(distributions(PoincareBall(C), mean)[name].log_prob(x)) @ around_weight
        volume = (np.sinh(math.sqrt(C) * radii) / math.sqrt(C)) ** (d - 1)
        assert (0.5 * high * weights * volume * density).sum() == pytest.approx(1.0, abs=2e-10)

    @pytest.mark.parametrize("radius", [1e-9, 1e-3, 0.1, 1.0, 20.0])
    def test_of_the_wrapped_normal_has_many_digits(self, radius):
        mean, x = np.array([0.4, -0.3, 0.2]), np.array([0.0, 0.6, 0.5])
        ball = PoincareBall(C)
        x = ball.geodesic_unit(radius, mean, ball.logmap(mean, x))
        for scale in (0.6, 3.0):
            with mp.workdps(40):
                r = oracle.dist("poincare", mean, x, C)
                z = mp.sqrt(mpf(C)) * r
                exact = -r * r / (2 * mpf(scale) ** 2) - 3 * mp.log(scale) - mpf(3) / 2 * mp.log(2 * mp.pi)
                exact -= 2 * mp.log(mp.sinh(z) / z) if z else 0
            found = WrappedNormal(ball, mean, scale).log_prob(x)
            assert abs(found - exact) < 2e-14 * (1 + abs(exact))

    @pytest.mark.parametrize("d", [1, 2, 3, 10, 50])
    @pytest.mark.parametrize("sigma", [1e-3, 0.7, 6.0])
    def test_of_the_riemannian_normal_has_many_digits(self, d, sigma):
        mean = np.zeros(d)
        with mp.workdps(30):
            s = mpf(sigma) * mp.sqrt(mpf(C))
            # sinh^(d - 1) expanded: a sum of Gaussian integrals, of alternating signs
            with mp.workdps(60 + 8 * d):
                terms = (
                    (-1) ** k * mp.binomial(d - 1, k) * mp.exp((d - 1 - 2 * k) ** 2 * s * s / 2)
                    * mp.erfc(-(d - 1 - 2 * k) * s / mp.sqrt(2))
                    for k in range(d)
                )  # fmt: skip
                total = s * mp.sqrt(mp.pi / 2) * mp.fsum(terms) / mpf(2) ** (d - 1)
            exact = -mp.log(total * 2 * mp.pi ** (mpf(d) / 2) / mp.gamma(mpf(d) / 2)) + mpf(d) / 2 * mp.log(C)
        found = RiemannianNormal(PoincareBall(C), mean, sigma).log_prob(mean)
        assert abs(found - exact) < 1e-13 * (1 + abs(exact)) * d

    @pytest.mark.parametrize("d", [1, 2, 3, 50])
    @pytest.mark.parametrize("radius", [1e-6, 1.0, 30.0])
    def test_volume_of_a_ball(self, d, radius):
        with mp.workdps(30):
            root = mp.sqrt(mpf(C))
            integral = mp.quad(lambda r: (mp.sinh(root * r) / root) ** (d - 1), mp.linspace(0, radius, 40))
            exact = mp.log(integral * 2 * mp.pi ** (mpf(d) / 2) / mp.gamma(mpf(d) / 2))
        assert UniformBall(PoincareBall(C), np.zeros(d), radius).log_volume == pytest.approx(float(exact), rel=1e-13)

    def test_outside_a_uniform_ball_is_zero(self):
        uniform = UniformBall(PoincareBall(), np.zeros(2), 1.0)
        assert uniform.log_prob(np.array([[0.1, 0.0], [0.9, 0.0]])).tolist() == [-uniform.log_volume, -np.inf]

    @pytest.mark.parametrize("name", NAMES)
    def test_does_not_depend_on_the_model(self, name):
        """Points on the hyperboloid are 2x/(1 - c|x|^2); the frame at the mean is the same by symmetry."""
        mean, x = np.array([0.4, -0.3, 0.2]), np.random.default_rng(0).uniform(-0.5, 0.5, (7, 3))

        def lifted(x):
            return 2 * x / (1 - C * (x * x).sum(-1, keepdims=True))

        ball = distributions(PoincareBall(C), mean)[name].log_prob(x)
        assert np.allclose(distributions(Lorentz(C), lifted(mean))[name].log_prob(lifted(x)), ball, rtol=1e-12)

    def test_moves_with_isometries(self):
        ball = PoincareBall(C)
        mean, y, x = np.random.default_rng(1).uniform(-0.5, 0.5, (3, 3))
        there = ball.mobius_add(y, mean), ball.mobius_add(y, x)
        for kind in (lambda m: WrappedNormal(ball, m, 0.6), lambda m: RiemannianNormal(ball, m, 0.7)):
            assert kind(there[0]).log_prob(there[1]) == pytest.approx(kind(mean).log_prob(x), rel=1e-13)

    def test_log_sinhc(self):
        z = np.concatenate([np.geomspace(1e-9, 600, 60), [0.0999, 0.1, 0.1001]])
        with mp.workdps(50):
            exact = [float(mp.log(mp.sinh(mpf(v)) / mpf(v))) for v in z]
            slopes = [float((mp.coth(mpf(v)) - 1 / mpf(v)) / (2 * mpf(v))) for v in z]
        assert np.allclose(log_sinhc(z * z), exact, rtol=3e-13, atol=0)
        q = gk.tensor(z * z, requires_grad=True)
        log_sinhc(q).sum().backward()
        assert np.allclose(q.grad.data, slopes, rtol=3e-13, atol=0)


class TestSamples:
    @pytest.mark.parametrize("model", [PoincareBall, Lorentz])
    @pytest.mark.parametrize("name", NAMES)
    def test_follow_the_density(self, model, name):
        manifold, mean = model(C), np.array([0.4, -0.3, 0.2])
        distribution = distributions(manifold, mean)[name]
        x = distribution.sample(4000, rng=0)
        r = manifold.dist(mean, x)
        if name == "wrapped, one scale":
            assert stats.kstest(r / 0.6, stats.chi(3).cdf).pvalue > 1e-3
        if name in ("Riemannian", "uniform"):
            grid = np.linspace(0, 1.5 if name == "uniform" else 8.0, 4001)
            density = np.sinh(math.sqrt(C) * grid) ** 2 * (1 if name == "uniform" else np.exp(-(grid**2) / 2 / 0.49))
            total = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]))])
            assert stats.kstest(r, lambda v: np.interp(v, grid, total / total[-1])).pvalue > 1e-3
        u = distribution._distance_vectors(x)
        assert np.abs(u.mean(0)).max() < 5 * u.std() / math.sqrt(4000)
        if name == "wrapped, covariance":
            assert np.allclose(np.cov(u.T), TRIL @ TRIL.T, atol=0.04)
        if name == "wrapped, scales":
            assert np.allclose(u.std(0), [0.3, 0.55, 0.8], rtol=0.05)

    @pytest.mark.parametrize("name", NAMES)
    def test_seeds_give_the_same_bits(self, name):
        distribution = distributions(PoincareBall(C), np.zeros((4, 1, 3)))[name]
        before = gk.get_num_threads()
        found = []
        try:
            for threads in (1, 3):
                gk.set_num_threads(threads)
                found.append(distribution.sample(1000, 2, rng=5))
        finally:
            gk.set_num_threads(before)
        assert found[0].shape == (1000, 2, 4, 1, 3)
        assert np.array_equal(*found)
        assert not np.array_equal(found[0], distribution.sample(1000, 2, rng=6))

    @pytest.mark.parametrize("name", NAMES)
    def test_keep_float32(self, name):
        distribution = distributions(PoincareBall(C), np.zeros(3, np.float32))[name]
        x = distribution.sample(5, rng=0)
        assert x.dtype == np.float32
        assert np.allclose(
            distribution.log_prob(x), distributions(PoincareBall(C), np.zeros(3))[name].log_prob(x), rtol=1e-5
        )

    def test_of_a_large_uniform_ball_lie_at_its_rim(self):
        r = Lorentz().dist0(UniformBall(Lorentz(), np.zeros(50), 12.0).sample(2000, rng=0))
        assert stats.kstest(12.0 - r, stats.expon(scale=1 / 49).cdf).pvalue > 1e-3

    def test_by_geoopts_names(self):
        ball, mean = PoincareBall(C), np.array([0.4, -0.3])
        expected = WrappedNormal(ball, mean, 0.2).sample(5, rng=3)
        assert np.array_equal(ball.wrapped_normal(5, 2, mean=mean, std=0.2, rng=3), expected)
        assert np.allclose(ball.wrapped_normal(5, 2, mean=np.tile(mean, (5, 1)), std=0.2, rng=3), expected)
        tangents = 0.1 + 0.2 * np.random.default_rng(3).standard_normal((5, 2))
        assert np.allclose(ball.random_normal(5, 2, mean=0.1, std=0.2, rng=3, dtype=np.float64), ball.expmap0(tangents))
        with pytest.raises(ShapeError, match="broadcasts to the size"):
            ball.wrapped_normal(5, 3, mean=mean)


class TestGradients:
    @pytest.mark.parametrize("model", [PoincareBall, Lorentz])
    def test_of_samples(self, model):
        mean, scale = np.array([[0.4, -0.3], [0.1, 0.2]]), np.array([0.3, 0.5])
        assert gk.gradcheck(lambda m, s, c: WrappedNormal(model(c), m, s).sample(3, rng=0), mean, scale, np.array(C))

    def test_of_samples_with_a_covariance(self):
        def sample(tril):
            return WrappedNormal(PoincareBall(C), np.full(3, 0.2), scale_tril=tril * np.tri(3)).sample(4, rng=0)

        assert gk.gradcheck(sample, TRIL + 1e-3)

    @pytest.mark.parametrize("model", [PoincareBall, Lorentz])
    def test_of_log_densities(self, model):
        mean, x = np.array([0.4, -0.3, 0.1]), np.random.default_rng(0).uniform(-0.4, 0.4, (4, 3))
        c, sigma = np.array(C), np.array(0.7)
        assert gk.gradcheck(lambda m, s, x, c: WrappedNormal(model(c), m, s).log_prob(x), mean, sigma, x, c)
        assert gk.gradcheck(lambda m, s, x, c: RiemannianNormal(model(c), m, s).log_prob(x), mean, sigma, x, c)
        assert gk.gradcheck(
            lambda m, tril, x: WrappedNormal(model(C), m, scale_tril=tril * np.tri(3)).log_prob(x), mean, TRIL + 1e-3, x
        )


class TestErrors:
    @pytest.mark.parametrize(
        ("make", "error", "match"),
        [
            (lambda b: WrappedNormal(b, np.zeros(2)), ShapeError, "either scale or scale_tril"),
            (lambda b: WrappedNormal(b, np.zeros(2), -1.0), DomainError, "positive standard deviations, not -1"),
            (lambda b: WrappedNormal(b, np.zeros(2), np.ones(3)), ShapeError, r"\(3,\) does not fit"),
            (lambda b: WrappedNormal(b, np.zeros(2), scale_tril=np.ones(2)), ShapeError, r"needs a matrix \(2, 2\)"),
            (lambda b: WrappedNormal(b, np.zeros(2), scale_tril=np.ones((2, 2))), DomainError, "lower triangular"),
            (lambda b: WrappedNormal(b, np.full(2, 2.0), 1.0), DomainError, "outside the ball"),
            (lambda b: WrappedNormal(b, 0.0, 1.0), ShapeError, "needs a point"),
            (lambda b: RiemannianNormal(b, np.zeros(2), 0.0), DomainError, "one positive number for sigma"),
            (lambda b: UniformBall(b, np.zeros(2), -1.0), DomainError, "positive radius"),
            (lambda b: UniformBall(PoincareBall(np.ones(3)), np.zeros(2), 1.0), ShapeError, "one curvature"),
        ],
    )
    def test_bad_parameters(self, make, error, match):
        with pytest.raises(error, match=match):
            make(PoincareBall())

    def test_needs_hyperbolic_space(self):
        with pytest.raises(DomainError, match="needs a model of hyperbolic space"):
            UniformBall(ProductManifold((PoincareBall(), 2)), np.zeros(2), 1.0)

"""Laplace-Beltrami on its eigenfunctions, the Helgason transform on heat kernels, harmonics by quadrature."""

import numpy as np
import pytest
from numpy.polynomial.legendre import leggauss
from scipy.special import sph_harm_y

import geomkern as gk
from geomkern.errors import DomainError, DTypeError, ShapeError
from geomkern_manifold import PoincareBall
from geomkern_manifold.spectral import (
    heat_kernel,
    helgason_grid,
    helgason_inverse,
    helgason_transform,
    laplace_beltrami,
    laplace_beltrami_grid,
    spherical_harmonics,
)

CURVATURES = pytest.mark.parametrize("c", [0.3, 1.0, 4.0])


def poisson(x, c, power):
    """A power s of the Poisson kernel of the ball: an eigenfunction of eigenvalue c s (s - n + 1)."""
    r, n = float(np.sqrt(c)), x.shape[-1]
    pole = np.eye(n, dtype=x.dtype)[0]
    return ((1 - c * np.sum(np.square(x), -1)) / np.sum(np.square(r * x - pole), -1)) ** power


class TestLaplaceBeltrami:
    @CURVATURES
    @pytest.mark.parametrize("n", [1, 2, 3, 5])
    @pytest.mark.parametrize("radius", [0.0, 0.4, 0.99])
    def test_eigenfunctions(self, c, n, radius):
        ball = PoincareBall(c)
        x = np.random.default_rng(n).normal(size=(6, n))
        x *= radius / np.linalg.norm(x, axis=-1, keepdims=True) / np.sqrt(c)
        power = 1.7
        expected = c * power * (power - n + 1) * poisson(x, c, power)
        got = laplace_beltrami(lambda y: poisson(y, c, power), x, ball)
        error = np.abs(got - expected) / (c * poisson(x, c, power))
        assert error.max() < 2e-11 * n / (1 - radius**2)

    @CURVATURES
    @pytest.mark.parametrize("frequency", [0.5, 2.0])
    def test_spherical_functions_of_space(self, c, frequency):
        ball, r = PoincareBall(c), np.sqrt(c)

        def phi(y):
            d = ball.dist0(y)
            return r * np.sin(frequency * d) / (frequency * np.sinh(r * d))

        x = ball.random(5, 3, rng=1, std=0.7 / r, dtype=np.float64)
        np.testing.assert_allclose(laplace_beltrami(phi, x, ball), -(c + frequency**2) * phi(x), atol=1e-9)

    @pytest.mark.parametrize("n", [1, 2, 3, 4])
    def test_the_formula_in_coordinates(self, n):
        """f = exp(<k, x>) + |x|^4, with its gradient and Laplacian by hand."""
        c, k = 0.7, np.arange(1.0, n + 1) / n
        x = np.random.default_rng(0).uniform(-0.4, 0.4, (7, n))
        square = (x**2).sum(-1)
        e = np.exp(x @ k)
        gradient = k * e[:, None] + 4 * square[:, None] * x
        laplacian = (k @ k) * e + (8 + 4 * n) * square
        a = 1 - c * square
        expected = (a / 2) ** 2 * (laplacian + 2 * (n - 2) * c * (x * gradient).sum(-1) / a)
        got = laplace_beltrami(lambda y: np.exp(y @ k) + (y**2).sum(-1) ** 2, x, PoincareBall(c))
        np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-10)

    def test_the_error_falls_with_the_eighth_power_of_the_step(self):
        x, ball = np.array([0.3, 0.1]), PoincareBall()
        exact = 1.5 * 0.5 * poisson(x, 1, 1.5)
        errors = [abs(laplace_beltrami(lambda y: poisson(y, 1, 1.5), x, ball, step) - exact) for step in (0.12, 0.06)]
        assert 7.5 < np.log2(errors[0] / errors[1]) < 8.5

    def test_gradients_through_the_operator(self):
        """A tensor has the gradient of the Laplacian, in the point, the curvature and a parameter."""
        x = np.random.default_rng(2).uniform(-0.4, 0.4, (4, 2))

        def operator(x, c, w):
            return laplace_beltrami(lambda y: np.sum(w * y * y * y, axis=-1), x, PoincareBall(c))

        assert gk.gradcheck(operator, x, np.array(0.8), np.array([0.5, -1.2]), rtol=1e-6)

    def test_shapes_and_types(self):
        ball = PoincareBall(np.array([0.5, 1.0, 2.0]))
        x = np.random.default_rng(3).uniform(-0.3, 0.3, (2, 3, 2))
        got = laplace_beltrami(lambda y: poisson(y, 1.0, 1.0), x, ball)
        for i, c in enumerate(ball.c):
            one = laplace_beltrami(lambda y: poisson(y, 1.0, 1.0), x[:, i], PoincareBall(c))
            np.testing.assert_allclose(got[:, i], one, rtol=1e-12, atol=1e-11)
        single = laplace_beltrami(lambda y: poisson(y, 1.0, 1.5), x.astype(np.float32), PoincareBall())
        assert single.dtype == np.float32
        expected = 0.75 * poisson(x, 1.0, 1.5)
        np.testing.assert_allclose(single, expected, rtol=1e-6)
        tensor = laplace_beltrami(lambda y: poisson(y, 1.0, 1.5), gk.tensor(x.astype(np.float32)), PoincareBall())
        assert tensor.dtype == np.float32
        np.testing.assert_allclose(tensor.data, expected, atol=2e-4)
        assert laplace_beltrami(lambda y: poisson(y, 1.0, 1.0), np.empty((0, 2)), PoincareBall()).shape == (0,)

    def test_bad_input(self):
        ball, x = PoincareBall(), np.array([0.1, 0.2])
        with pytest.raises(DomainError, match="step"):
            laplace_beltrami(lambda y: y[..., 0], x, ball, step=0.0)
        with pytest.raises(ShapeError, match="needs a function that turns"):
            laplace_beltrami(lambda y: y, x, ball)
        with pytest.raises(ShapeError, match="last axis"):
            laplace_beltrami(lambda y: y, 0.1, ball)
        with pytest.raises(DomainError):
            laplace_beltrami(lambda y: y[..., 0], 2 * np.ones(2), ball)


class TestGrid:
    @CURVATURES
    @pytest.mark.parametrize("n", [1, 2, 3])
    def test_eigenfunctions_to_the_fourth_order(self, c, n):
        errors = []
        for points in (17, 33):
            axes = [np.linspace(-0.4, 0.5, points) / np.sqrt(c)] * n
            x = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
            f = poisson(x, c, 1.3)
            error = laplace_beltrami_grid(f, axes, c) - c * 1.3 * (2.3 - n) * f
            inside = (slice(2, -2),) * n
            assert np.isnan(error).sum() == error.size - error[inside].size
            errors.append(np.abs(error[inside]).max() / c)
        assert errors[1] < 2e-2
        assert 3 < np.log2(errors[0] / errors[1]) < 4.5

    def test_outside_of_the_ball_is_not_used(self):
        axis = np.linspace(-1.2, 1.2, 61)
        x = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1)
        square = (x**2).sum(-1)
        out = laplace_beltrami_grid(np.where(square < 1, square, 1e9), (axis, axis))
        known = ~np.isnan(out)
        np.testing.assert_allclose(out[known], (1 - square[known]) ** 2, atol=1e-11)
        assert known.sum() > 1500
        assert not known[square >= 1].any()

    def test_stacked_grids_and_float32(self):
        axes = np.linspace(-0.3, 0.3, 7), np.linspace(-0.2, 0.4, 9)
        values = np.random.default_rng(0).normal(size=(2, 7, 9))
        both = laplace_beltrami_grid(values, axes)
        np.testing.assert_array_equal(both[1], laplace_beltrami_grid(values[1], axes))
        assert laplace_beltrami_grid(values.astype(np.float32), axes).dtype == np.float32

    def test_bad_input(self):
        axis = np.linspace(-0.3, 0.3, 7)
        for values, axes in [(np.ones((7, 6)), (axis, axis)), (np.ones(4), (axis[:4],)), (np.ones(7), ())]:
            with pytest.raises(ShapeError, match="needs axes of at least 5"):
                laplace_beltrami_grid(values, axes)
        for wrong in (axis[::-1], axis**3):
            with pytest.raises(DomainError, match="even steps"):
                laplace_beltrami_grid(np.ones(7), (wrong,))
        with pytest.raises(DomainError, match="finite c"):
            laplace_beltrami_grid(np.ones(7), (axis,), -1.0)


class TestHelgason:
    @CURVATURES
    @pytest.mark.parametrize("t", [0.05, 0.5, 2.0])
    def test_heat_kernels_are_gaussians(self, c, t):
        radius = (14 * np.sqrt(c * t) + 2 * c * t) / np.sqrt(c)
        d, frequency = helgason_grid(511, radius)
        expected = np.exp(-t * (c + frequency**2))
        got = helgason_transform(heat_kernel(t, d, 3, c), radius, c)
        np.testing.assert_allclose(got, expected, atol=1e-13)
        kernel = heat_kernel(t, d, 3, c)
        np.testing.assert_allclose(helgason_inverse(expected, radius, c), kernel, atol=1e-13 * kernel.max())

    def test_a_function_with_a_transform_in_closed_form(self):
        """f = sech(rho) / sinh(rho) * rho: (4 pi/lambda) int rho sech(rho) sin(lambda rho), by differentiation."""
        d, frequency = helgason_grid(4095, 60.0)
        u = np.pi * frequency / 2
        # int_0^inf cos(lambda rho) sech(rho) = (pi/2) sech(pi lambda/2), and minus its derivative in lambda.
        expected = 4 * np.pi / frequency * (np.pi / 2) ** 2 * np.tanh(u) / np.cosh(np.minimum(u, 300))
        got = helgason_transform(d / (np.sinh(d) * np.cosh(d)), 60.0)
        np.testing.assert_allclose(got, expected, atol=1e-12)

    @CURVATURES
    def test_inverse_and_plancherel(self, c):
        radius = 9.0
        d, frequency = helgason_grid(100, radius)
        f = np.random.default_rng(0).normal(size=(2, 3, 100)) / np.sinh(np.sqrt(c) * d)
        transform = helgason_transform(f, radius, c)
        np.testing.assert_allclose(helgason_inverse(transform, radius, c), f, atol=1e-11)
        space = np.sum(f**2 * np.sinh(np.sqrt(c) * d) ** 2, -1) * 4 * np.pi / c * d[0]
        spectrum = np.sum(transform**2 * frequency**2, -1) / (2 * np.pi**2) * frequency[0]
        np.testing.assert_allclose(space, spectrum, rtol=1e-12)

    def test_the_laplacian_becomes_a_factor(self):
        c, radius = 1.6, 12.0
        d, frequency = helgason_grid(255, radius)
        f = np.exp(-(d**2))
        transform = -(c + frequency**2) * helgason_transform(f, radius, c)
        ball = PoincareBall(c)
        x = ball.expmap0(np.stack([d, 0 * d, 0 * d], -1)[:60] / 2)
        expected = laplace_beltrami(lambda y: np.exp(-np.square(ball.dist0(y))), x, ball)
        np.testing.assert_allclose(helgason_inverse(transform, radius, c)[:60], expected, atol=1e-8)

    @pytest.mark.parametrize("transform", [helgason_transform, helgason_inverse])
    def test_house_rules(self, transform):
        f = np.random.default_rng(0).normal(size=(3, 9))
        gk.testing.check_function(transform, f, radius=3.0, c=1.3, batched=False)
        empty = gk.tensor(np.empty((0, 9)), requires_grad=True)
        transform(empty, 3.0).backward(np.empty((0, 9)))
        assert empty.grad.shape == (0, 9)

    def test_bad_input(self):
        for transform in (helgason_transform, helgason_inverse):
            with pytest.raises(ShapeError, match="last axis"):
                transform(np.ones((3, 0)), 1.0)
            with pytest.raises(DomainError, match="radius"):
                transform(np.ones(3), 0.0)
            with pytest.raises(DomainError, match="finite c"):
                transform(np.ones(3), 1.0, -1.0)
        with pytest.raises(ShapeError, match="positive number"):
            helgason_grid(0, 1.0)
        with pytest.raises(DomainError, match="radius"):
            helgason_grid(3, -1.0)


class TestHarmonics:
    @staticmethod
    def quadrature(l_max):
        """Points and weights that are exact for products of two harmonics."""
        u, w = leggauss(l_max + 1)
        phi = np.arange(2 * l_max + 2) * np.pi / (l_max + 1)
        return np.arccos(u)[:, None], phi, w[:, None] * np.full(phi.size, np.pi / (l_max + 1))

    @pytest.mark.parametrize("l_max", [0, 1, 5, 20])
    @pytest.mark.parametrize("real", [True, False])
    def test_orthonormal(self, l_max, real):
        theta, phi, weights = self.quadrature(l_max)
        y = spherical_harmonics(theta, phi, l_max, real=real).reshape(-1, (l_max + 1) ** 2)
        gram = (y * weights.reshape(-1, 1)).T @ y.conj()
        np.testing.assert_allclose(gram, np.eye(len(gram)), atol=1e-12)

    def test_order_of_degrees_and_orders(self):
        theta, phi = np.array([0.3, 1.2, 2.5]), np.array([-2.0, 0.4, 5.0])
        y = spherical_harmonics(theta, phi, 4, real=False)
        r = spherical_harmonics(theta, phi, 4)
        for degree in range(5):
            for order in range(-degree, degree + 1):
                i = degree * degree + degree + order
                expected = sph_harm_y(degree, order, theta, phi)
                np.testing.assert_allclose(y[:, i], expected, rtol=1e-12, atol=1e-15)
                positive = sph_harm_y(degree, abs(order), theta, phi) * (-1) ** order * np.sqrt(2)
                wanted = expected.real if not order else positive.real if order > 0 else positive.imag
                np.testing.assert_allclose(r[:, i], wanted, rtol=1e-12, atol=1e-15)

    def test_degree_one_is_the_coordinates(self):
        theta, phi = np.array([0.3, 1.2, 2.5]), np.array([-2.0, 0.4, 5.0])
        y, z, x = np.sin(theta) * np.sin(phi), np.cos(theta), np.sin(theta) * np.cos(phi)
        expected = np.sqrt(3 / (4 * np.pi)) * np.stack([y, z, x], -1)
        np.testing.assert_allclose(spherical_harmonics(theta, phi, 1)[:, 1:], expected, atol=1e-15)

    @pytest.mark.parametrize("real", [True, False])
    def test_addition_theorem(self, real):
        l_max = 30
        rng = np.random.default_rng(0)
        theta, phi = rng.uniform(0, np.pi, (2, 8)), rng.uniform(0, 2 * np.pi, (2, 8))
        y = spherical_harmonics(theta, phi, l_max, real=real)
        cosine = np.cos(theta[0]) * np.cos(theta[1]) + np.sin(theta[0]) * np.sin(theta[1]) * np.cos(phi[0] - phi[1])
        for degree in (0, 1, 7, 30):
            part = slice(degree**2, (degree + 1) ** 2)
            legendre = np.polynomial.legendre.legval(cosine, np.eye(degree + 1)[degree])
            total = (y[0, :, part] * y[1, :, part].conj()).sum(-1)
            np.testing.assert_allclose(total, (2 * degree + 1) / (4 * np.pi) * legendre, atol=1e-12)

    def test_high_degrees_do_not_overflow(self):
        y = spherical_harmonics(1e-3, 0.3, 300)
        part = slice(300**2, 301**2)
        np.testing.assert_allclose((y[part] ** 2).sum(), 601 / (4 * np.pi), rtol=1e-10)

    def test_house_rules(self):
        theta, phi = np.array([[0.3], [2.1]]), np.array([-2.0, 0.4, 5.0])
        gk.testing.check_function(lambda theta, phi: spherical_harmonics(theta, phi, 3), theta, phi, batched=False)
        assert spherical_harmonics(theta.astype(np.float32), np.float32(1), 2, real=False).dtype == np.complex64
        assert spherical_harmonics(np.empty((0, 2)), 0.0, 2).shape == (0, 2, 9)

    def test_bad_input(self):
        with pytest.raises(DomainError, match="l_max"):
            spherical_harmonics(0.1, 0.2, -1)
        for theta in (-0.1, 3.2):
            with pytest.raises(DomainError, match="polar angles"):
                spherical_harmonics(theta, 0.2, 1)
        with pytest.raises(ShapeError, match="broadcast"):
            spherical_harmonics(np.ones(2), np.ones(3), 1)
        with pytest.raises(DTypeError, match="complex ones of its data"):
            spherical_harmonics(gk.tensor([0.1]), 0.2, 1, real=False)

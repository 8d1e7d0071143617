"""Heat kernels of the hyperbolic plane and space: against mpmath, and by what makes them heat kernels."""

import mpmath
import numpy as np
import pytest
from mpmath import mp, mpf
from numpy.polynomial.legendre import leggauss

import geomkern as gk
from geomkern.errors import DomainError, DTypeError, ShapeError
from geomkern_manifold import PoincareBall
from geomkern_manifold.spectral import heat_kernel, laplace_beltrami

DIMS = pytest.mark.parametrize("dim", [2, 3])


def log_mckean(t, rho):
    """McKean's integral with s = rho + u^2, which takes the root out of the singularity, at 30 digits."""
    with mp.workdps(30):
        t, rho = mpf(t), mpf(rho)

        def f(u):
            if not u and not rho:
                return mpf(2)
            half = mp.sinh(u * u / 2) / (u * u) if u else mpf(1) / 2
            gauss = mp.exp(-(2 * rho * u * u + u**4) / (4 * t))
            return 2 * (rho + u * u) * gauss / mp.sqrt(2 * mp.sinh(rho + u * u / 2) * half)

        # The integrand is below e^-60 of its start where s^2 - rho^2 = 240 t, or s - rho = 130.
        top = mp.sqrt(min(mp.sqrt(rho**2 + 240 * t) - rho, mpf(130)))
        integral = mpmath.quad(f, mp.linspace(0, top, 17))
        return mp.log(mp.sqrt(2) * integral) - t / 4 - rho**2 / (4 * t) - mpf(3) / 2 * mp.log(4 * mp.pi * t)


def log_closed(t, rho):
    with mp.workdps(30):
        t, rho = mpf(t), mpf(rho)
        ratio = rho / mp.sinh(rho) if rho else mpf(1)
        return mp.log(ratio) - t - rho**2 / (4 * t) - mpf(3) / 2 * mp.log(4 * mp.pi * t)


LOGS = {2: log_mckean, 3: log_closed}


def sphere(dim, d, c):
    """The area of a sphere of radius d."""
    r = np.sqrt(c)
    return 2 * np.pi * np.sinh(r * d) / r if dim == 2 else 4 * np.pi * (np.sinh(r * d) / r) ** 2


def gauss(n, low, high):
    u, w = leggauss(n)
    return 0.5 * (high - low) * u + 0.5 * (high + low), 0.5 * (high - low) * w


@DIMS
@pytest.mark.parametrize("t", [1e-6, 1e-2, 1.0, 4.0, 60.0, 1e4])
def test_against_mpmath(dim, t):
    for rho in [0.0, 1e-8, 1e-3, 0.5, 3.0, 40.0, 300.0]:
        expected = LOGS[dim](t, rho)
        largest = max(1, rho**2 / (4 * t), t, rho, abs(np.log(t)))
        assert abs(mpf(float(heat_kernel(t, rho, dim, log=True))) - expected) < 4e-16 * 10 * largest
        value = mpmath.exp(expected)
        if value > 1e-290:
            np.testing.assert_allclose(heat_kernel(t, rho, dim), float(value), rtol=1e-14 * largest)


@DIMS
@pytest.mark.parametrize("c", [0.3, 1.0, 7.0])
@pytest.mark.parametrize("t", [1e-3, 0.2, 3.0])
def test_total_mass_is_one(dim, c, t):
    far = 2 * (dim - 1) * np.sqrt(c) * t + 14 * np.sqrt(t)
    d, w = gauss(400, 0, far)
    np.testing.assert_allclose(np.sum(w * sphere(dim, d, c) * heat_kernel(t, d, dim, c)), 1, rtol=1e-12)


@DIMS
def test_semigroup(dim):
    """Heat that flows for s and then for t has flowed for s + t: the convolution in polar coordinates at x."""
    c, s, t, apart = 1.7, 0.15, 0.25, 0.8
    r = np.sqrt(c)
    d, wd = gauss(160, 0, 8)
    angle, wa = gauss(80, 0, np.pi)
    d, angle = d[:, None], angle[None]
    # The law of cosines, in the form that does not cancel.
    half = np.sinh(r * (d - apart) / 2) ** 2 + np.sinh(r * d) * np.sinh(r * apart) * np.sin(angle / 2) ** 2
    other = 2 / r * np.arcsinh(np.sqrt(half))
    ring = 2 * wa if dim == 2 else 2 * np.pi * np.sin(angle) * wa
    area = wd[:, None] * (np.sinh(r * d) / r) ** (dim - 1) * ring
    total = np.sum(area * heat_kernel(s, d, dim, c) * heat_kernel(t, other, dim, c))
    np.testing.assert_allclose(total, heat_kernel(s + t, apart, dim, c), rtol=1e-11)


@DIMS
@pytest.mark.parametrize("c", [0.5, 2.0])
def test_the_heat_equation(dim, c):
    ball = PoincareBall(c)
    x = np.array([0.2, -0.3, 0.25][:dim])
    t = gk.tensor(np.float64(0.4), requires_grad=True)
    heat_kernel(t, ball.dist0(x), dim, c).backward()
    laplacian = laplace_beltrami(lambda y: heat_kernel(0.4, ball.dist0(y), dim, c), x, ball)
    np.testing.assert_allclose(laplacian, t.grad.data, rtol=1e-9)


@DIMS
def test_gradients(dim):
    t, d, c = np.array([[0.2], [1.5], [9.0]]), np.array([1e-3, 0.3, 2.0, 6.0]), np.array(1.4)
    assert gk.gradcheck(lambda t, d, c: heat_kernel(t, d, dim, c), t, d, c)
    assert gk.gradcheck(lambda t, d, c: heat_kernel(t, d, dim, c, log=True), t, d, c)
    flat = gk.tensor(np.zeros(1), requires_grad=True)
    heat_kernel(0.5, flat, dim).backward()
    assert abs(flat.grad.item()) < 1e-16


@DIMS
@pytest.mark.parametrize("rho", [1e-3, 0.9999, 1.0001, 50.0, 800.0])
def test_slopes_against_mpmath(dim, rho):
    t = gk.tensor(np.float64(0.8), requires_grad=True)
    d = gk.tensor(np.float64(rho), requires_grad=True)
    heat_kernel(t, d, dim, log=True).backward()
    if rho > 100 and dim == 2:  # the quadrature of the oracle is slow there, and log p is -rho^2/4t - rho/2 + ...
        assert d.grad.item() == pytest.approx(-rho / 1.6 - 0.5, rel=1e-4)
        return
    with mp.workdps(30):
        h = mpf(10) ** -8
        log = LOGS[dim]
        in_t = (log(mpf("0.8") + h, rho) - log(mpf("0.8") - h, rho)) / (2 * h)
        step = h * min(1, rho)
        in_d = (log(0.8, rho + step) - log(0.8, mpf(rho) - step)) / (2 * step)
    np.testing.assert_allclose(t.grad.item(), float(in_t), rtol=1e-12)
    np.testing.assert_allclose(d.grad.item(), float(in_d), rtol=1e-12)


@DIMS
def test_far_away_and_not_a_number(dim):
    assert heat_kernel(1e-3, 10.0, dim) == 0
    assert heat_kernel(1e-3, 10.0, dim, log=True) < -2e4
    assert heat_kernel(1.0, 1e200, dim, log=True) == -np.inf
    np.testing.assert_array_equal(np.isnan(heat_kernel(1.0, np.array([np.nan, 1.0]), dim)), [True, False])
    assert np.isnan(heat_kernel(np.nan, 1.0, dim))


@DIMS
def test_house_rules(dim):
    d = np.random.default_rng(0).uniform(0.1, 3, (4, 1))
    gk.testing.check_function(lambda d, t, c: heat_kernel(t, d, dim, c), d, np.array(0.6), np.array(1.3), batched=False)
    gk.testing.check_function(lambda d: heat_kernel(0.6, d, dim, 1.3), d)
    assert heat_kernel(np.array([1.0, 2.0]), d.astype(np.float32), dim).dtype == np.float32
    assert heat_kernel(1.0, np.empty((0, 3)), dim).shape == (0, 3)


def test_bad_input():
    with pytest.raises(DomainError, match="dimensions 2 and 3"):
        heat_kernel(1.0, 1.0, 4)
    for t in (0.0, -1.0, np.inf):
        with pytest.raises(DomainError, match="time t"):
            heat_kernel(t, 1.0, 2)
    for d in (-1.0, np.inf):
        with pytest.raises(DomainError, match="distances"):
            heat_kernel(1.0, d, 3)
    with pytest.raises(DomainError, match="finite c"):
        heat_kernel(1.0, 1.0, 3, 0.0)
    with pytest.raises(ShapeError, match="broadcast"):
        heat_kernel(np.ones(2), np.ones(3), 3)
    with pytest.raises(DTypeError, match="real numbers"):
        heat_kernel(1.0, 1j, 3)

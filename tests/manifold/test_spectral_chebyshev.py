"""Chebyshev series against numpy.polynomial, and what they are for: interpolation, derivatives, integrals."""

import numpy as np
import pytest
from numpy.polynomial import Chebyshev
from numpy.polynomial import chebyshev as series

import geomkern as gk
from geomkern.errors import DomainError, DTypeError, ShapeError
from geomkern_manifold.spectral import cheb_deriv, cheb_eval, cheb_fit, cheb_int, cheb_nodes

DOMAIN = (-0.5, 3.0)
COEF = np.random.default_rng(0).normal(size=(2, 7))
X = np.linspace(-0.7, 3.3, 11)


@pytest.mark.parametrize("kind", [1, 2])
@pytest.mark.parametrize("n", [2, 3, 8, 33])
def test_a_grid_of_each_kind(kind, n):
    nodes = cheb_nodes(n, kind, DOMAIN)
    u = (2 * nodes - DOMAIN[0] - DOMAIN[1]) / (DOMAIN[1] - DOMAIN[0])
    assert np.all(np.diff(nodes) > 0)
    if kind == 1:
        np.testing.assert_allclose(series.chebval(u, np.eye(n + 1)[n]), 0, atol=1e-12)
    else:
        assert (nodes[0], nodes[-1]) == DOMAIN
        np.testing.assert_allclose(np.abs(series.chebval(u, np.eye(n)[n - 1])), 1, rtol=1e-13)


@pytest.mark.parametrize("kind", [1, 2])
@pytest.mark.parametrize("n", [2, 3, 8, 33])
def test_a_fit_gives_back_its_values_and_is_exact_for_polynomials(kind, n):
    values = np.random.default_rng(n).normal(size=(3, n))
    nodes = cheb_nodes(n, kind, DOMAIN)
    np.testing.assert_allclose(cheb_eval(cheb_fit(values, kind)[:, None], nodes, DOMAIN), values, atol=1e-12)
    coef = np.random.default_rng(n + 1).normal(size=n)
    np.testing.assert_allclose(cheb_fit(cheb_eval(coef, nodes, DOMAIN), kind), coef, atol=1e-12)


def test_the_first_grid_is_that_of_chebinterpolate():
    np.testing.assert_allclose(cheb_fit(np.exp(cheb_nodes(9))), series.chebinterpolate(np.exp, 8), rtol=0, atol=1e-15)


def test_one_value_is_a_constant():
    assert cheb_fit(np.array([3.0])) == 3.0


def test_values_derivatives_and_integrals_against_numpy():
    for coef in COEF:
        p = Chebyshev(coef, domain=DOMAIN)
        np.testing.assert_allclose(cheb_eval(coef, X, DOMAIN), p(X), rtol=1e-13)
        for order in range(4):
            np.testing.assert_allclose(cheb_deriv(coef, order, DOMAIN), p.deriv(order).coef, rtol=1e-13)
            np.testing.assert_allclose(
                cheb_int(coef, order, DOMAIN), p.integ(order, lbnd=DOMAIN[0]).coef, rtol=1e-12, atol=1e-14
            )
    assert cheb_deriv(COEF, 9).shape == (2, 1)


def test_the_derivative_of_the_sine_is_the_cosine():
    coef = cheb_fit(np.sin(cheb_nodes(24, domain=DOMAIN)))
    x = np.linspace(*DOMAIN, 50)
    np.testing.assert_allclose(cheb_eval(cheb_deriv(coef, 1, DOMAIN), x, DOMAIN), np.cos(x), atol=1e-12)
    integral = cheb_eval(cheb_int(coef, 1, DOMAIN), x, DOMAIN)
    np.testing.assert_allclose(integral, np.cos(DOMAIN[0]) - np.cos(x), atol=1e-14)


@pytest.mark.parametrize(
    "function",
    [
        cheb_fit,
        lambda x: cheb_fit(x, 2),
        lambda x: cheb_deriv(x, 2, DOMAIN),
        lambda x: cheb_int(x, 2, DOMAIN),
    ],
    ids=["fit1", "fit2", "deriv", "int"],
)
def test_the_house_rules(function):
    gk.testing.check_function(function, COEF, batched=False)
    empty = function(gk.tensor(np.empty((0, 7)), requires_grad=True))
    empty.backward(np.zeros(empty.shape))
    assert empty.shape[0] == 0


def test_values_keep_the_house_rules():
    gk.testing.check_function(cheb_eval, COEF[0], X, batched=False, domain=DOMAIN)
    assert gk.gradcheck(lambda c, x: cheb_eval(c, x, DOMAIN), COEF[0], X)
    assert gk.gradcheck(lambda c, x: cheb_eval(c, x, DOMAIN), COEF[:, None], X)
    assert gk.gradcheck(lambda c, x: cheb_eval(c, x), COEF[:, :1], np.array([0.3, 0.4]))


def test_bad_input():
    with pytest.raises(ShapeError, match="at least 2 nodes"):
        cheb_nodes(1, kind=2)
    with pytest.raises(DomainError, match="kind 1"):
        cheb_nodes(3, kind=3)
    with pytest.raises(DomainError, match="a < b"):
        cheb_nodes(3, domain=(1.0, 1.0))
    with pytest.raises(DomainError, match="kind 1"):
        cheb_fit(COEF, kind=0)
    with pytest.raises(ShapeError, match="at least 2 elements"):
        cheb_fit(np.ones(1), kind=2)
    with pytest.raises(ShapeError, match="at least 1 elements"):
        cheb_eval(np.ones(0), X)
    with pytest.raises(ShapeError, match="broadcast"):
        cheb_eval(COEF, X)
    with pytest.raises(DomainError, match="a < b"):
        cheb_eval(COEF[0], X, (2.0, 1.0))
    with pytest.raises(DomainError, match="not negative"):
        cheb_deriv(COEF, -1)
    with pytest.raises(DomainError, match="not negative"):
        cheb_int(COEF, -1)
    with pytest.raises(DTypeError, match="real numbers"):
        cheb_fit(COEF + 1j)

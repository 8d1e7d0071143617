"""Softmax, log-softmax and log-sum-exp: against the definition, at the ends of the range, and their gradients."""

import numpy as np
import pytest

import geomkern as gk
from geomkern.errors import ShapeError

rng = np.random.default_rng(0)
X = rng.normal(size=(3, 4, 5))
AXES = [-1, 0, (0, 2), None]


def reference(x, axis):
    x = x.astype(np.longdouble)
    total = np.exp(x).sum(axis=axis, keepdims=True)
    return np.exp(x) / total, x - np.log(total), np.log(total)


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize(("dtype", "rtol"), [(np.float32, 1e-5), (np.float64, 1e-13)])
def test_against_the_definition(axis, dtype, rtol):
    x = X.astype(dtype)
    for ours, expected in zip((gk.softmax, gk.log_softmax, gk.logsumexp), reference(x, axis), strict=True):
        out = ours(x, axis=axis)
        assert out.dtype == dtype
        np.testing.assert_allclose(out, expected.reshape(np.shape(out)), rtol=rtol, atol=rtol)
        t = ours(gk.tensor(x), axis=axis)
        np.testing.assert_array_equal(t.data, out)


@pytest.mark.parametrize("axis", AXES)
def test_gradients(axis):
    assert gk.gradcheck(lambda x: gk.softmax(x, axis), X)
    assert gk.gradcheck(lambda x: gk.log_softmax(x, axis), X)
    assert gk.gradcheck(lambda x: gk.logsumexp(x, axis), X)
    assert gk.gradcheck(lambda x: gk.logsumexp(x, axis, keepdims=True), X)


def test_huge_logits():
    x = np.array([1e4, -1e4, 1e4])
    np.testing.assert_array_equal(gk.softmax(x), [0.5, 0, 0.5])
    np.testing.assert_allclose(gk.log_softmax(x), [-np.log(2), -2e4 - np.log(2), -np.log(2)])
    np.testing.assert_allclose(gk.logsumexp(x), 1e4 + np.log(2))
    for f in (gk.softmax, gk.log_softmax, gk.logsumexp):
        t = gk.tensor(x, requires_grad=True)
        f(t).sum().backward()
        assert np.isfinite(t.grad.data).all()


def test_infinities():
    inf = np.inf
    np.testing.assert_array_equal(gk.softmax(np.array([-inf, 0.0, 0.0])), [0, 0.5, 0.5])
    np.testing.assert_array_equal(gk.log_softmax(np.array([-inf, 0.0])), [-inf, 0])
    assert gk.logsumexp(np.array([-inf, -inf])) == -inf
    assert gk.logsumexp(np.array([inf, 0.0])) == inf
    assert np.isnan(gk.softmax(np.array([-inf, -inf]))).all()
    assert np.isnan(gk.softmax(np.array([inf, 0.0]))[0])


@pytest.mark.parametrize("f", [gk.softmax, gk.log_softmax, gk.logsumexp])
def test_nan_and_empty(f):
    x = np.array([[1.0, np.nan], [1.0, 2.0]])
    out = np.asarray(f(x, axis=-1))
    assert np.isnan(out[0]).all()
    assert not np.isnan(out[1]).any()
    assert f(np.ones((0, 3)), axis=-1).shape[0] == 0
    t = gk.tensor(np.ones((0, 3)), requires_grad=True)
    f(t, axis=-1).sum().backward()
    assert t.grad.shape == (0, 3)


def test_the_log_sum_exp_of_nothing():
    assert gk.logsumexp(np.ones((2, 0)), axis=1).tolist() == [-np.inf, -np.inf]


def test_integers_become_floats():
    assert gk.softmax([0, 0]).tolist() == [0.5, 0.5]


@pytest.mark.parametrize("f", [gk.softmax, gk.log_softmax, gk.logsumexp])
def test_axes_that_are_not_there(f):
    with pytest.raises(ShapeError, match=rf"{f.__name__} over axis 3"):
        f(X, axis=3)

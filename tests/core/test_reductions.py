"""Sums, means and extrema against NumPy and central differences."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import geomkern as gk
from geomkern.errors import ShapeError

NAMES = ("sum", "mean", "max", "min")
shapes = hnp.array_shapes(min_dims=1, max_dims=4, max_side=4)


@st.composite
def reductions(draw):
    shape = draw(shapes)
    axis = draw(st.one_of(st.none(), st.integers(-len(shape), len(shape) - 1), hnp.valid_tuple_axes(len(shape))))
    return shape, axis, draw(st.booleans())


@pytest.mark.parametrize("name", NAMES)
@given(reductions(), st.sampled_from([np.float32, np.float64]))
def test_against_numpy(name, reduction, dtype):
    shape, axis, keepdims = reduction
    x = np.random.default_rng(0).normal(size=shape).astype(dtype)
    expected = getattr(np, name)(x.astype(np.float64), axis=axis, keepdims=keepdims)
    out = getattr(gk, name)(x, axis=axis, keepdims=keepdims)
    assert np.shape(out) == np.shape(expected)
    assert out.dtype == dtype
    np.testing.assert_allclose(out, expected, rtol=1.3e-7 if dtype == np.float32 else 1e-13)
    t = getattr(gk.as_tensor(x), name)(axis=axis, keepdims=keepdims)
    np.testing.assert_array_equal(t.data, out)


@pytest.mark.parametrize("name", NAMES)
@given(reductions())
def test_gradients(name, reduction):
    shape, axis, keepdims = reduction
    x = np.random.default_rng(0).permutation(np.arange(np.prod(shape), dtype=float)).reshape(shape)
    assert gk.gradcheck(lambda t: getattr(gk, name)(t, axis=axis, keepdims=keepdims), x)


@pytest.mark.parametrize("name", ["max", "min"])
def test_ties_share_evenly(name):
    x = gk.tensor([[2.0, 2.0, 2.0, 2.0], [1.0, 3.0, 1.0, 3.0]], requires_grad=True)
    getattr(x, name)(axis=1).sum().backward()
    assert x.grad.tolist() == [[0.25] * 4, [0, 0.5, 0, 0.5] if name == "max" else [0.5, 0, 0.5, 0]]


@pytest.mark.parametrize("name", NAMES)
def test_nan_comes_out(name):
    x = np.array([[1.0, np.nan, 3.0], [1.0, 2.0, 3.0]])
    assert np.isnan(getattr(gk, name)(x, axis=1)).tolist() == [True, False]


def test_the_gradient_of_a_nan_extremum_goes_to_the_nan():
    x = gk.tensor([1.0, np.nan, 3.0], requires_grad=True)
    x.max().backward()
    assert x.grad.tolist() == [0, 1, 0]


def test_empty():
    x = gk.tensor(np.ones((0, 3)), requires_grad=True)
    assert x.sum(axis=0).tolist() == [0, 0, 0]
    assert x.max(axis=1).shape == (0,)
    x.sum().backward()
    assert x.grad.shape == (0, 3)
    with pytest.raises(ShapeError, match=r"max needs an element to choose, got shape \(0, 3\), axis 0"):
        x.max(axis=0)


def test_the_mean_of_nothing_is_nan():
    with pytest.warns(RuntimeWarning, match="invalid value"):
        assert np.isnan(gk.mean(np.ones(0)))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("axis", [2, -3, (0, 0), (0, 5)])
def test_axes_that_are_not_there(name, axis):
    with pytest.raises(ShapeError, match=rf"{name} over axis .* of shape \(2, 3\)"):
        getattr(gk, name)(np.ones((2, 3)), axis=axis)


def test_integers_and_lists():
    assert gk.sum([1, 2, 3]) == 6
    assert gk.mean([1, 2]) == 1.5
    assert gk.tensor([1, 2]).mean().item() == 1.5


@pytest.mark.parametrize("axis", [0, 1, None])
def test_a_long_sum_in_float32_does_not_drift(axis):
    x = np.full((300_000, 2) if axis == 0 else (2, 300_000), np.float32(0.1))
    exact = np.sum(x.astype(np.float64), axis=axis)
    np.testing.assert_allclose(gk.sum(x, axis=axis), exact, rtol=1e-7)
    b = gk.tensor(np.zeros(2, np.float32), requires_grad=True)
    (gk.as_tensor(np.zeros((300_000, 2), np.float32)) + b).backward(np.full((300_000, 2), np.float32(0.1)))
    np.testing.assert_allclose(b.grad.data, 300_000 * np.float64(np.float32(0.1)), rtol=1e-7)

"""Functions that rearrange, against NumPy and central differences."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import geomkern as gk
from geomkern.errors import ShapeError

X = np.arange(24.0).reshape(2, 3, 4)


@pytest.mark.parametrize(
    ("ours", "numpys"),
    [
        (lambda x: gk.reshape(x, (4, 6)), lambda x: x.reshape(4, 6)),
        (lambda x: gk.reshape(x, -1), lambda x: x.reshape(-1)),
        (lambda x: gk.reshape(x, 3, -1), lambda x: x.reshape(3, -1)),
        (gk.transpose, np.transpose),
        (lambda x: gk.transpose(x, 1, -1, 0), lambda x: x.transpose(1, 2, 0)),
        (lambda x: gk.permute(x, (2, 0, 1)), lambda x: x.transpose(2, 0, 1)),
        (lambda x: gk.swapaxes(x, 0, -1), lambda x: np.swapaxes(x, 0, -1)),
        (lambda x: gk.expand_dims(x, (0, 2)), lambda x: np.expand_dims(x, (0, 2))),
        (lambda x: gk.expand_dims(x, -1), lambda x: np.expand_dims(x, -1)),
        (lambda x: gk.squeeze(gk.expand_dims(x, 1)), lambda x: x),
        (lambda x: gk.broadcast_to(x, (5, 2, 3, 4)), lambda x: np.broadcast_to(x, (5, 2, 3, 4))),
        (lambda x: gk.concatenate([x, x[:, :1], x], axis=1), lambda x: np.concatenate([x, x[:, :1], x], axis=1)),
        (lambda x: gk.concatenate([x, x], axis=-1), lambda x: np.concatenate([x, x], axis=-1)),
        (lambda x: gk.stack([x, 2 * x], axis=1), lambda x: np.stack([x, 2 * x], axis=1)),
        (lambda x: gk.stack([x, x], axis=-1), lambda x: np.stack([x, x], axis=-1)),
    ],
)
def test_against_numpy(ours, numpys):
    out = ours(X)
    assert type(out) is np.ndarray
    np.testing.assert_array_equal(out, numpys(X))
    t = ours(gk.tensor(X))
    assert isinstance(t, gk.Tensor)
    np.testing.assert_array_equal(t.data, out)
    assert gk.gradcheck(ours, X)


def test_methods_and_properties():
    t = gk.tensor(X)
    assert t.T.shape == (4, 3, 2)
    assert t.mT.shape == (2, 4, 3)
    assert t.reshape(6, 4).shape == (6, 4)
    assert t.permute(2, 0, 1).shape == (4, 2, 3)
    assert t.transpose().shape == (4, 3, 2)
    assert t[:, :1].squeeze(1).shape == (2, 4)


@pytest.mark.parametrize("f", [lambda x: x.T, lambda x: x[1:], lambda x: x.reshape(-1), lambda x: x.swapaxes(0, 1)])
def test_views_stay_views(f):
    t = gk.tensor(X)
    assert np.shares_memory(f(t).data, t.data)


@given(hnp.array_shapes(min_dims=1, max_dims=3, max_side=4), st.data())
def test_basic_indices(shape, data):
    index = data.draw(hnp.basic_indices(shape, allow_newaxis=True, allow_ellipsis=True))
    check_index(shape, index)


@given(hnp.array_shapes(min_dims=1, max_dims=3, max_side=4), st.data())
def test_integer_array_indices(shape, data):
    count = data.draw(st.integers(1, len(shape)))
    size = data.draw(st.integers(0, 6))
    index = tuple(
        np.array(data.draw(st.lists(st.integers(-n, n - 1), min_size=size, max_size=size)), dtype=int)
        for n in shape[:count]
    )
    check_index(shape, index if count > 1 else index[0])


@given(hnp.array_shapes(min_dims=1, max_dims=3, max_side=4), st.data())
def test_boolean_indices(shape, data):
    check_index(shape, data.draw(hnp.arrays(bool, shape[: data.draw(st.integers(1, len(shape)))])))


@pytest.mark.parametrize(
    "index",
    [(slice(None), [0, 2, 0]), ([1, 1], slice(1, 3)), (..., [3, 3]), (None, [0, 0]), (1, [2, 2, 0], 3), [1, 1, 0]],
)
def test_mixed_indices(index):
    check_index((2, 3, 4), index)


def check_index(shape, index):
    x = np.arange(float(np.prod(shape))).reshape(shape)
    t = gk.tensor(x, requires_grad=True)
    out = t[index]
    np.testing.assert_array_equal(out.data, x[index])
    g = 1.0 + np.arange(float(out.size)).reshape(out.shape)
    out.backward(g)
    expected = np.zeros(shape)
    np.add.at(expected, index, g)
    np.testing.assert_array_equal(t.grad.data, expected)


def test_indices_may_be_tensors():
    t = gk.tensor(X)
    np.testing.assert_array_equal(t[gk.tensor([1, 0])].data, X[[1, 0]])
    np.testing.assert_array_equal(t[t > 5].data, X[X > 5])
    assert t[gk.tensor(1), 0, gk.tensor(2)].item() == X[1, 0, 2]


def test_many_rows_taken_by_one_index_add_up_in_both_types():
    rng = np.random.default_rng(0)
    for dtype in (np.float32, np.float64):
        table = gk.tensor(rng.normal(size=(7, 5)).astype(dtype), requires_grad=True)
        index = rng.integers(-7, 7, (4, 50))
        out = table[index]
        g = rng.normal(size=out.shape).astype(dtype)
        out.backward(g)
        expected = np.zeros((7, 5))
        np.add.at(expected, index, g.astype(np.float64))
        np.testing.assert_allclose(table.grad.data, expected, rtol=1e-4 if dtype == np.float32 else 1e-12, atol=1e-5)
        assert table.grad.dtype == dtype


def test_setitem_writes():
    t = gk.tensor(np.zeros(4))
    t[[0, 2]] = [1.0, 2.0]
    t[gk.tensor([False, True, False, False])] = gk.tensor(5.0)
    assert t.tolist() == [1, 5, 2, 0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gk.reshape(X, (5, 5)), r"reshape cannot make \(5, 5\) of shape \(2, 3, 4\)"),
        (lambda: gk.transpose(X, (0, 0, 1)), r"transpose needs each axis of shape \(2, 3, 4\) once, got \(0, 0, 1\)"),
        (lambda: gk.swapaxes(X, 0, 3), r"swapaxes over axis 3 of shape \(2, 3, 4\)"),
        (lambda: gk.squeeze(X, 0), r"squeeze takes away axes of length one, got axis 0 of shape \(2, 3, 4\)"),
        (lambda: gk.expand_dims(X, 4), "expand_dims over axis 4"),
        (lambda: gk.broadcast_to(X, (2, 3, 5)), r"broadcast_to cannot make \(2, 3, 5\) of shape \(2, 3, 4\)"),
        (lambda: gk.concatenate([X, X[:, :, :2]]), r"concatenate along axis 0 of shapes \(2, 3, 4\), \(2, 3, 2\)"),
        (lambda: gk.concatenate([]), "concatenate along axis 0 of shapes"),
        (lambda: gk.stack([X, X[0]]), r"stack along axis 0 of shapes \(2, 3, 4\), \(3, 4\)"),
    ],
)
def test_shapes_that_do_not_fit(call, message):
    with pytest.raises(ShapeError, match=message):
        call()


def test_an_index_out_of_bounds():
    with pytest.raises(IndexError, match="index 9 is out of bounds"):
        gk.tensor(X)[9]


def test_integer_parts_of_a_concatenation_take_part_without_gradient():
    x = gk.tensor([1.0, 2.0], requires_grad=True)
    out = gk.concatenate([x, np.array([3, 4])])
    out.sum().backward()
    assert x.grad.tolist() == [1, 1]

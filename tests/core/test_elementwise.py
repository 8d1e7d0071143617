"""The table of elementwise functions: every entry against NumPy and central differences, then the edges by hand."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import geomkern as gk
from geomkern.errors import DTypeError, ShapeError
from geomkern.ops import elementwise

# Where an operand must stay for the function to be smooth; elsewhere (-2, 2), away from 0.
POSITIVE = {"sqrt": (0,), "log": (0,), "log1p": (0,), "pow": (0,)}
CONDITION = {"where": (0,)}

NAMES = sorted(elementwise.TABLE)
# What each entry must compute, said independently of the table where the table's forward is our own.
ORACLES = {
    "sigmoid": lambda x: 1 / (1 + np.exp(-np.asarray(x, np.longdouble))),
    "relu": lambda x: np.where(x > 0, x, 0),
    "clip": lambda x, low, high: np.minimum(np.maximum(x, low), high),
}


def operands(name, dtype=np.float64, shapes=((3, 4), (4,), (3, 1)), seed=0):
    rng = np.random.default_rng(seed)
    count = len(elementwise.TABLE[name][1])
    values = []
    for i in range(count):
        x = rng.uniform(0.3, 2.0, shapes[i])
        if i not in POSITIVE.get(name, ()):
            x *= rng.choice([-1, 1], x.shape)
        values.append(x > 0 if i in CONDITION.get(name, ()) else x.astype(dtype))
    if name == "clip":
        values[1], values[2] = -np.abs(values[1]), np.abs(values[2])
    return values


@pytest.mark.parametrize("name", NAMES)
def test_arrays_in_arrays_out(name):
    values = operands(name)
    out = getattr(gk, name)(*values)
    assert type(out) is np.ndarray
    oracle = ORACLES.get(name, elementwise.TABLE[name][0])
    np.testing.assert_allclose(out, oracle(*values).astype(out.dtype), rtol=4e-16, atol=0)


@pytest.mark.parametrize("name", NAMES)
def test_tensors_in_tensors_out(name):
    values = operands(name)
    out = getattr(gk, name)(*map(gk.as_tensor, values))
    assert isinstance(out, gk.Tensor)
    assert not out.requires_grad
    np.testing.assert_array_equal(out.data, getattr(gk, name)(*values))


@pytest.mark.parametrize("name", NAMES)
def test_gradient_of_every_operand_with_broadcasting(name):
    assert gk.gradcheck(getattr(gk, name), *operands(name))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_types_are_kept_forward_and_back(name, dtype):
    values = operands(name, dtype)
    tensors = [gk.tensor(x, requires_grad=x.dtype == dtype) for x in values]
    out = getattr(gk, name)(*tensors)
    assert out.dtype == dtype
    out.backward(np.ones(out.shape, dtype))
    assert all(t.grad.dtype == dtype and t.grad.shape == t.shape for t in tensors if t.requires_grad)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("position", [0, 1, 2])
def test_every_operand_alone_has_the_gradient_it_has_among_others(name, position):
    values = operands(name)
    if position >= len(values) or values[position].dtype == bool:
        return
    together = [gk.tensor(x, requires_grad=x.dtype != bool) for x in values]
    getattr(gk, name)(*together).sum().backward()
    alone = [gk.tensor(x, requires_grad=i == position) for i, x in enumerate(values)]
    getattr(gk, name)(*alone).sum().backward()
    np.testing.assert_array_equal(alone[position].grad.data, together[position].grad.data)


@pytest.mark.parametrize("name", NAMES)
def test_empty(name):
    shapes = ((0, 4), (4,), (1, 4))
    values = [gk.tensor(x, requires_grad=x.dtype != bool) for x in operands(name, shapes=shapes)]
    out = getattr(gk, name)(*values)
    assert out.shape == (0, 4)
    out.backward(np.zeros((0, 4)))
    for value in values:
        if value.requires_grad:
            np.testing.assert_array_equal(value.grad.data, np.zeros(value.shape))


@pytest.mark.parametrize("name", [name for name in NAMES if name != "where"])
def test_nan_in_nan_out(name):
    values = operands(name, shapes=((5,), (5,), (5,)))
    for i in range(len(values)):
        poisoned = [x.copy() for x in values]
        poisoned[i][2] = np.nan
        out = getattr(gk, name)(*poisoned)
        assert np.isnan(out[2])
        assert not np.isnan(np.delete(out, 2)).any()


SEVERAL = [name for name in NAMES if len(elementwise.TABLE[name][1]) > 1]
SCALARS = [1.5, 2, np.float64(1.5), np.int64(2), np.array(1.5), np.array(2)]


@pytest.mark.parametrize("name", SEVERAL)
@pytest.mark.parametrize("scalar", SCALARS, ids=repr)
def test_scalars_are_weak(name, scalar):
    values = operands(name, np.float32, shapes=((3,), (3,), (3,)))
    for i in range(len(values)):
        mixed = [scalar if j == i else x for j, x in enumerate(values)]
        assert getattr(gk, name)(*mixed).dtype == np.float32
        tensors = [gk.tensor(x, requires_grad=x.dtype == np.float32) if x is not scalar else x for x in mixed]
        out = getattr(gk, name)(*tensors)
        assert out.dtype == np.float32
        out.sum().backward()
        assert all(t.grad.dtype == np.float32 for t in tensors if isinstance(t, gk.Tensor) and t.requires_grad)


def test_a_tensor_without_axes_is_weak_and_keeps_its_own_type_of_gradient():
    x = gk.tensor(np.ones(3, np.float32), requires_grad=True)
    s = gk.tensor(np.array(2.0), requires_grad=True)
    for out in (x * s, s * x, x / s, s + x):
        assert out.dtype == np.float32
        out.sum().backward()
    assert (x.grad.dtype, s.grad.dtype) == (np.float32, np.float64)
    assert s.grad.shape == ()


def test_two_arrays_of_different_types_give_the_wider():
    x, y = np.ones(3, np.float32), np.ones(3)
    assert (gk.tensor(x) + gk.tensor(y)).dtype == np.float64
    assert (gk.tensor(x) + y).dtype == np.float64
    assert (gk.tensor(np.float32(1)) + gk.tensor(np.float64(1))).dtype == np.float64
    t = gk.tensor(x, requires_grad=True)
    (t * gk.tensor(y)).sum().backward()
    assert t.grad.dtype == np.float32


def test_a_float_scalar_is_not_pressed_into_integers():
    assert (gk.tensor([1, 2]) * np.array(1.5)).tolist() == [1.5, 3.0]
    assert (gk.tensor([1, 2]) / gk.tensor([2, 2])).dtype == np.float64


@given(
    shapes=hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=3),
    name=st.sampled_from(["add", "sub", "mul", "div", "maximum"]),
)
def test_broadcast_gradients(shapes, name):
    rng = np.random.default_rng(0)
    x, y = (gk.tensor(rng.uniform(1, 2, shape), requires_grad=True) for shape in shapes.input_shapes)
    out = getattr(gk, name)(x, y)
    assert out.shape == shapes.result_shape
    g = rng.uniform(1, 2, out.shape)
    out.backward(g)
    full = [gk.tensor(np.broadcast_to(t.data, out.shape), requires_grad=True) for t in (x, y)]
    getattr(gk, name)(*full).backward(g)
    for t, wide in zip((x, y), full, strict=True):
        lead = out.ndim - t.ndim
        axes = tuple(range(lead)) + tuple(lead + i for i, n in enumerate(t.shape) if n != out.shape[lead + i])
        np.testing.assert_allclose(t.grad.data, wide.grad.data.sum(axes).reshape(t.shape), rtol=1e-13)


def gradient(f, *values):
    tensors = [gk.tensor(np.array(v, np.float64), requires_grad=True) for v in values]
    f(*tensors).sum().backward()
    return [t.grad.data.tolist() for t in tensors]


def test_subgradients_are_those_of_torch():
    assert gradient(gk.abs, [0.0, -2.0, 3.0]) == [[0, -1, 1]]
    assert gradient(gk.relu, [0.0, -2.0, 3.0]) == [[0, 0, 1]]
    assert gradient(gk.sign, [0.0, -2.0]) == [[0, 0]]
    assert gradient(gk.maximum, [1.0, 1.0, 2.0], [1.0, 2.0, 1.0]) == [[0.5, 0, 1], [0.5, 1, 0]]
    assert gradient(gk.minimum, [1.0, 1.0, 2.0], [1.0, 2.0, 1.0]) == [[0.5, 1, 0], [0.5, 0, 1]]
    assert gradient(gk.clip, [0.0, 1.0, 2.0, 3.0], [1.0] * 4, [2.0] * 4) == [[0, 1, 1, 0], [1, 0, 0, 0], [0, 0, 0, 1]]


def test_pow_at_the_edges():
    assert gradient(gk.pow, [0.0, 0.0, 2.0], [0.0, 2.0, 3.0]) == [[0, 0, 12], [0, 0, 8 * np.log(2)]]
    assert gradient(lambda x: x**0, [0.0, 2.0]) == [[0, 0]]
    assert gradient(lambda x: x**2, [0.0, -3.0]) == [[0, -6]]
    assert gradient(lambda y: 2.0**y, [0.0, 1.0]) == [[np.log(2), 2 * np.log(2)]]


def test_gradients_are_not_hidden_where_the_input_is_nan():
    for f in (gk.relu, gk.abs, lambda x: gk.clip(x, 0.0, 1.0), lambda x: gk.maximum(x, 0.0)):
        x = gk.tensor([np.nan], requires_grad=True)
        y = f(x) * x
        y.backward()
        assert np.isnan(x.grad.data).all()


def test_sigmoid_neither_overflows_nor_loses_digits():
    x = np.array([-800.0, -40.0, 0.0, 40.0, 800.0])
    np.testing.assert_allclose(gk.sigmoid(x), [0, np.exp(-40.0), 0.5, 1, 1], rtol=1e-15)


def test_clip_with_one_bound():
    x = gk.tensor([-1.0, 0.5, 2.0], requires_grad=True)
    out = x.clip(None, 1.0) + x.clip(0.0, None)
    assert out.tolist() == [-1.0, 1.0, 3.0]
    out.sum().backward()
    assert x.grad.tolist() == [1, 2, 1]


def test_an_inner_infinity_does_not_leak_through_a_mask():
    x = gk.tensor([-1.0, 1.0], requires_grad=True)
    gk.relu(x).backward(np.array([np.inf, 1.0], np.float32))
    assert x.grad.tolist() == [0, 1]


@pytest.mark.parametrize("name", SEVERAL)
def test_shapes_that_do_not_broadcast(name):
    values = [np.ones(3), np.ones(4), np.ones(3)][: len(elementwise.TABLE[name][1])]
    with pytest.raises(ShapeError, match=rf"{name} needs shapes that broadcast, got \(3,\) and \(4,\)"):
        getattr(gk, name)(*values)
    with pytest.raises(ShapeError, match=rf"{name} needs shapes that broadcast"):
        getattr(gk, name)(*map(gk.tensor, values))


@pytest.mark.parametrize("name", ["add", "exp", "tanh"])
def test_what_is_no_number(name):
    count = len(elementwise.TABLE[name][1])
    with pytest.raises(DTypeError, match=rf"{name} cannot take <U1"):
        getattr(gk, name)(*[np.array(["a"]), np.ones(1)][:count])


def test_number_of_operands():
    with pytest.raises(TypeError, match="add takes 2 operands, got 1"):
        gk.add(np.ones(2))


def test_a_rule_that_asks_for_what_there_is_not():
    with pytest.raises(TypeError, match="the rule of operand 0 of twice"):
        gk.autograd.Elementwise("twice", lambda x: 2 * x, (lambda g, y: 2 * g,))


def test_functions_pickle_by_name_and_describe_themselves():
    assert pickle.loads(pickle.dumps(gk.exp)) is gk.exp
    assert gk.exp.__name__ == "exp"
    assert "e to the power x" in gk.exp.__doc__
    assert repr(gk.exp) == "<elementwise exp>"

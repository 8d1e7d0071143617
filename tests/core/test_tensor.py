"""The tensor as a container and as a citizen of NumPy."""

import copy
import pickle

import numpy as np
import pytest

import geomkern as gk
from geomkern.errors import AutogradError, DTypeError, ShapeError


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        (1.0, np.float32),
        ([1.0, 2], np.float32),
        ([[1.0], [2.0]], np.float32),
        ([], np.float32),
        (1, np.int64),
        ([True], np.bool_),
        (np.ones(2), np.float64),
        (np.float64(1), np.float64),
        ([np.float64(1)], np.float64),
        (np.ones(2, np.float16), np.float16),
        (range(3), np.int64),
        (1j, np.complex128),
    ],
)
def test_types(data, dtype):
    assert gk.tensor(data).dtype == dtype
    assert gk.as_tensor(data).dtype == dtype


def test_the_default_type_can_be_set():
    gk.set_default_dtype(np.float64)
    try:
        assert gk.tensor([1.0]).dtype == np.float64
        assert "dtype" not in repr(gk.tensor([1.0]))
    finally:
        gk.set_default_dtype(np.float32)


def test_tensor_copies_and_as_tensor_shares():
    x = np.zeros(2)
    assert not np.shares_memory(gk.tensor(x).data, x)
    assert gk.as_tensor(x).data is x
    t = gk.as_tensor(x)
    assert gk.as_tensor(t) is t
    assert not np.shares_memory(gk.tensor(t).data, x)
    assert gk.as_tensor(t, np.float32).dtype == np.float32


@pytest.mark.parametrize("data", ["abc", [object()], [[1.0], [2.0, 3.0]], None, np.array(["x"])])
def test_what_is_no_array_of_numbers(data):
    with pytest.raises(DTypeError, match="a tensor"):
        gk.tensor(data)


def test_the_constructor_takes_arrays_only():
    with pytest.raises(DTypeError, match=r"Tensor wraps a NumPy array, not list; tensor\(\) and as_tensor\(\) convert"):
        gk.Tensor([1.0])
    with pytest.raises(DTypeError, match="a tensor holds numbers"):
        gk.Tensor(np.array(["a"]))


def test_attributes():
    t = gk.tensor(np.ones((2, 3)), requires_grad=True)
    assert (t.shape, t.ndim, t.size, t.dtype) == ((2, 3), 2, 6, np.float64)
    assert (t.is_leaf, t.grad_fn, t.grad, t.requires_grad) == (True, None, None, True)
    assert str(t.device) == "cpu"
    assert t.numpy() is t.data


def test_data_can_be_replaced():
    t = gk.tensor([1.0, 2.0], requires_grad=True)
    t.data = np.ones(3)
    assert t.shape == (3,)
    with pytest.raises(DTypeError, match="the data of a tensor is a NumPy array, not list"):
        t.data = [1.0]
    with pytest.raises(AutogradError, match="only float32 and float64"):
        t.data = np.ones(3, int)
    with pytest.raises(AutogradError, match="that mul made cannot be replaced"):
        (t * 2).data = np.ones(3)


def test_python_numbers():
    t = gk.tensor(2.5)
    assert (t.item(), float(t), int(t), bool(t)) == (2.5, 2.5, 2, True)
    assert [10, 20, 30][gk.tensor(1)] == 20
    with pytest.raises(ShapeError, match=r"item needs a tensor of one element, not of shape \(2,\)"):
        gk.tensor([1.0, 2.0]).item()
    with pytest.raises(ShapeError, match=r"the truth of a tensor of shape \(2,\) is ambiguous"):
        bool(gk.tensor([1.0, 2.0]))
    with pytest.raises(DTypeError, match="an index is an integer tensor without axes, not float32"):
        [1, 2][gk.tensor(1.0)]


def test_sequence():
    t = gk.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert len(t) == 2
    assert [row.tolist() for row in t] == [[1, 2], [3, 4]]
    assert 3.0 in t
    assert 5.0 not in t
    with pytest.raises(ShapeError, match="has no length"):
        len(gk.tensor(1.0))
    with pytest.raises(ShapeError, match="cannot be iterated"):
        iter(gk.tensor(1.0))


def test_hash_is_identity_and_equality_is_elementwise():
    x, y = gk.tensor([1.0, 2.0]), gk.tensor([1.0, 2.0])
    assert len({x, y, x}) == 2
    assert (x == y).tolist() == [True, True]
    assert (x != [1.0, 0.0]).tolist() == [False, True]
    assert (x < 2).tolist() == [True, False]
    assert (x <= 2).tolist() == [True, True]
    assert ((x > 1) | (x < 1)).tolist() == [False, True]
    assert (~(x > 1)).any().item()


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: gk.tensor([2.0, 4.0]), "tensor([2., 4.])"),
        (lambda: gk.tensor([2.0, 4.0], requires_grad=True), "tensor([2., 4.], requires_grad=True)"),
        (lambda: gk.tensor([2.0], requires_grad=True) * 2, "tensor([4.], grad_fn=<mul>)"),
        (lambda: gk.tensor(np.ones(1)), "tensor([1.], dtype=float64)"),
        (lambda: gk.tensor([1, 2]), "tensor([1, 2])"),
        (lambda: gk.tensor(np.ones(1, np.int32)), "tensor([1], dtype=int32)"),
        (lambda: gk.tensor(1.5), "tensor(1.5)"),
        (lambda: gk.tensor([1 / 3]), "tensor([0.3333])"),
        (lambda: gk.tensor(np.ones((0, 3), np.float32)), "tensor([], shape=(0, 3))"),
        (lambda: gk.tensor([True]), "tensor([ True])"),
    ],
)
def test_repr(make, text):
    assert repr(make()) == text


def test_repr_honours_numpys_print_options():
    with np.printoptions(precision=2, threshold=3, edgeitems=1):
        assert repr(gk.tensor([1 / 3, 2.0, 3.0, 4.0])) == "tensor([0.33, ..., 4.  ])"


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))])
def test_copies(duplicate):
    t = gk.tensor([1.0, 2.0], requires_grad=True)
    (t * t).sum().backward()
    other = duplicate(t)
    assert type(other) is gk.Tensor
    assert other.requires_grad
    assert other.tolist() == [1, 2]
    assert other.grad.tolist() == [2, 4]
    with pytest.raises(AutogradError, match="that <mul> made cannot be copied or pickled; use detach"):
        duplicate(t * 2)


def test_a_subclass_keeps_its_attributes_and_makes_plain_tensors():
    t = Named(np.ones(2), requires_grad=True)
    t.name = "weight"
    other = copy.deepcopy(t)
    assert (type(other), other.name) == (Named, "weight")
    assert type(t + 1) is gk.Tensor
    assert type(1 - t) is gk.Tensor


class Named(gk.Tensor):
    pass


# ---------------------------------------------------------------------------------------------------- with NumPy


def test_asarray_shares_and_converts():
    t = gk.tensor([1.0, 2.0], requires_grad=True)
    assert np.asarray(t) is t.data
    assert np.asarray(t, np.float64).dtype == np.float64
    assert not np.shares_memory(np.array(t, copy=True), t.data)


def test_dlpack():
    t = gk.tensor([1.0, 2.0])
    assert np.shares_memory(np.from_dlpack(t), t.data)


X = np.array([1.0, 2.0])


@pytest.mark.parametrize(
    "f",
    [
        lambda t: X + t,
        lambda t: X - t,
        lambda t: X / t,
        lambda t: 2 - t,
        lambda t: np.float64(2) ** t,
        lambda t: [1.0, 2.0] * t,
        lambda t: np.exp(t),
        lambda t: np.add(X, t),
        lambda t: np.maximum(t, 1.5),
        lambda t: np.matmul(X, t),
        lambda t: np.sum(t),
        lambda t: np.mean(t, axis=0),
        lambda t: np.add.reduce(t),
        lambda t: np.max(t),
        lambda t: np.concatenate([t, X]),
        lambda t: np.stack([X, t]),
        lambda t: np.where(X > 1, t, 0.0),
        lambda t: np.clip(t, 0.0, 1.5),
        lambda t: np.clip(t, a_min=1.5, a_max=None),
        lambda t: np.clip(t, max=1.5),
        lambda t: np.reshape(t, (2, 1)),
        lambda t: np.transpose(t),
        lambda t: np.expand_dims(t, 0),
        lambda t: np.broadcast_to(t, (3, 2)),
        lambda t: abs(t),
        lambda t: +np.negative(t),
    ],
)
def test_numpys_functions_stay_on_the_tape(f):
    t = gk.tensor(X, requires_grad=True)
    out = f(t)
    assert isinstance(out, gk.Tensor)
    assert out.requires_grad
    np.testing.assert_allclose(out.data, np.asarray(f(gk.tensor(X))), rtol=0)
    assert gk.gradcheck(f, X)


def test_functions_without_a_rule():
    t = gk.tensor(X)
    assert np.floor(t).tolist() == [1, 2]
    assert isinstance(np.arctan(t), gk.Tensor)
    assert np.linalg.norm(t) == np.linalg.norm(X)
    grad = gk.tensor(X, requires_grad=True)
    for f in (np.arctan, np.linalg.norm, np.cumsum, np.multiply.accumulate):
        with pytest.raises(TypeError, match="has no derivative rule in geomkern"):
            f(grad)
        with gk.no_grad():
            f(grad)


def test_functions_whose_result_has_no_derivative():
    t = gk.tensor(X, requires_grad=True)
    assert np.isfinite(t).tolist() == [True, True]
    assert np.less(t, 2).tolist() == [True, False]
    assert np.allclose(t, X)
    assert np.argmax(t) == 1
    assert np.shape(t) == (2,)
    assert np.zeros_like(t).tolist() == [0, 0]


def test_out_arguments():
    t, out = gk.tensor(X), np.zeros(2)
    assert np.add(t, 1, out=out) is out
    assert out.tolist() == [2, 3]
    with pytest.raises(TypeError, match=r"numpy.add has no derivative rule"):
        np.add(gk.tensor(X, requires_grad=True), 1, out=out)
    x, w = gk.tensor(X, requires_grad=True), gk.tensor(X)
    y = x * w
    np.add(w, 1, out=w)
    with pytest.raises(AutogradError, match="written in place"):
        y.sum().backward()
    with pytest.raises(TypeError, match=r"numpy.add has no derivative rule"):
        out += x


def test_operators_with_what_is_no_number():
    with pytest.raises(TypeError, match="unsupported operand"):
        gk.tensor(X) + "a"
    with pytest.raises(TypeError, match="unsupported operand"):
        {} * gk.tensor(X)
    with pytest.raises(TypeError):
        pow(gk.tensor(X), 2, 3)

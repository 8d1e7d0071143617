"""grad, value_and_grad and gradcheck."""

import numpy as np
import pytest

import geomkern as gk
from geomkern.errors import AutogradError, DTypeError

X = np.array([1.0, 2.0])


def test_grad_of_arrays_is_an_array():
    found = gk.grad(lambda x: (x**3).sum())(X)
    assert type(found) is np.ndarray
    assert found.tolist() == [3, 12]
    assert gk.grad(lambda x: (x**3).sum())(X.astype(np.float32)).dtype == np.float32


def test_several_arguments():
    def f(x, y, *, scale):
        return (x * y * scale).sum()

    value, (gy, gx) = gk.value_and_grad(f, argnums=(1, 0))(X, 2 * X, scale=3)
    assert value == 30
    assert isinstance(value, np.floating)
    assert gx.tolist() == [6, 12]
    assert gy.tolist() == [3, 6]


def test_an_argument_that_does_not_matter_has_gradient_zero():
    assert gk.grad(lambda x, y: x.sum() + 0 * y.sum(), argnums=1)(X, X).tolist() == [0, 0]
    assert [g.tolist() for g in gk.grad(lambda x, y: x.sum(), argnums=(0, 1))(X, X)] == [[1, 1], [0, 0]]


def test_the_identity():
    assert gk.grad(lambda x: x)(2.0) == 1


def test_other_tensors_are_left_alone():
    weight = gk.tensor(X, requires_grad=True)
    found = gk.grad(lambda x: (x * weight).sum())(X)
    assert found.tolist() == [1, 2]
    assert weight.grad is None


def test_under_no_grad():
    with gk.no_grad():
        assert gk.grad(lambda x: (x * x).sum())(X).tolist() == [2, 4]


@pytest.mark.parametrize(
    ("function", "got"),
    [
        (lambda x: x * 2, r"a tensor of shape \(2,\)"),
        (lambda x: 1.0, "float"),
        (lambda x: gk.tensor(1.0), r"a tensor of shape \(\)"),
    ],
)
def test_a_value_that_cannot_be_differentiated(function, got):
    with pytest.raises(AutogradError, match=f"must return a tensor of one element made from its arguments, got {got}"):
        gk.grad(function)(X)


def test_arguments_that_cannot_be_differentiated_by():
    with pytest.raises(DTypeError, match="argument 0 must hold float32 or float64 to differentiate by it, not int64"):
        gk.grad(lambda x: x.sum())(np.array([1, 2]))
    with pytest.raises(AutogradError, match="there is no argument 3 to differentiate by; got 1"):
        gk.grad(lambda x: x.sum(), argnums=3)(X)


def test_gradcheck_reports_input_element_and_values():
    wrong = gk.custom_op("wrong", lambda x, y: x * y, lambda g, out, x, y: (g * y, g * x * np.array([1.0, 1.5])))
    with pytest.raises(
        AutogradError,
        match=r"argument 1 of shape \(2,\) has a wrong gradient in 1 of 2 elements; at \(1,\) the tape got .* and "
        "central differences say",
    ):
        gk.gradcheck(wrong, X, X)


def test_gradcheck_sees_a_wrong_scale_of_one_output_among_several():
    wrong = gk.custom_op("wrong", lambda x: (x, 2 * x), lambda g, out, x: g[0] + g[1])
    with pytest.raises(AutogradError, match="argument 0"):
        gk.gradcheck(wrong, X)


def test_gradcheck_needs_something_to_check():
    with pytest.raises(AutogradError, match="needs an argument that is an array or a tensor of floats"):
        gk.gradcheck(gk.exp, 1.0)
    with pytest.raises(AutogradError, match="is not on the tape"):
        gk.gradcheck(lambda x: x.detach(), X)


def test_gradcheck_leaves_its_arguments_alone():
    x = gk.tensor([1.0, 2.0], requires_grad=True)
    assert gk.gradcheck(gk.mul, x, X)
    assert x.grad is None
    assert X.tolist() == [1, 2]


def test_numeric_gradient_restores_what_it_writes_into():
    x = np.array([[1.0, -2.0]])
    found = gk.autograd.numeric_gradient(lambda: float(np.sum(x**3)), x)
    np.testing.assert_allclose(found, [[3, 12]], rtol=1e-8)
    assert x.tolist() == [[1, -2]]

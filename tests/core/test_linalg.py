"""matmul against NumPy and central differences, for every combination of axes."""

import numpy as np
import pytest

import geomkern as gk
from geomkern.errors import ShapeError

SHAPES = [
    ((3,), (3,)),
    ((3,), (3, 4)),
    ((2, 3), (3,)),
    ((2, 3), (3, 4)),
    ((5, 2, 3), (3, 4)),
    ((6, 5, 2, 3), (3, 4)),
    ((5, 2, 3), (3,)),
    ((3,), (5, 3, 4)),
    ((2, 3), (5, 3, 4)),
    ((5, 2, 3), (5, 3, 4)),
    ((6, 1, 2, 3), (5, 3, 4)),
    ((0, 3), (3, 4)),
    ((5, 0, 3), (3, 4)),
    ((2, 0), (0, 4)),
    ((5, 2, 0), (0, 4)),
    ((5, 2, 3), (3, 0)),
]


@pytest.mark.parametrize(("left", "right"), SHAPES)
def test_against_numpy(left, right):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=left), rng.normal(size=right)
    np.testing.assert_allclose(gk.matmul(x, y), x @ y, rtol=1e-13, atol=1e-13)
    assert isinstance(gk.tensor(x) @ y, gk.Tensor)
    assert isinstance(x @ gk.tensor(y), gk.Tensor)
    np.testing.assert_allclose((gk.tensor(x) @ gk.tensor(y)).data, x @ y, rtol=1e-13, atol=1e-13)
    assert gk.gradcheck(gk.matmul, x, y)


@pytest.mark.parametrize(("left", "right"), SHAPES)
def test_one_operand_alone_and_types(left, right):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=left).astype(np.float32), rng.normal(size=right).astype(np.float32)
    both = [gk.tensor(x, requires_grad=True), gk.tensor(y, requires_grad=True)]
    out = gk.matmul(*both)
    assert out.dtype == np.float32
    g = np.ones(out.shape, np.float32)
    out.backward(g)
    for i in range(2):
        alone = [gk.tensor(x, requires_grad=i == 0), gk.tensor(y, requires_grad=i == 1)]
        gk.matmul(*alone).backward(g)
        np.testing.assert_array_equal(alone[i].grad.data, both[i].grad.data)
        assert alone[i].grad.dtype == np.float32


def test_strided_operands():
    rng = np.random.default_rng(0)
    assert gk.gradcheck(lambda x, y: x.mT[:, ::2] @ y.T, rng.normal(size=(5, 3, 4)), rng.normal(size=(2, 3)))


@pytest.mark.parametrize(("left", "right"), [((2, 3), (4, 5)), ((3,), (4,)), ((), (3,)), ((3,), ()), ((2, 3), (2,))])
def test_inner_lengths(left, right):
    with pytest.raises(ShapeError, match="matmul needs the last axis of the left operand"):
        gk.matmul(np.ones(left), np.ones(right))


def test_leading_axes():
    with pytest.raises(ShapeError, match=r"matmul needs leading axes that broadcast, got \(2, 3, 4\) and \(5, 4, 3\)"):
        gk.matmul(np.ones((2, 3, 4)), np.ones((5, 4, 3)))

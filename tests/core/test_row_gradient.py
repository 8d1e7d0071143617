"""Gradients of a few rows of a table: from the lookup to the step of an optimiser."""

import pickle

import numpy as np
import pytest

import geomkern as gk
from geomkern.autograd import RowGradient
from geomkern.errors import DomainError, DTypeError, ShapeError

INDICES = np.array([[4, 1, 4], [0, 4, 2]])


def tables(**options):
    return [gk.nn.Embedding(7, 3, rng=0, sparse=sparse, **options) for sparse in (True, False)]


@pytest.mark.parametrize("options", [{}, {"padding_idx": 1}, {"dtype": np.float64}])
def test_the_whole_is_the_dense_gradient(options):
    sparse, dense = tables(**options)
    for table in (sparse, dense):
        ((table(INDICES) ** 3).sum() + table(np.array([5])).sum()).backward()
    assert isinstance(sparse.weight.grad, RowGradient)
    assert sparse.weight.grad.dtype == sparse.weight.dtype
    assert np.array_equal(sparse.weight.grad.data, dense.weight.grad.data)
    once = sparse.weight.grad.unique()
    assert once.indices.tolist() == [i for i in (0, 1, 2, 4, 5) if i != options.get("padding_idx")]
    assert np.array_equal(once.data, dense.weight.grad.data)
    assert once.unique() is once


def test_dense_and_sparse_gradients_add_up():
    for order in (0, 1):
        sparse, dense = tables()
        for table in (sparse, dense):
            losses = [lambda t: (t(INDICES) ** 2).sum(), lambda t: (t.weight * 0.5).sum()]
            for loss in losses if order else losses[::-1]:
                loss(table).backward()
        assert isinstance(sparse.weight.grad, gk.Tensor)
        assert np.allclose(sparse.weight.grad.data, dense.weight.grad.data, rtol=1e-6)


def test_elsewhere_on_the_tape_it_is_an_array():
    weight = np.random.default_rng(0).standard_normal((5, 2))
    index = np.array([1, 1, 3])

    def loss(table):
        return (gk.nn.functional.embedding(index, table, sparse=True) ** 2).sum()

    expected = np.zeros((5, 2))
    np.add.at(expected, index, 2 * weight[index])
    assert np.allclose(gk.grad(loss)(weight), expected)
    leaf = gk.tensor(weight, requires_grad=True)
    loss(leaf * 1.0).backward()  # an operation lies between the leaf and the lookup
    assert np.allclose(leaf.grad.data, expected)
    hooked, seen = gk.tensor(weight, requires_grad=True), []
    hooked.register_hook(lambda grad: seen.append(grad.data))
    loss(hooked).backward()
    assert np.allclose(seen[0], expected)
    assert np.allclose(hooked.grad.data, expected)


@pytest.mark.parametrize(
    ("kind", "options"),
    [(gk.optim.SGD, {"momentum": 0.9}), (gk.optim.SGD, {"weight_decay": 0.1}), (gk.optim.Adam, {"amsgrad": True})],
)
def test_only_the_rows_that_were_used_move(kind, options):
    """The others, and their state, are left alone: their momentum does not move them, nor does weight decay."""
    sparse, dense = tables()
    steps = [kind([table.weight], lr=0.1, **options) for table in (sparse, dense)]
    for used in (INDICES, INDICES, INDICES[:1]):
        before = sparse.weight.data.copy()
        for table, optimizer in zip((sparse, dense), steps, strict=True):
            optimizer.zero_grad()
            (table(used) ** 2).sum().backward()
            optimizer.step()
        rest = [i for i in range(7) if i not in used]
        assert np.array_equal(sparse.weight.data[rest], before[rest])
        assert (sparse.weight.data[np.unique(used)] != before[np.unique(used)]).all()
        assert np.allclose(sparse.weight.data[np.unique(used)], dense.weight.data[np.unique(used)], rtol=1e-6)
    state = steps[0].state_dict()
    other = kind([gk.nn.Parameter(sparse.weight.data.copy())], lr=0.1, **options)
    other.load_state_dict(pickle.loads(pickle.dumps(state)))
    for name, value in steps[0].state[sparse.weight].items():
        assert np.shape(value) in ((), (7, 3))
        assert np.array_equal(value, next(iter(other.state.values()))[name])


def test_a_gradient_of_rows_set_by_hand():
    x = gk.nn.Parameter(np.ones((4, 2), np.float32))
    x.grad = RowGradient(np.array([2]), np.ones((1, 2), np.float32), (4, 2))
    gk.optim.SGD([x], lr=0.5).step()
    assert x.data.tolist() == [[1, 1], [1, 1], [0.5, 0.5], [1, 1]]
    assert np.asarray(x.grad).tolist() == x.grad.data.tolist()
    x.zero_grad(set_to_none=False)
    assert x.grad.data.tolist() == [[0, 0]] * 4
    with pytest.raises(ShapeError, match="a gradient needs its tensor's shape and type"):
        x.grad = RowGradient(np.array([2]), np.ones((1, 2), np.float32), (5, 2))
    with pytest.raises(DTypeError, match="a RowGradient"):
        x.grad = np.ones((4, 2))
    with pytest.raises(ShapeError, match="one row of"):
        RowGradient(np.array([2, 3]), np.ones((1, 2)), (4, 2))
    with pytest.raises(DomainError, match="indices from 0 to 3"):
        RowGradient(np.array([4]), np.ones((1, 2)), (4, 2))
    frozen = gk.nn.Parameter(np.broadcast_to(np.float32(1), (4, 2)))
    frozen.grad = RowGradient(np.array([2]), np.ones((1, 2), np.float32), (4, 2))
    with pytest.raises(DomainError, match="read-only"):
        gk.optim.SGD([frozen]).step()


def test_no_rows_at_all():
    (table, _), empty = tables(), np.zeros(0, np.int64)
    table(empty).sum().backward()
    before = table.weight.data.copy()
    gk.optim.Adam([table.weight]).step()
    assert np.array_equal(table.weight.data, before)

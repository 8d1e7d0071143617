"""Riemannian steps on embeddings: the rows that were used move as ever, and the others not at all."""

import numpy as np
import pytest

import geomkern as gk
from geomkern.errors import DomainError
from geomkern_manifold import PoincareBall, RiemannianAdam, RiemannianSGD

KINDS = [
    (RiemannianSGD, {"lr": 0.3}),
    (RiemannianSGD, {"lr": 0.1, "momentum": 0.9}),
    (RiemannianSGD, {"lr": 0.1, "momentum": 0.9, "retraction": True}),
    (RiemannianAdam, {"lr": 0.1}),
    (RiemannianAdam, {"lr": 0.1, "amsgrad": True}),
    (RiemannianAdam, {"lr": 0.1, "weight_decay": 0.1, "decoupled": True}),
]


def loss_of(ball, table, pairs):
    rows = table(pairs)
    return (ball.dist(rows[:, 0], rows[:, 1]) ** 2).sum()


@pytest.mark.parametrize(("kind", "options"), KINDS)
def test_rows_that_are_always_used_move_as_in_a_dense_step(kind, options):
    ball, rng = PoincareBall(0.8), np.random.default_rng(0)
    tables = [gk.nn.Embedding(50, 4, rng=1, manifold=ball, sparse=sparse, dtype=np.float64) for sparse in (True, False)]
    for table in tables:
        table.weight.data[...] = ball.expmap0(0.3 * np.random.default_rng(2).standard_normal((50, 4)))
    start = tables[0].weight.data.copy()
    used = rng.permutation(np.repeat(np.arange(10, 30), 3))[:60].reshape(30, 2)
    optimizers = [kind([table.weight], **options) for table in tables]
    for _ in range(5):
        for table, optimizer in zip(tables, optimizers, strict=True):
            optimizer.zero_grad()
            loss_of(ball, table, used).backward()
            optimizer.step()
    assert np.allclose(tables[0].weight.data[10:30], tables[1].weight.data[10:30], rtol=1e-12, atol=1e-14)
    assert np.array_equal(np.delete(tables[0].weight.data, np.s_[10:30], 0), np.delete(start, np.s_[10:30], 0))
    for name, value in optimizers[0].state[tables[0].weight].items():
        assert name == "step" or value.shape == optimizers[0].state_shape(name, tables[0].weight)


@pytest.mark.parametrize(("kind", "options"), KINDS[:5])
def test_a_row_outside_stops_the_step_before_any_moves(kind, options):
    ball = PoincareBall()
    table = gk.nn.Embedding(6, 2, rng=0, manifold=ball, sparse=True)
    table.weight.data[4] = 2.0
    table.weight.grad = gk.autograd.RowGradient(np.array([1, 4]), np.ones((2, 2), np.float32), (6, 2))
    before = table.weight.data.copy()
    with pytest.raises(DomainError, match="lies outside"):
        kind([table.weight], **options).step()
    assert np.array_equal(table.weight.data, before)

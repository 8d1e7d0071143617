"""The losses: by hand, against Python's own floats, and against central differences."""

import math

import numpy as np
import pytest

import geomkern as gk
from geomkern import nn
from geomkern.errors import DomainError, DTypeError, ShapeError
from geomkern.nn import functional as F

RNG = np.random.default_rng(7)

# ------------------------------------------------------------------------------------------------------ mean squares


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("shape", [(), (4,), (2, 3)])
def test_mse(reduction, shape):
    x, y = RNG.normal(size=shape), RNG.normal(size=shape)
    wanted = {"none": (x - y) ** 2, "sum": ((x - y) ** 2).sum(), "mean": ((x - y) ** 2).mean()}[reduction]
    np.testing.assert_allclose(F.mse_loss(x, y, reduction), wanted, rtol=1e-14)
    np.testing.assert_allclose(nn.MSELoss(reduction)(x, y), wanted, rtol=1e-14)
    gk.gradcheck(lambda a, b: F.mse_loss(a, b, reduction), x, y)


def test_mse_edges():
    assert F.mse_loss(np.float32([1.0]), np.float32([3.0])).dtype == np.float32
    assert F.mse_loss([1, 2], [1, 4]) == 2.0
    assert math.isnan(F.mse_loss(np.ones(0), np.ones(0)))
    assert F.mse_loss(np.ones(0), np.ones(0), "sum") == 0.0
    assert math.isnan(F.mse_loss(np.array([1.0, np.nan]), np.ones(2)))
    with pytest.raises(ShapeError, match=r"not \(2, 1\) and \(2,\)"):
        F.mse_loss(np.ones((2, 1)), np.ones(2))
    with pytest.raises(DomainError, match="not 'average'"):
        F.mse_loss(np.ones(2), np.ones(2), "average")
    with pytest.raises(DomainError, match="MSELoss needs a reduction"):
        nn.MSELoss("average")
    with pytest.raises(DTypeError, match="complex128"):
        F.mse_loss(np.ones(2, complex), np.ones(2))


# ----------------------------------------------------------------------------------------------------- cross-entropy


def cross_entropy_oracle(x, y, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    """Row by row with Python's floats, as PyTorch documents it."""
    classes = x.shape[-1]
    weight = [1.0] * classes if weight is None else weight
    losses, norm = [], 0.0
    for row, label in zip(x.reshape(-1, classes).tolist(), y.ravel().tolist(), strict=True):
        if label == ignore_index:
            losses.append(0.0)
            continue
        top = max(row)
        log_p = [v - top - math.log(math.fsum(math.exp(u - top) for u in row)) for v in row]
        smooth = -sum(w * v for w, v in zip(weight, log_p, strict=True)) / classes
        losses.append((1 - label_smoothing) * -weight[label] * log_p[label] + label_smoothing * smooth)
        norm += weight[label]
    total = sum(losses)
    return {"none": np.reshape(losses, y.shape), "sum": total, "mean": total / norm if norm else math.nan}[reduction]


CE_OPTIONS = [
    {},
    {"weight": np.array([0.5, 2.0, 1.0, 0.0])},
    {"label_smoothing": 0.2},
    {"label_smoothing": 1.0},
    {"ignore_index": 2},
    {"ignore_index": 2, "label_smoothing": 0.1, "weight": np.array([0.5, 2.0, 1.0, 0.25])},
]


@pytest.mark.parametrize("options", CE_OPTIONS)
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("shape", [(), (5,), (2, 3)])
def test_cross_entropy(options, reduction, shape):
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(*shape, 4)) * 3, np.asarray(rng.integers(0, 4, size=shape))
    if shape:
        y.flat[:2] = [2, 0]
    wanted = cross_entropy_oracle(x, y, reduction=reduction, **options)
    np.testing.assert_allclose(F.cross_entropy(x, y, reduction=reduction, **options), wanted, rtol=1e-12)
    np.testing.assert_allclose(nn.CrossEntropyLoss(reduction=reduction, **options)(x, y), wanted, rtol=1e-12)
    gk.gradcheck(lambda scores: F.cross_entropy(scores, y, reduction=reduction, **options), x)


def test_every_option_of_cross_entropy_changes_the_result():
    x, y = RNG.normal(size=(6, 4)), np.array([0, 1, 2, 3, 2, 1])
    plain = F.cross_entropy(x, y)
    others = [F.cross_entropy(x, y, **options) for options in CE_OPTIONS[1:]] + [F.cross_entropy(x, y, reduction="sum")]
    assert all(abs(other - plain) > 1e-3 for other in others)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cross_entropy_of_extreme_scores(dtype):
    x = gk.tensor(np.array([[1e4, -1e4, 0.0], [-1e4, 1e4, 0.0], [1e4, 1e4, 1e4]], dtype), requires_grad=True)
    losses = F.cross_entropy(x, [0, 0, 1], reduction="none")
    assert losses.dtype == dtype
    np.testing.assert_allclose(losses.data, [0.0, 2e4, math.log(3.0)], rtol=1e-6)
    losses.sum().backward()
    third = 1 / 3
    np.testing.assert_allclose(x.grad.data, [[0, 0, 0], [-1, 1, 0], [third, third - 1, third]], rtol=1e-6, atol=1e-7)


def test_cross_entropy_of_masked_and_broken_scores():
    inf = np.inf
    x = gk.tensor(np.array([[0.0, -inf, 0.0], [-inf, 0.0, 0.0], [np.nan, 0.0, 0.0], [np.nan] * 3]), requires_grad=True)
    losses = F.cross_entropy(x, [0, 0, 1, -100], reduction="none")
    np.testing.assert_allclose(losses.data, [math.log(2.0), inf, np.nan, 0.0])
    losses.backward(np.ones(4))
    np.testing.assert_allclose(x.grad.data[0], [-0.5, 0.0, 0.5])
    assert np.isnan(x.grad.data[2]).all()
    assert not x.grad.data[3].any()


def test_cross_entropy_of_nothing():
    x = gk.tensor(np.ones((2, 3)), requires_grad=True)
    loss = F.cross_entropy(x, [-100, -100])
    assert math.isnan(loss.item())
    loss.backward()
    assert not x.grad.data.any()
    assert F.cross_entropy(x, [-100, -100], reduction="sum").item() == 0.0
    assert math.isnan(F.cross_entropy(np.ones((0, 3)), np.zeros(0, int)))
    assert F.cross_entropy(np.ones((2, 0, 3)), np.zeros((2, 0), int), reduction="none").shape == (2, 0)


def test_cross_entropy_refuses_what_does_not_fit():
    x, y = np.ones((2, 3)), np.array([0, 1])
    with pytest.raises(ShapeError, match=r"not \(2, 3\) and \(3,\)"):
        F.cross_entropy(x, [0, 1, 2])
    with pytest.raises(ShapeError, match="scores"):
        F.cross_entropy(np.ones((2, 0)), y)
    with pytest.raises(ShapeError, match="weight of shape"):
        F.cross_entropy(x, y, np.ones(2))
    with pytest.raises(DTypeError, match="integer classes, not float64"):
        F.cross_entropy(x, [0.0, 1.0])
    with pytest.raises(DTypeError, match="float32 or float64, not float16"):
        F.cross_entropy(x.astype(np.float16), y)
    for wrong in (3, -1):
        with pytest.raises(DomainError, match=f"classes from 0 to 2 or ignore_index=-100, not {wrong}"):
            F.cross_entropy(x, [0, wrong])
    with pytest.raises(DomainError, match="label_smoothing"):
        F.cross_entropy(x, y, label_smoothing=1.5)
    with pytest.raises(DomainError, match="reduction"):
        F.cross_entropy(x, y, reduction="max")
    with pytest.raises(DomainError, match="reduction"):
        nn.CrossEntropyLoss(reduction="max")
    with pytest.raises(DomainError, match="label_smoothing"):
        nn.CrossEntropyLoss(label_smoothing=-0.1)


def test_cross_entropy_weight_is_a_buffer():
    loss = nn.CrossEntropyLoss(np.array([1.0, 2.0]))
    assert list(loss.state_dict()) == ["weight"]
    assert not list(loss.parameters())
    assert isinstance(loss(np.ones((1, 2)), np.array([0])), np.floating)
    assert not nn.CrossEntropyLoss().state_dict()

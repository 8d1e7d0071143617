"""Flat space has the vocabulary of the curved ones."""

import numpy as np
import pytest

import geomkern as gk
from geomkern.errors import ShapeError
from geomkern_manifold import Euclidean, PoincareBall, ProductManifold

EXPECTED = {
    "dist": (lambda s, x, y, v: s.dist(x, y), lambda x, y, v: np.linalg.norm(x - y, axis=-1)),
    "dist0": (lambda s, x, y, v: s.dist0(x), lambda x, y, v: np.linalg.norm(x, axis=-1)),
    "inner": (lambda s, x, y, v: s.inner(x, y, v), lambda x, y, v: (y * v).sum(-1)),
    "norm": (lambda s, x, y, v: s.norm(x, v), lambda x, y, v: np.linalg.norm(v, axis=-1)),
    "expmap": (lambda s, x, y, v: s.expmap(x, v), lambda x, y, v: x + v),
    "logmap": (lambda s, x, y, v: s.logmap(x, y), lambda x, y, v: y - x),
    "expmap0": (lambda s, x, y, v: s.expmap0(v), lambda x, y, v: v),
    "logmap0": (lambda s, x, y, v: s.logmap0(y), lambda x, y, v: y),
    "geodesic": (lambda s, x, y, v: s.geodesic(0.3, x, y), lambda x, y, v: 0.7 * x + 0.3 * y),
    "transp": (lambda s, x, y, v: s.transp(x, y, v), lambda x, y, v: v),
    "transp0": (lambda s, x, y, v: s.transp0(y, v), lambda x, y, v: v),
    "retr": (lambda s, x, y, v: s.retr(x, v), lambda x, y, v: x + v),
    "egrad2rgrad": (lambda s, x, y, v: s.egrad2rgrad(x, v), lambda x, y, v: v),
    "projx": (lambda s, x, y, v: s.projx(x), lambda x, y, v: x),
}
every_method = pytest.mark.parametrize("method", EXPECTED)


@every_method
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("d", [1, 3, 20])
def test_values(method, d, dtype):
    operands = np.random.default_rng(0).standard_normal((3, 5, d)).astype(dtype)
    found, expected = (f(*extra, *operands) for f, extra in zip(EXPECTED[method], ((Euclidean(),), ()), strict=True))
    assert found.dtype == dtype
    assert np.allclose(found, expected, rtol=4 * np.finfo(dtype).eps, atol=4 * np.finfo(dtype).eps)


@every_method
def test_gradients(method):
    operands = np.random.default_rng(1).standard_normal((3, 4, 3))

    def function(x, y, v):
        return EXPECTED[method][0](Euclidean(), x, y, v) + 0 * (x.sum() + y.sum() + v.sum())

    assert gk.gradcheck(function, *operands)


@every_method
def test_nan_stays_nan(method):
    operands = np.random.default_rng(2).standard_normal((3, 4, 3))
    operands[:, 2] = np.nan
    out = EXPECTED[method][0](Euclidean(), *operands)
    assert np.isnan(out[2]).all()
    assert np.isfinite(np.delete(out, 2, 0)).all()


def test_subgradients_are_zero():
    x = gk.tensor(np.ones(3), requires_grad=True)
    Euclidean().dist(x, np.ones(3)).backward()
    assert np.all(x.grad.data == 0)


def test_a_part_of_a_product():
    space = ProductManifold((Euclidean(), 3), (PoincareBall(0.5), 2))
    x, y = space.random(4, 5, rng=0, dtype=np.float64), space.random(4, 5, rng=1, dtype=np.float64)
    flat, ball = np.linalg.norm((x - y)[:, :3], axis=-1), PoincareBall(0.5).dist(x[:, 3:], y[:, 3:])
    assert np.allclose(space.dist(x, y), np.hypot(flat, ball))
    assert np.allclose(space.expmap(x, space.logmap(x, y)), y)


def test_the_object():
    assert Euclidean() == Euclidean() != PoincareBall()
    assert len({Euclidean(), Euclidean()}) == 1
    assert repr(Euclidean()) == "Euclidean()"
    assert Euclidean().random(3, 2, rng=0).shape == (3, 2)
    assert np.array_equal(Euclidean().origin(2, 3), np.zeros((2, 3)))
    with pytest.raises(ShapeError, match="dist: the shapes"):
        Euclidean().dist(np.zeros(2), np.zeros(3))

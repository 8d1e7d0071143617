"""The linear layer of fully hyperbolic networks."""

import numpy as np
import pytest

import geomkern as gk
from geomkern.errors import DomainError, DTypeError, ShapeError
from geomkern_manifold import Lorentz, LorentzLinear, PoincareBall


def layer_and_points(c=0.7, dtype=np.float64, seed=0):
    layer = LorentzLinear(4, 3, Lorentz(c), dtype=dtype, rng=seed)
    layer.bias.data[...] = np.random.default_rng(seed).uniform(-0.3, 0.3, 4)
    return layer, np.random.default_rng(seed + 1).standard_normal((6, 4)).astype(dtype)


@pytest.mark.parametrize("c", [0.3, 1.0, 4.0])
def test_has_the_time_and_the_direction_that_the_matrix_gives(c):
    layer, x = layer_and_points(c)
    lifted = np.concatenate([np.sqrt(1 / c + (x * x).sum(-1, keepdims=True)), x], -1)
    z = lifted @ layer.weight.data.T + layer.bias.data
    time = (1.1 + 10 / (1 + np.exp(-z[:, 0]))) / np.sqrt(c)
    y = layer(x).data
    assert np.allclose(layer.manifold.lift(y)[:, 0], time, rtol=1e-12)
    assert np.allclose(
        y / np.linalg.norm(y, axis=-1, keepdims=True), z[:, 1:] / np.linalg.norm(z[:, 1:], axis=-1, keepdims=True)
    )


@pytest.mark.parametrize("learns", [True, False])
def test_conformance(learns):
    def factory():
        layer = LorentzLinear(4, 3, Lorentz(gk.nn.Parameter(0.7) if learns else 0.7), rng=0)
        layer.bias.data[...] = [0.1, -0.2, 0.3, 0.2]
        return layer

    _, x = layer_and_points()
    gk.testing.check_layer(factory, x)
    gk.testing.check_layer(factory, x.reshape(2, 3, 4))


def test_shapes_and_types():
    layer, x = layer_and_points(dtype=np.float32)
    assert layer(x).data.dtype == np.float32
    assert layer(x[0]).shape == (3,)
    assert layer(x[:0]).shape == (0, 3)
    x[1, 0] = np.nan
    assert np.array_equal(np.isnan(layer(x).data).all(-1), np.arange(6) == 1)


def test_without_a_direction_the_result_is_the_origin():
    layer, x = layer_and_points()
    layer.weight.data[...] = layer.bias.data[...] = 0
    layer(x).sum().backward()
    assert np.all(layer(x).data == 0)
    assert np.isfinite(layer.weight.grad.data).all()


def test_bad_arguments():
    with pytest.raises(DTypeError, match="LorentzLinear knows the models lorentz, not PoincareBall"):
        LorentzLinear(4, 3, PoincareBall())
    with pytest.raises(DomainError, match="features of at least 1, not 4 and 0"):
        LorentzLinear(4, 0)
    with pytest.raises(ShapeError, match=r"x \(..., in\) and a weight \(out, in\)"):
        LorentzLinear(4, 3, rng=0)(np.zeros((5, 3)))
    assert repr(LorentzLinear(4, 3)) == "LorentzLinear(in_features=4, out_features=3, manifold=Lorentz(c=1.0))"

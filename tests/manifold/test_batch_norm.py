"""Batch normalisation on the ball and in Lorentz's model."""

import numpy as np
import pytest

import geomkern as gk
from geomkern.errors import DomainError, DTypeError, ShapeError
from geomkern_manifold import HyperbolicBatchNorm, Klein, Lorentz, PoincareBall

MODELS = [PoincareBall, Lorentz]


def batch(manifold, n=40, d=3, seed=0, dtype=np.float64):
    """Points around one that is not the origin."""
    rng = np.random.default_rng(seed)
    centre = manifold.expmap0(np.array([0.6, -0.3, 0.2])[:d])
    return manifold.expmap(centre, 0.3 * rng.standard_normal((n, d))).astype(dtype)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("c", [0.3, 2.0])
def test_results_have_the_learnt_mean_and_deviation(model, c):
    manifold = model(c)
    layer = HyperbolicBatchNorm(3, manifold, eps=0.0, dtype=np.float64)
    layer.weight.data[...], layer.bias.data[...] = 0.7, [0.2, 0.1, -0.3]
    y = layer(batch(manifold)).data
    target = manifold.expmap0(layer.bias.data)
    assert np.allclose(manifold.frechet_mean(y), target, atol=1e-10)
    assert np.isclose((manifold.dist(y, target) ** 2).mean(), 0.7**2)


@pytest.mark.parametrize("mean", ["frechet", "midpoint"])
def test_is_the_same_layer_in_both_charts(mean):
    c = 0.8
    ball, lorentz = PoincareBall(c), Lorentz(c)
    layers = [HyperbolicBatchNorm(3, manifold, mean, dtype=np.float64) for manifold in (ball, lorentz)]
    layers[0].bias.data[...] = [0.2, 0.1, -0.3]
    layers[1].bias.data[...] = 2 * layers[0].bias.data  # a tangent vector v of the ball has the length 2|v|
    x = batch(ball)
    for _ in range(2):  # trained, and not
        y, z = layers[0](x).data, layers[1](ball.convert(x, "lorentz")).data
        assert np.allclose(ball.convert(y, "lorentz"), z, rtol=1e-9, atol=1e-11)
        for layer in layers:
            layer.eval()


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("mean", ["frechet", "midpoint"])
@pytest.mark.parametrize("trained", [True, False])
def test_conformance(model, mean, trained):
    def factory():
        layer = HyperbolicBatchNorm(3, model(gk.nn.Parameter(0.7)), mean)
        layer.bias.data[...], layer.running_mean.data[...] = [0.2, 0.1, -0.3], [0.1, 0.2, 0.1]
        return layer.train(trained)

    x = batch(model(0.7), n=6)
    gk.testing.check_layer(factory, x, rtol=1e-4, atol=1e-6)
    gk.testing.check_layer(factory, x.reshape(2, 3, 3), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("model", MODELS)
def test_running_statistics_follow_the_batches(model):
    manifold = model(1.0)
    layer, x = HyperbolicBatchNorm(3, manifold, momentum=0.5, dtype=np.float64), batch(manifold)
    mean = manifold.frechet_mean(x)
    variance = (manifold.dist(x, mean) ** 2).mean()
    layer(x)
    assert np.allclose(layer.running_mean.data, manifold.geodesic(0.5, np.zeros(3), mean))
    assert np.isclose(layer.running_var.item(), 0.5 + 0.5 * variance)
    for _ in range(60):
        layer(x)
    trained = layer(x).data
    assert np.allclose(layer.eval()(x).data, trained, rtol=1e-9, atol=1e-11)
    before = layer.running_mean.data.copy()
    layer(x[:5])
    assert np.array_equal(layer.running_mean.data, before)
    assert {"weight", "bias", "running_mean", "running_var"} == set(layer.state_dict())


def test_one_point_goes_to_the_learnt_mean():
    layer = HyperbolicBatchNorm(3, dtype=np.float64)
    layer.bias.data[...] = [0.2, 0.1, -0.3]
    assert np.allclose(layer(np.full((1, 3), 0.3)).data, PoincareBall().expmap0(layer.bias.data))


def test_types():
    x = batch(PoincareBall(), dtype=np.float32)
    assert HyperbolicBatchNorm(3)(x).data.dtype == np.float32
    with gk.no_grad():
        assert isinstance(HyperbolicBatchNorm(3)(x), np.ndarray)


def test_bad_arguments():
    with pytest.raises(DTypeError, match="knows the models poincare, lorentz, not Klein"):
        HyperbolicBatchNorm(3, Klein())
    with pytest.raises(DomainError, match='the mean "frechet" or "midpoint", not \'median\''):
        HyperbolicBatchNorm(3, mean="median")
    with pytest.raises(DomainError, match="momentum in"):
        HyperbolicBatchNorm(3, momentum=2.0)
    with pytest.raises(DomainError, match="features of at least 1"):
        HyperbolicBatchNorm(0)
    for shape in ((3,), (4, 2)):
        with pytest.raises(ShapeError, match=r"needs points \(..., n, 3\)"):
            HyperbolicBatchNorm(3)(np.zeros(shape))

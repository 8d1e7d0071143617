import copy
import pickle

import numpy as np
import oracle
import pytest
from samples import directions, points

import geomkern as gk
from geomkern.errors import DomainError, DTypeError, FormatError, ShapeError
from geomkern_manifold import HyperbolicLinear, Lorentz, PoincareBall, RiemannianAdam
from geomkern_manifold.kernels import reference


def layer_with(weight, bias, c=1.0):
    layer = HyperbolicLinear(*weight.shape[::-1], PoincareBall(c), dtype=np.float64, rng=0)
    layer.weight.data[...] = weight
    layer.bias.data[...] = bias
    return layer


@pytest.mark.parametrize("c", [0.1, 1.0, 30.0])
def test_identity_and_no_translation_change_nothing(c):
    x = points(np.random.default_rng(0), 20, 5, c, np.float64)
    assert np.allclose(layer_with(np.eye(5), np.zeros(5), c)(x).data, x, rtol=1e-14, atol=0)


def tangent_vectors(rng, n, d, c):
    return 0.7 * points(rng, n, d, c, np.float64)


@pytest.mark.parametrize("c", [0.1, 1.0, 30.0])
def test_is_a_matrix_on_the_tangent_space_and_a_translation(c):
    rng = np.random.default_rng(1)
    x, bias, weight = points(rng, 20, 5, c, np.float64), tangent_vectors(rng, 1, 3, c)[0], rng.standard_normal((3, 5))
    image = reference.poincare_logmap0(x, c) @ weight.T
    translated = reference.poincare_mobius_add(
        reference.poincare_expmap0(image, c), reference.poincare_expmap0(bias, c), c
    )
    layer = layer_with(weight, bias, c)
    assert np.allclose(layer(x).data, translated, rtol=1e-12, atol=1e-14)
    layer.kind = "tangent"
    assert np.allclose(layer(x).data, reference.poincare_expmap0(image + bias, c), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", ["mobius", "tangent", None])
def test_one_pass_equals_the_chain_of_operations(kind, dtype):
    rng = np.random.default_rng(9)
    ball, x = PoincareBall(0.8), points(rng, 40, 64, 0.8, dtype)
    layer = HyperbolicLinear(64, 20, ball, kind, dtype=dtype, rng=0)
    tolerance = 1e-6 if dtype == np.float32 else 1e-12
    image = gk.nn.functional.linear(ball.logmap0(x), layer.weight.data)
    if kind:
        layer.bias.data[...] = 0.3 * points(rng, 1, 20, 0.8, dtype)[0]
    expected = ball.expmap0(image + layer.bias.data if kind == "tangent" else image)
    if kind == "mobius":
        expected = ball.mobius_add(expected, ball.expmap0(layer.bias.data))
    assert np.abs(layer(x).data - expected).max() < tolerance * np.abs(expected).max()


@pytest.mark.parametrize("kind", ["mobius", "tangent", None])
@pytest.mark.parametrize("c", [0.3, 2.0])
def test_is_the_same_layer_in_the_chart_of_lorentz(kind, c):
    rng = np.random.default_rng(10)
    layers = [HyperbolicLinear(5, 3, model(c), kind, dtype=np.float64, rng=0) for model in (PoincareBall, Lorentz)]
    if kind:
        layers[0].bias.data[...] = tangent_vectors(rng, 1, 3, c)[0]
        layers[1].bias.data[...] = 2 * layers[0].bias.data  # a tangent vector v of the ball has the length 2|v|
    x = points(rng, 20, 5, c, np.float64)

    def lorentz(y):
        return 2 * y / (1 - c * (y * y).sum(-1, keepdims=True))

    assert np.allclose(layers[1](lorentz(x)).data, lorentz(layers[0](x).data), rtol=1e-11, atol=1e-13)


def test_against_exact_arithmetic():
    """Up to 1e-9 from the boundary, where the logarithm is long: the error is that of the matrix product."""
    rng = np.random.default_rng(11)
    for gap in (0.5, 1e-3, 1e-6, 1e-9):
        x = directions(rng, 3, 4) * (1 - gap)
        layer = layer_with(0.4 * rng.standard_normal((3, 4)), 0.2 * rng.standard_normal(3))
        image = oracle.rows("mobius_matvec", "poincare", layer.weight.data, x, c=1.0)
        bias = oracle.rows("expmap0", "poincare", layer.bias.data, c=1.0)
        expected = oracle.rows("mobius_add", "poincare", image, bias, c=1.0)
        assert np.allclose(layer(x).data, expected, rtol=1e-13, atol=1e-15)


def test_results_far_out_stay_inside():
    layer = layer_with(100.0 * np.eye(3), np.array([0.5, 0.0, 0.0]))
    x = points(np.random.default_rng(12), 20, 3, 1.0, np.float64)
    y = layer(gk.tensor(x, requires_grad=True))
    PoincareBall().check_point(y)
    y.sum().backward()
    assert np.isfinite(layer.weight.grad.data).all()
    assert np.isfinite(layer.bias.grad.data).all()


def test_without_a_bias():
    layer = HyperbolicLinear(5, 3, bias=None, rng=0)
    x = points(np.random.default_rng(2), 4, 5, 1.0, np.float32)
    assert layer.bias is None
    assert list(layer.state_dict()) == ["weight"]
    assert np.allclose(layer(x).data, PoincareBall().mobius_matvec(layer.weight.data, x), rtol=1e-6)


def test_maps_the_last_axis_whatever_leads():
    layer = HyperbolicLinear(5, 3, rng=0)
    x = points(np.random.default_rng(3), 24, 5, 1.0, np.float32)
    flat = layer(x).data
    assert np.allclose(layer(x.reshape(2, 3, 4, 5)).data.reshape(24, 3), flat, rtol=1e-5, atol=1e-7)
    assert layer(x[0]).shape == (3,)
    assert layer(x[:0]).shape == (0, 3)
    assert flat.dtype == np.float32


@pytest.mark.parametrize("model", [PoincareBall, Lorentz])
@pytest.mark.parametrize("kind", ["mobius", "tangent", None])
@pytest.mark.parametrize("learns", [True, False])
def test_conformance(model, kind, learns):
    def factory():
        layer = HyperbolicLinear(3, 2, model(gk.nn.Parameter(0.7) if learns else 0.7), kind, rng=0)
        if kind:
            layer.bias.data[...] = [0.2, -0.3]
        return layer

    x = points(np.random.default_rng(5), 4, 3, 0.7, np.float64)
    gk.testing.check_layer(factory, x)
    gk.testing.check_layer(factory, x.reshape(2, 2, 3))


class TestState:
    def test_keys_are_those_of_a_linear_layer(self):
        assert list(HyperbolicLinear(3, 2, rng=0).state_dict()) == list(gk.nn.Linear(3, 2, rng=0).state_dict())

    def test_goes_through_a_file(self, tmp_path):
        first, second = (HyperbolicLinear(3, 2, gk.nn.Parameter(0.7), rng=seed) for seed in (0, 1))
        first.bias.data[...] = [0.2, -0.3]
        first.c.data[...] = 0.4
        gk.save(first.state_dict(), tmp_path / "layer.npz")
        second.load_state_dict(gk.load(tmp_path / "layer.npz"))
        x = points(np.random.default_rng(6), 4, 3, 0.7, np.float32)
        assert np.array_equal(first(x).data, second(x).data)
        assert second.manifold.c is second.c

    def test_does_not_fit_another_shape(self):
        with pytest.raises(FormatError, match=r"weight float32 \(2, 3\) for float32 \(2, 4\)"):
            HyperbolicLinear(4, 2, rng=0).load_state_dict(HyperbolicLinear(3, 2, rng=0).state_dict())

    @pytest.mark.parametrize("clone", [copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer))])
    def test_copies_are_whole_and_their_own(self, clone):
        layer = HyperbolicLinear(3, 2, gk.nn.Parameter(0.7), rng=0)
        other = clone(layer)
        x = points(np.random.default_rng(7), 4, 3, 0.7, np.float32)
        expected = layer(x).data
        assert np.array_equal(other(x).data, expected)
        assert other.c is other.manifold.c
        other.c.data[...] = 0.3
        other.weight.data[...] = 0
        assert np.array_equal(layer(x).data, expected)


class TestParameters:
    def test_initial_values(self):
        layer = HyperbolicLinear(64, 50, PoincareBall(2.0), rng=0)
        assert layer.weight.shape == (50, 64)
        assert np.abs(layer.weight.data).max() <= 1 / 8
        assert np.isclose(layer.weight.data.std(), 1 / 8 / np.sqrt(3), rtol=0.05)
        assert np.all(layer.bias.data == 0)
        assert layer.weight.manifold is None
        assert layer.weight.dtype == layer.bias.dtype == np.float32
        assert HyperbolicLinear(2, 2, dtype=np.float64).bias.dtype == np.float64

    def test_a_seed_repeats(self):
        weights = [HyperbolicLinear(3, 2, rng=seed).weight.data for seed in (0, 0, 1)]
        assert np.array_equal(weights[0], weights[1])
        assert not np.array_equal(weights[0], weights[2])

    def test_learnable_curvature_is_one_of_them(self):
        c = gk.nn.Parameter(0.7)
        ball = PoincareBall(c)
        net = gk.nn.Sequential(HyperbolicLinear(3, 4, ball, rng=0), HyperbolicLinear(4, 2, ball, rng=1))
        assert sum(parameter is c for parameter in net.parameters()) == 1
        assert {"0.c", "1.c"} <= set(net.state_dict())
        assert not hasattr(HyperbolicLinear(3, 2, 0.7), "c")
        fixed = HyperbolicLinear(3, 2, gk.tensor(0.7))
        assert [name for name, _ in fixed.named_parameters()] == ["weight", "bias"]

    def test_all_of_them_learn(self):
        """Two clusters around antipodal points, told apart by a layer whose curvature learns as well."""
        rng = np.random.default_rng(8)
        ball = PoincareBall(gk.nn.Parameter(1.0))
        centres = np.array([[0.5, 0.2], [-0.5, -0.2]], np.float32)
        labels = rng.integers(0, 2, 64)
        x = (centres[labels] + 0.05 * rng.standard_normal((64, 2))).astype(np.float32)
        layer = HyperbolicLinear(2, 2, ball, rng=0)
        start = {name: parameter.data.copy() for name, parameter in layer.named_parameters()}
        optimizer = RiemannianAdam(layer.parameters(), lr=0.02)
        losses = []
        for _ in range(60):
            optimizer.zero_grad()
            loss = (ball.dist(layer(x), np.array([[0.0, 0.8], [0.8, 0.0]], np.float32)[labels]) ** 2).mean()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        assert losses[-1] < 0.1 * losses[0]
        assert set(start) == {"c", "weight", "bias"}
        assert all(np.all(layer.state_dict()[name].data != value) for name, value in start.items())


class TestErrors:
    @pytest.mark.parametrize(("sizes"), [(0, 3), (3, 0), (-1, 3)])
    def test_sizes(self, sizes):
        with pytest.raises(DomainError, match="HyperbolicLinear needs features of at least 1, not"):
            HyperbolicLinear(*sizes)

    def test_curvature(self):
        with pytest.raises(DomainError, match="c > 0"):
            HyperbolicLinear(3, 2, -1.0)
        with pytest.raises(ShapeError, match=r"needs one c for all points, not an array of shape \(2,\)"):
            HyperbolicLinear(3, 2, PoincareBall(np.ones(2)))

    def test_bias_and_model(self):
        with pytest.raises(DomainError, match='the bias "mobius", "tangent" or None, not True'):
            HyperbolicLinear(3, 2, bias=True)

        class Disk(PoincareBall):
            model = "disk"

        with pytest.raises(DTypeError, match="knows the models poincare, lorentz, not Disk"):
            HyperbolicLinear(3, 2, Disk())

    def test_points(self):
        layer = HyperbolicLinear(3, 2, rng=0)
        with pytest.raises(ShapeError, match=r"x \(..., in\) and a weight \(out, in\), not \(5, 4\) and \(2, 3\)"):
            layer(np.zeros((5, 4)))
        with pytest.raises(DomainError, match=r"x\[1\] lies outside the ball"):
            layer(np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 0.0]]))

    def test_nan_stays_nan(self):
        layer, x = HyperbolicLinear(3, 2, rng=0), np.zeros((3, 3), np.float32)
        x[1, 0] = np.nan
        assert np.array_equal(np.isnan(layer(x).data).all(-1), [False, True, False])


def test_representation():
    assert repr(HyperbolicLinear(3, 2, 0.5)) == (
        "HyperbolicLinear(in_features=3, out_features=2, manifold=PoincareBall(c=0.5), bias=mobius)"
    )


def test_arrays_without_gradients_give_arrays():
    layer, x = HyperbolicLinear(3, 2, gk.nn.Parameter(0.7), rng=0), np.full((4, 3), 0.1, np.float32)
    with gk.no_grad():
        out = layer(x)
    assert isinstance(out, np.ndarray)
    assert np.array_equal(out, layer(x).data)

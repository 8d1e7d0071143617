import copy
import pickle

import numpy as np
import pytest
from samples import points

import geomkern as gk
from geomkern.errors import DomainError, FormatError, ShapeError
from geomkern_manifold import PoincareBall, PoincareLinear, RiemannianAdam
from geomkern_manifold.kernels import reference


def layer_with(weight, bias, c=1.0):
    layer = PoincareLinear(*weight.shape[::-1], PoincareBall(c), dtype=np.float64, rng=0)
    layer.weight.data[...] = weight
    layer.bias.data[...] = bias
    return layer


@pytest.mark.parametrize("c", [0.1, 1.0, 30.0])
def test_identity_and_no_translation_change_nothing(c):
    x = points(np.random.default_rng(0), 20, 5, c, np.float64)
    assert np.allclose(layer_with(np.eye(5), np.zeros(5), c)(x).data, x, rtol=1e-14, atol=0)


@pytest.mark.parametrize("c", [0.1, 1.0, 30.0])
def test_is_a_matrix_on_the_tangent_space_and_a_translation(c):
    rng = np.random.default_rng(1)
    x, weight, bias = (
        points(rng, 20, 5, c, np.float64),
        rng.standard_normal((3, 5)),
        points(rng, 1, 3, c, np.float64)[0],
    )
    expected = reference.poincare_mobius_add(
        reference.poincare_expmap0(reference.poincare_logmap0(x, c) @ weight.T, c), bias, c
    )
    assert np.allclose(layer_with(weight, bias, c)(x).data, expected, rtol=1e-12, atol=1e-14)


def test_without_a_translation():
    layer = PoincareLinear(5, 3, bias=False, rng=0)
    x = points(np.random.default_rng(2), 4, 5, 1.0, np.float32)
    assert layer.bias is None
    assert list(layer.state_dict()) == ["weight"]
    assert np.array_equal(layer(x).data, PoincareBall().mobius_matvec(layer.weight.data, x))


def test_maps_the_last_axis_whatever_leads():
    layer = PoincareLinear(5, 3, rng=0)
    x = points(np.random.default_rng(3), 24, 5, 1.0, np.float32)
    flat = layer(x).data
    assert np.allclose(layer(x.reshape(2, 3, 4, 5)).data.reshape(24, 3), flat, rtol=1e-5, atol=1e-7)
    assert layer(x[0]).shape == (3,)
    assert layer(x[:0]).shape == (0, 3)
    assert flat.dtype == np.float32


def test_gradients():
    rng = np.random.default_rng(4)
    x, weight, bias = (
        points(rng, 4, 3, 1.5, np.float64),
        rng.standard_normal((2, 3)),
        points(rng, 1, 2, 1.5, np.float64)[0],
    )

    def function(x, weight, bias, c):
        ball = PoincareBall(c)
        return ball.mobius_add(ball.mobius_matvec(weight, x), bias)

    assert gk.gradcheck(function, x, weight, bias, np.array(1.5))

    layer = PoincareLinear(3, 2, PoincareBall(gk.nn.Parameter(np.array(1.5))), dtype=np.float64)
    layer.weight.data[...], layer.bias.data[...] = weight, bias
    given = gk.tensor(x, requires_grad=True)
    layer(given).sum().backward()
    leaves = [gk.tensor(value, requires_grad=True) for value in (x, weight, bias, np.array(1.5))]
    function(*leaves).sum().backward()
    for found, leaf in zip((given, layer.weight, layer.bias, layer.c), leaves, strict=True):
        assert np.array_equal(found.grad.data, leaf.grad.data)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("learns", [True, False])
def test_conformance(bias, learns):
    def factory():
        c = gk.nn.Parameter(0.7) if learns else 0.7
        layer = PoincareLinear(3, 2, PoincareBall(c), bias, rng=0)
        if bias:
            layer.bias.data[...] = [0.2, -0.3]
        return layer

    x = points(np.random.default_rng(5), 4, 3, 0.7, np.float64)
    gk.testing.check_layer(factory, x)
    gk.testing.check_layer(factory, x.reshape(2, 2, 3))


class TestState:
    def test_keys_are_those_of_a_linear_layer(self):
        assert list(PoincareLinear(3, 2, rng=0).state_dict()) == list(gk.nn.Linear(3, 2, rng=0).state_dict())

    def test_goes_through_a_file(self, tmp_path):
        first, second = (PoincareLinear(3, 2, gk.nn.Parameter(0.7), rng=seed) for seed in (0, 1))
        first.bias.data[...] = [0.2, -0.3]
        first.c.data[...] = 0.4
        gk.save(first.state_dict(), tmp_path / "layer.npz")
        second.load_state_dict(gk.load(tmp_path / "layer.npz"))
        x = points(np.random.default_rng(6), 4, 3, 0.7, np.float32)
        assert np.array_equal(first(x).data, second(x).data)
        assert second.ball.c is second.c

    def test_does_not_fit_another_shape(self):
        with pytest.raises(FormatError, match=r"weight float32 \(2, 3\) for float32 \(2, 4\)"):
            PoincareLinear(4, 2, rng=0).load_state_dict(PoincareLinear(3, 2, rng=0).state_dict())

    @pytest.mark.parametrize("clone", [copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer))])
    def test_copies_are_whole_and_their_own(self, clone):
        layer = PoincareLinear(3, 2, gk.nn.Parameter(0.7), rng=0)
        other = clone(layer)
        x = points(np.random.default_rng(7), 4, 3, 0.7, np.float32)
        expected = layer(x).data
        assert np.array_equal(other(x).data, expected)
        assert other.c is other.ball.c
        assert other.bias.manifold is other.ball
        other.c.data[...] = 0.3
        other.weight.data[...] = 0
        assert np.array_equal(layer(x).data, expected)


class TestParameters:
    def test_initial_values(self):
        layer = PoincareLinear(64, 50, PoincareBall(2.0), rng=0)
        assert layer.weight.shape == (50, 64)
        assert np.abs(layer.weight.data).max() <= 1 / 8
        assert np.isclose(layer.weight.data.std(), 1 / 8 / np.sqrt(3), rtol=0.05)
        assert np.all(layer.bias.data == 0)
        assert layer.weight.manifold is None
        assert layer.bias.manifold is layer.ball
        assert layer.weight.dtype == layer.bias.dtype == np.float32
        assert PoincareLinear(2, 2, dtype=np.float64).bias.dtype == np.float64

    def test_a_seed_repeats(self):
        weights = [PoincareLinear(3, 2, rng=seed).weight.data for seed in (0, 0, 1)]
        assert np.array_equal(weights[0], weights[1])
        assert not np.array_equal(weights[0], weights[2])

    def test_learnable_curvature_is_one_of_them(self):
        c = gk.nn.Parameter(0.7)
        ball = PoincareBall(c)
        net = gk.nn.Sequential(PoincareLinear(3, 4, ball, rng=0), PoincareLinear(4, 2, ball, rng=1))
        assert sum(parameter is c for parameter in net.parameters()) == 1
        assert {"0.c", "1.c"} <= set(net.state_dict())
        assert not hasattr(PoincareLinear(3, 2, 0.7), "c")
        fixed = PoincareLinear(3, 2, gk.tensor(0.7))
        assert [name for name, _ in fixed.named_parameters()] == ["weight", "bias"]

    def test_all_of_them_learn(self):
        """Two clusters around antipodal points, told apart by a layer whose curvature learns as well."""
        rng = np.random.default_rng(8)
        ball = PoincareBall(gk.nn.Parameter(1.0))
        centres = np.array([[0.5, 0.2], [-0.5, -0.2]], np.float32)
        labels = rng.integers(0, 2, 64)
        x = (centres[labels] + 0.05 * rng.standard_normal((64, 2))).astype(np.float32)
        layer = PoincareLinear(2, 2, ball, rng=0)
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
        with pytest.raises(DomainError, match="PoincareLinear needs features of at least 1, not"):
            PoincareLinear(*sizes)

    def test_curvature(self):
        with pytest.raises(DomainError, match="c > 0"):
            PoincareLinear(3, 2, -1.0)

    def test_points(self):
        layer = PoincareLinear(3, 2, rng=0)
        with pytest.raises(ShapeError, match=r"a matrix \(out, in\) and points \(..., in\), not \(2, 3\) and \(5, 4\)"):
            layer(np.zeros((5, 4)))
        with pytest.raises(DomainError, match=r"y\[1\] lies outside the ball"):
            layer(np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 0.0]]))

    def test_nan_stays_nan(self):
        layer, x = PoincareLinear(3, 2, rng=0), np.zeros((3, 3), np.float32)
        x[1, 0] = np.nan
        assert np.array_equal(np.isnan(layer(x).data).all(-1), [False, True, False])


def test_representation():
    assert repr(PoincareLinear(3, 2, 0.5)) == (
        "PoincareLinear(in_features=3, out_features=2, ball=PoincareBall(c=0.5), bias=True)"
    )


def test_arrays_without_gradients_give_arrays():
    layer, x = PoincareLinear(3, 2, gk.nn.Parameter(0.7), rng=0), np.full((4, 3), 0.1, np.float32)
    with gk.no_grad():
        out = layer(x)
    assert isinstance(out, np.ndarray)
    assert np.array_equal(out, layer(x).data)

"""Layers by distances from hyperplanes: HNN++'s fully connected one, and both kinds of logistic regression."""

import mpmath
import numpy as np
import oracle
import pytest
from samples import directions, points

import geomkern as gk
from geomkern.errors import DomainError, DTypeError, ShapeError
from geomkern_manifold import HyperbolicMLR, Lorentz, PoincareBall, PoincareFC, UnidirectionalMLR
from geomkern_manifold.kernels import cpu

LAYERS = [PoincareFC, UnidirectionalMLR, HyperbolicMLR]


def layer_with(kind, rng, c=1.0, sizes=(5, 3), dtype=np.float64, reach=0.3):
    layer = kind(*sizes, PoincareBall(c), dtype=dtype, rng=0)
    if kind is HyperbolicMLR:
        layer.bias.data[...] = reach * points(rng, sizes[1], sizes[0], c, dtype)
    else:
        layer.weight.data[...] = rng.standard_normal((sizes[1], sizes[0])) / sizes[0] ** 0.5
        layer.bias.data[...] = reach * rng.standard_normal(sizes[1]) / np.sqrt(c)
    return layer


def exact_distances(x, z, r, c):
    """v_k(x) of Shimizu et al., equation (6), with the digits that mpmath is set to."""
    x, z, r = (oracle.exact(value) for value in (x, z, r))
    root, lam = mpmath.sqrt(c), 2 / (1 - c * mpmath.fsum(v * v for v in x))
    values = []
    for row, offset in zip(z, r, strict=True):
        size, inner = mpmath.norm(row), mpmath.fsum(p * q for p, q in zip(x, row, strict=True))
        angle = 2 * root * offset
        q = root * lam * inner / size * mpmath.cosh(angle) - (lam - 1) * mpmath.sinh(angle)
        values.append(2 * size / root * mpmath.asinh(q))
    return values


@pytest.mark.parametrize("c", [0.3, 1.0, 4.0])
def test_regression_is_the_distance_from_gyroplanes(c):
    """Against the oracle; the rounding of the product moves x by an ulp, which is lambda_x ulp of distance."""
    rng = np.random.default_rng(0)
    layer = layer_with(HyperbolicMLR, rng, c)
    for gap in (0.5, 0.1, 1e-3, 1e-6, 1e-9):
        x = directions(rng, 4, 5) * (1 - gap) / np.sqrt(c)
        logits = layer(x).data
        for k, (normal, point) in enumerate(zip(layer.weight.data, layer.bias.data, strict=True)):
            distance = oracle.rows("dist2plane", "poincare", x, point, normal, c=c)
            expected = 2 * np.linalg.norm(normal) * distance
            assert np.allclose(logits[:, k], expected, rtol=1e-14, atol=2e-15 / gap), (gap, k)


@pytest.mark.parametrize("c", [0.3, 1.0, 4.0])
def test_distances_and_the_fully_connected_layer_follow_the_paper(c):
    rng = np.random.default_rng(1)
    layer, logits = (layer_with(kind, np.random.default_rng(2), c) for kind in (PoincareFC, UnidirectionalMLR))
    for gap in (0.5, 0.1, 1e-3, 1e-6, 1e-9):
        x = directions(rng, 4, 5) * (1 - gap) / np.sqrt(c)
        for row, v, y in zip(x, logits(x).data, layer(x).data, strict=True):
            with mpmath.workdps(50):
                exact = exact_distances(row, layer.weight.data, layer.bias.data, c)
                w = [mpmath.sinh(mpmath.sqrt(c) * value) / mpmath.sqrt(c) for value in exact]
                rho = mpmath.sqrt(1 + c * mpmath.fsum(value * value for value in w))
                expected = [float(value / (1 + rho)) for value in w]
            assert np.allclose(v, np.array(exact, float), rtol=1e-14, atol=5e-15 / gap), gap
            assert np.allclose(y, expected, rtol=1e-12, atol=1e-14), gap


def test_results_lie_at_those_distances_from_the_coordinate_hyperplanes():
    rng = np.random.default_rng(3)
    layer, logits = (layer_with(kind, np.random.default_rng(4), 0.7) for kind in (PoincareFC, UnidirectionalMLR))
    x = points(rng, 6, 5, 0.7, np.float64)
    y = layer(x).data
    for k, normal in enumerate(np.eye(3)):
        distance = oracle.rows("dist2plane", "poincare", y, np.zeros(3), normal, c=0.7)
        assert np.allclose(distance, logits(x).data[:, k], rtol=1e-12)


def test_regression_is_affine_where_space_is_flat():
    rng = np.random.default_rng(5)
    layer = layer_with(HyperbolicMLR, rng, 1e-10)
    layer.bias.data[...] = rng.standard_normal((3, 5))
    x = rng.standard_normal((6, 5))
    expected = 4 * np.einsum("nkd,kd->nk", x[:, None] - layer.bias.data, layer.weight.data)
    assert np.allclose(layer(x).data, expected, rtol=1e-6)


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("learns", [True, False])
def test_conformance(kind, learns):
    def factory():
        layer = kind(3, 2, PoincareBall(gk.nn.Parameter(0.7) if learns else 0.7), dtype=np.float64, rng=0)
        layer.bias.data[...] = np.random.default_rng(6).uniform(-0.3, 0.3, layer.bias.shape)
        return layer

    x = points(np.random.default_rng(7), 4, 3, 0.7, np.float64)
    gk.testing.check_layer(factory, x)
    gk.testing.check_layer(factory, x.reshape(2, 2, 3))


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("width", [3, 40])
def test_shapes_types_and_threads(kind, width):
    rng = np.random.default_rng(8)
    layer = layer_with(kind, rng, sizes=(20, width), dtype=np.float32)
    x = points(rng, 300, 20, 1.0, np.float32)
    flat = layer(x).data
    assert flat.dtype == np.float32
    assert flat.shape == (300, width)
    assert np.allclose(layer(x.reshape(3, 100, 20)).data.reshape(300, width), flat, rtol=1e-4, atol=1e-5)
    assert layer(x[0]).shape == (width,)
    assert layer(x[:0]).shape == (0, width)
    double = layer_with(kind, np.random.default_rng(8), sizes=(20, width))
    for mine, theirs in zip(double.parameters(), layer.parameters(), strict=True):
        mine.data[...] = theirs.data
    assert np.allclose(flat, double(x.astype(np.float64)).data, rtol=1e-4, atol=2e-5)
    with gk.no_grad():
        assert np.array_equal(layer(x), flat)


@pytest.mark.parametrize("kind", [PoincareFC, UnidirectionalMLR])
def test_without_a_bias_planes_go_through_the_origin(kind):
    layer = kind(5, 3, bias=False, rng=0)
    assert list(layer.state_dict()) == ["weight"]
    assert np.all(layer(np.zeros((2, 5), np.float32)).data == 0)


@pytest.mark.parametrize("kind", LAYERS)
def test_a_plane_without_a_normal_says_nothing(kind):
    layer = layer_with(kind, np.random.default_rng(9))
    layer.weight.data[1] = 0
    x = gk.tensor(points(np.random.default_rng(10), 6, 5, 1.0, np.float64), requires_grad=True)
    out = layer(x)
    assert np.all(out.data[:, 1] == 0)
    out.sum().backward()
    assert all(np.isfinite(leaf.grad.data).all() for leaf in (x, layer.weight, layer.bias))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("width", [3, 40])
def test_reach_without_overflow(dtype, width):
    """sinh of what is far beyond its range, and the gradients there."""
    rng = np.random.default_rng(11)
    h, reach = rng.standard_normal((9, width)).astype(dtype), np.full(width, 3e3, dtype)
    gain, shift, lam = np.ones(width, dtype), np.zeros(width, dtype), np.full(9, 2.5, dtype)
    operands = (h, gain, shift, reach, lam, 1.0)
    y = cpu.poincare_fc(*operands)
    PoincareBall().check_point(y)
    largest = np.abs(h).argmax(-1)
    assert np.allclose(np.abs(y[range(9), largest]), 1, rtol=1e-6)
    assert np.array_equal(np.sign(y[range(9), largest]), np.sign(h[range(9), largest]))
    gradients = cpu.poincare_fc_vjp(np.ones_like(h), *operands, (True,) * 6)
    assert all(np.isfinite(gradient).all() for gradient in gradients)


def test_float32_keeps_six_digits():
    rng = np.random.default_rng(12)
    for reach in (0.01, 0.3, 3.0):
        h = (10 ** rng.uniform(-6, 1, (50, 40)) * rng.choice([-1, 1], (50, 40))).astype(np.float32)
        others = [rng.uniform(0.5, 1.5, 40).astype(np.float32) for _ in range(2)]
        operands = (h, others[0], 0 * others[0], reach * others[1], np.full(50, 2.2, np.float32), 1.0)
        exact = cpu.poincare_fc(*(np.asarray(value, np.float64) for value in operands))
        error = np.linalg.norm(cpu.poincare_fc(*operands) - exact, axis=-1) / np.linalg.norm(exact, axis=-1)
        assert error.max() < 2e-6


class TestErrors:
    @pytest.mark.parametrize("kind", LAYERS)
    def test_arguments(self, kind):
        with pytest.raises(DomainError, match=f"{kind.__name__} needs features of at least 1, not 0 and 3"):
            kind(0, 3)
        with pytest.raises(DTypeError, match=r"knows the models poincare, not Lorentz\(c=1.0\)"):
            kind(2, 3, Lorentz())
        with pytest.raises(DomainError, match="c > 0"):
            kind(2, 3, 0.0)

    @pytest.mark.parametrize("kind", LAYERS)
    def test_points(self, kind):
        layer = kind(3, 2, rng=0)
        with pytest.raises(ShapeError, match=r"x \(..., in\) and a weight \(out, in\)"):
            layer(np.zeros((5, 4)))
        with pytest.raises(DomainError, match=r"x\[1\] lies outside the ball"):
            layer(np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 0.0]]))

    @pytest.mark.parametrize("kind", LAYERS)
    def test_nan_stays_nan(self, kind):
        x = np.zeros((3, 3), np.float32)
        x[1, 0] = np.nan
        assert np.array_equal(np.isnan(kind(3, 2, rng=0)(x).data).all(-1), [False, True, False])


def test_representation():
    assert repr(PoincareFC(3, 2, 0.5)) == (
        "PoincareFC(in_features=3, out_features=2, manifold=PoincareBall(c=0.5), bias=True)"
    )
    assert repr(HyperbolicMLR(3, 2)) == "HyperbolicMLR(in_features=3, out_features=2, manifold=PoincareBall(c=1.0))"

"""Layers on manifolds: their definitions, the conformance kit, and what they refuse."""

import mpmath
import numpy as np
import oracle
import pytest
from scipy import sparse
from scipy.special import expit

import geomkern as gk
from geomkern.errors import DomainError, DTypeError, ShapeError
from geomkern.testing import check_layer
from geomkern_manifold import HalfSpace, Lorentz, PoincareBall, ProductManifold, Sphere, Stereographic
from geomkern_manifold.layers import (
    AnchorGeodesicActivation,
    BusemannFeatures,
    DynamicCurvature,
    FromManifold,
    GeodesicInterp,
    HyperbolicAttention,
    HyperbolicGraphConv,
    HyperbolicGRUCell,
    HyperButterfly,
    TangentActivation,
    ToManifold,
    gyro_mix,
    klein_layer,
    lorentz_layer,
    poincare_ball_layer,
)

BALL = PoincareBall(0.8)
PATH = np.array([[0.5, 0.5, 0.0], [0.3, 0.4, 0.3], [0.0, 0.5, 0.5]])


def points(*shape, ball=BALL, seed=0):
    return ball.random(*shape, dtype=np.float64, rng=seed)


def learning():
    return PoincareBall(gk.nn.Parameter(np.array(0.8)))


LAYERS = {
    "interp": (lambda: GeodesicInterp(learning(), 0.3, learn_t=True), (points(4, 3), points(4, 3, seed=1))),
    "to": (lambda: ToManifold(learning(), 0.7, learn_scale=True), (points(4, 3),)),
    "from": (lambda: FromManifold(learning()), (points(4, 3),)),
    "tangent": (lambda: TangentActivation(learning(), gk.tanh), (points(4, 3),)),
    "anchors": (lambda: AnchorGeodesicActivation(3, 2, learning(), 0.7, rng=0), (points(4, 3, seed=1),)),
    "butterfly": (lambda: HyperButterfly(8, learning(), rng=0), (points(4, 8),)),
    "free butterfly": (lambda: HyperButterfly(4, learning(), 3, "free", rng=0), (points(4, 4),)),
    "curvature": (lambda: DynamicCurvature(3, rng=0), (points(4, 3),)),
    "busemann": (lambda: BusemannFeatures(3, 5, learning(), rng=0), (points(4, 3),)),
    "gru": (lambda: HyperbolicGRUCell(3, 2, learning(), rng=0), (points(4, 3), 0.3 * points(4, 2, seed=1))),
    "graph": (lambda: HyperbolicGraphConv(3, 2, learning(), activation=gk.tanh, rng=0), (points(3, 3), PATH)),
    "attention": (lambda: HyperbolicAttention(4, learning(), 2, rng=0), (points(2, 3, 4),)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_conformance(name):
    factory, inputs = LAYERS[name]
    check_layer(factory, *inputs)


@pytest.mark.parametrize("name", [name for name in LAYERS if name != "graph"])
def test_the_type_is_kept_and_leading_axes_broadcast(name):
    factory, inputs = LAYERS[name]
    layer = factory()
    for parameter in layer.parameters():
        parameter.data = parameter.data.astype(np.float32)
    small = [x.astype(np.float32) for x in inputs]
    with gk.no_grad():
        out = layer(*small)
        assert out.dtype == np.float32
        again = layer(*(x[None] for x in small))
        assert again.shape == (1, *out.shape)
        assert np.allclose(again[0].data, out.data, rtol=1e-5, atol=1e-6)
        assert layer(*(x[:0] for x in small)).shape == (0, *out.shape[1:])


def test_interpolation_is_the_geodesic():
    u, v = points(2, 3)
    want = oracle.geodesic("poincare", 0.3, u, v, 0.8)
    assert oracle.relative_error(GeodesicInterp(BALL, 0.3)(u, v), want) < 1e-14
    assert np.array_equal(GeodesicInterp(BALL, 0.0)(u, v), u)


@pytest.mark.parametrize(
    ("layer", "chart"), [(poincare_ball_layer, "poincare"), (lorentz_layer, "lorentz"), (klein_layer, "klein")]
)
def test_functions_interpolate_in_their_models(layer, chart):
    u, v = points(2, 3)
    want = oracle.geodesic(chart, 1.7, u, v, 0.8)
    assert oracle.relative_error(layer(u, v, 0.8, 1.7), want) < 1e-13


def test_a_mix_is_no_geodesic():
    u, v = points(2, 3)
    mixed = gyro_mix(u, v, 0.8, 0.3)
    want = BALL.mobius_add(BALL.mobius_scalar_mul(0.7, u), BALL.mobius_scalar_mul(0.3, v))
    assert np.allclose(mixed, want, rtol=1e-15)
    assert BALL.dist(mixed, BALL.geodesic(0.3, u, v)) > 1e-3


class TestButterfly:
    def test_is_the_product_of_its_matrices(self):
        layer = HyperButterfly(8, BALL, factors=4, kind="free", dtype=np.float64, rng=0)
        matrix = np.eye(8)
        for factor in range(4):
            apart, step = 1 << factor % 3, np.zeros((8, 8))
            firsts = [i for i in range(8) if not i & apart]
            for k, i in enumerate(firsts):
                a, b = layer.a.data[factor, k], layer.b.data[factor, k]
                step[i, i], step[i, i + apart], step[i + apart, i], step[i + apart, i + apart] = a, -b, b, a
            matrix = step @ matrix
        x = points(5, 8)
        assert np.allclose(layer(x).data, BALL.expmap0(BALL.logmap0(x) @ matrix.T), rtol=1e-13, atol=1e-14)

    def test_angles_keep_distances(self):
        layer, x = HyperButterfly(16, BALL, dtype=np.float64, rng=0), points(6, 16)
        assert np.allclose(BALL.pairwise_dist(layer(x).data), BALL.pairwise_dist(x), rtol=1e-12, atol=1e-12)


class TestGRU:
    def test_follows_the_equations(self):
        cell, x, h = HyperbolicGRUCell(3, 2, BALL, dtype=np.float64, rng=0), points(4, 3), 0.3 * points(4, 2, seed=1)
        cell.bias.data[...] = 0.3 * points(3, 2, seed=2)
        (W, U, b), add, times = (cell.weight_hh.data, cell.weight_ih.data, cell.bias.data), BALL.mobius_add, mobius
        r = expit(BALL.logmap0(add(add(times(W[0], h), times(U[0], x)), b[0])))
        z = expit(BALL.logmap0(add(add(times(W[1], h), times(U[1], x)), b[1])))
        rh = BALL.expmap0(r * BALL.logmap0(h))
        candidate = BALL.expmap0(np.tanh(BALL.logmap0(add(add(times(W[2], rh), times(U[2], x)), b[2]))))
        want = add(h, BALL.expmap0(z * BALL.logmap0(add(-h, candidate))))
        assert np.allclose(cell(x, h).data, want, rtol=1e-13)

    def test_starts_at_the_origin(self):
        cell, x = HyperbolicGRUCell(3, 2, BALL, dtype=np.float64, rng=0), points(4, 3)
        assert np.array_equal(cell(x).data, cell(x, np.zeros((4, 2))).data)

    def test_needs_mobius_addition(self):
        with pytest.raises(DTypeError, match="Möbius addition"):
            HyperbolicGRUCell(3, 2, ProductManifold((BALL, 2)))


def mobius(m, x):
    return BALL.expmap0(BALL.logmap0(x) @ m.T)


class TestGraphConv:
    def test_is_the_definition(self):
        layer, x = HyperbolicGraphConv(4, 2, BALL, dtype=np.float64, rng=0), points(3, 4)
        flat = BALL.logmap0(x) @ layer.weight.data.T + layer.bias.data
        assert np.allclose(layer(x, PATH).data, BALL.expmap0(np.maximum(PATH @ flat, 0)), rtol=1e-13)

    def test_sparse_is_dense(self):
        layer, x = HyperbolicGraphConv(4, 2, BALL, activation=gk.tanh, dtype=np.float64, rng=0), points(3, 4)
        dense = gk.tensor(x, requires_grad=True)
        thin = gk.tensor(x, requires_grad=True)
        a, b = layer(dense, PATH), layer(thin, sparse.csr_array(PATH))
        assert np.allclose(a.data, b.data, rtol=1e-14)
        a.sum().backward()
        b.sum().backward()
        assert np.allclose(dense.grad.data, thin.grad.data, rtol=1e-13)

    def test_goes_to_another_manifold(self):
        there = PoincareBall(gk.nn.Parameter(np.array(2.0)))
        layer = HyperbolicGraphConv(4, 2, learning(), there, dtype=np.float64, rng=0)
        assert {"c", "c_out"} < {name for name, _ in layer.named_parameters()}
        there.check_point(layer(points(3, 4), PATH))

    def test_refuses_what_does_not_fit(self):
        with pytest.raises(ShapeError, match=r"adjacency \(n, n\), not \(3, 4\) and \(2, 2\)"):
            HyperbolicGraphConv(4, 2, rng=0)(points(3, 4), np.eye(2))


class TestAttention:
    def test_one_head_is_the_definition(self):
        layer, x = HyperbolicAttention(4, BALL, beta=1.7, dtype=np.float64, rng=0), points(5, 4)
        flat = BALL.logmap0(x)
        q, k, v = (BALL.expmap0(flat @ w.data.T) for w in (layer.query, layer.key, layer.value))
        scores = -1.7 * BALL.pairwise_dist(q, k)
        weights = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
        middle = [[float(m) for m in oracle.einstein_midpoint("poincare", list(v), list(w), 0.8)] for w in weights]
        want = BALL.expmap0(BALL.logmap0(np.array(middle)) @ layer.output.data.T)
        assert np.allclose(layer(x).data, want, rtol=1e-11, atol=1e-13)

    def test_a_mask_hides(self):
        layer, x = HyperbolicAttention(4, BALL, 2, dtype=np.float64, rng=0), points(5, 4)
        mask = np.tril(np.ones((5, 5), bool))
        changed = x.copy()
        changed[3:] = points(2, 4, seed=9)
        assert np.array_equal(layer(x, mask=mask).data[:3], layer(changed, mask=mask).data[:3])
        assert not np.allclose(layer(x).data[:3], layer(changed).data[:3])

    def test_does_not_mind_the_order(self):
        layer, x, order = HyperbolicAttention(4, BALL, 2, dtype=np.float64, rng=0), points(5, 4), [3, 0, 4, 1, 2]
        assert np.allclose(layer(x[order]).data, layer(x).data[order], rtol=1e-12, atol=1e-14)

    def test_refuses(self):
        with pytest.raises(DomainError, match="lets its point look at none"):
            HyperbolicAttention(4, BALL, rng=0)(points(2, 4), mask=np.zeros((2, 2), bool))
        with pytest.raises(DomainError, match="multiple of heads, not 5 and 2"):
            HyperbolicAttention(5, BALL, 2)
        with pytest.raises(ShapeError, match=r"needs points \(..., n, 4\)"):
            HyperbolicAttention(4, BALL)(points(2, 3))


class TestAnchors:
    def test_t_zero_does_nothing_and_one_anchor_at_t_one_is_it(self):
        x = points(4, 3)
        still = AnchorGeodesicActivation(3, 5, BALL, t=0.0, dtype=np.float64, rng=0)
        assert np.allclose(still(x).data, x, rtol=1e-14)
        there = AnchorGeodesicActivation(3, 1, BALL, t=1.0, dtype=np.float64, rng=0)
        assert np.allclose(there(x).data, there.anchors.data, rtol=1e-14)

    def test_commutes_with_rotations(self):
        layer, x = AnchorGeodesicActivation(3, 4, BALL, dtype=np.float64, rng=0), points(5, 3)
        turn = np.linalg.qr(np.random.default_rng(1).standard_normal((3, 3)))[0]
        before = layer(x).data
        layer.anchors.data = layer.anchors.data @ turn
        assert np.allclose(layer(x @ turn).data, before @ turn, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("manifold", [HalfSpace(2.0), Sphere(2.0), Stereographic(1.0), Lorentz()])
def test_tables_start_near_the_origin(manifold):
    table = gk.nn.Embedding(5, 3, manifold=manifold, rng=0)
    assert np.all(manifold.dist0(table.weight.data) < 0.01)


def test_curvatures_stay_between_their_bounds():
    head = DynamicCurvature(3, 0.5, 1.5, dtype=np.float64, rng=0)
    x = np.random.default_rng(0).standard_normal((7, 3))
    logits = x @ head.weight.data[0] + head.bias.data
    assert np.allclose(head(x).data, 0.5 + expit(logits), rtol=1e-15)
    with pytest.raises(DomainError, match=r"0 < c_min < c_max, not 2\.0 and 1\.0"):
        DynamicCurvature(3, 2.0, 1.0)


def test_busemann_features_are_busemann_functions():
    layer, x = BusemannFeatures(3, 2, BALL, dtype=np.float64, rng=0), points(4, 3)
    layer.bias.data[...] = [0.5, -1.0]
    for i, k in np.ndindex(4, 2):
        want = oracle.busemann("poincare", layer.ideal.data[k], x[i], 0.8) + mpmath.mpf(float(layer.bias.data[k]))
        assert abs(layer(x).data[i, k] - float(want)) < 1e-13


@pytest.mark.parametrize(
    "make",
    [
        lambda: ToManifold(1.0, 0.0),
        lambda: HyperButterfly(6),
        lambda: HyperButterfly(8, factors=0),
        lambda: HyperButterfly(8, kind="other"),
        lambda: DynamicCurvature(0),
        lambda: BusemannFeatures(0, 1),
        lambda: AnchorGeodesicActivation(3, 0),
        lambda: AnchorGeodesicActivation(3, 2, temperature=0.0),
        lambda: HyperbolicGraphConv(0, 1),
        lambda: HyperbolicGRUCell(1, 0),
        lambda: HyperbolicAttention(4, beta=-1.0),
    ],
)
def test_bad_options_are_domain_errors(make):
    with pytest.raises(DomainError):
        make()

"""What other libraries get wrong, measured there once, and right here.

The libraries are geoopt 0.5.1, HypLL 0.1.1 and gensim 4.4; each test says what was seen.
"""

import numpy as np
import oracle
import pytest

import geomkern as gk
from geomkern_manifold import Klein, Lorentz, PoincareBall, RiemannianAdam
from geomkern_manifold.embedding import HyperbolicEmbedding, read_edges


def at(gap, d=3, seed=0):
    """Return a point of the unit ball at that distance from the boundary."""
    u = np.random.default_rng(seed).standard_normal(d)
    return u / np.linalg.norm(u) * (1 - gap)


class TestReach:
    """geoopt's artanh stops at 1 - 1e-7 and its projx at 4e-3 or 1e-5: a point 20 away lands at 6.21 or 12.21."""

    def test_a_point_20_away_is_20_away(self):
        v = np.array([10.0, 0.0])
        assert np.isclose(PoincareBall().dist0(PoincareBall().expmap0(v)), 20.0, rtol=0, atol=1e-6)

    def test_in_float32_too(self):
        v = np.array([7.5, 0.0], np.float32)
        assert np.isclose(
            PoincareBall().dist0(PoincareBall().expmap0(v)), 15.0, rtol=0, atol=0.4
        )  # its coordinate's grain

    @pytest.mark.parametrize("gap", [1e-8, 1e-12])
    def test_gradients_beyond_are_right(self, gap):
        x, y = at(gap), at(gap, seed=1)
        point = gk.tensor(x, requires_grad=True)
        PoincareBall().dist(point, y).backward()
        want, _, _ = oracle.gradient("dist", "poincare", (x, y, 1.0))
        assert oracle.relative_error(point.grad.data, want) < 2e-15


class TestCurvature:
    """geoopt's PoincareBall(1.0).double().c is 0.99999996, tensors are overwritten; HypLL's Curvature(1.0) is 1.3."""

    def test_is_what_was_given(self):
        assert PoincareBall(1.0).c == 1.0
        assert PoincareBall(0.1).c == 0.1

    def test_a_tensor_stays_the_callers(self):
        c = gk.nn.Parameter(np.array(1.0))
        ball = PoincareBall(c)
        ball.dist0(np.array([0.5, 0.0])).backward()
        assert ball.c is c
        assert c.data == 1.0


class TestPlanes:
    """geoopt's signed distance to a plane is 61 % wrong on the negative side at 1e-9 from the boundary."""

    @pytest.mark.parametrize("side", [1, -1])
    @pytest.mark.parametrize("gap", [1e-4, 1e-9])
    def test_both_sides_are_right(self, gap, side):
        x, p, a = side * at(gap), np.zeros(3), at(0.3, seed=2)
        found = PoincareBall().dist2plane(x, p, a, signed=True)
        assert oracle.relative_error(found, oracle.dist2plane("poincare", x, p, a, 1.0)) < 1e-14


class TestConversions:
    """geoopt's converter to the hyperboloid misses it (<X, X> = -0.999 at r = .999), the one back refuses batches."""

    @pytest.mark.parametrize("c", [0.25, 1.0, 2.0])
    @pytest.mark.parametrize("gap", [1e-3, 1e-6, 1e-12])
    def test_distances_are_kept(self, gap, c):
        ball, lorentz = PoincareBall(c), Lorentz(c)
        x, y = at(gap) / np.sqrt(c), at(gap, seed=1) / np.sqrt(c)
        there = lorentz.dist(ball.convert(x, lorentz), ball.convert(y, lorentz))
        assert np.isclose(there, ball.dist(x, y), rtol=1e-14, atol=0)

    def test_batches_of_any_shape(self):
        x = Lorentz().random(4, 5, 3, rng=0)
        back = PoincareBall().convert(Lorentz().convert(x, "poincare"), "lorentz")
        assert back.shape == (4, 5, 3)
        assert np.allclose(back, x, rtol=1e-5)


class TestCoincidingPoints:
    """geoopt's Lorentz distance of a point from itself is 3.2e-8, with a gradient of 1; near points have no digits."""

    @pytest.mark.parametrize("model", [PoincareBall, Lorentz, Klein])
    def test_a_point_is_at_no_distance_from_itself(self, model):
        x = gk.tensor(model().random(5, 3, dtype=np.float64, rng=0), requires_grad=True)
        distance = model().dist(x, x.data)
        assert np.all(distance.data == 0)
        distance.sum().backward()
        assert np.all(x.grad.data == 0)

    def test_near_points_far_out(self):
        x = np.array([np.sinh(14.0), 0.0])
        y = x + np.array([0.0, 0.05])
        assert oracle.relative_error(Lorentz().dist(x, y), oracle.dist("lorentz", x, y, 1.0)) < 1e-14


def test_adam_at_the_boundary_stays_a_number():
    """RiemannianAdam of geoopt gave NaN there (issue 227)."""
    ball = PoincareBall()
    x = gk.nn.Parameter(ball.projx(np.array([[2.0, 0.0], [0.0, -3.0]])), manifold=ball)
    optimizer = RiemannianAdam([x], lr=0.1)
    for _ in range(200):
        optimizer.zero_grad()
        (-ball.dist(x, np.array([0.3, 0.2]))).sum().backward()
        optimizer.step()
        assert np.isfinite(x.data).all()
        ball.check_point(x)


def test_fifty_negatives_end():
    """gensim never ends with 50 negatives on the mammals: it redraws until all are distinct and unrelated."""
    model = HyperbolicEmbedding(dim=2, epochs=2, negatives=50, rng=0).fit(read_edges("mammals"))
    assert np.isfinite(model.embedding_).all()

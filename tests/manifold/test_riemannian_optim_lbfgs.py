"""Riemannian L-BFGS: it converges, says where it does not, and leaves things as they were when something fails."""

import math
import warnings

import numpy as np
import pytest
from samples import points

import geomkern as gk
from geomkern.errors import ConvergenceWarning, DomainError
from geomkern_manifold import PoincareBall, RiemannianLBFGS
from geomkern_manifold.optim.line_search import Trial, between, wolfe


def counted(optimizer, loss):
    """Return a closure, and the list that it writes its values to."""
    values = []

    def closure():
        optimizer.zero_grad()
        value = loss()
        value.backward()
        values.append(float(value))
        return value

    return closure, values


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-9), (np.float32, 2e-3)])
def test_the_frechet_mean(dtype, tolerance):
    ball = PoincareBall(0.7)
    data = points(np.random.default_rng(0), 40, 4, 0.7, dtype, 0.95)
    mean = gk.nn.Parameter(np.full(4, 0.1, dtype), ball)
    optimizer = RiemannianLBFGS([mean], tolerance=tolerance)
    closure, values = counted(optimizer, lambda: (ball.dist(mean, data) ** 2).sum())
    first = optimizer.step(closure)
    assert float(first) == values[0] > float(closure())
    assert optimizer.converged
    assert optimizer.residual <= tolerance
    assert optimizer.iterations <= len(values) <= 30
    assert np.linalg.norm(ball.logmap(mean.data, data).mean(0)) < tolerance


def test_points_and_flat_numbers_together():
    """Distances of a tree, up to a number that is learnt, fitted by points of the ball."""
    ball, rng = PoincareBall(), np.random.default_rng(1)
    where = gk.nn.Parameter(points(rng, 7, 2, 1.0, np.float64, 0.3), ball)
    more = gk.nn.Parameter(np.float64(0.0))
    i, j = np.triu_indices(7, 1)
    level = np.array([0, 1, 1, 2, 2, 2, 2])
    target = level[i] + level[j] - 1.2 * (level[i] * level[j] > 0)
    optimizer = RiemannianLBFGS([where, more], tolerance=1e-7, max_iter=400)
    closure, values = counted(optimizer, lambda: ((ball.dist(where[i], where[j]) + more - target) ** 2).sum() + more**2)
    optimizer.step(closure)
    assert optimizer.converged
    assert values[-1] < 0.5 * values[0]
    assert more.data != 0.0


def test_rosenbrock():
    x = gk.nn.Parameter(np.array([-1.2, 1.0]))
    optimizer = RiemannianLBFGS([x], tolerance=1e-9)
    closure, values = counted(optimizer, lambda: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2)
    optimizer.step(closure)
    assert np.allclose(x.data, 1.0, atol=1e-9)
    assert len(values) < 80


def test_it_says_that_it_has_not_converged():
    x = gk.nn.Parameter(np.array([-1.2, 1.0]))
    optimizer = RiemannianLBFGS([x], max_iter=5)
    closure, values = counted(optimizer, lambda: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2)
    with pytest.warns(ConvergenceWarning, match=r"stopped after 5 iterations with a gradient of length [\d.]+"):
        optimizer.step(closure)
    assert (optimizer.iterations, optimizer.converged) == (5, False)
    assert optimizer.residual > 1e-5
    assert float(closure()) < values[0]


def test_a_function_without_a_minimum_keeps_its_best_point():
    ball = PoincareBall()
    x = gk.nn.Parameter(np.array([0.3, 0.1]), ball)
    optimizer = RiemannianLBFGS([x], max_iter=60)
    closure, _ = counted(optimizer, lambda: -ball.dist0(x))
    with pytest.warns(ConvergenceWarning):
        optimizer.step(closure)
    assert np.isfinite(x.data).all()
    assert ball.dist0(x.data) > 20


def test_a_closure_that_fails_leaves_the_point():
    x = gk.nn.Parameter(np.array([0.3, 0.1]), PoincareBall())
    optimizer = RiemannianLBFGS([x])
    calls = []

    def closure():
        calls.append(x.data.copy())
        if len(calls) == 3:
            raise KeyError("stop")
        optimizer.zero_grad()
        loss = (x**4).sum()
        loss.backward()
        return loss

    with pytest.raises(KeyError):
        optimizer.step(closure)
    assert any(np.array_equal(x.data, seen) for seen in calls[:2])
    with pytest.raises(DomainError, match="finite loss to begin with, not nan"):
        optimizer.step(lambda: math.nan)
    with pytest.raises(DomainError, match="needs a closure"):
        optimizer.step()


def test_what_it_refuses():
    x = gk.nn.Parameter([0.1], manifold=PoincareBall())
    for options in ({"max_iter": -1}, {"tolerance": math.nan}, {"max_trials": 0}):
        with pytest.raises(DomainError, match="RiemannianLBFGS needs"):
            RiemannianLBFGS([x], **options)
    with pytest.raises(DomainError, match="one group"):
        RiemannianLBFGS([{"params": [x]}, {"params": [gk.nn.Parameter([0.1])]}])
    learns = gk.nn.Parameter([0.1], manifold=PoincareBall(gk.nn.Parameter(1.0)))
    with pytest.raises(DomainError, match="curvatures that do not learn"):
        RiemannianLBFGS([learns]).step(lambda: 1.0)


def test_converged_at_once():
    x = gk.nn.Parameter(np.zeros(2), PoincareBall())
    optimizer = RiemannianLBFGS([x])
    closure, values = counted(optimizer, lambda: (x**2).sum())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        optimizer.step(closure)
    assert (optimizer.iterations, optimizer.converged, len(values)) == (0, True, 1)


class TestWolfe:
    @pytest.mark.parametrize("first", [1e-4, 0.1, 1.0, 30.0, 1e4])
    @pytest.mark.parametrize(
        ("value", "slope"),
        [
            (lambda t: (t - 2) ** 2, lambda t: 2 * (t - 2)),
            (lambda t: -t / (t * t + 2), lambda t: (t * t - 2) / (t * t + 2) ** 2),  # Moré and Thuente (1994), 1
            (lambda t: math.cosh(min(t, 700)) - 3 * t, lambda t: math.sinh(min(t, 700)) - 3),
            (lambda t: t * t - t if t < 5 else math.nan, lambda t: 2 * t - 1),
        ],
    )
    def test_both_conditions_hold(self, value, slope, first):
        start = Trial(0.0, value(0.0), slope(0.0))
        found = wolfe(lambda t: Trial(t, value(t), slope(t)), start, first, 0.0, 60)
        assert found.value <= start.value + 1e-4 * found.time * start.slope
        assert abs(found.slope) <= 0.9 * abs(start.slope)

    def test_no_decrease(self):
        start = Trial(0.0, 1.0, -1.0)
        assert wolfe(lambda t: Trial(t, 1.0 + t, 1.0), start, 1.0, 0.0, 20) is None

    def test_interpolation_is_exact_on_cubics(self):
        f, df = (lambda t: t**3 - 3 * t + 1), (lambda t: 3 * t * t - 3)
        low, high = Trial(0.2, f(0.2), df(0.2)), Trial(2.5, f(2.5), df(2.5))
        assert math.isclose(between(low, high), 1.0)
        assert math.isclose(between(high, low), 1.0)

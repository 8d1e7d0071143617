"""The front of hyperbolic space, its dimension, and curvatures that learn between bounds."""

import numpy as np
import pytest

import geomkern as gk
from geomkern.errors import DomainError, ShapeError
from geomkern_manifold import BoundedCurvature, Hyperbolic, PoincareBall
from geomkern_manifold.functions.conversions import MODELS


@pytest.mark.parametrize("model", MODELS)
def test_every_model_has_a_manifold(model):
    space = Hyperbolic(3, 0.5, model)
    assert (space.model, space.dim, space.c) == (model, 3, 0.5)
    assert repr(space).endswith("(c=0.5, dim=3)")
    assert Hyperbolic(model=model).dim is None
    assert Hyperbolic(3, gk.tensor(0.5, requires_grad=True), model).detach().dim == 3


def test_the_dimension_is_checked():
    space, x = Hyperbolic(3), np.full((5, 2), 0.1)
    assert isinstance(space, PoincareBall)
    for operation in (space.dist0, space.logmap0, lambda v: space.dist(v, v), lambda v: space.convert(v, "klein")):
        with pytest.raises(ShapeError, match=r"PoincareBall\(c=1.0, dim=3\) needs vectors of 3 coordinates.*\(5, 2\)"):
            operation(x)
    assert space.dist0(np.full((5, 3), 0.1)).shape == (5,)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"model": "disk"}, "one of the models poincare, lorentz, klein, half_space, polar, not 'disk'"),
        ({"dim": 0}, "dimension dim of at least 1, not 0"),
        ({"c": -1.0}, "c > 0"),
    ],
)
def test_bad_arguments(arguments, words):
    with pytest.raises(DomainError, match=words):
        Hyperbolic(**arguments)


class TestBoundedCurvature:
    def test_starts_where_it_is_told_and_stays_between_its_bounds(self):
        curvature = BoundedCurvature(0.1, 3.0, initial=0.7, dtype=np.float64)
        assert np.isclose(curvature().item(), 0.7, rtol=1e-14)
        assert np.isclose(BoundedCurvature(0.1, 3.0)().item(), 1.55)
        for theta, bound in ((-1e3, 0.1), (1e3, 3.0)):
            curvature.theta.data[...] = theta
            assert np.isclose(curvature().item(), bound)

    @pytest.mark.parametrize("shape", [(), (4,), (3, 1)])
    def test_the_gradient_reaches_theta(self, shape):
        """One number, one for each row, one for each channel."""
        curvature = BoundedCurvature(0.5, 2.0, initial=1.2, shape=shape, dtype=np.float64)
        x = np.random.default_rng(0).uniform(-0.3, 0.3, (3, 4, 2))
        PoincareBall(curvature()).dist0(x).sum().backward()
        grad, step = curvature.theta.grad.numpy(), 1e-6
        assert grad.shape == shape
        for index in np.ndindex(shape):
            ends = []
            for sign in (1, -1):
                curvature.theta.data[index] += sign * step
                ends.append(float(PoincareBall(curvature().data).dist0(x).sum()))
                curvature.theta.data[index] -= sign * step
            assert np.isclose(grad[index], (ends[0] - ends[1]) / (2 * step), rtol=1e-7)

    def test_learns(self):
        """The curvature that makes a distance what it should be."""
        curvature, x = BoundedCurvature(0.1, 3.0, initial=0.3, dtype=np.float64), np.array([0.3, 0.3])
        goal, optimiser = PoincareBall(2.0).dist0(x), gk.optim.Adam(curvature.parameters(), lr=0.1)
        for _ in range(300):
            optimiser.zero_grad()
            ((PoincareBall(curvature()).dist0(x) - goal) ** 2).backward()
            optimiser.step()
        assert np.isclose(curvature().item(), 2.0, rtol=1e-3)

    @pytest.mark.parametrize(
        "arguments", [(0.0, 1.0), (2.0, 1.0), (1.0, np.inf), (0.1, 1.0, 1.0), (0.1, 1.0, [0.5, 2.0])]
    )
    def test_bad_arguments(self, arguments):
        with pytest.raises(DomainError, match="BoundedCurvature needs"):
            BoundedCurvature(*arguments)

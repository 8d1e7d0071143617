"""A small hyperbolic model from creation by name to a stored state, as a user would go."""

import copy

import numpy as np
import pytest

import geomkern as gk
from geomkern_manifold import HyperbolicLinear, HyperbolicMLR, PoincareBall, RiemannianAdam


@pytest.fixture
def task():
    """Return points of the ball and the side of a hyperbolic line that each lies on."""
    rng = np.random.default_rng(0)
    x = PoincareBall().random(80, 8, rng=rng)
    labels = (PoincareBall().dist(x, np.full(8, 0.2)) < PoincareBall().dist(x, np.full(8, -0.2))).astype(np.int64)
    return x.astype(np.float32), labels


def model(seed):
    rng = np.random.default_rng(seed)
    ball = PoincareBall(c=1.0)
    hidden = gk.nn.create("manifold.PoincareLinear", 8, 4, ball, rng=rng)
    assert isinstance(hidden, HyperbolicLinear)

    class Classifier(gk.nn.Layer):
        def __init__(self):
            self.hidden = hidden
            self.out = HyperbolicMLR(4, 2, ball, rng=rng)

        def forward(self, x):
            return self.out(self.hidden(x))

    return Classifier()


def train(net, optimizer, task, steps):
    x, labels = task
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = gk.nn.functional.cross_entropy(net(x), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def test_the_loss_falls_and_points_stay_in_the_ball(task):
    net = model(seed=1)
    losses = train(net, RiemannianAdam(net.parameters(), lr=0.02), task, 120)
    assert losses[-1] < 0.25 * losses[0]
    assert net.out.bias.manifold == PoincareBall(c=1.0)
    size = np.linalg.norm(net.out.bias.numpy(), axis=-1)
    assert np.all((size > 0) & (size < 1))


def test_a_stored_state_goes_on_with_the_same_bits(task, tmp_path):
    whole = model(seed=1)
    optimizer = RiemannianAdam(whole.parameters(), lr=0.02)
    train(whole, optimizer, task, 5)
    gk.save(whole.state_dict(), tmp_path / "model.safetensors")
    steps_taken = copy.deepcopy(optimizer.state_dict())
    expected = train(whole, optimizer, task, 5)

    second = model(seed=2)
    second.load_state_dict(gk.load(tmp_path / "model.safetensors"))
    optimizer = RiemannianAdam(second.parameters(), lr=0.02)
    optimizer.load_state_dict(steps_taken)
    assert train(second, optimizer, task, 5) == expected
    for key, value in whole.state_dict().items():
        np.testing.assert_array_equal(second.state_dict()[key], value)


def test_backends_are_listed():
    found = {status.name: status for status in gk.backends.list()}
    assert found["manifold"].available
    assert "HyperbolicLinear" in gk.backends.get("manifold").layers

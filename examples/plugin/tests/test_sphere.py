"""The conformance kit on the backend, and what it must get right besides."""

import numpy as np
import pytest
from geomkern_sphere import AngularPrototypes, angle

import geomkern as gk
from geomkern.errors import DomainError, DTypeError, ShapeError
from geomkern.testing import BackendCases, KernelCase, check_backend


def test_conformance():
    rng = np.random.default_rng(0)
    x, y, g = rng.standard_normal((6, 3)), rng.standard_normal((6, 3)), rng.standard_normal(6)
    cases = BackendCases(
        functions=[(angle, (x, y))],
        layers={"AngularPrototypes": ((3, 4), (x,))},
        kernels={
            "angle": [KernelCase((x, y)), KernelCase((x[:0], y[:0])), KernelCase((x, x), atol=1e-7)],
            "angle_vjp": [KernelCase((g, x, y, wanted), rtol=1e-10) for wanted in ((True, True), (True, False))],
        },
    )
    check_backend("sphere", cases)


@pytest.mark.parametrize("theta", [1e-12, 1e-3, 1.0, np.pi / 2, 3.0, np.pi])
def test_small_and_large_angles_keep_their_digits(theta):
    assert angle([1.0, 0.0], [7 * np.cos(theta), 7 * np.sin(theta)]) == pytest.approx(theta, rel=4e-16)


def test_parallel_vectors():
    x = gk.tensor(np.array([[1.0, 2.0], [1.0, 2.0]]), requires_grad=True)
    turn = angle(x, np.array([[1.0, 2.0], [-1.0, -2.0]]))
    assert turn.numpy() == pytest.approx([0, np.pi])
    turn.sum().backward()
    assert not x.grad.numpy().any()


def test_nan_in_nan_out():
    assert np.isnan(angle([np.nan, 0.0], [1.0, 0.0]))


@pytest.mark.parametrize(
    ("x", "y", "error"),
    [
        ([0.0, 0.0], [1.0, 0.0], DomainError),
        ([1.0, 0.0], [1.0, 0.0, 0.0], ShapeError),
        (1.0, [1.0], ShapeError),
        ([1j, 0], [1.0, 0.0], DTypeError),
    ],
)
def test_bad_input_gets_one_clear_error(x, y, error):
    with pytest.raises(error, match="angle needs"):
        angle(x, y)


def test_prototypes_learn_directions():
    rng = np.random.default_rng(0)
    labels = rng.integers(3, size=60)
    x = np.eye(3)[labels] + 0.1 * rng.standard_normal((60, 3))
    layer = gk.nn.create("sphere.AngularPrototypes", 3, 3, scale=4.0, rng=1)
    assert isinstance(layer, AngularPrototypes)
    optimizer = gk.optim.Adam(layer.parameters(), lr=0.1)
    for _ in range(60):
        optimizer.zero_grad()
        gk.nn.functional.cross_entropy(layer(x), labels).backward()
        optimizer.step()
    assert (layer(x).numpy().argmax(-1) == labels).mean() > 0.95

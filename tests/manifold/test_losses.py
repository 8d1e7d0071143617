"""Losses and regularisers: closed values, gradients, and what they refuse."""

import numpy as np
import pytest
from scipy import sparse

import geomkern as gk
from geomkern.errors import DomainError, ShapeError
from geomkern_manifold import PoincareBall, losses

BALL = PoincareBall(0.8)


def points(*shape, seed=0):
    return BALL.random(*shape, dtype=np.float64, rng=seed)


LABELS = np.array([0, 1, 0, 2, 1, 0])
WEIGHTS = np.random.default_rng(0).uniform(0, 1, (6, 6))
LOSSES = {
    "supervised_contrastive": lambda c, x: losses.supervised_contrastive(x, LABELS, PoincareBall(c), 0.7),
    "dirichlet_energy": lambda c, x: losses.dirichlet_energy(x, WEIGHTS, PoincareBall(c)),
    "sparse": lambda c, x: losses.dirichlet_energy(x, sparse.csr_array(WEIGHTS * (WEIGHTS > 0.7)), PoincareBall(c)),
    "kinetic_energy": lambda c, x: losses.kinetic_energy(x, PoincareBall(c)),
    "boundary_penalty": lambda c, x: losses.boundary_penalty(x, PoincareBall(c), 0.4).sum(),
    "radial_penalty": lambda c, x: losses.radial_penalty(x, PoincareBall(c)).sum(),
    "dispersion": lambda c, x: losses.dispersion(x, PoincareBall(c)),
    "fermi_dirac": lambda c, x: losses.fermi_dirac(PoincareBall(c).dist0(x), 2.0, 0.5).sum(),
}


@pytest.mark.parametrize("name", LOSSES)
def test_gradients(name):
    assert gk.gradcheck(LOSSES[name], np.array(0.8), points(6, 3))


def test_contrastive_loss_is_its_formula():
    x, tau = points(6, 3), 0.7
    d = BALL.pairwise_dist(x)
    terms = []
    for i in range(6):
        others = [k for k in range(6) if k != i]
        same = [k for k in others if LABELS[k] == LABELS[i]]
        if same:
            log_sum = np.log(sum(np.exp(-d[i, k] / tau) for k in others))
            terms.append(-np.mean([-d[i, j] / tau - log_sum for j in same]))
    assert np.isclose(losses.supervised_contrastive(x, LABELS, BALL, tau), np.mean(terms), rtol=1e-14)


def test_energies_are_sums_of_squares():
    x = points(6, 3)
    d2 = BALL.pairwise_dist(x) ** 2
    assert np.isclose(losses.dirichlet_energy(x, WEIGHTS, BALL), (WEIGHTS * d2).sum(), rtol=1e-14)
    assert np.isclose(losses.dirichlet_energy(x, sparse.coo_array(WEIGHTS), BALL), (WEIGHTS * d2).sum(), rtol=1e-14)
    assert np.isclose(losses.kinetic_energy(x, BALL), np.diag(d2, 1).sum(), rtol=1e-14)
    assert np.isclose(losses.dispersion(x, BALL), d2.sum() / 30, rtol=1e-14)


def test_boundary_penalty_is_zero_inside():
    inside = 0.5 * points(6, 3)
    assert np.all(losses.boundary_penalty(inside, BALL, 0.1) == 0)
    edge = np.array([0.95, 0.0]) / np.sqrt(0.8)
    assert np.isclose(losses.boundary_penalty(edge, BALL, 0.1), 0.05**2 / 0.8)


def test_links_are_likely_when_near():
    assert losses.fermi_dirac(0.0, 2.0, 0.1) > 0.999
    assert losses.fermi_dirac(1e6, 2.0, 0.1) == 0
    assert losses.fermi_dirac(2.0, 2.0, 0.1) == 0.5


@pytest.mark.parametrize(
    ("error", "call"),
    [
        (ShapeError, lambda: losses.supervised_contrastive(points(6, 3), LABELS[:4], BALL)),
        (DomainError, lambda: losses.supervised_contrastive(points(6, 3), LABELS, BALL, 0.0)),
        (DomainError, lambda: losses.supervised_contrastive(points(3, 3), [0, 1, 2], BALL)),
        (ShapeError, lambda: losses.dirichlet_energy(points(6, 3), np.eye(5), BALL)),
        (ShapeError, lambda: losses.kinetic_energy(np.zeros(3), BALL)),
        (ShapeError, lambda: losses.dispersion(points(1, 3), BALL)),
        (DomainError, lambda: losses.boundary_penalty(points(6, 3), BALL, 1.0)),
        (DomainError, lambda: losses.fermi_dirac(1.0, 1.0, 0.0)),
    ],
)
def test_refusals(error, call):
    with pytest.raises(error):
        call()

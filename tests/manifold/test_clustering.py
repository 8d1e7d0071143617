"""Hierarchical clustering, k-means and k-medoids in hyperbolic space."""

import itertools
import warnings

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster
from scipy.cluster.hierarchy import linkage as scipy_linkage
from scipy.optimize import minimize
from scipy.spatial.distance import squareform
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from test_neighbors import SPACES

from geomkern.errors import DomainError, ShapeError
from geomkern_manifold import PoincareBall
from geomkern_manifold.neighbors import KMeans, KMedoids, linkage

CENTRES = np.array([[0.7, 0.0], [-0.4, 0.6], [-0.4, -0.6]])


def clusters(seed=0, n=20, spread=0.05):
    """Three clouds, one after the other, and their labels."""
    rng = np.random.default_rng(seed)
    return np.concatenate([c + spread * rng.standard_normal((n, 2)) for c in CENTRES]), np.repeat(np.arange(3), n)


def same_partition(a, b):
    return np.array_equal(a[:, None] == a, b[:, None] == b)


class TestLinkage:
    @pytest.mark.parametrize("space", SPACES, ids=str)
    @pytest.mark.parametrize("method", ["single", "complete", "average", "weighted"])
    def test_is_scipys_on_the_matrix(self, space, method):
        points, labels = clusters()
        tree = linkage(points, space, method)
        assert np.allclose(tree, scipy_linkage(squareform(space.pairwise_dist(points)), method))
        assert same_partition(fcluster(tree, 3, "maxclust"), labels)

    def test_errors(self):
        with pytest.raises(DomainError, match="not 'ward'"):
            linkage(np.zeros((3, 2)), PoincareBall(), "ward")
        with pytest.raises(DomainError, match="at least two points"):
            linkage(np.zeros((1, 2)), PoincareBall())


class TestKMeans:
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @pytest.mark.parametrize("space", SPACES, ids=str)
    def test_finds_the_clusters(self, space, dtype):
        points, labels = clusters()
        model = KMeans(3, space, rng=0).fit(points.astype(dtype))
        assert same_partition(model.labels_, labels)
        assert model.cluster_centers_.dtype == dtype
        assert np.array_equal(model.predict(points.astype(dtype)), model.labels_)
        assert model.transform(points).shape == (60, 3)
        assert np.array_equal(model.fit_predict(points.astype(dtype)), KMeans(3, space, rng=0).fit_predict(points))

    @pytest.mark.parametrize("space", SPACES, ids=str)
    def test_the_centre_minimises_the_cost(self, space):
        points = np.random.default_rng(1).uniform(-0.6, 0.6, (12, 2))

        def cost(centre):
            distances = space.pairwise_dist(points, centre[None])
            return float((4 / space.c * np.sinh(np.sqrt(space.c) * distances / 2) ** 2).sum())

        model = KMeans(1, space, rng=0).fit(points)
        best = minimize(cost, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-13})
        assert np.allclose(model.cluster_centers_[0], best.x, atol=1e-6)
        assert model.inertia_ == pytest.approx(cost(model.cluster_centers_[0]), rel=1e-12)
        assert model.inertia_ <= best.fun * (1 + 1e-12)

    def test_steps_never_cost(self):
        points = 0.6 * clusters(spread=0.15)[0]
        costs = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            for steps in range(1, 8):
                costs.append(KMeans(5, PoincareBall(), n_init=1, max_iter=steps, rng=3).fit(points).inertia_)
        assert all(later <= earlier * (1 + 1e-12) for earlier, later in itertools.pairwise(costs))
        assert costs[-1] < costs[0]

    def test_more_clusters_than_different_points(self):
        points = np.repeat(CENTRES, 4, axis=0)
        model = KMeans(5, PoincareBall(), rng=0).fit(points)
        assert model.inertia_ == pytest.approx(0, abs=1e-28)

    def test_says_that_it_did_not_converge(self):
        points = 0.6 * clusters(spread=0.2)[0]
        with pytest.warns(RuntimeWarning, match=r"did not converge in 1 iterations: a centre still moved by \d"):
            KMeans(3, PoincareBall(), n_init=1, max_iter=1, rng=0).fit(points)

    def test_errors(self):
        points, _ = clusters()
        for n in (0, 61):
            with pytest.raises(DomainError, match=f"between 1 and the 60 points, not {n}"):
                KMeans(n, PoincareBall()).fit(points)
        with pytest.raises(ShapeError, match="needs a matrix"):
            KMeans(2, PoincareBall()).fit(points[0])
        with pytest.raises(DomainError, match="needs a manifold"):
            KMeans(2).fit(points)
        with pytest.raises(DomainError, match="n_init"):
            KMeans(2, PoincareBall(), n_init=0).fit(points)
        points[7] = np.nan
        with pytest.raises(DomainError, match="NaN in row 7"):
            KMeans(2, PoincareBall()).fit(points)


class TestKMedoids:
    @pytest.mark.parametrize("space", SPACES, ids=str)
    def test_finds_the_clusters(self, space):
        points, labels = clusters()
        model = KMedoids(3, space).fit(points)
        assert same_partition(model.labels_, labels)
        assert np.array_equal(model.predict(points), model.labels_)
        matrix = space.pairwise_dist(points)
        given = KMedoids(3).fit(matrix)
        assert np.array_equal(given.medoid_indices_, model.medoid_indices_)
        assert np.array_equal(given.predict(matrix[:, given.medoid_indices_]), model.labels_)

    def test_no_single_swap_helps(self):
        points, _ = clusters(spread=0.3, n=10)
        points *= 0.5
        matrix = PoincareBall().pairwise_dist(points)
        model = KMedoids(4).fit(matrix)
        assert model.inertia_ == pytest.approx(matrix[:, model.medoid_indices_].min(axis=1).sum())
        for out, candidate in itertools.product(range(4), range(30)):
            swapped = model.medoid_indices_.copy()
            swapped[out] = candidate
            assert matrix[:, swapped].min(axis=1).sum() >= model.inertia_ - 1e-9

    def test_says_that_it_did_not_converge(self):
        matrix = PoincareBall().pairwise_dist(np.random.default_rng(7).uniform(-0.6, 0.6, (60, 2)))
        assert KMedoids(6).fit(matrix).n_iter_ > 0
        with pytest.warns(RuntimeWarning, match="did not converge in 0 swaps: the next would save"):
            KMedoids(6, max_iter=0).fit(matrix)

    def test_errors(self):
        with pytest.raises(ShapeError, match="square matrix"):
            KMedoids(2).fit(np.zeros((4, 3)))
        model = KMedoids(2).fit(np.zeros((4, 4)))
        with pytest.raises(ShapeError, match="has 2 medoids"):
            model.predict(np.zeros((4, 4)))


@pytest.mark.parametrize("model", [KMeans(3, PoincareBall(0.5), rng=1), KMedoids(2, max_iter=5)])
def test_scikit_learns_conventions(model):
    copy = clone(model)
    assert copy.get_params() == model.get_params()
    assert repr(copy) == repr(model)
    assert copy.set_params(n_clusters=4).n_clusters == 4
    with pytest.raises(DomainError, match="no parameter tolerance"):
        copy.set_params(tolerance=1)
    if isinstance(model, KMeans):
        points, labels = clusters()
        assert same_partition(make_pipeline(copy.set_params(n_clusters=3)).fit_predict(points), labels)

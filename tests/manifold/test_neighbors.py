"""Nearest neighbours, points within a radius, and distances for SciPy and scikit-learn."""

import pickle
import tracemalloc

import numpy as np
import pytest
from scipy.spatial.distance import squareform
from sklearn.cluster import DBSCAN, AgglomerativeClustering
from sklearn.neighbors import NearestNeighbors

import geomkern as gk
from geomkern.errors import DomainError, ShapeError
from geomkern_manifold import PoincareBall, neighbors
from geomkern_manifold.manifolds.hyperbolic import HyperbolicManifold
from geomkern_manifold.neighbors import PairwiseMetric, condensed_dist, knn, radius_graph, radius_neighbors


class Space(HyperbolicManifold):
    """A model by its name: nothing but its distances is needed."""

    def __init__(self, model, c=1.0):
        super().__init__(c)
        self.model = model


SPACES = [Space("klein", 0.7), Space("lorentz", 1.3), PoincareBall(0.5)]


def points(seed, n, d=3, dtype=np.float64):
    rng = np.random.default_rng(seed)
    u = rng.standard_normal((n, d))
    return (u / np.linalg.norm(u, axis=1, keepdims=True) * rng.uniform(0, 0.85, (n, 1))).astype(dtype)


def brute_force(distances, k):
    """The k nearest by distance, and by index where distances are equal."""
    order = np.argsort(distances, axis=-1, kind="stable")[..., :k]
    return np.take_along_axis(distances, order, -1), order


class TestKnn:
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @pytest.mark.parametrize("space", SPACES, ids=str)
    @pytest.mark.parametrize("k", [1, 7, 20])
    def test_equals_sorting_the_distances(self, space, k, dtype):
        x, y = points(0, 45, dtype=dtype), points(1, 101, dtype=dtype)
        y[60:80] = y[:20]  # ties
        distances, indices = knn(x, y, k, space)
        expected = brute_force(space.pairwise_dist(x, y), k)
        assert distances.dtype == dtype
        assert np.array_equal(distances, expected[0])
        assert np.array_equal(indices, expected[1])

    @pytest.mark.parametrize("space", SPACES, ids=str)
    def test_a_point_is_not_its_own_neighbour(self, space):
        x = points(2, 50)
        x[30:40] = x[:10]
        distances = space.pairwise_dist(x)
        assert np.array_equal(knn(x, k=4, manifold=space, include_self=True)[1], brute_force(distances, 4)[1])
        np.fill_diagonal(distances, np.inf)
        found = knn(x, k=49, manifold=space)
        assert np.array_equal(found[1], brute_force(distances, 49)[1])
        assert (found[0][:10, 0] == 0).all()

    def test_leading_axes_and_tensors(self):
        x, y = points(3, 2 * 20).reshape(2, 20, 3), points(4, 30)
        distances, indices = knn(x, y, 3, PoincareBall())
        for one in range(2):
            assert np.array_equal(indices[one], knn(gk.tensor(x[one]), gk.tensor(y), 3, PoincareBall())[1])
            assert np.array_equal(distances[one], knn(x[one], y, 3, PoincareBall())[0])

    def test_threads_and_slices(self):
        x, before = points(5, 300), gk.get_num_threads()
        try:
            results = []
            for threads in (1, 2, 3):
                gk.set_num_threads(threads)
                results.append(knn(x, x[::2], 9, PoincareBall()))
        finally:
            gk.set_num_threads(before)
        assert all(np.array_equal(a, b) for other in results[1:] for a, b in zip(results[0], other, strict=True))
        assert np.array_equal(knn(x[17:30], x[::2], 9, PoincareBall())[1], results[0][1][17:30])

    def test_nan_comes_last(self):
        x = points(6, 20)
        x[4] = np.nan
        distances, indices = knn(x, k=19, manifold=PoincareBall())
        assert np.isnan(distances[4]).all()
        assert (np.delete(indices, 4, 0)[:, -1] == 4).all()
        assert np.isnan(np.delete(distances, 4, 0)[:, -1]).all()
        assert np.isfinite(np.delete(distances, 4, 0)[:, :-1]).all()

    def test_far_away(self):
        """Lorentz points so far out that sinh^2 of half the distance overflows."""
        x = np.array([[1e200, 0.0], [0.0, 1e180], [-1e190, 0.0], [0.0, 1e-3]])
        distances, indices = knn(x, k=3, manifold=Space("lorentz"))
        assert indices.tolist() == [[3, 1, 2], [3, 2, 0], [3, 1, 0], [1, 2, 0]]
        assert np.allclose(distances[0, 2], np.log(2e200) + np.log(2e190), rtol=1e-15)

    def test_errors(self):
        x = points(7, 10)
        for k in (0, 10):
            with pytest.raises(DomainError, match=f"k is {k}, but must be between 1 and the 9 points"):
                knn(x, k=k, manifold=PoincareBall())
        assert knn(x, k=10, manifold=PoincareBall(), include_self=True)[1].shape == (10, 10)
        with pytest.raises(DomainError, match="needs a manifold"):
            knn(x, k=2)
        with pytest.raises(DomainError, match=r"y\[1\] lies outside"):
            knn(x, np.array([[0.0, 0, 0], [2, 0, 0]]), 1, PoincareBall())


class TestRadius:
    @pytest.mark.parametrize("space", SPACES, ids=str)
    def test_equals_the_whole_matrix(self, space, monkeypatch):
        monkeypatch.setattr(neighbors.search, "PAIRS", 16 * 60)  # several blocks
        x, y = points(8, 50), points(9, 60)
        y[7] = y[3] = x[0]
        whole = space.pairwise_dist(x, y)
        distances, indices = radius_neighbors(x, y, 1.1, space)
        for row in range(50):
            expected = [j for j in np.argsort(whole[row], kind="stable") if whole[row, j] <= 1.1]
            assert indices[row].tolist() == expected
            assert np.array_equal(distances[row], whole[row, expected])
        alone = radius_neighbors(x, radius=1.1, manifold=space)[1]
        assert all(row not in alone[row] for row in range(50))

    def test_graph_keeps_zeros(self):
        x = np.zeros((3, 2))
        graph = radius_graph(x, radius=0.0, manifold=PoincareBall())
        assert graph.nnz == 6
        assert radius_graph(x, radius=0.0, manifold=PoincareBall(), include_self=True).nnz == 9
        assert radius_graph(np.zeros((0, 2)), x, 1.0, PoincareBall()).shape == (0, 3)

    @pytest.mark.parametrize("radius", [-1.0, np.nan])
    def test_errors(self, radius):
        with pytest.raises(DomainError, match="radius"):
            radius_neighbors(points(0, 5), radius=radius, manifold=PoincareBall())
        with pytest.raises(ShapeError, match="needs x"):
            radius_neighbors(points(0, 5)[None], manifold=PoincareBall())
        with pytest.raises(DomainError, match="needs a manifold"):
            radius_neighbors(points(0, 5))


def test_memory_does_not_grow_with_the_square():
    """The whole matrix would take 1.6 GB; the points and what is derived from them take 6 MB."""
    x = points(10, 20_000, 2, np.float32)
    tracemalloc.start()
    try:
        knn(x[:3200], x, 5, PoincareBall())
        searched = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        found = radius_graph(x[:3200], x, 0.02, PoincareBall())
        within = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.nnz > 3200
    assert searched < 16e6
    assert within < 40e6


@pytest.mark.parametrize("space", SPACES, ids=str)
def test_condensed_is_squareform(space, monkeypatch):
    monkeypatch.setattr(neighbors.search, "PAIRS", 16 * 50)
    x = points(11, 50)
    assert np.array_equal(condensed_dist(x, space), squareform(space.pairwise_dist(x)))
    assert condensed_dist(x[:1], space).shape == (0,)
    with pytest.raises(ShapeError, match="condensed_dist"):
        condensed_dist(x[0], space)


class TestScikitLearn:
    metric = PairwiseMetric(PoincareBall(0.5))
    x = points(12, 60)

    def test_nearest_neighbors(self):
        expected = knn(self.x, k=4, manifold=PoincareBall(0.5), include_self=True)
        for options in ({"algorithm": "ball_tree"}, {"algorithm": "brute"}):
            found = NearestNeighbors(n_neighbors=4, metric=self.metric, **options).fit(self.x).kneighbors(self.x)
            assert np.array_equal(found[1], expected[1])
            assert np.allclose(found[0], expected[0], rtol=1e-14)
        matrix = self.metric.matrix(self.x)
        found = NearestNeighbors(n_neighbors=4, metric="precomputed").fit(matrix).kneighbors(matrix)
        assert np.array_equal(found[1], expected[1])

    def test_clusterings(self):
        matrix = self.metric.matrix(self.x)
        labels = AgglomerativeClustering(3, metric="precomputed", linkage="average").fit_predict(matrix)
        assert len(set(labels)) == 3
        whole = DBSCAN(eps=0.5, metric="precomputed").fit_predict(matrix)
        graph = radius_graph(self.x, radius=0.5, manifold=PoincareBall(0.5), include_self=True)
        assert np.array_equal(DBSCAN(eps=0.5, metric="precomputed").fit_predict(graph), whole)
        assert np.array_equal(DBSCAN(eps=0.5, metric=self.metric, algorithm="ball_tree").fit_predict(self.x), whole)
        assert whole.max() >= 0

    def test_it_is_pickled(self):
        again = pickle.loads(pickle.dumps(self.metric))
        assert again(self.x[0], self.x[1]) == self.metric(self.x[0], self.x[1])
        assert repr(again) == "PairwiseMetric(PoincareBall(c=0.5))"

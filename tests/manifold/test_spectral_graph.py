"""Graphs on hyperbolic points, and filters, against dense eigendecompositions and matrix exponentials."""

import numpy as np
import pytest
from scipy import linalg, sparse

import geomkern as gk
from geomkern.errors import DomainError, DTypeError, ShapeError
from geomkern_manifold import PoincareBall
from geomkern_manifold.spectral import (
    cheb_filter,
    cheb_fit,
    cheb_nodes,
    geodesic_distance_matrix,
    graph_diffusion,
    graph_eigenmaps,
    graph_laplacian,
    graph_spectrum,
    heat_weights,
    keep_nearest,
    spectral_conv,
)

N = 40
BALL = PoincareBall(1.3)
POINTS = BALL.random(N, 2, rng=0, std=1.5, dtype=np.float64)
DISTANCES = geodesic_distance_matrix(POINTS, BALL)
DENSE = heat_weights(DISTANCES, 0.3)
SPARSE = heat_weights(keep_nearest(DISTANCES, 6), 0.3)
KINDS = pytest.mark.parametrize("weights", [DENSE, SPARSE], ids=["dense", "sparse"])
X = np.random.default_rng(1).normal(size=(N, 3))


def dense(matrix):
    return matrix.toarray() if sparse.issparse(matrix) else matrix


def function_of(laplacian, f):
    values, vectors = np.linalg.eigh(dense(laplacian))
    return (vectors * f(values)) @ vectors.T


class TestGraph:
    def test_distances(self):
        for i, j in [(0, 1), (5, 30), (7, 7)]:
            np.testing.assert_allclose(DISTANCES[i, j], BALL.dist(POINTS[i], POINTS[j]), rtol=1e-13)

    def test_nearest_neighbours(self):
        k = 6
        kept = keep_nearest(DISTANCES, k)
        order = np.argsort(DISTANCES + np.diag(np.full(N, np.inf)), axis=1)[:, :k]
        near = np.zeros((N, N), bool)
        near[np.arange(N)[:, None], order] = True
        np.testing.assert_array_equal(kept.toarray(), np.where(near | near.T, DISTANCES, 0))
        assert kept.has_sorted_indices

    def test_points_in_the_same_place_are_neighbours(self):
        points = np.array([[0.1, 0.2], [0.1, 0.2], [0.5, 0.0]])
        weights = heat_weights(keep_nearest(geodesic_distance_matrix(points, BALL), 1), 1.0)
        assert weights[0, 1] == weights[1, 0] == 1

    def test_weights(self):
        np.testing.assert_allclose(DENSE, np.exp(-(DISTANCES**2) / 1.2), rtol=1e-14)
        np.testing.assert_array_equal(SPARSE.toarray()[SPARSE.toarray() > 0], DENSE[SPARSE.toarray() > 0])
        assert gk.gradcheck(heat_weights, DISTANCES[:4, :4], np.array(0.3))
        assert gk.gradcheck(lambda x: heat_weights(geodesic_distance_matrix(x, BALL), 0.3), POINTS[:4])

    @KINDS
    def test_laplacians(self, weights):
        w = dense(weights).copy()
        np.fill_diagonal(w, 0)
        degrees = w.sum(axis=1)
        np.testing.assert_allclose(dense(graph_laplacian(weights, False)), np.diag(degrees) - w, atol=1e-14)
        expected = np.eye(N) - w / np.sqrt(np.outer(degrees, degrees))
        laplacian = graph_laplacian(weights)
        np.testing.assert_allclose(dense(laplacian), expected, atol=1e-14)
        assert sparse.issparse(laplacian) == sparse.issparse(weights)
        assert -1e-12 < np.linalg.eigvalsh(dense(laplacian)).min() < 1e-12

    def test_a_vertex_without_an_edge_has_a_row_of_zeros(self):
        weights = np.zeros((3, 3))
        weights[0, 1] = weights[1, 0] = 1
        assert not graph_laplacian(weights)[2].any()

    @KINDS
    @pytest.mark.parametrize("k", [1, 5, N])
    def test_spectrum(self, weights, k):
        laplacian = graph_laplacian(weights)
        values, vectors = graph_spectrum(laplacian, k)
        np.testing.assert_allclose(values, np.linalg.eigvalsh(dense(laplacian))[:k], atol=1e-12)
        np.testing.assert_allclose(laplacian @ vectors, vectors * values, atol=1e-11)
        np.testing.assert_allclose(vectors.T @ vectors, np.eye(k), atol=1e-12)
        assert np.all(vectors.max(axis=0) == np.abs(vectors).max(axis=0))
        again = graph_spectrum(laplacian, k)[1]
        np.testing.assert_array_equal(vectors, again)

    @KINDS
    def test_eigenmaps_solve_the_generalised_problem(self, weights):
        maps = graph_eigenmaps(weights, 3)
        laplacian = dense(graph_laplacian(weights, False))
        degrees = np.diag(np.diag(laplacian))
        values = linalg.eigh(laplacian, degrees, eigvals_only=True)[1:4]
        np.testing.assert_allclose(laplacian @ maps, degrees @ maps * values, atol=1e-11)
        np.testing.assert_allclose(maps.T @ degrees @ maps, np.eye(3), atol=1e-11)

    def test_two_clusters_fall_apart_along_the_first_map(self):
        rng = np.random.default_rng(3)
        points = np.concatenate([BALL.expmap0(rng.normal(size=(20, 2)) * 0.1 + side) for side in (-0.5, 0.5)])
        first = graph_eigenmaps(heat_weights(geodesic_distance_matrix(points, BALL), 0.5), 1)[:, 0]
        assert np.unique(np.sign(first[:20])).size == np.unique(np.sign(first[20:])).size == 1
        assert first[0] * first[-1] < 0

    def test_float32_is_kept(self):
        weights = SPARSE.astype(np.float32)
        assert graph_laplacian(weights).dtype == graph_laplacian(weights.toarray()).dtype == np.float32
        assert graph_spectrum(graph_laplacian(weights), 4)[1].dtype == np.float32

    def test_bad_input(self):
        with pytest.raises(ShapeError, match="square"):
            graph_laplacian(DENSE[:3])
        with pytest.raises(ShapeError, match="a vertex"):
            graph_spectrum(np.empty((0, 0)))
        with pytest.raises(DomainError, match="symmetric"):
            graph_laplacian(np.array([[0.0, 1.0], [0.5, 0.0]]))
        with pytest.raises(DomainError, match="symmetric"):
            graph_laplacian(sparse.csr_array([[0.0, 1.0], [0.0, 0.0]]))
        for kind in (np.array, sparse.csr_array):
            with pytest.raises(DomainError, match="not negative"):
                graph_laplacian(kind([[0.0, -1.0], [-1.0, 0.0]]))
            with pytest.raises(DTypeError, match="real numbers"):
                graph_laplacian(kind([[0.0, 1j], [1j, 0.0]]))
        with pytest.raises(DomainError, match="from 1 to 39"):
            keep_nearest(DISTANCES, N)
        with pytest.raises(ShapeError, match="square"):
            keep_nearest(DISTANCES[0], 1)
        with pytest.raises(DomainError, match="time t"):
            heat_weights(DISTANCES, 0.0)
        with pytest.raises(DomainError, match="eigenvalues to find"):
            graph_spectrum(DENSE, N + 1)
        with pytest.raises(DomainError, match="components"):
            graph_eigenmaps(DENSE, N)
        with pytest.raises(DomainError, match="vertex 2 has none"):
            graph_eigenmaps(np.array([[0.0, 1, 0], [1, 0, 0], [0, 0, 0]]), 1)


@KINDS
class TestFilters:
    @pytest.mark.parametrize("order", [1, 2, 3, 9])
    def test_chebyshev_filter(self, weights, order):
        laplacian, theta = graph_laplacian(weights), np.random.default_rng(order).normal(size=order)
        matrix = function_of(laplacian, lambda s: np.polynomial.chebyshev.chebval(s - 1, theta))
        np.testing.assert_allclose(cheb_filter(laplacian, X, theta, 2.0), matrix @ X, atol=1e-11)
        np.testing.assert_allclose(cheb_filter(laplacian, X[:, 0], theta, 2.0), matrix @ X[:, 0], atol=1e-11)

    def test_chebyshev_filter_that_mixes_channels(self, weights):
        laplacian, theta = graph_laplacian(weights), np.random.default_rng(2).normal(size=(4, 3, 5))
        expected = sum(
            function_of(laplacian, lambda s, k=k: np.cos(k * np.arccos(np.clip(s - 1, -1, 1)))) @ X @ theta[k]
            for k in range(4)
        )
        np.testing.assert_allclose(cheb_filter(laplacian, X, theta, 2.0), expected, atol=1e-10)

    def test_a_fitted_filter_is_the_diffusion(self, weights):
        laplacian = graph_laplacian(weights, normalized=False)
        bound = float(2 * laplacian.diagonal().max())
        theta = cheb_fit(np.exp(-1.5 * cheb_nodes(60, domain=(0, bound))))
        expected = linalg.expm(-1.5 * dense(laplacian)) @ X
        np.testing.assert_allclose(cheb_filter(laplacian, X, theta, bound), expected, atol=1e-11)
        np.testing.assert_allclose(graph_diffusion(laplacian, X, 1.5), expected, atol=1e-11)

    def test_convolution_in_the_eigenbasis(self, weights):
        laplacian = graph_laplacian(weights)
        values, vectors = graph_spectrum(laplacian)
        expected = function_of(laplacian, lambda s: 1 / (1 + s)) @ X
        np.testing.assert_allclose(spectral_conv(vectors, X, 1 / (1 + values)), expected, atol=1e-12)
        each = np.stack([np.exp(-values), np.ones(N), values], axis=1)
        expected = np.stack([linalg.expm(-dense(laplacian)) @ X[:, 0], X[:, 1], laplacian @ X[:, 2]], axis=1)
        np.testing.assert_allclose(spectral_conv(vectors, X, each), expected, atol=1e-11)
        low = spectral_conv(vectors[:, :5], X[:, 0], np.ones(5))
        np.testing.assert_allclose(low, vectors[:, :5] @ (vectors[:, :5].T @ X[:, 0]), atol=1e-12)

    def test_diffusion(self, weights):
        laplacian = graph_laplacian(weights)
        for t in (0.0, 0.7, 20.0):
            expected = linalg.expm(-t * dense(laplacian)) @ X
            np.testing.assert_allclose(graph_diffusion(laplacian, X, t), expected, atol=1e-11)
        mass = np.sqrt(graph_laplacian(weights, False).diagonal())
        np.testing.assert_allclose(mass @ graph_diffusion(laplacian, X, 3.0), mass @ X, rtol=1e-11)

    def test_house_rules(self, weights):
        laplacian = graph_laplacian(weights)
        vectors = graph_spectrum(laplacian, 7)[1]
        rng = np.random.default_rng(5)
        filters = [
            (lambda x, theta: cheb_filter(laplacian, x, theta, 2.0), [(5,), (5, 3, 2)]),
            (lambda x, response: spectral_conv(vectors, x, response), [(7,), (7, 3)]),
            (lambda x, t: graph_diffusion(laplacian, x, t), [()]),
        ]
        for function, shapes in filters:
            for shape in shapes:
                learnt = rng.uniform(0.5, 1.5, shape)
                gk.testing.check_function(function, X, learnt, batched=False)
                batch = np.stack([X, -X, X + 1])
                expected = np.stack([function(x, learnt) for x in batch])
                np.testing.assert_allclose(function(batch, learnt), expected, atol=1e-12)
                assert gk.gradcheck(function, batch[:2, :, :], learnt)
                assert function(batch[:0], learnt).shape == expected[:0].shape
            if len(shape) < 3:
                assert gk.gradcheck(function, X[:, 0], rng.uniform(0.5, 1.5, shapes[0]))

    def test_gradients_where_the_matrix_is_not_symmetric(self, weights):
        walk = graph_laplacian(weights, normalized=False)
        walk = sparse.diags_array(1 / walk.diagonal()) @ walk
        assert gk.gradcheck(lambda x, theta: cheb_filter(walk, x, theta, 2.0), X, np.array([0.3, -1.0, 0.5, 0.2]))
        assert gk.gradcheck(lambda x, t: graph_diffusion(walk, x, t), X, np.array(0.8))

    def test_bad_input(self, weights):
        laplacian = graph_laplacian(weights)
        for function in (
            lambda x: cheb_filter(laplacian, x, np.ones(2), 2.0),
            lambda x: spectral_conv(dense(laplacian), x, np.ones(N)),
            lambda x: graph_diffusion(laplacian, x, 1.0),
        ):
            for wrong in (X[:-1], X.T, np.float64(1), X[:-1, 0]):
                with pytest.raises(ShapeError, match="40 vertices"):
                    function(wrong)
        with pytest.raises(ShapeError, match="square"):
            cheb_filter(laplacian[:3], X, np.ones(2), 2.0)
        with pytest.raises(ShapeError, match="square"):
            graph_diffusion(laplacian[:3], X, 1.0)
        with pytest.raises(DomainError, match="lambda_max"):
            cheb_filter(laplacian, X, np.ones(2), 0.0)
        for shape in [(0,), (2, 3), (2, 4, 3), ()]:
            with pytest.raises(ShapeError, match="theta"):
                cheb_filter(laplacian, X, np.ones(shape), 2.0)
        for shape in [(N - 1,), (N, 2), (), (N, 3, 1)]:
            with pytest.raises(ShapeError, match="response"):
                spectral_conv(dense(laplacian), X, np.ones(shape))
        with pytest.raises(ShapeError, match="matrix of eigenvectors"):
            spectral_conv(np.ones(N), X, np.ones(N))
        with pytest.raises(DomainError, match="not negative"):
            graph_diffusion(laplacian, X, -1.0)
        with pytest.raises(ShapeError, match="one time"):
            graph_diffusion(laplacian, X, np.ones(2))

"""The scores of an embedding: against their definitions node by node, and what they say about bad input."""

import itertools
import math

import numpy as np
import pytest
from scipy import sparse, stats
from scipy.sparse import csgraph

import geomkern as gk
from geomkern.errors import DomainError, DTypeError, ShapeError
from geomkern_manifold import (
    Euclidean,
    HalfSpace,
    Klein,
    Lorentz,
    PoincareBall,
    Polar,
    ProductManifold,
    Scaled,
    Sphere,
)
from geomkern_manifold.embedding import (
    _rank,
    distortion,
    index_edges,
    is_a_score,
    lexical_entailment,
    link_prediction,
    link_prediction_split,
    ranking,
    read_edges,
    reconstruction,
    reconstruction_by_depth,
    spanning_tree,
    transitive_reduction,
)

MAMMALS = read_edges("mammals")
PRODUCT = ProductManifold((PoincareBall(), 3), (Scaled(Euclidean(), 0.5), 2), (Lorentz(2.0), 2))
SPACES = {
    "ball": (PoincareBall(), 5),
    "one coordinate": (PoincareBall(), 1),
    "small ball": (PoincareBall(4.0), 20),
    "lorentz": (Lorentz(), 4),
    "klein": (Klein(0.5), 3),
    "half-space": (HalfSpace(), 3),
    "polar": (Polar(), 2),
    "flat": (Euclidean(), 6),
    "scaled": (Scaled(PoincareBall(), 3.0), 2),
    "product": (PRODUCT, 7),
}


def graph(rng, nodes=70, edges=300):
    return index_edges({(int(a), int(b)) for a, b in rng.integers(0, nodes, (edges, 2)) if a != b})


def parents_of(edges):
    return [set(edges.parent[a:b].tolist()) for a, b in itertools.pairwise(edges.first)]


def random_points(manifold, nodes, dim, rng):
    return np.asarray(manifold.random(nodes, dim, rng=rng), np.float64)


def distances(manifold, points):
    return manifold.dist(points[:, None], points)


def slow_ranking(distance, parents, left_out=None):
    """The ranks and the average precision of each child, node by node, from the matrix of distances."""
    ranks, precisions = [], []
    for u, targets in enumerate(parents):
        if not targets:
            continue
        hidden = {u} | (left_out[u] if left_out else set())
        others = [w for w in range(len(parents)) if w not in hidden]
        near = {v: [w for w in others if distance[u, w] <= distance[u, v]] for v in targets}
        ranks.append([1 + sum(w not in targets for w in near[v]) for v in sorted(targets)])
        precisions.append(np.mean([sum(w in targets for w in near[v]) / len(near[v]) for v in targets]))
    return ranks, precisions


@pytest.mark.parametrize("name", SPACES)
def test_reconstruction_is_what_its_definition_says(name):
    manifold, dim = SPACES[name]
    rng = np.random.default_rng(3)
    edges = graph(rng)
    points = random_points(manifold, len(edges.nodes), dim, 5)
    points[5:9] = points[4]  # ties
    ranks, precisions = slow_ranking(distances(manifold, points), parents_of(edges))
    found = reconstruction(points, edges, manifold)
    assert found.mean_rank == np.mean(np.concatenate(ranks))
    assert found.mean_average_precision == pytest.approx(np.mean(precisions), rel=1e-14)


def key_oracle(points, flat):
    """The keys of the kernel's definition, in the same order of operations."""
    x = points.astype(np.float64)
    keys = np.zeros((len(x), len(x)))
    for column in x.T:
        difference = column - column[:, None]
        keys += difference * difference
    return keys if flat else keys * (0.5 * PoincareBall().lambda_x(x))


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("spread", [1e-12, 1e-5, 1.0])
def test_every_rank_is_that_of_the_keys_in_double(flat, spread):
    """At spreads below the resolution of floats nothing but the keys can tell the nodes apart."""
    rng = np.random.default_rng(8)
    nodes = 700
    edges = index_edges({(u, int(v)) for u in range(nodes) for v in rng.integers(0, nodes, 4) if u != v})
    assert len(edges.nodes) == nodes
    place = 0.0 if spread == 1.0 else 0.9
    points = np.array([place, 0, 0]) + spread * rng.uniform(-0.57, 0.57, (nodes, 3))
    keys = key_oracle(points, flat)
    ranks, precisions = slow_ranking(keys, parents_of(edges))
    found = ranking.rank(
        points, edges.first, edges.parent, Euclidean() if flat else PoincareBall(), operation="this test"
    )
    np.testing.assert_array_equal(found.ranks, np.concatenate(ranks))
    np.testing.assert_allclose(found.precision, precisions, rtol=1e-14)


@pytest.mark.parametrize("scale", [1e-200, 1e-30, 1.0, 1e30, 1e120])
def test_the_filter_never_changes_a_result(scale):
    rng = np.random.default_rng(1)
    points = rng.normal(size=(MAMMALS.first.size - 1, 4)) * rng.lognormal(0, 3, (MAMMALS.first.size - 1, 1)) * scale
    weights = np.exp(rng.uniform(0, 40, (len(points), 1)))
    child = np.flatnonzero(np.diff(MAMMALS.first)).astype(np.int32)
    starts = np.append(MAMMALS.first[child], MAMMALS.first[-1])
    results = []
    for filtered in (True, False):
        space = _rank.Space(points, weights, [4], [False], [1.0], filtered)
        nearer, found = np.empty(len(MAMMALS.parent), np.int32), np.empty(len(MAMMALS.parent), np.int32)
        nobody = np.zeros(len(starts), np.int64), np.empty(0, np.int32)
        precision = np.empty(len(child))
        space.rank(child, starts, MAMMALS.parent, *nobody, nearer, found, precision, 0, len(child))
        results.append((nearer, found, precision))
    for with_filter, without in zip(*results, strict=True):
        np.testing.assert_array_equal(with_filter, without)


def test_the_filter_allows_for_the_rounding_of_floats():
    """The target is alone among far nodes, and nearer than floats can tell."""
    points = 0.9 + 3e-8 * np.random.default_rng(0).uniform(-1, 1, (64, 1))
    points[33:] = -0.5
    first = np.minimum(np.arange(65), 32)
    found = ranking.rank(points, first, np.full(32, 32, np.int32), PoincareBall(), operation="this test")
    ranks, _ = slow_ranking(key_oracle(points, False), [{32} if u < 32 else set() for u in range(64)])
    np.testing.assert_array_equal(found.ranks, np.concatenate(ranks))


def test_points_near_the_boundary_keep_their_order():
    """Radii at which 1 - |x| has a handful of digits left, in the ball and on the hyperboloid."""
    rng = np.random.default_rng(2)
    edges = graph(rng)
    n = len(edges.nodes)
    direction = rng.normal(size=(n, 3))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    spatial = direction * np.sinh(rng.uniform(33, 34, (n, 1)))
    parents = parents_of(edges)
    for manifold, points in [
        (Lorentz(), spatial),
        (PoincareBall(), direction * (1 - 10 ** rng.uniform(-13, -1, (n, 1)))),
    ]:
        ranks, precisions = slow_ranking(distances(manifold, points), parents)
        found = reconstruction(points, edges, manifold)
        assert found == pytest.approx((np.mean(np.concatenate(ranks)), np.mean(precisions)), rel=1e-12)


@pytest.mark.parametrize("flat", [False, True])
def test_many_parents_are_bisected(flat):
    rng = np.random.default_rng(4)
    nodes = 300
    edges = index_edges([(u, v) for u in range(3) for v in rng.permutation(nodes)[: 63 + u].tolist() if u != v])
    edges = index_edges([(edges.nodes[u], edges.nodes[v]) for u, v in zip(edges.child, edges.parent, strict=True)]
                        + [(5, v) for v in range(nodes) if v != 5])  # fmt: skip
    points = rng.uniform(-0.4, 0.4, (len(edges.nodes), 4))
    points[20:40] = points[3]
    ranks, precisions = slow_ranking(key_oracle(points, flat), parents_of(edges))
    found = reconstruction(points, edges, Euclidean() if flat else PoincareBall())
    assert found == pytest.approx((np.mean(np.concatenate(ranks)), np.mean(precisions)), rel=1e-14)
    assert np.diff(edges.first).max() > 64


def test_ties_count_against_the_embedding():
    edges = index_edges([("a", "b"), ("c", "d")])
    mean_rank, precision = reconstruction(np.zeros((4, 2)), edges)
    assert mean_rank == 3
    assert precision == pytest.approx(1 / 3)


@pytest.mark.parametrize("manifold", [PoincareBall(), PRODUCT])
def test_bits_do_not_depend_on_threads_or_chunks(manifold, monkeypatch):
    points = manifold.random(len(MAMMALS.nodes), 7, rng=0)
    before, results = gk.get_num_threads(), []
    try:
        for threads in (1, 2, 3):
            gk.set_num_threads(threads)
            for seconds in (0.1, 0.0):
                monkeypatch.setattr(ranking, "CHUNK_SECONDS", seconds)
                results.append(ranking.rank(points, MAMMALS.first, MAMMALS.parent, manifold, operation="this test"))
    finally:
        gk.set_num_threads(before)
    for other in results[1:]:
        np.testing.assert_array_equal(results[0].nearer, other.nearer)
        np.testing.assert_array_equal(results[0].found, other.found)
        np.testing.assert_array_equal(results[0].precision, other.precision)


def test_progress_is_told_and_may_stop(monkeypatch):
    monkeypatch.setattr(ranking, "CHUNK_SECONDS", 0.0)
    points = PoincareBall().random(len(MAMMALS.nodes), 2, rng=0)
    seen = []
    reconstruction(points, MAMMALS, progress=lambda done, total: seen.append((done, total)))
    children = np.count_nonzero(np.diff(MAMMALS.first))
    assert seen[-1] == (children, children)
    assert len(seen) > 2
    assert seen == sorted(set(seen))

    def interrupt(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reconstruction(points, MAMMALS, progress=interrupt)


def test_reconstruction_needs_a_point_of_the_manifold_for_each_node():
    edges = index_edges([("a", "b")])
    assert np.isnan(reconstruction(np.array([[0.0, np.nan], [0.0, 0.0]]), edges)).all()
    with pytest.raises(DomainError, match="lies outside the ball"):
        reconstruction(np.array([[0.0, 0.5], [0.0, 1.0]]), edges)
    with pytest.raises(DomainError, match="finite points; number 1 is not"):
        reconstruction(np.array([[0.0, 0.5], [0.0, np.inf]]), edges, Euclidean())
    with pytest.raises(ShapeError, match=r"\(2, dim\), not \(3, 2\)"):
        reconstruction(np.zeros((3, 2)), edges)
    with pytest.raises(ShapeError, match="7 coordinates"):
        reconstruction(np.zeros((2, 2)), edges, PRODUCT)
    with pytest.raises(ShapeError, match="one curvature"):
        reconstruction(np.zeros((2, 2)), edges, PoincareBall([1.0, 2.0]))
    with pytest.raises(DTypeError, match="not int64"):
        reconstruction(np.zeros((2, 2), np.int64), edges)
    with pytest.raises(DTypeError, match="not Sphere"):
        reconstruction(np.array([[1.0, 0.0], [0.0, 1.0]]), edges, Sphere())


def test_depths_add_up_to_the_whole():
    points = PoincareBall().random(len(MAMMALS.nodes), 3, rng=1)
    whole, parts = reconstruction(points, MAMMALS), reconstruction_by_depth(points, MAMMALS)
    parents = np.diff(MAMMALS.first)
    depth = spanning_tree(MAMMALS.graph()).depth
    weight = [parents[depth == d].sum() for d in parts.depth]
    assert parts.depth.tolist() == list(range(1, depth.max() + 1))
    assert parts.children.tolist() == [np.count_nonzero((depth == d) & (parents > 0)) for d in parts.depth]
    assert np.average(parts.mean_rank, weights=weight) == pytest.approx(whole.mean_rank)
    assert np.average(parts.mean_average_precision, weights=parts.children) == pytest.approx(
        whole.mean_average_precision
    )
    of_depth_2 = [found if d == 2 else set() for found, d in zip(parents_of(MAMMALS), depth, strict=True)]
    ranks, precisions = slow_ranking(key_oracle(points, False), of_depth_2)
    assert parts.mean_rank[1] == np.mean(np.concatenate(ranks))
    assert parts.mean_average_precision[1] == pytest.approx(np.mean(precisions), rel=1e-14)
    points[7] = np.nan
    nothing = reconstruction_by_depth(points, MAMMALS)
    assert np.isnan(nothing.mean_rank).all()
    assert np.isnan(nothing.mean_average_precision).all()


# ------------------------------------------------------------------------------------------------- link prediction ---


def test_a_split_holds_out_what_follows_from_the_rest():
    train, test = link_prediction_split(MAMMALS, 0.3, rng=0)
    assert len(test) == round(0.3 * len(MAMMALS.parent))
    assert train.nodes == MAMMALS.nodes
    kept = set(zip(train.child.tolist(), train.parent.tolist(), strict=True))
    held = set(map(tuple, test.tolist()))
    assert not kept & held
    assert kept | held == set(zip(MAMMALS.child.tolist(), MAMMALS.parent.tolist(), strict=True))
    basic = transitive_reduction(MAMMALS.graph())
    assert not held & set(zip(*(ends.tolist() for ends in basic.nonzero()), strict=True))
    assert set(train.child) | set(train.parent) == set(range(len(MAMMALS.nodes)))
    np.testing.assert_array_equal(train.first, np.searchsorted(train.child, np.arange(len(train.nodes) + 1)))
    assert (train.graph() + sparse.csr_array((np.ones(len(test)), tuple(test.T)), train.graph().shape)
            != MAMMALS.graph()).nnz == 0  # fmt: skip


def test_a_split_follows_its_generator():
    first, again, other = (link_prediction_split(MAMMALS, 50, rng=seed)[1] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert len(first) == 50


@pytest.mark.parametrize("test_size", [0, 0.0, -0.1, 0.99, 10**6, math.nan])
def test_a_split_needs_a_size_that_there_is(test_size):
    with pytest.raises(DomainError, match="test_size of some of the"):
        link_prediction_split(MAMMALS, test_size)


@pytest.mark.parametrize("name", ["ball", "flat", "product"])
def test_link_prediction_is_what_its_definition_says(name):
    manifold, dim = SPACES[name]
    edges = index_edges([(int(a), int(b)) for a, b in itertools.combinations(range(40), 2) if (a * b) % 3 != 1])
    train, test = link_prediction_split(edges, 0.2, rng=0)
    points = random_points(manifold, len(edges.nodes), dim, 2)
    points[11:14] = points[10]
    held_out = [set(test[test[:, 0] == u, 1].tolist()) for u in range(len(points))]
    known = parents_of(train)
    ranks, precisions = slow_ranking(distances(manifold, points), held_out, known)
    flat = np.concatenate(ranks)
    negatives = [39 - len(known[u]) - len(held_out[u]) for u in test[:, 0]]
    found = link_prediction(points, train, np.random.default_rng(0).permutation(test), manifold, hits_at=(1, 5))
    assert found.mean_rank == np.mean(flat)
    assert found.mean_average_precision == pytest.approx(np.mean(precisions), rel=1e-13)
    assert found.hits == {1: np.mean(flat <= 1), 5: np.mean(flat <= 5)}
    shares = [(rank - 1) / count if count else 0.0 for rank, count in zip(flat, negatives, strict=True)]
    assert found.roc_auc == pytest.approx(1 - np.mean(shares), rel=1e-13)


@pytest.mark.parametrize(
    ("test", "error", "message"),
    [
        ([], DomainError, "at least one held-out pair"),
        ([0, 1], ShapeError, r"\(n_test, 2\), not \(2,\)"),
        ([[0.0, 1.0]], DTypeError, "not float64"),
        ([[0, 4]], DomainError, "of the nodes 0 to 3"),
        ([[2, 2]], DomainError, "two different nodes"),
        ([[0, 3], [0, 3]], DomainError, "each held-out pair once"),
        ([[0, 1]], DomainError, "training does not have"),
    ],
)
def test_link_prediction_needs_pairs_that_are_new(test, error, message):
    train = index_edges([("a", "b"), ("c", "d")])
    with pytest.raises(error, match=message):
        link_prediction(np.zeros((4, 2)), train, test)


def test_link_prediction_of_nan_is_nan():
    train = index_edges([("a", "b"), ("c", "d")])
    found = link_prediction(np.full((4, 2), np.nan), train, [[0, 3]])
    assert np.isnan([found.mean_rank, found.mean_average_precision, found.hits[10], found.roc_auc]).all()


# ------------------------------------------------------------------------------------------------------ entailment ---


def test_the_is_a_score_is_the_papers():
    points = np.array([[0.9, 0.0], [0.1, 0.3], [-0.5, 0.2]])
    pairs = np.array([[0, 1], [1, 2], [2, 0]])
    norm = np.linalg.norm(points, axis=1)
    expected = [-(1 + 10 * (norm[v] - norm[u])) * PoincareBall().dist(points[u], points[v]) for u, v in pairs]
    np.testing.assert_allclose(is_a_score(points, pairs, alpha=10), expected, rtol=1e-13)
    ball = PoincareBall(4.0)
    lorentz = ball.convert(points / 2, "lorentz")
    for manifold, same in [(ball, points / 2), (Lorentz(4.0), lorentz)]:
        np.testing.assert_allclose(is_a_score(same, pairs, manifold, alpha=10), np.array(expected) / 2, rtol=1e-12)
    flat = [-(1 + norm[v] - norm[u]) * np.linalg.norm(points[u] - points[v]) for u, v in pairs]
    np.testing.assert_allclose(is_a_score(points, pairs, Euclidean(), alpha=1), flat, rtol=1e-13)
    assert is_a_score(points, np.empty((0, 2), int)).shape == (0,)


def test_entailment_is_a_rank_correlation():
    rng = np.random.default_rng(0)
    points, pairs, ratings = (
        random_points(PoincareBall(), 30, 4, 0),
        rng.integers(0, 30, (80, 2)),
        rng.integers(0, 7, 80),
    )
    expected = stats.spearmanr(is_a_score(points, pairs), ratings).statistic
    assert lexical_entailment(points, pairs, ratings) == expected
    assert np.isnan(lexical_entailment(points, pairs, np.full(80, 2.0)))
    assert np.isnan(lexical_entailment(points * np.nan, pairs, ratings))
    with pytest.raises(ShapeError, match="one rating for each, not 80 pairs"):
        lexical_entailment(points, pairs, ratings[1:])
    with pytest.raises(ShapeError, match=r"\(n_pairs, 2\)"):
        is_a_score(points, [1, 2, 3])
    with pytest.raises(DTypeError, match="not float64"):
        is_a_score(points, [[0.0, 1.0]])
    with pytest.raises(DomainError, match="nodes 0 to 29"):
        is_a_score(points, [[0, 30]])
    with pytest.raises(DomainError, match="outside the ball"):
        is_a_score(points * 100, pairs)


# ------------------------------------------------------------------------------------------------------ distortion ---


@pytest.mark.parametrize("name", ["ball", "flat", "product"])
@pytest.mark.parametrize("scale", [None, 0.7])
def test_distortion_is_what_its_definition_says(name, scale, monkeypatch):
    manifold, dim = SPACES[name]
    rng = np.random.default_rng(6)
    edges = graph(rng, edges=60)  # in several pieces
    points = random_points(manifold, len(edges.nodes), dim, 0)
    steps = csgraph.shortest_path(edges.graph(), directed=False)
    pairs = [(u, v) for u, v in itertools.permutations(range(len(points)), 2) if np.isfinite(steps[u, v])]
    assert len(pairs) < len(points) * (len(points) - 1)
    ratios = np.array([manifold.dist(points[u], points[v]) / steps[u, v] for u, v in pairs])
    s = scale or ratios.sum() / (ratios @ ratios)
    expected = np.mean(np.abs(s * ratios - 1)), ratios.max() / ratios.min(), s
    assert distortion(points, edges, manifold, scale=scale) == pytest.approx(expected, rel=1e-9)
    monkeypatch.setattr("geomkern_manifold.embedding.graph_distances.BLOCK", 300)
    seen = []
    found = distortion(points, edges, manifold, scale=scale, progress=lambda *told: seen.append(told))
    assert found == pytest.approx(expected, rel=1e-9)
    total = len(points) * (1 if scale else 2)
    assert seen[-1] == (total, total)
    assert len(seen) > 2


def test_distortion_of_weights_samples_and_collapse():
    path = sparse.csr_array(([2.0, 4.0], ([0, 1], [1, 2])), (3, 3))
    line = np.array([[0.0], [1.0], [3.0]])
    assert distortion(line, path, Euclidean()) == (0.0, 1.0, 2.0)
    assert distortion(line, path, Euclidean(), scale=1.0) == (0.5, 1.0, 1.0)
    points = PoincareBall().random(len(MAMMALS.nodes), 2, rng=0)
    few, same, other = (distortion(points, MAMMALS, sources=20, rng=seed) for seed in (0, 0, 1))
    assert few == same != other
    assert distortion(np.zeros((3, 1)), path, Euclidean()) == (1.0, math.inf, 1.0)
    assert np.isnan(distortion(line * np.nan, path, Euclidean())).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [({"sources": 0}, "1 to 3 sources, not 0"), ({"sources": 4}, "not 4"), ({"scale": 0.0}, "positive scale, not 0")],
)
def test_distortion_needs_sources_and_a_scale(options, message):
    with pytest.raises(DomainError, match=message):
        distortion(np.zeros((3, 1)), sparse.csr_array((3, 3)), **options)


def test_distortion_needs_connected_nodes():
    with pytest.raises(DomainError, match="two connected nodes"):
        distortion(np.zeros((3, 1)), sparse.csr_array((3, 3)))
    with pytest.raises(ShapeError, match=r"\(3, dim\)"):
        distortion(np.zeros((2, 1)), sparse.csr_array((3, 3)))

"""Nodes that come later: where they start, what stays, and how well they are placed."""

import numpy as np
import pytest

from geomkern.errors import DomainError
from geomkern_manifold.embedding import HyperbolicEmbedding, index_edges, make_manifold, read_edges
from geomkern_manifold.embedding.graphs import both_ways, joined
from geomkern_manifold.embedding.start import grown_points, initial_points

EDGES = [("cat", "mammal"), ("dog", "mammal"), ("mammal", "animal"), ("cat", "animal"), ("dog", "animal")]


def small(**options):
    return HyperbolicEmbedding(**{"dim": 3, "epochs": 30, "burn_in": 3, "rng": 1, "deterministic": True, **options})


def pairs(edges):
    return {(edges.nodes[u], edges.nodes[v]) for u, v in zip(edges.child, edges.parent, strict=True)}


def test_joined_edges_keep_the_old_numbers():
    old, new = index_edges(EDGES), index_edges([("wolf", "dog"), ("cat", "animal"), ("animal", "entity")])
    both = joined(old, new)
    assert both.nodes == [*old.nodes, "wolf", "entity"]
    assert pairs(both) == pairs(old) | pairs(new)
    assert len(both.parent) == 7
    assert (np.diff(both.child) >= 0).all()
    for u in range(len(both.nodes)):
        assert (both.child[both.first[u] : both.first[u + 1]] == u).all()


def test_symmetric_edges_are_used_both_ways():
    edges = index_edges([("a", "b"), ("b", "a"), ("b", "c")])
    twice = both_ways(edges)
    assert pairs(twice) == {("a", "b"), ("b", "a"), ("b", "c"), ("c", "b")}
    model = small(symmetric=True).fit([("a", "b"), ("b", "c"), ("c", "d")])
    assert len(model.edges_.parent) == 6
    assert model.pairs_ > small().fit([("a", "b"), ("b", "c"), ("c", "d")]).pairs_
    model.set_params(warm_start=True, epochs=31).fit([("a", "b"), ("b", "c"), ("c", "d")])
    assert model.epochs_done_ == 31


def test_weights_stay_with_their_edges(tmp_path):
    old, new = index_edges([("a", "b", 2.0), ("b", "a", 3.0)]), index_edges([("c", "b"), ("a", "b")])
    both = joined(old, new)
    weighted = {
        (both.nodes[u], both.nodes[v]): float(w) for u, v, w in zip(both.child, both.parent, both.weight, strict=True)
    }
    assert weighted == {("a", "b"): 2, ("b", "a"): 3, ("c", "b"): 1}
    twice = both_ways(both)
    assert twice.weight.tolist() == [2, 3, 1, 1]
    model = small(epochs=1).fit(old)
    model.save(tmp_path / "m.npz")
    loaded = HyperbolicEmbedding.load(tmp_path / "m.npz")
    np.testing.assert_array_equal(loaded.edges_.weight, [2, 3])
    with pytest.raises(DomainError, match="warm start needs the edges"):
        loaded.set_params(warm_start=True).fit([("a", "b"), ("b", "a")])


@pytest.mark.parametrize("geometry", ["poincare", "lorentz", "euclidean", [("poincare", 2), ("euclidean", 1)]])
def test_new_nodes_start_near_the_deepest_of_their_parents(geometry):
    space = make_manifold(geometry, 3)
    old = index_edges(EDGES)
    points = space.expmap0(np.diag([2.0, 1.0, 3.0, 0.1])[:, :3])  # cat, mammal, dog, animal
    edges = joined(old, index_edges([
        ("wolf", "animal"), ("wolf", "dog"), ("wolf", "mammal"),  # below a known one
        ("pup", "wolf"),  # two steps away
        ("cat", "entity"), ("mammal", "entity"),  # above
        ("stone", "thing"),  # elsewhere
    ]))  # fmt: skip
    grown = grown_points(points, edges, space, seed=0)
    np.testing.assert_array_equal(grown[:4], points)
    at = dict(zip(edges.nodes, grown, strict=True))
    known = old.child, old.parent
    reach = np.median(space.dist(points[known[0]], points[known[1]])) / 4
    beside = {"wolf": points[2], "pup": points[2], "entity": points[1], "stone": np.zeros(3), "thing": np.zeros(3)}
    for name, place in beside.items():
        assert space.dist(at[name], place) == pytest.approx(reach, rel=1e-6), name


@pytest.mark.parametrize("geometry", ["lorentz", "euclidean", [("lorentz", 2), ("poincare", 3)]])
def test_a_start_has_the_same_distances_to_the_origin_in_every_geometry(geometry):
    edges = read_edges("mammals")
    parts = ((geometry, 5),) if isinstance(geometry, str) else tuple(geometry)
    width = parts[0][1]
    ball = initial_points(edges, (("poincare", width),), "tree", 0)
    points = initial_points(edges, parts, "tree", 0)
    there = make_manifold(parts[0][0], width).dist0(points[:, :width])
    np.testing.assert_allclose(there, make_manifold("poincare", width).dist0(ball[:, :width]), rtol=1e-6, atol=1e-9)


def test_old_nodes_stay_where_they_are_until_they_train():
    model = small().fit(EDGES)
    before, loss = model.embedding_, model.loss_
    model.partial_fit([("wolf", "dog")], epochs=0)
    assert model.nodes_ == ["cat", "mammal", "dog", "animal", "wolf"]
    np.testing.assert_array_equal(model.embedding_[:4], before)
    np.testing.assert_array_equal(model.loss_, loss)
    assert model.most_similar("wolf", 1)[0][0] == "dog"
    model.partial_fit([("wolf", "dog")])
    assert model.epochs_done_ == 31
    assert len(model.loss_) == 31
    assert not np.array_equal(model.embedding_[:4], before)


def test_a_fit_goes_on_from_a_partial_one(tmp_path):
    model = small().fit(EDGES).partial_fit([("wolf", "dog"), ("wolf", "mammal")], epochs=2)
    model.save(tmp_path / "m.npz")
    again = HyperbolicEmbedding.load(tmp_path / "m.npz")
    for each in (model, again):
        each.set_params(warm_start=True, epochs=40).fit(each.edges_)
        assert each.epochs_done_ == 40
    np.testing.assert_array_equal(model.embedding_, again.embedding_)


def test_partial_fit_begins_a_model():
    model = small()
    assert model.partial_fit(EDGES) is model
    assert model.epochs_done_ == 1
    whole = small(epochs=1).fit(EDGES)
    np.testing.assert_array_equal(model.embedding_, whole.embedding_)


def test_what_comes_later_is_placed_well():
    edges = read_edges("mammals")
    inner = np.zeros(len(edges.nodes), bool)
    inner[edges.parent] = True
    late = np.random.default_rng(0).choice(np.flatnonzero(~inner), 100, replace=False)
    is_late = np.isin(edges.child, late)
    named = np.array([(edges.nodes[u], edges.nodes[v]) for u, v in zip(edges.child, edges.parent, strict=True)])
    model = HyperbolicEmbedding(10, epochs=100, rng=0, deterministic=True).fit(named[~is_late])
    model.partial_fit(named[is_late], epochs=10)
    assert model.evaluate(named[is_late]).mean_average_precision > 0.85
    assert model.evaluate().mean_average_precision > 0.88


def test_what_cannot_be_continued(tmp_path):
    model = small().fit(EDGES)
    with pytest.raises(DomainError, match="dim=3 as before, not 4"):
        model.set_params(dim=4).partial_fit([("wolf", "dog")])
    model.save(tmp_path / "m.txt")
    loaded = HyperbolicEmbedding.load(tmp_path / "m.txt")
    with pytest.raises(DomainError, match="loaded without its edges"):
        loaded.partial_fit(EDGES)
    with pytest.raises(DomainError, match="loaded without its edges"):
        loaded.set_params(warm_start=True).fit(EDGES)
    with pytest.raises(DomainError, match="1 of 2 nodes of the edges are not in the embedding, such as 'wolf'"):
        loaded.evaluate([("wolf", "dog")])
    with pytest.raises(DomainError, match="evaluate needs edges"):
        loaded.evaluate()

"""Questions to a model: gensim's answers, a plain computation, other geometries, probabilities of links."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import optimize

from geomkern.errors import DomainError, ShapeError
from geomkern_manifold import Euclidean, Lorentz, PoincareBall, ProductManifold, plot
from geomkern_manifold.embedding import (
    HyperbolicEmbedding,
    format_geometry,
    index_edges,
    make_manifold,
    parse_geometry,
    queries,
    read_edges,
    word2vec,
)
from geomkern_manifold.embedding.fermi_dirac import fit_links, sample_pairs
from geomkern_manifold.functions.conversions import convert

DATA = Path(__file__).parent / "data"
GENSIM = json.loads((DATA / "gensim_values.json").read_text())
NAMES = GENSIM["names"]
PAIRS = [(u, v) for u in NAMES for v in NAMES if u != v]
EDGES = [("cat", "mammal"), ("dog", "mammal"), ("mammal", "animal"), ("cat", "animal"), ("dog", "animal")]


@pytest.fixture(scope="module")
def model():
    return HyperbolicEmbedding.load(DATA / "gensim.txt")


@pytest.fixture(scope="module")
def mammals():
    return HyperbolicEmbedding(5, epochs=40, rng=0, deterministic=True).fit(read_edges("mammals"))


def close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_distances_are_gensims(model):
    close([model.distances(u) for u in NAMES], GENSIM["distances"])
    close(model.distances("cat", ["dog", "wolf"]), GENSIM["distances_to"])
    close([model.distance(u, v) for u, v in PAIRS], GENSIM["distance"])
    close([model.similarity(u, v) for u, v in PAIRS], GENSIM["similarity"])


def test_neighbours_are_gensims(model):
    for u, expected in zip(NAMES[1:], GENSIM["most_similar"], strict=True):
        found = model.most_similar(u, topn=3)
        assert [name for name, _ in found] == [name for name, _ in expected]
        close([d for _, d in found], [d for _, d in expected])
    assert model.most_similar_to_given("cat", ["wolf", "dog", "entity"]) == GENSIM["most_similar_to_given"]
    assert [sorted(model.closer_than(u, v)) for u, v in PAIRS] == [sorted(names) for names in GENSIM["closer_than"]]
    assert [model.rank(u, v) for u, v in PAIRS] == GENSIM["rank"]


def test_the_hierarchy_is_gensims(model):
    close([model.norm(u) for u in NAMES], GENSIM["norm"])
    close([model.difference_in_hierarchy(u, v) for u, v in PAIRS], GENSIM["difference_in_hierarchy"])
    for name in ("closest_parent", "closest_child", "ancestors"):
        assert [getattr(model, name)(u) for u in NAMES] == GENSIM[name]
    assert model.descendants("entity", max_depth=1) == GENSIM["descendants"]
    assert model.descendants("entity") == ["animal", "mammal", "dog", "cat", "Löwe"]
    assert model.descendants("wolf") == []


def test_answers_do_not_depend_on_the_blocks(mammals, monkeypatch):
    before = mammals.distances("lion.n.01"), mammals.ancestors("lion.n.01")
    monkeypatch.setattr(queries, "BLOCK", 100)
    np.testing.assert_array_equal(mammals.distances("lion.n.01"), before[0])
    assert mammals.ancestors("lion.n.01") == before[1]


def test_points_stand_in_for_nodes(model):
    cat = model.transform(["cat"])[0]
    assert model.distance(cat, "dog") == model.distance("cat", "dog")
    assert model.distance(cat.tolist(), cat) == 0
    assert model.most_similar(cat, topn=1) == [("cat", 0.0)]
    assert model.norm(cat) == model.norm("cat")
    assert len(model.most_similar(cat, topn=None)) == 7
    assert [name for name, _ in model.most_similar("cat", among=["wolf", "cat", "wolf", "dog"])] == ["dog", "wolf"]
    with pytest.raises(ShapeError, match=r"point of 3 coordinates, not \(2,\)"):
        model.distances(np.zeros(2))
    with pytest.raises(DomainError):
        model.distances(np.array([1.0, 1.0, 0.0]))


def test_float32_points_have_distances_in_double(mammals):
    points = mammals.embedding_.astype(np.float64)
    assert mammals.embedding_.dtype == np.float32
    u, v = mammals.positions(["lion.n.01", "tiger.n.02"])
    assert mammals.distance("lion.n.01", "tiger.n.02") == PoincareBall().dist(points[u], points[v])
    np.testing.assert_array_equal(mammals.transform(["tiger.n.02"]), mammals.embedding_[[v]])


def test_an_unknown_node_gets_the_names_that_come_close(mammals):
    with pytest.raises(DomainError, match=r"no node 'lion.n.1' in the embedding; did you mean 'lion.n.01'"):
        mammals.distance("cat.n.01", "lion.n.1")
    for unknown in (7, "?", None, {}):
        with pytest.raises(DomainError, match="of 1180 nodes"):
            mammals.most_similar(unknown)
    with pytest.raises(DomainError, match="needs a model that has been fitted"):
        HyperbolicEmbedding().distance("a", "b")


def test_names_that_are_numbers_or_tuples():
    model = HyperbolicEmbedding(2, epochs=2, rng=0).fit([((1, 2), 5), (5, "x")])
    assert {name for name, _ in model.most_similar((1, 2))} == {5, "x"}


@pytest.mark.parametrize("geometry", ["poincare", "lorentz", "euclidean", [("lorentz", 2), ("euclidean", 1)]])
def test_every_geometry_answers(tmp_path, geometry):
    (tmp_path / "m.txt").write_text("3 3\na 0.1 0.2 0.3\nb 0.3 0.1 -0.5\nc 0.4 0.4 0.4\n")
    model = HyperbolicEmbedding.load(tmp_path / "m.txt", geometry)
    space = make_manifold(geometry, 3)
    assert model.manifold_ == space
    close(model.distances("a"), space.dist(model.embedding_[0].astype(float), model.embedding_.astype(float)))
    assert model.ancestors("c") == ["a"]
    if isinstance(space, ProductManifold):
        close([model.norm(name) for name in "abc"], space.dist0(model.embedding_.astype(float)))
    else:
        close(model.norm("c"), math.sqrt(3 * np.float64(np.float32(0.4)) ** 2))


def test_geometries_have_names():
    assert make_manifold("lorentz", 4) == Lorentz()
    pairs = parse_geometry("poincare:2+euclidean:3")
    assert pairs == (("poincare", 2), ("euclidean", 3))
    assert make_manifold(pairs, 5) == ProductManifold((PoincareBall(), 2), (Euclidean(), 3))
    assert make_manifold([("poincare", 2)], 2) == PoincareBall()
    assert format_geometry(pairs) == "poincare:2+euclidean:3"
    assert parse_geometry(format_geometry("poincare")) == "poincare"


@pytest.mark.parametrize(
    ("geometry", "message"),
    [
        ("klein", "must be one of poincare, lorentz, euclidean, or pairs of them, not 'klein'"),
        ([("poincare", 2)], "add up to dim=5, and has poincare:2"),
        ([("poincare", 5), ("euclidean", 0)], "at least 1 for 'euclidean', not 0"),
        ([], "add up"),
        (3, "a name or a sequence of"),
        (["poincare"], "a name or a sequence of"),
    ],
)
def test_bad_geometries_are_refused(geometry, message):
    with pytest.raises(DomainError, match=message):
        make_manifold(geometry, 5)
    with pytest.raises(DomainError, match=message):
        HyperbolicEmbedding(5, geometry).fit(EDGES)


@pytest.mark.parametrize("text", ["poincare:5+", "poincare:x", "poincare+euclidean", "poincare:-1"])
def test_a_product_is_written_in_one_way(text):
    with pytest.raises(DomainError, match=r"poincare:5\+euclidean:5, not"):
        parse_geometry(text)


def test_probabilities_of_links(mammals):
    edges = mammals.edges_
    pairs = [(mammals.nodes_[u], mammals.nodes_[v]) for u, v in zip(edges.child, edges.parent, strict=True)]
    found = mammals.predict_proba(pairs)
    assert found.shape == (6540, 2)
    close(found.sum(1), 1)
    distance = np.array([mammals.distance(u, v) for u, v in pairs[:50]])
    close(found[:50, 1], 1 / (np.exp((distance - mammals.radius_) / mammals.temperature_) + 1))
    _, others = sample_pairs(edges, 7)
    far = mammals.predict_proba([(mammals.nodes_[u], mammals.nodes_[v]) for u, v in others])
    assert (found[:, 1] > 0.5).mean() > 0.9 > 0.1 > (far[:, 1] > 0.5).mean()
    assert mammals.predict_proba([]).shape == (0, 2)


def test_radius_and_temperature_maximise_the_likelihood():
    rng = np.random.default_rng(0)
    linked, others = rng.gamma(4, 1.0, 300), rng.gamma(9, 1.5, 200)
    targets = np.repeat([301 / 302, 1 / 202], [300, 200])
    distance = np.concatenate([linked, others])

    def loss(rt):
        p = 1 / (np.exp((distance - rt[0]) / rt[1]) + 1)
        return -np.sum(targets * np.log(p) + (1 - targets) * np.log(1 - p))

    expected = optimize.minimize(loss, [5.0, 1.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12}).x
    np.testing.assert_allclose(fit_links(linked, others), expected, rtol=1e-5)


def test_a_fit_of_separated_distances_is_finite():
    radius, temperature = fit_links(np.full(10, 1.0), np.full(10, 3.0))
    assert radius == pytest.approx(2, rel=1e-3)
    assert 0 < temperature < 1


def test_sampled_pairs_are_edges_and_no_edges():
    edges = index_edges([(u, v) for u in range(12) for v in range(12) if u != v and (u + v) % 3])
    linked, others = sample_pairs(edges, 0)
    there = edges.graph().toarray() + edges.graph().toarray().T
    assert there[tuple(linked.T)].all()
    assert len(linked) == len(edges.parent)
    assert not there[tuple(others.T)].any()
    assert (others[:, 0] != others[:, 1]).all()
    assert len({tuple(pair) for pair in others.tolist()}) > 30


def test_a_given_radius_is_used(model):
    asked = HyperbolicEmbedding.load(DATA / "gensim.txt").set_params(radius=2.0, temperature=0.5)
    d = asked.distance("cat", "dog")
    close(asked.predict_proba([("cat", "dog")])[0, 1], 1 / (math.exp((d - 2) / 0.5) + 1))
    with pytest.raises(DomainError, match="radius and temperature where a model was loaded without edges"):
        model.predict_proba([("cat", "dog")])
    with pytest.raises(ShapeError, match="pairs"):
        asked.predict_proba([("cat",)])
    full = HyperbolicEmbedding(2, epochs=1, rng=0).fit([("a", "b")])
    with pytest.raises(DomainError, match="every pair of nodes is an edge"):
        full.predict_proba([("a", "b")])


def test_another_fit_forgets_the_radius():
    model = HyperbolicEmbedding(2, epochs=5, rng=0, deterministic=True).fit([*EDGES, ("fish", "animal")])
    model.predict_proba(EDGES)
    before = model.radius_
    model.set_params(epochs=30).fit([*EDGES, ("fish", "animal")]).predict_proba(EDGES)
    assert model.radius_ != before


def test_lorentz_points_are_evaluated_and_drawn_in_the_ball(tmp_path):
    ball = HyperbolicEmbedding(2, epochs=30, rng=0, deterministic=True).fit(EDGES)
    points = convert(ball.embedding_.astype(np.float64), PoincareBall(), Lorentz())
    word2vec.save_text(tmp_path / "m.txt", ball.nodes_, points)
    lorentz = HyperbolicEmbedding.load(tmp_path / "m.txt", "lorentz")
    close(lorentz.distances("cat"), ball.distances("cat"))
    assert lorentz.evaluate(EDGES) == ball.evaluate()
    lorentz.edges_ = ball.edges_
    ax = plot.embedding(lorentz)
    there = plot.embedding(ball)
    dots = [next(c for c in each.collections if len(c.get_offsets()) == 4).get_offsets() for each in (ax, there)]
    np.testing.assert_allclose(*dots, rtol=1e-6)
    flat = HyperbolicEmbedding.load(tmp_path / "m.txt", "euclidean")
    flat.edges_ = ball.edges_
    with pytest.raises(DomainError, match=r"no place for the points of Euclidean\(\)"):
        plot.embedding(flat)


def test_norms_near_the_boundary_are_compared_in_double(tmp_path):
    points = np.array([[0.001, 0.9999], [0.001, 0.9999], [0.0, 0.1]], np.float32)
    points[1, 0] = np.nextafter(points[1, 0], np.float32(0))
    assert np.linalg.norm(points[0]) == np.linalg.norm(points[1])
    word2vec.save_text(tmp_path / "m.txt", ["out", "in", "root"], points)
    assert HyperbolicEmbedding.load(tmp_path / "m.txt").ancestors("out") == ["in", "root"]

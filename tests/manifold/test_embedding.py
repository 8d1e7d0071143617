"""The estimator: its conventions, its reproducibility, its quality, and what it says about bad input."""

import copy
import pickle
import signal
import threading

import numpy as np
import pytest

import geomkern as gk
from geomkern.errors import DomainError, FormatError, ShapeError
from geomkern_manifold.embedding import HyperbolicEmbedding, index_edges, read_edges, reconstruction

MAMMALS = read_edges("mammals")
PAIRS = [("cat", "mammal"), ("dog", "mammal"), ("mammal", "animal"), ("cat", "animal"), ("dog", "animal")]


def small(**options):
    return HyperbolicEmbedding(**{"dim": 5, "epochs": 12, "burn_in": 3, "rng": 1, "deterministic": True, **options})


def slow_reconstruction(points, edges):
    """The ranks and the average precision of the reconstruction task, node by node and in order of distance."""
    x = points.astype(np.float64)
    ranks, precisions = [], []
    for u in range(len(x)):
        parents = set(edges.parent[edges.first[u] : edges.first[u + 1]].tolist())
        if not parents:
            continue
        gap = np.sum((x - x[u]) ** 2, axis=1)
        distance = np.arcsinh(np.sqrt(gap / ((1 - x[u] @ x[u]) * (1 - np.sum(x * x, axis=1)))))
        others = [w for w in range(len(x)) if w != u]
        for v in parents:
            ranks.append(1 + sum(distance[w] <= distance[v] for w in others if w not in parents))
        found = [
            sum(distance[w] <= distance[v] for w in parents) / sum(distance[w] <= distance[v] for w in others)
            for v in parents
        ]
        precisions.append(np.mean(found))
    return np.mean(ranks), np.mean(precisions)


@pytest.mark.parametrize("dim", [2, 7])
def test_reconstruction_is_what_its_definition_says(dim):
    rng = np.random.default_rng(dim)
    edges = index_edges({(int(a), int(b)) for a, b in rng.integers(0, 70, (300, 2)) if a != b})
    n = len(edges.nodes)
    points = rng.uniform(-0.35, 0.35, (n, dim)).astype(np.float32)
    points[5:9] = points[4]  # ties
    assert reconstruction(points, edges) == pytest.approx(slow_reconstruction(points, edges), rel=1e-12)


def test_ties_count_against_the_embedding():
    edges = index_edges([("a", "b"), ("c", "d")])
    mean_rank, precision = reconstruction(np.zeros((4, 2)), edges)
    assert mean_rank == 3
    assert precision == pytest.approx(1 / 3)


def test_reconstruction_needs_a_point_of_the_ball_for_each_node():
    edges = index_edges([("a", "b")])
    assert np.isnan(reconstruction(np.array([[0.0, np.nan], [0.0, 0.0]]), edges)).all()
    with pytest.raises(DomainError, match="number 1 is not"):
        reconstruction(np.array([[0.0, 0.5], [0.0, 1.0]]), edges)
    with pytest.raises(ShapeError, match=r"\(2, dim\), not \(3, 2\)"):
        reconstruction(np.zeros((3, 2)), edges)


def test_reconstruction_does_not_depend_on_the_blocks(monkeypatch):
    points = small(epochs=1).fit(MAMMALS).embedding_
    whole = reconstruction(points, MAMMALS)
    monkeypatch.setattr("geomkern_manifold.embedding.evaluation.BLOCK", 5000)
    assert reconstruction(points, MAMMALS) == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize(("dim", "precision", "rank"), [(2, 0.95, 1.2), (10, 0.975, 1.1)])
def test_quality_on_mammals(dim, precision, rank):
    found = HyperbolicEmbedding(dim, rng=0).fit(MAMMALS).evaluate()
    assert found.mean_average_precision > precision
    assert found.mean_rank < rank


def test_a_random_start_learns_too():
    found = small(dim=10, epochs=100, init="random", burn_in=10).fit(MAMMALS).evaluate()
    assert found.mean_average_precision > 0.8


def test_deterministic_bits_do_not_depend_on_the_threads():
    before = gk.get_num_threads()
    results = []
    try:
        for threads in (1, 2, 3):
            gk.set_num_threads(threads)
            results.append(small().fit(MAMMALS))
    finally:
        gk.set_num_threads(before)
    for other in results[1:]:
        np.testing.assert_array_equal(results[0].embedding_, other.embedding_)
        np.testing.assert_array_equal(results[0].loss_, other.loss_)
    assert not np.array_equal(results[0].embedding_, small(rng=2).fit(MAMMALS).embedding_)


def test_fit_reports_what_it_did():
    seen = []
    model = small(callback=seen.append).fit(MAMMALS)
    assert model.embedding_.shape == (1180, 5)
    assert model.embedding_.dtype == np.float32
    assert model.nodes_ == MAMMALS.nodes
    assert model.epochs_done_ == 12
    assert model.loss_.shape == (12,)
    assert model.loss_[-1] < model.loss_[0]
    assert model.pairs_ == 12 * 6540 * 51
    assert not model.interrupted_
    assert seen[-1].epoch == 12
    assert seen[-1].pairs == model.pairs_
    assert seen[-1].loss == model.loss_[-1]
    assert [progress.epoch for progress in seen] == sorted(progress.epoch for progress in seen)


class InterruptAfter:
    """A callback that presses Ctrl-C once, when so many epochs are done."""

    def __init__(self, epoch):
        self.epoch, self.pressed = epoch, False

    def __call__(self, progress):
        if progress.epoch >= self.epoch and not self.pressed:
            self.pressed = True
            signal.raise_signal(signal.SIGINT)


def fit_in_small_chunks(model, edges, monkeypatch):
    monkeypatch.setattr("geomkern_manifold.embedding.estimator.CHUNK_SECONDS", 0.002)
    return model.fit(edges)


def test_an_interrupted_run_goes_on_to_the_same_bits(monkeypatch, tmp_path):
    whole = small().fit(MAMMALS)
    handler = signal.getsignal(signal.SIGINT)
    model = small(warm_start=True, callback=InterruptAfter(4.3))
    with pytest.warns(UserWarning, match=r"interrupted after 4\.\d of 12 epochs"):
        fit_in_small_chunks(model, MAMMALS, monkeypatch)
    assert signal.getsignal(signal.SIGINT) is handler
    assert model.interrupted_
    assert model.epochs_done_ == 4
    assert len(model.loss_) == 4
    model.save(tmp_path / "part.npz")
    again = HyperbolicEmbedding.load(tmp_path / "part.npz").set_params(warm_start=True)
    for continued in (model, again):
        continued.fit(MAMMALS)
        assert not continued.interrupted_
        np.testing.assert_array_equal(continued.embedding_, whole.embedding_)
        np.testing.assert_array_equal(continued.loss_, whole.loss_)


def test_a_longer_run_continues_a_shorter_one():
    model = small(epochs=5, warm_start=True).fit(MAMMALS)
    model.set_params(epochs=12).fit(MAMMALS)
    np.testing.assert_array_equal(model.embedding_, small().fit(MAMMALS).embedding_)
    before = model.embedding_
    np.testing.assert_array_equal(model.fit(MAMMALS).embedding_, before)
    model.set_params(warm_start=False, epochs=5).fit(MAMMALS)
    assert model.epochs_done_ == 5


def test_what_a_callback_raises_keeps_what_was_learnt():
    def fail(progress):
        raise RuntimeError("enough")

    model = small(callback=fail)
    with pytest.raises(RuntimeError, match="enough"):
        model.fit(MAMMALS)
    assert model.embedding_.shape == (1180, 5)
    assert np.abs(model.embedding_).max() > 0


def test_fit_works_in_another_thread():
    model = small(epochs=1)
    thread = threading.Thread(target=model.fit, args=(MAMMALS,))
    thread.start()
    thread.join()
    assert model.epochs_done_ == 1


def test_scikit_learn_conventions():
    model = small(negatives=7)
    assert model.get_params()["negatives"] == 7
    twin = HyperbolicEmbedding(**model.get_params())
    assert twin.get_params() == model.get_params()
    assert model.set_params(lr=0.2) is model
    assert model.lr == 0.2
    assert repr(HyperbolicEmbedding(dim=3, lr=0.5)) == "HyperbolicEmbedding(dim=3, lr=0.5)"
    assert model.fit(PAIRS, y=None) is model
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(other.embedding_, model.embedding_)
        other.set_params(warm_start=True, epochs=20).fit(PAIRS)
        assert other.epochs_done_ == 20
    assert model.epochs_done_ == 12


def test_a_generator_and_the_default_generator_are_used():
    first = small(rng=np.random.default_rng(5)).fit(PAIRS).embedding_
    np.testing.assert_array_equal(first, small(rng=np.random.default_rng(5)).fit(PAIRS).embedding_)
    gk.manual_seed(9)
    second = small(rng=None).fit(PAIRS).embedding_
    gk.manual_seed(9)
    np.testing.assert_array_equal(second, small(rng=None).fit(PAIRS).embedding_)


@pytest.mark.parametrize("dim", [1, 2, 40])
@pytest.mark.parametrize(
    "pairs", [[("a", "b")], [(0, 1), (1, 0)], [(a, b) for a in range(9) for b in range(9) if a != b]]
)
def test_the_smallest_and_the_fullest_graphs(dim, pairs):
    model = small(dim=dim).fit(pairs)
    assert np.isfinite(model.embedding_).all()
    assert np.isfinite(model.loss_).all()
    assert model.evaluate().mean_rank == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dim": 0}, "dim must be a whole number, at least 1, not 0"),
        ({"dim": 2.5}, "dim must be"),
        ({"manifold": "euclid"}, "manifold must be 'poincare', not 'euclid'"),
        ({"epochs": 0}, "epochs must be"),
        ({"negatives": 0}, "negatives must be"),
        ({"burn_in": -1}, "burn_in must be"),
        ({"lr": float("nan")}, "lr must be a positive finite number, not nan"),
        ({"lr": float("inf")}, "lr must be"),
        ({"lr": 0}, "lr must be"),
        ({"lr": "fast"}, "lr must be"),
        ({"init": "zeros"}, "init must be one of tree, random, not 'zeros'"),
    ],
)
def test_parameters_are_checked_before_training(options, message):
    with pytest.raises(DomainError, match=message):
        small(**options).fit(PAIRS)


def test_what_a_model_cannot_do():
    with pytest.raises(DomainError, match="no parameter 'dims'"):
        small().set_params(dims=3)
    with pytest.raises(DomainError, match="evaluate needs a model that has been fitted"):
        small().evaluate()
    model = small(warm_start=True).fit(PAIRS)
    with pytest.raises(DomainError, match="warm start needs the edges"):
        model.fit(PAIRS[:-1])
    with pytest.raises(DomainError, match="warm start needs dim=5"):
        model.set_params(dim=6).fit(PAIRS)


def test_save_tsv_is_word2vec_with_tabs(tmp_path):
    model = small(dim=3).fit(PAIRS)
    model.save(tmp_path / "m.tsv")
    lines = (tmp_path / "m.tsv").read_text().splitlines()
    assert lines[0] == "4 3"
    names, points = zip(*((line.split("\t")[0], line.split("\t")[1:]) for line in lines[1:]), strict=True)
    assert list(names) == model.nodes_
    np.testing.assert_array_equal(np.array(points, np.float32), model.embedding_)


def test_npz_can_be_read_without_geomkern(tmp_path):
    model = small().fit(MAMMALS)
    model.save(tmp_path / "m.npz")
    with np.load(tmp_path / "m.npz") as archive:
        np.testing.assert_array_equal(archive["embedding"], model.embedding_)
        assert archive["nodes"].tolist() == model.nodes_
    loaded = HyperbolicEmbedding.load(tmp_path / "m.npz")
    assert loaded.evaluate() == model.evaluate()
    np.testing.assert_array_equal(loaded.loss_, model.loss_)


@pytest.mark.parametrize(
    ("pairs", "name", "message"),
    [
        ([("a", "b")], "m.txt", "must end in .npz or .tsv"),
        ([("a\tb", "c")], "m.tsv", "tab or a line break"),
        ([("a", 1)], "m.npz", "all strings or all whole numbers"),
        ([(1 << 70, 1)], "m.npz", "64 bits"),
        ([("a\0", "b")], "m.npz", "null character"),
    ],
)
def test_what_cannot_be_saved_leaves_no_file(tmp_path, pairs, name, message):
    with pytest.raises(FormatError, match=message):
        small().fit(pairs).save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_loaded(tmp_path):
    path = tmp_path / "m.npz"
    with pytest.raises(FileNotFoundError, match="cannot read"):
        HyperbolicEmbedding.load(path)
    path.write_text("text")
    with pytest.raises(FormatError, match="is not an embedding"):
        HyperbolicEmbedding.load(path)
    np.savez(path, nodes=[1])
    with pytest.raises(FormatError, match="lacks embedding"):
        HyperbolicEmbedding.load(path)
    small().fit(PAIRS).save(path)
    arrays = dict(np.load(path))
    np.savez(path, **{**arrays, "state": np.array('{"version": 99}')})
    with pytest.raises(FormatError, match="format 99"):
        HyperbolicEmbedding.load(path)

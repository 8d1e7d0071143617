"""The estimator: its conventions, its reproducibility, its quality, and what it says about bad input."""

import copy
import pickle
import signal
import threading

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

import geomkern as gk
from geomkern.errors import DomainError
from geomkern_manifold.embedding import HyperbolicEmbedding, read_edges
from geomkern_manifold.embedding.training import learning_rates, no_better

MAMMALS = read_edges("mammals")
PAIRS = [("cat", "mammal"), ("dog", "mammal"), ("mammal", "animal"), ("cat", "animal"), ("dog", "animal")]


def small(**options):
    return HyperbolicEmbedding(**{"dim": 5, "epochs": 12, "burn_in": 3, "rng": 1, "deterministic": True, **options})


@pytest.mark.parametrize(("dim", "precision", "rank"), [(2, 0.95, 1.2), (3, 0.99, 1.05), (10, 0.99, 1.05)])
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
    monkeypatch.setattr("geomkern_manifold.embedding.run.CHUNK_SECONDS", 0.002)
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
    model = small(epochs=5, warm_start=True, schedule="constant").fit(MAMMALS)
    model.set_params(epochs=12).fit(MAMMALS)
    np.testing.assert_array_equal(model.embedding_, small(schedule="constant").fit(MAMMALS).embedding_)
    before = model.embedding_
    np.testing.assert_array_equal(model.fit(MAMMALS).embedding_, before)
    model.set_params(warm_start=False, epochs=5).fit(MAMMALS)
    assert model.epochs_done_ == 5


def test_the_schedules_have_their_courses():
    model = small(epochs=6, burn_in=2, lr=1.0)
    for schedule, course in {
        "constant": [1, 1, 1, 1],
        "linear": [1, 0.75, 0.5, 0.25],
        "cosine": [1, (1 + np.sqrt(0.5)) / 2, 0.5, (1 - np.sqrt(0.5)) / 2],
    }.items():
        np.testing.assert_allclose(learning_rates(model.set_params(schedule=schedule)), [0.1, 0.1, *course])
    assert len(learning_rates(small(epochs=3, burn_in=9))) == 3


@pytest.mark.parametrize(
    "options",
    [
        {"manifold": "lorentz"},
        {"manifold": "euclidean"},
        {"manifold": [("poincare", 3), ("lorentz", 2)]},
        {"dtype": "float64"},
        {"loss": "link"},
        {"loss": "stress", "manifold": "euclidean"},
        {"loss": "cones"},
        {"dampening": 0.75},
        {"schedule": "cosine"},
    ],
    ids=lambda options: "-".join(map(str, options.values())),
)
def test_every_option_trains_resumes_and_is_stored(options, tmp_path):
    model = small(**options).fit(MAMMALS)
    assert model.loss_[-1] < model.loss_[0]
    assert model.embedding_.dtype == options.get("dtype", "float32")
    again = small(**options, epochs=5).fit(MAMMALS)
    assert not np.array_equal(again.embedding_, model.embedding_)
    model.save(tmp_path / "m.npz")
    np.testing.assert_array_equal(HyperbolicEmbedding.load(tmp_path / "m.npz").embedding_, model.embedding_)
    for twin in (pickle.loads(pickle.dumps(model)), HyperbolicEmbedding.load(tmp_path / "m.npz")):
        twin.set_params(warm_start=True, epochs=14).fit(MAMMALS)
        expected = copy.deepcopy(model).set_params(warm_start=True, epochs=14).fit(MAMMALS)
        np.testing.assert_array_equal(twin.embedding_, expected.embedding_)


def test_weights_are_importances_and_for_stress_lengths():
    edges = [("a", "b", 1.0), ("c", "b", 4.0), ("d", "a", 1.0), ("d", "b", 2.0)]
    options = {"dim": 3, "negatives": 1, "epochs": 400, "lr": 0.1, "rng": 0, "deterministic": True}
    model = HyperbolicEmbedding(loss="stress", manifold="euclidean", margin=1e-9, **options).fit(edges)
    for child, parent, length in edges:
        assert model.distance(child, parent) == pytest.approx(length, abs=0.02)
    plain = HyperbolicEmbedding(**options).fit([edge[:2] for edge in edges])
    weighted = HyperbolicEmbedding(**options).fit(edges)
    assert not np.array_equal(plain.embedding_, weighted.embedding_)


def test_cones_hold_what_is_below_them():
    model = HyperbolicEmbedding(5, loss="cones", lr=0.1, epochs=100, rng=0, deterministic=True).fit(MAMMALS)
    assert model.loss_[-1] < 0.3 * model.loss_[0]


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
        (
            {"manifold": "euclid"},
            "manifold must be one of poincare, lorentz, euclidean, or pairs of them, not 'euclid'",
        ),
        ({"epochs": 0}, "epochs must be"),
        ({"negatives": 0}, "negatives must be"),
        ({"burn_in": -1}, "burn_in must be"),
        ({"lr": float("nan")}, "lr must be a positive finite number, not nan"),
        ({"lr": float("inf")}, "lr must be"),
        ({"lr": 0}, "lr must be"),
        ({"lr": "fast"}, "lr must be"),
        ({"init": "zeros"}, "init must be one of tree, random, not 'zeros'"),
        ({"loss": "hinge"}, "loss must be one of softmax, link, stress, cones, not 'hinge'"),
        ({"schedule": "step"}, "schedule must be one of linear, cosine, constant"),
        ({"dtype": "float16"}, "dtype must be one of float32, float64"),
        ({"monitor": "rank"}, "monitor must be one of loss, map"),
        ({"dampening": 1.5}, "dampening must be a number between 0 and 1, not 1.5"),
        ({"patience": 0}, "patience must be a whole number, at least 1, not 0"),
        ({"evaluate_every": None}, "evaluate_every must be"),
        ({"radius": -1.0, "temperature": 1.0}, "radius must be a positive finite number, not -1.0"),
        ({"radius": 1.0}, "radius and temperature are given together"),
        ({"checkpoint": "m.txt"}, "checkpoint must be the name of an .npz file, not 'm.txt'"),
        ({"checkpoint_every": -1}, "checkpoint_every must be a number of seconds"),
        ({"callback": [len, 3]}, "something to call, or a sequence of such things, not 3"),
        (
            {"loss": "cones", "manifold": "lorentz"},
            "loss='cones' is of the Poincaré ball, and needs manifold='poincare'",
        ),
        ({"margin": 0}, "margin must be a positive finite number, not 0"),
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


def test_scikit_learn_knows_what_to_do_with_it():
    model = small(manifold=[("poincare", 5)], callback=[len], rng=np.random.default_rng(1))
    twin = clone(model)
    assert twin.get_params()["manifold"] == [("poincare", 5)]
    assert not hasattr(twin, "embedding_")
    pairs = np.array(PAIRS)
    labels = make_pipeline(small(), KMeans(2, random_state=0)).fit(pairs).predict
    assert callable(labels)
    np.testing.assert_array_equal(small().fit_transform(PAIRS), small().fit(PAIRS).embedding_)
    search = GridSearchCV(
        small(), {"dim": [1, 3]}, cv=[(np.arange(5), np.arange(5))],
        scoring=lambda model, edges, y=None: model.evaluate(edges).mean_average_precision,
    )  # fmt: skip
    assert search.fit(pairs).best_estimator_.evaluate().mean_rank >= 1


def test_several_callbacks_are_told_in_turn():
    told = []
    small(epochs=1, callback=[lambda p: told.append("a"), lambda p: told.append("b")]).fit(PAIRS)
    assert told == ["a", "b"]


def test_early_stopping_ends_where_nothing_gets_better():
    assert no_better([]) == 0
    assert no_better([-3.0, -2.0, -1.9999, -2.5]) == 2
    assert no_better([0.5, 0.6, 0.6, 0.7]) == 0
    model = small(epochs=400, patience=2, evaluate_every=5, burn_in=7, lr=1e-9).fit(PAIRS)
    assert model.epochs_done_ == 20  # 5 are in the burn-in, and at 10 begins what the others are compared with
    np.testing.assert_allclose(model.scores_, -model.loss_[5:].reshape(3, 5).mean(1))
    assert model.set_params(warm_start=True).fit(PAIRS).epochs_done_ == 20
    assert small(epochs=30, patience=2, evaluate_every=5).fit(PAIRS).epochs_done_ == 30
    precise = small(epochs=400, patience=3, monitor="map", evaluate_every=10).fit(PAIRS)
    assert precise.epochs_done_ < 400
    assert precise.scores_[-1] == precise.evaluate().mean_average_precision


def test_early_stopping_is_resumed_to_the_same_bits(monkeypatch, tmp_path):
    options = {"epochs": 300, "patience": 2, "evaluate_every": 4, "lr": 1e-3}
    whole = small(**options).fit(MAMMALS)
    model = small(**options, warm_start=True, callback=InterruptAfter(9.5))
    with pytest.warns(UserWarning, match="interrupted after 9"):
        fit_in_small_chunks(model, MAMMALS, monkeypatch)
    model.save(tmp_path / "part.npz")
    again = HyperbolicEmbedding.load(tmp_path / "part.npz").set_params(warm_start=True).fit(MAMMALS)
    assert 0 < again.epochs_done_ == whole.epochs_done_ < 300
    np.testing.assert_array_equal(again.embedding_, whole.embedding_)
    np.testing.assert_array_equal(again.scores_, whole.scores_)

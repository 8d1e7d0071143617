"""Pictures: their geometry, their structure, and what they say about bad input."""

import sys

import matplotlib
import numpy as np
import pytest

from geomkern.errors import BackendUnavailable, DomainError, FormatError, ShapeError
from geomkern_manifold import plot
from geomkern_manifold.embedding import HyperbolicEmbedding, read_edges

matplotlib.use("Agg")


@pytest.fixture(scope="module")
def model():
    return HyperbolicEmbedding(2, epochs=40, rng=0, deterministic=True).fit(read_edges("mammals"))


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plot.pyplot().close("all")


def distance(x, y):
    gap = np.sum((x - y) ** 2, axis=-1)
    return 2 * np.arcsinh(np.sqrt(gap / ((1 - np.sum(x * x, -1)) * (1 - np.sum(y * y, -1)))))


def ball(n, dim, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, dim))
    return x / np.linalg.norm(x, axis=1, keepdims=True) * rng.uniform(0, 0.99, (n, 1))


@pytest.mark.parametrize("dim", [1, 2, 5])
def test_recentre_is_an_isometry_that_moves_the_centre_to_the_origin(dim):
    x, y = ball(50, dim), ball(50, dim, seed=1)
    moved, others = plot.recentre(x, x[0]), plot.recentre(y, x[0])
    assert not moved[0].any()
    np.testing.assert_allclose(distance(moved, others), distance(x, y), rtol=1e-9)


def test_geodesics_have_equal_steps_that_add_up_to_the_distance():
    x, y = ball(50, 2), ball(50, 2, seed=1)
    arcs = plot.geodesics(x, y, 9)
    np.testing.assert_allclose(arcs[:, 0], x, atol=1e-14)
    np.testing.assert_allclose(arcs[:, -1], y, atol=1e-12)
    steps = distance(arcs[:, 1:], arcs[:, :-1])
    np.testing.assert_allclose(steps, np.broadcast_to(distance(x, y)[:, None] / 8, steps.shape), rtol=1e-7)
    np.testing.assert_array_equal(plot.geodesics(x, x)[:, 0], plot.geodesics(x, x)[:, -1])


@pytest.mark.parametrize("dim", [1, 2, 3, 10])
def test_disk_view_keeps_the_distance_to_the_centre(dim):
    x = ball(60, dim)
    view = plot.disk_view(x, x[3])
    assert view.shape == (60, 2)
    assert not view[3].any()
    np.testing.assert_allclose(distance(view, view[3]), distance(x, x[3]), rtol=1e-9)
    scaled = plot.disk_view(x, x[3], radius=0.9)
    radii = np.linalg.norm(scaled, axis=1)
    assert np.quantile(radii, 0.75) == pytest.approx(0.9, abs=0.02)
    np.testing.assert_array_equal(np.argsort(radii), np.argsort(np.linalg.norm(view, axis=1)))
    np.testing.assert_allclose(np.arctan2(*scaled.T)[4:], np.arctan2(*view.T)[4:])


def test_readable():
    assert [plot.readable(name) for name in ("giant_panda.n.01", "St._Bernard.n.02", "v1.2", 7)] == [
        "giant panda", "St. Bernard", "v1.2", "7"]  # fmt: skip


def test_a_picture_has_the_points_the_edges_and_labels_that_do_not_overlap(model):
    ax = plot.embedding(model)
    ax.figure.draw_without_rendering()
    arcs, dots = ax.collections
    assert len(dots.get_offsets()) == 1180
    assert 1179 <= len(arcs.get_segments()) < 1400
    assert np.linalg.norm(dots.get_offsets(), axis=1).max() < 1
    texts = [text.get_text() for text in ax.texts]
    assert len(texts) == len(set(texts)) == 60
    assert {"mammal", "carnivore", "dog", "primate", "rodent"} <= set(texts)
    boxes = [text.get_window_extent() for text in ax.texts]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    rim = ax.transData.transform([[0, 0], [1, 0]])
    corners = np.array([box.corners() for box in boxes])
    assert np.linalg.norm(corners - rim[0], axis=-1).max() < rim[1, 0] - rim[0, 0]


@pytest.mark.parametrize("suffix", plot.SUFFIXES)
def test_save_embedding(model, tmp_path, suffix):
    path = tmp_path / f"m{suffix}"
    plot.save_embedding(path, model, title="mammals")
    start = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}[suffix]
    assert path.read_bytes().startswith(start)
    assert [path] == list(tmp_path.iterdir())


@pytest.mark.parametrize("dim", [1, 3])
def test_other_dimensions_are_projected(tmp_path, dim):
    model = HyperbolicEmbedding(dim, epochs=2, rng=0).fit([("a", "b"), ("c", "b"), ("b", "d")])
    plot.save_embedding(tmp_path / "m.png", model)
    assert (tmp_path / "m.png").stat().st_size > 1000


def test_poincare_disk_draws_into_given_axes_and_takes_no_points():
    ax = plot.pyplot().figure().add_subplot()
    assert plot.poincare_disk(np.zeros((0, 2)), ax=ax) is ax
    assert plot.poincare_disk([[0, 0], [0.5, 0.5]], labels=["a", "b"], ax=ax, title="two") is ax
    assert {text.get_text() for text in ax.texts} == {"a", "b"}


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"points": np.zeros((3, 4))}, ShapeError, r"not \(3, 4\)"),
        ({"points": [[0, 0], [1, 0]]}, DomainError, r"x\[1\] lies outside the ball: .* is 1, but"),
        ({"points": [[np.nan, 0]]}, DomainError, r"finite, not \[nan, 0.0\]"),
        ({"points": [[0, 0]], "edges": [[0, 1]]}, DomainError, "one names point 1"),
        ({"points": [[0, 0]], "edges": [[-1, 0]]}, DomainError, "one names point -1"),
        ({"points": [[0, 0]], "edges": [0, 1]}, ShapeError, r"edges of shape"),
        ({"points": [[0, 0]], "labels": []}, ShapeError, "a label for each"),
        ({"points": [[0, 0]], "depth": [1, 2]}, ShapeError, r"depth of shape \(1,\)"),
        ({"points": [[0, 0]], "importance": [1, 2]}, ShapeError, r"importance of shape"),
    ],
)
def test_poincare_disk_explains_what_is_wrong(arguments, error, message):
    with pytest.raises(error, match=message):
        plot.poincare_disk(**arguments)


def test_save_embedding_needs_a_suffix_it_knows(tmp_path, model):
    with pytest.raises(FormatError, match=r"\.png or \.svg or \.pdf"):
        plot.save_embedding(tmp_path / "m.bmp", model)


def test_without_matplotlib_the_extra_is_named(monkeypatch, tmp_path, model):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(BackendUnavailable, match=r'pip install "geomkern\[plot\]"'):
        plot.save_embedding(tmp_path / "m.png", model)
    assert list(tmp_path.iterdir()) == []

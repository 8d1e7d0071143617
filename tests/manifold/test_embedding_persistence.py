"""Models as files: what comes back, what word2vec and gensim read and write, and what is refused."""

import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from geomkern.errors import DomainError, FormatError
from geomkern_manifold.embedding import HyperbolicEmbedding, read_edges, word2vec

DATA = Path(__file__).parent / "data"
MAMMALS = read_edges("mammals")
PAIRS = [("cat", "mammal"), ("dog", "mammal"), ("mammal", "animal"), ("cat", "animal"), ("dog", "animal")]


def small(**options):
    return HyperbolicEmbedding(**{"dim": 5, "epochs": 12, "burn_in": 3, "rng": 1, "deterministic": True, **options})


def test_save_tsv_is_word2vec_with_tabs(tmp_path):
    model = small(dim=3).fit(PAIRS)
    model.save(tmp_path / "m.tsv")
    lines = (tmp_path / "m.tsv").read_text().splitlines()
    assert lines[0] == "4 3"
    names, points = zip(*((line.split("\t")[0], line.split("\t")[1:]) for line in lines[1:]), strict=True)
    assert list(names) == model.nodes_
    np.testing.assert_array_equal(np.array(points, np.float32), model.embedding_)


def test_npz_can_be_read_without_geomkern(tmp_path):
    model = small(manifold=[("poincare", 5)]).fit(MAMMALS)
    model.save(tmp_path / "m.npz")
    with np.load(tmp_path / "m.npz") as archive:
        np.testing.assert_array_equal(archive["embedding"], model.embedding_)
        assert archive["nodes"].tolist() == model.nodes_
    loaded = HyperbolicEmbedding.load(tmp_path / "m.npz")
    assert loaded.evaluate() == model.evaluate()
    np.testing.assert_array_equal(loaded.loss_, model.loss_)
    left_out = {"rng", "callback", "warm_start", "checkpoint", "manifold"}
    for name, value in loaded.get_params().items():
        assert name in left_out or value == model.get_params()[name], name


@pytest.mark.parametrize("suffix", [".tsv", ".txt", ".vec", ".bin"])
@pytest.mark.parametrize("name", ["Löwe", "animal"])
def test_points_come_back_to_the_bit(tmp_path, suffix, name):
    model = small().fit([*PAIRS, ("lion", name)])
    model.save(tmp_path / f"m{suffix}")
    loaded = HyperbolicEmbedding.load(tmp_path / f"m{suffix}")
    assert loaded.nodes_ == model.nodes_
    assert loaded.embedding_.dtype == np.float32
    np.testing.assert_array_equal(loaded.embedding_, model.embedding_)
    assert loaded.distance("cat", name) == model.distance("cat", name)
    assert loaded.evaluate([*PAIRS, ("lion", name)]) == model.evaluate()
    loaded.save(tmp_path / f"again{suffix}")
    assert (tmp_path / f"again{suffix}").read_bytes() == (tmp_path / f"m{suffix}").read_bytes()


@pytest.mark.parametrize("suffix", [".txt", ".bin"])
def test_what_gensim_writes_is_read_and_written_alike(tmp_path, suffix):
    given = DATA / f"gensim{suffix}"
    model = HyperbolicEmbedding.load(given)
    assert model.nodes_ == ["animal", "mammal", "dog", "cat", "wolf", "Löwe", "entity"]
    assert model.embedding_.shape == (7, 3)
    assert model.embedding_.dtype == (np.float64 if suffix == ".txt" else np.float32)
    assert model.embedding_[4, 2] == model.embedding_.dtype.type(-0.47023995987268896)
    model.save(tmp_path / f"m{suffix}")
    assert (tmp_path / f"m{suffix}").read_bytes() == given.read_bytes()


def test_the_first_word2vec_put_line_breaks_between_nodes(tmp_path):
    points = np.array([[1, 2], [3, 4]], "<f4")
    (tmp_path / "m.bin").write_bytes(b"2 2\na " + points[0].tobytes() + b"\nb " + points[1].tobytes() + b"\n")
    names, found = word2vec.load_binary(tmp_path / "m.bin")
    assert names == ["a", "b"]
    np.testing.assert_array_equal(found, points)


def test_a_pickle_is_refused_and_not_opened(tmp_path):
    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "sprung"),)

    for name in ("m.npz", "m.txt", "m.bin"):
        (tmp_path / name).write_bytes(pickle.dumps(Trap()))
        with pytest.raises(FormatError, match=r"is a pickle, .* runs whatever code.*save_word2vec_format"):
            HyperbolicEmbedding.load(tmp_path / name)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("pairs", "name", "message"),
    [
        ([("a", "b")], "m.json", "must end in .npz or .tsv or .txt or .vec or .bin, not '.*m.json'"),
        ([("a\tb", "c")], "m.tsv", "tab or a line break"),
        ([("a b", "c")], "m.txt", "a .txt embedding cannot hold the name 'a b'"),
        ([("a b", "c")], "m.bin", "a .bin embedding cannot hold"),
        ([("a", 1)], "m.npz", "all strings or all whole numbers"),
        ([(1 << 70, 1)], "m.npz", "64 bits"),
        ([("a\0", "b")], "m.npz", "null character"),
    ],
)
def test_what_cannot_be_saved_leaves_no_file(tmp_path, pairs, name, message):
    with pytest.raises(FormatError, match=message):
        small().fit(pairs).save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_float64_is_not_rounded_in_silence(tmp_path):
    model = HyperbolicEmbedding.load(DATA / "gensim.txt")
    with pytest.raises(FormatError, match="holds float32, and the points are float64"):
        model.save(tmp_path / "m.bin")
    with pytest.raises(DomainError, match=r"save as \.npz needs edges"):
        model.save(tmp_path / "m.npz")


BAD = {
    "words.txt": (b"cat dog\n", "must begin with the numbers of nodes and of dimensions"),
    "empty.txt": (b"", "must begin with"),
    "short.txt": (b"2 2\na 1 2\n", "line 3: expected a name and 2 numbers, not ''"),
    "columns.txt": (b"1 3\na 1 2\n", "line 2: expected a name and 3 numbers, not 'a 1 2'"),
    "number.txt": (b"1 2\na 0.1 x\n", "could not convert string to float"),
    "long.txt": (b"1 2\na 0 0\nb 0 0\n", "more than the 1 lines"),
    "twice.txt": (b"2 2\na 0 0\na 0 0\n", "has a name twice"),
    "latin.txt": (b"1 1\ncaf\xe9 0\n", "not UTF-8"),
    "short.bin": (b"2 2\na " + bytes(8) + b"b ", "ends in the middle of node 2 of 2"),
    "long.bin": (b"1 1\na " + bytes(4) + b"b " + bytes(4), "more than the 1 nodes"),
    "latin.bin": (b"1 1\n\xff " + bytes(4), "the name of node 1 is not UTF-8"),
    "zero.bin": (b"0 2\n", "must begin with"),
    "m.json": (b"{}", "must end in"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_get_one_sentence(tmp_path, name):
    content, message = BAD[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FormatError, match=message):
        HyperbolicEmbedding.load(tmp_path / name)


def test_points_outside_the_space_are_refused(tmp_path):
    (tmp_path / "m.txt").write_text("1 2\na 3 4\n")
    with pytest.raises(DomainError):
        HyperbolicEmbedding.load(tmp_path / "m.txt")
    assert HyperbolicEmbedding.load(tmp_path / "m.txt", "euclidean").norm("a") == 5


def test_what_cannot_be_loaded(tmp_path):
    path = tmp_path / "m.npz"
    for name in ("m.npz", "m.txt", "m.bin"):
        with pytest.raises(FileNotFoundError, match="cannot read"):
            HyperbolicEmbedding.load(tmp_path / name)
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

"""Saving and loading states."""

import builtins
import os

import numpy as np
import pytest

import geomkern as gk
from geomkern.errors import BackendUnavailable, DTypeError, FormatError


def test_round_trip(tmp_path):
    state = {
        "layer.weight": gk.tensor(np.arange(6.0, dtype=np.float32).reshape(2, 3), requires_grad=True),
        "strided": np.arange(24.0).reshape(4, 6)[::2, ::3].T,
        "scalar": np.array(3),
        "empty": np.ones((0, 3)),
        "mask": np.array([True, False]),
        "swapped": np.array([1.0, 2.0], ">f8"),
        "number": np.float32(2.5),
    }
    gk.save(state, tmp_path / "state.safetensors")
    loaded = gk.load(tmp_path / "state.safetensors")
    assert set(loaded) == set(state)
    for key, value in state.items():
        expected = np.asarray(value)
        np.testing.assert_array_equal(loaded[key], expected)
        assert loaded[key].shape == expected.shape
        assert loaded[key].dtype == expected.dtype.newbyteorder("=")
    loaded["layer.weight"][0, 0] = 7


@pytest.mark.parametrize(
    ("state", "error", "message"),
    [
        ({1: np.ones(2)}, FormatError, "the keys of a state are strings, not 1"),
        ({"a": {"b": np.ones(2)}}, FormatError, "the values of a state are arrays and tensors, and 'a' is dict"),
        ({"a": np.ones(2, np.longdouble)}, DTypeError, "a safetensors file cannot hold .*, the type of 'a'"),
        ({"a": np.array(["x"])}, DTypeError, "cannot hold <U1"),
    ],
)
def test_what_cannot_be_saved_leaves_the_old_file(tmp_path, state, error, message):
    path = tmp_path / "state.safetensors"
    gk.save({"old": np.ones(1)}, path)
    with pytest.raises(error, match=message):
        gk.save(state, path)
    assert list(gk.load(path)) == ["old"]
    assert os.listdir(tmp_path) == ["state.safetensors"]


@pytest.mark.parametrize("content", [b"", b"not a state", b"\xff" * 100])
def test_a_file_that_is_none(tmp_path, content):
    path = tmp_path / "state.safetensors"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=r"state\.safetensors' is not a safetensors file"):
        gk.load(path)


def test_a_file_cut_short(tmp_path):
    path = tmp_path / "state.safetensors"
    gk.save({"a": np.ones(100)}, path)
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(FormatError, match="is not a safetensors file"):
        gk.load(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        gk.load(tmp_path / "no")


def test_the_missing_package_is_named(tmp_path, monkeypatch):
    real = builtins.__import__

    def refuse(name, *args, **options):
        if name.startswith("safetensors"):
            raise ImportError(name)
        return real(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", refuse)
    for call in (lambda: gk.save({"a": np.ones(1)}, tmp_path / "a"), lambda: gk.load(tmp_path / "a")):
        with pytest.raises(BackendUnavailable, match=r'pip install "geomkern\[safetensors\]"'):
            call()
    assert os.listdir(tmp_path) == []

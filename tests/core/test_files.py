"""atomic_path: whole or not at all."""

import os
import stat

import pytest

from geomkern.io import atomic_path


def test_success_renames(tmp_path):
    path = tmp_path / "a.tsv"
    with atomic_path(path) as partial:
        assert partial.parent == tmp_path
        assert partial.suffix == ".tsv"
        assert not path.exists()
        partial.write_text("new")
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["a.tsv"]


def test_permissions_are_those_of_an_ordinary_new_file(tmp_path):
    with atomic_path(tmp_path / "a") as partial:
        partial.write_text("x")
    (tmp_path / "b").write_text("x")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == stat.S_IMODE((tmp_path / "b").stat().st_mode)


def test_permissions_of_a_replaced_file_are_kept(tmp_path):
    path = tmp_path / "a"
    path.write_text("old")
    path.chmod(0o640)
    with atomic_path(path) as partial:
        partial.write_text("new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_failure_keeps_the_old_file_and_leaves_nothing(tmp_path, error):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def interrupted():
        with atomic_path(path) as partial:
            partial.write_text("half")
            raise error

    with pytest.raises(error):
        interrupted()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_symbolic_link_is_followed(tmp_path):
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with atomic_path(tmp_path / "link") as partial:
        partial.write_text("new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_missing_folder(tmp_path):
    with (
        pytest.raises(FileNotFoundError, match=r"cannot write .*a\.txt'.*does not exist"),
        atomic_path(tmp_path / "no" / "a.txt"),
    ):
        raise AssertionError("the block must not run")


def test_folder_is_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError, match="is not a folder"), atomic_path(tmp_path / "file" / "a.txt"):
        raise AssertionError("the block must not run")


def test_path_is_a_folder(tmp_path):
    with pytest.raises(IsADirectoryError, match="it is a folder"), atomic_path(tmp_path):
        raise AssertionError("the block must not run")


def test_folder_that_cannot_be_written(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.touch", refuse)
    with (
        pytest.raises(PermissionError, match=r"cannot write .*Permission denied in the folder"),
        atomic_path(tmp_path / "a"),
    ):
        raise AssertionError("the block must not run")


def test_file_that_is_read_only(tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.write_text("old")
    monkeypatch.setattr("geomkern.io.files.os.access", lambda *_: False)
    with pytest.raises(PermissionError, match="the file is read-only"), atomic_path(path):
        raise AssertionError("the block must not run")

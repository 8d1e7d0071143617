"""Checkpoints: they can be resumed to the same bits, and the last good one outlives whatever happens to the next."""

import errno
import signal

import numpy as np
import pytest

from geomkern.errors import DomainError, FormatError
from geomkern_manifold.embedding import HyperbolicEmbedding, persistence, read_edges, run

MAMMALS = read_edges("mammals")
PAIRS = [("cat", "mammal"), ("dog", "mammal"), ("mammal", "animal"), ("cat", "animal"), ("dog", "animal")]
WRITE = np.savez_compressed


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "CHUNK_SECONDS", 0.002)
    return tmp_path / "c.npz"


def small(path, **options):
    given = {"dim": 3, "epochs": 8, "burn_in": 3, "rng": 1, "deterministic": True, "checkpoint": path, **options}
    return HyperbolicEmbedding(**{"checkpoint_every": 0, **given})


class AtWrite:
    """Does something in the middle of the file of a certain number."""

    def __init__(self, monkeypatch, number, action):
        self.count, self.number, self.action = 0, number, action
        monkeypatch.setattr(persistence.np, "savez_compressed", self)

    def __call__(self, file, **arrays):
        self.count += 1
        if self.count == self.number:
            file.write(b"half of it")
            self.action()
            file.seek(0)
            file.truncate()
        WRITE(file, **arrays)


def fail():
    raise OSError(errno.ENOSPC, "No space left on device")


def check_resumes(path):
    """The checkpoint is whole, and training goes on from it to the bits of a run that was never stopped."""
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    model = small(path, warm_start=True).fit(MAMMALS)
    whole = small(None).fit(MAMMALS)
    np.testing.assert_array_equal(model.embedding_, whole.embedding_)
    np.testing.assert_array_equal(model.loss_, whole.loss_)


def test_a_checkpoint_is_the_model(path):
    seen = []

    def look(progress):
        seen.append(HyperbolicEmbedding.load(path))

    model = small(path, callback=look).fit(MAMMALS)
    assert len(seen) > 8
    assert seen[3].epochs_done_ < 8
    np.testing.assert_array_equal(HyperbolicEmbedding.load(path).embedding_, model.embedding_)
    for part in seen[3], seen[-2]:
        part.set_params(warm_start=True).fit(MAMMALS)
        np.testing.assert_array_equal(part.embedding_, model.embedding_)
        assert part.checkpoint is None


def test_a_new_model_continues_a_checkpoint(path):
    small(path, epochs=3).fit(MAMMALS)
    check_resumes(path)
    with pytest.raises(DomainError, match="warm start needs the edges"):
        small(path, warm_start=True).fit(PAIRS)
    with pytest.raises(DomainError, match="dim=3 as before, not 4"):
        small(path, dim=4, warm_start=True).fit(MAMMALS)
    assert small(path, epochs=3).fit(MAMMALS).epochs_done_ == 3  # without warm_start it begins anew


def test_checkpoints_are_written_when_it_is_time(path, monkeypatch):
    count = AtWrite(monkeypatch, 0, fail)
    small(path, checkpoint_every=3600.0).fit(MAMMALS)
    assert count.count == 1  # at the end
    small(path, warm_start=True).partial_fit([("yeti.n.01", "mammal.n.01")])
    assert HyperbolicEmbedding.load(path).nodes_ == [*MAMMALS.nodes, "yeti.n.01"]
    small(path).partial_fit(PAIRS)
    assert HyperbolicEmbedding.load(path).nodes_ == ["cat", "mammal", "dog", "animal"]


def test_a_full_disk_is_a_warning_and_keeps_the_last_checkpoint(path, monkeypatch):
    small(path, epochs=2).fit(MAMMALS)
    before = path.read_bytes()

    def full(file, **arrays):
        file.write(b"half of it")
        fail()

    monkeypatch.setattr(persistence.np, "savez_compressed", full)
    with pytest.warns(UserWarning, match=r"c.npz' could not be written \(No space left on device\); the one before it"):
        model = small(path).fit(MAMMALS)
    assert model.epochs_done_ == 8
    assert path.read_bytes() == before
    monkeypatch.undo()
    check_resumes(path)


def test_a_disk_that_has_room_again_is_used(path, monkeypatch):
    AtWrite(monkeypatch, 3, fail)
    with pytest.warns(UserWarning, match="could not be written"):
        small(path).fit(MAMMALS)
    assert HyperbolicEmbedding.load(path).epochs_done_ == 8


def test_an_interrupt_during_a_checkpoint_waits_for_it(path, monkeypatch):
    AtWrite(monkeypatch, 2, lambda: signal.raise_signal(signal.SIGINT))
    with pytest.warns(UserWarning, match="interrupted"):
        model = small(path).fit(MAMMALS)
    assert model.interrupted_
    assert model.epochs_done_ < 8
    np.testing.assert_array_equal(HyperbolicEmbedding.load(path).embedding_, model.embedding_)
    monkeypatch.undo()
    check_resumes(path)


def test_two_interrupts_during_a_checkpoint_leave_the_one_before(path, monkeypatch):
    small(path, epochs=2).fit(MAMMALS)
    before = path.read_bytes()

    def twice():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    AtWrite(monkeypatch, 1, twice)
    with pytest.warns(UserWarning, match="interrupted"):
        small(path).fit(MAMMALS)
    assert path.read_bytes() == before
    monkeypatch.undo()
    check_resumes(path)


def test_what_cannot_be_written_is_found_before_training(path, tmp_path):
    told = []
    with pytest.raises(FileNotFoundError, match="does not exist"):
        small(tmp_path / "nowhere" / "c.npz", callback=told.append).fit(PAIRS)
    with pytest.raises(FormatError, match="all strings or all whole numbers"):
        small(path, callback=told.append).fit([("a", 1)])
    model = small(None, epochs=1).fit(PAIRS)
    with pytest.raises(FileNotFoundError, match="does not exist"):
        model.set_params(checkpoint=tmp_path / "nowhere" / "c.npz").partial_fit([("wolf", "dog")])
    assert model.set_params(checkpoint=None, warm_start=True, epochs=2).fit(PAIRS).epochs_done_ == 2
    assert told == []
    assert list(tmp_path.iterdir()) == []

"""The ``geomkern`` command as people type it: processes, exit statuses, files."""

import os
import re
import signal
import subprocess
import sysconfig
import time
from pathlib import Path

import numpy as np
import pytest

import geomkern as gk
from geomkern.cli import main

COMMAND = str(Path(sysconfig.get_path("scripts"), "geomkern"))
QUICK = ["--epochs", "3", "--deterministic", "--quiet"]


def geomkern(*arguments, folder=None, **environment):
    return subprocess.run(
        [COMMAND, *map(str, arguments)], cwd=folder, env={**os.environ, **environment},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture
def edges(tmp_path):
    path = tmp_path / "edges.tsv"
    path.write_text("cat\tmammal\ndog\tmammal\nmammal\tanimal\ncat\tanimal\ndog\tanimal\n")
    return path


def test_version():
    done = geomkern("--version")
    assert (done.returncode, done.stdout) == (0, f"geomkern {gk.__version__}\n")


def test_info_says_what_is_at_work():
    done = geomkern("info", OPENBLAS_CORETYPE="Nehalem", GEOMKERN_NUM_THREADS="1")
    assert done.returncode == 0
    for fact in (
        f"geomkern  {gk.__version__}",
        f"NumPy     {np.__version__}",
        "OpenMP",
        "threads   1 of",
        "SIMD",
        "BLAS",
    ):
        assert fact in done.stdout
    plain = geomkern("info", OPENBLAS_CORETYPE="")
    assert "holds BLAS back" not in plain.stdout
    if "built for x86-64 (SSE2)" in plain.stdout and "SIMD      x86-64 (SSE2)" not in plain.stdout:
        assert "OPENBLAS_CORETYPE=Nehalem holds BLAS back" in done.stdout


def test_backends_is_a_table():
    done = geomkern("backends")
    assert done.returncode == 0
    assert re.search(r"^manifold +available +\S", done.stdout, re.MULTILINE)


def test_help_lists_the_verbs_of_backends():
    done = geomkern("--help")
    assert done.returncode == 0
    assert re.search(r"embed +Embed a hierarchy", done.stdout)
    assert "--negatives" in geomkern("embed", "--help").stdout
    assert geomkern().returncode == 2
    assert "invalid choice: 'embde'" in geomkern("embde").stderr


def test_embed_mammals(tmp_path):
    outputs = [tmp_path / name for name in ("m.npz", "m.tsv", "m.png", "m.svg")]
    done = geomkern(
        "embed", "mammals", "--dim", 2, *QUICK,
        "--out", outputs[0], "--out", outputs[1], "--plot", outputs[2], "--plot", outputs[3],
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "1,180 nodes, 6,540 edges" in done.stdout
    assert re.search(r"trained 3 epochs in \d+\.\d+ s, \d+\.\d M pairs/s", done.stdout)
    assert re.search(r"mean rank \d+\.\d+   MAP 0\.\d+", done.stdout)
    assert sorted(tmp_path.iterdir()) == sorted(outputs)
    assert np.load(outputs[0])["embedding"].shape == (1180, 2)
    assert outputs[1].read_text().startswith("1180 2\n")


def test_embed_shows_its_progress(edges):
    done = geomkern("embed", edges, "--epochs", 50)
    assert done.returncode == 0
    assert done.stderr == ""  # no bar where nobody watches
    assert "5 edges" in done.stdout


def test_a_run_is_resumed_to_the_same_bits(tmp_path, edges):
    options = ["--dim", 3, "--deterministic", "--quiet", "--seed", 4]
    assert geomkern("embed", edges, *options, "--epochs", 9, "--out", tmp_path / "whole.npz").returncode == 0
    assert geomkern("embed", edges, *options, "--epochs", 4, "--out", tmp_path / "part.npz").returncode == 0
    done = geomkern("embed", edges, "--epochs", 9, "--resume", tmp_path / "part.npz", "--out", tmp_path / "part.npz")
    assert done.returncode == 0, done.stderr
    whole, part = np.load(tmp_path / "whole.npz"), np.load(tmp_path / "part.npz")
    np.testing.assert_array_equal(whole["embedding"], part["embedding"])


def test_an_interrupt_saves_what_was_learnt(tmp_path):
    out = tmp_path / "m.npz"
    process = subprocess.Popen(
        [COMMAND, "embed", "mammals", "--dim", "2", "--epochs", "1000000", "--threads", "1", "--out", str(out)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert "1,180 nodes" in process.stdout.readline()
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert re.fullmatch(
        r"geomkern: warning: training was interrupted after .* epochs; what was learnt is kept.*\n", stderr
    )
    assert f"wrote {out}" in stdout
    assert list(tmp_path.iterdir()) == [out]
    assert np.isfinite(np.load(out)["embedding"]).all()


def test_loops_and_repetitions_are_reported(tmp_path):
    path = tmp_path / "edges.csv"
    path.write_text("a,b\na,a\na,b\nb,c\n")
    done = geomkern("embed", path, *QUICK)
    assert done.returncode == 0
    assert done.stderr == "geomkern: warning: left out of the edges: 1 self-loop and 1 repeated edge\n"


BAD_FILES = {
    "columns.tsv": (b"a\tb\nc\n", "line 2: an edge needs 2 columns separated by tabs, not 1"),
    "one.tsv": (b"a\ta\n", "an edge between two different nodes"),
    "empty.tsv": (b"", "holds no edges"),
    "latin.tsv": (b"caf\xe9\tb\n", "line 1: byte 4 is not UTF-8 text"),
    "zip.tsv.gz": (b"a\tb\n", "not a complete gzip file"),
    "folder": (None, "cannot read"),
    "missing.tsv": (None, "there is no file"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_edges_get_one_sentence(tmp_path, name):
    content, message = BAD_FILES[name]
    if content is not None:
        (tmp_path / name).write_bytes(content)
    elif name == "folder":
        (tmp_path / name).mkdir()
    done = geomkern("embed", name, "--out", "out.npz", "--plot", "out.png", folder=tmp_path)
    check_refusal(done, message)
    assert not list(tmp_path.glob("*out*")) + list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--out", "nowhere/m.npz"], "does not exist"),
        (["--out", "m.txt"], "--out 'm.txt' must end in .npz or .tsv"),
        (["--plot", "m.bmp"], "--plot 'm.bmp' must end in .png or .svg or .pdf"),
        (["--out", "full.npz"], "it is a folder"),
        (["--out", "edges.tsv/m.npz"], "is not a folder"),
        (["--dim", "0"], "dim must be a whole number, at least 1, not 0"),
        (["--lr", "nan"], "lr must be a positive finite number"),
        (["--epochs", "-1"], "epochs must be"),
        (["--threads", "0"], "at least one thread"),
        (["--seed", "-1"], "--seed must not be negative"),
        (["--resume", "none.npz"], "cannot read 'none.npz'"),
        (["--resume", "edges.tsv"], "is not an embedding"),
    ],
)
def test_bad_options_get_one_sentence(tmp_path, edges, options, message, monkeypatch, capsys):
    (tmp_path / "full.npz").mkdir()
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.chdir(tmp_path)
    status = main(["embed", "edges.tsv", "--out", "m.npz", *options])
    check_refusal(subprocess.CompletedProcess([], status, *capsys.readouterr()), message)
    assert sorted(tmp_path.rglob("*")) == before


def test_what_does_not_fit_into_memory_is_one_sentence(edges, capsys):
    assert main(["embed", str(edges), "--dim", "2000000000", "--quiet"]) == 2
    assert re.fullmatch(r"geomkern: error: Unable to allocate [^\n]*\n", capsys.readouterr().err)


def check_refusal(done, message):
    assert done.returncode == 2
    assert done.stdout == ""
    assert re.fullmatch(r"geomkern: error: [^\n]*\n", done.stderr), done.stderr
    assert message in done.stderr


def test_without_matplotlib_nothing_is_trained(tmp_path, edges):
    (tmp_path / "matplotlib.py").write_text("raise ImportError('not here')\n")
    done = geomkern("embed", edges, "--plot", tmp_path / "m.png", PYTHONPATH=str(tmp_path))
    check_refusal(done, 'pip install "geomkern[plot]"')

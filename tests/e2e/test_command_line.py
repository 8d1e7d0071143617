"""The ``geomkern`` command as people type it: processes, exit statuses, files."""

import os
import re
import resource
import signal
import subprocess
import sysconfig
import time
from pathlib import Path

import numpy as np
import pytest

import geomkern as gk
from geomkern.cli import main
from geomkern_manifold.embedding import HyperbolicEmbedding

COMMAND = str(Path(sysconfig.get_path("scripts"), "geomkern"))
QUICK = ["--epochs", "3", "--deterministic", "--quiet"]


def geomkern(*arguments, folder=None, **environment):
    return subprocess.run(
        [COMMAND, *map(str, arguments)], cwd=folder, env={**os.environ, **environment},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture
def here(capsys, monkeypatch):
    """The same in this process, which is sooner there: geomkern(*arguments, folder=...)."""

    def call(*arguments, folder):
        monkeypatch.chdir(folder)
        status = main([str(argument) for argument in arguments])
        return subprocess.CompletedProcess(arguments, status, *capsys.readouterr())

    return call


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
    assert re.search(r"evaluate +Say how well", done.stdout)
    assert re.search(r"plot +Draw an embedding", done.stdout)
    assert re.search(r"query +Ask an embedding", done.stdout)
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
    options = ["--dim", 3, "--deterministic", "--quiet", "--seed", 4, "--schedule", "constant"]
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
        (["--out", "m.json"], "--out 'm.json' must end in .npz or .tsv or .txt or .vec or .bin"),
        (["--checkpoint", "c.txt"], "--checkpoint 'c.txt' must end in .npz"),
        (["--checkpoint", "nowhere/c.npz"], "does not exist"),
        (["--manifold", "klein"], "manifold must be one of poincare, lorentz, euclidean"),
        (["--manifold", "poincare:5+"], "written like poincare:5+euclidean:5"),
        (["--dampening", "2"], "dampening must be a number between 0 and 1"),
        (["--loss", "cones", "--manifold", "lorentz"], "loss='cones' is of the Poincaré ball"),
        (["--plot", "m.bmp"], "--plot 'm.bmp' must end in .png or .svg or .pdf"),
        (["--out", "full.npz"], "it is a folder"),
        (["--out", "edges.tsv/m.npz"], "is not a folder"),
        (["--dim", "0"], "dim must be a whole number, at least 1, not 0"),
        (["--lr", "nan"], "lr must be a positive finite number"),
        (["--epochs", "-1"], "epochs must be"),
        (["--threads", "0"], "at least one thread"),
        (["--seed", "-1"], "--seed must not be negative"),
        (["--resume", "none.npz"], "cannot read 'none.npz'"),
        (["--resume", "edges.tsv"], "--resume 'edges.tsv' must end in .npz"),
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


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    outputs = [option for name in ("m.npz", "m.txt", "m.bin") for option in ("--out", folder / name)]
    assert geomkern("embed", "mammals", "--dim", 2, "--epochs", 60, "--deterministic", "--quiet", *outputs).stderr == ""
    return folder


def test_evaluate(models, here):
    done = geomkern("evaluate", "m.npz", folder=models)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"1,180 nodes, 6,540 edges\nmean rank \d\.\d{3}   MAP 0\.\d{4}\n", done.stdout)
    table = here("evaluate", "m.npz", "--depth", folder=models).stdout
    assert table.startswith(done.stdout)
    assert [line.split()[0] for line in table.splitlines()[2:]] == ["depth", *map(str, range(1, 10))]
    for name in ("m.txt", "m.bin"):
        assert here("evaluate", name, "mammals", folder=models).stdout == done.stdout
    check_refusal(here("evaluate", "m.txt", folder=models), "needs edges")
    (models / "e.tsv").write_text("lion.n.01\tcarnivore.n.01\n")
    assert "1,180 nodes, 1 edges" in here("evaluate", "m.npz", "e.tsv", folder=models).stdout
    (models / "e.tsv").write_text("lion.n.01\tfurniture.n.01\n")
    check_refusal(here("evaluate", "m.npz", "e.tsv", folder=models), "not in the embedding, such as 'furniture.n.01'")


def test_query(models, here):
    def lines(*arguments):
        done = here("query", *arguments, folder=models)
        assert (done.returncode, done.stderr) == (0, "")
        return [line.split("\t") for line in done.stdout.splitlines()]

    near = lines("m.npz", "lion.n.01", "--topn", 4)
    assert len(near) == 4
    assert [float(d) for _, d in near] == sorted(float(d) for _, d in near)
    assert lines("m.bin", "lion.n.01", "--topn", 4) == near == lines("m.txt", "lion.n.01", "--topn", 4)
    assert [[near[2][1]]] == lines("m.npz", "lion.n.01", "--distance", near[2][0])
    above = lines("m.npz", "lion.n.01", "--ancestors")
    assert "placental.n.01" in [name for name, _ in above]
    assert len(lines("m.npz", "placental.n.01", "--descendants")) in range(1, 6)
    check_refusal(here("query", "m.npz", "lion", folder=models), "no node 'lion' in the embedding; did you mean")
    check_refusal(here("query", "m.npz", "lion.n.01", "--topn", 0, folder=models), "--topn must be at least 1")


def test_query_names_that_are_numbers(tmp_path, here):
    (tmp_path / "e.tsv").write_text("1\t2\n2\t3\n")
    HyperbolicEmbedding(2, epochs=1, rng=0).fit([(1, 2), (2, 3)]).save(tmp_path / "m.npz")
    assert here("query", "m.npz", "2", folder=tmp_path).stdout.count("\n") == 2


def test_plot(models, here):
    assert here("plot", "m.npz", "a.svg", folder=models).stdout == "wrote a.svg\n"
    assert here("plot", "m.txt", "b.svg", "--edges", "mammals", "--title", "M", folder=models).returncode == 0
    assert (models / "a.svg").stat().st_size > 10000 < (models / "b.svg").stat().st_size
    check_refusal(here("plot", "m.txt", "c.svg", folder=models), "plot needs edges")
    check_refusal(here("plot", "m.npz", "c.bmp", folder=models), "OUT 'c.bmp' must end in")
    assert not (models / "c.svg").exists()


LONG = ["embed", "mammals", "--dim", "2", "--deterministic", "--quiet", "--checkpoint", "c.npz", "--epochs", "40"]


def started(folder, *options):
    return subprocess.Popen(
        [COMMAND, *LONG, "--checkpoint-every", "0", *options], cwd=folder, stdout=subprocess.DEVNULL
    )


def test_a_run_that_is_killed_during_a_checkpoint_is_resumed_to_the_same_bits(tmp_path, here):
    assert here(*LONG, "--out", "whole.npz", folder=tmp_path).returncode == 0
    path = tmp_path / "c.npz"
    path.unlink()
    options: list[str] = []
    halves = 0
    for _ in range(3):
        process = started(tmp_path, *options)
        while process.poll() is None:
            if path.exists() and list(tmp_path.glob(".c-*.npz")):
                process.kill()
        assert process.wait() == -signal.SIGKILL
        halves += len(list(tmp_path.glob(".c-*.npz"))) > 0
        for half in tmp_path.glob(".c-*.npz"):
            half.unlink()
        assert HyperbolicEmbedding.load(path).epochs_done_ < 40
        options = ["--resume", "c.npz"]
    assert halves > 0
    assert here(*LONG, *options, "--out", "m.npz", folder=tmp_path).returncode == 0
    whole, resumed = np.load(tmp_path / "whole.npz"), np.load(tmp_path / "m.npz")
    np.testing.assert_array_equal(whole["embedding"], resumed["embedding"])


def test_a_checkpoint_outlives_a_full_disk(tmp_path, here):
    assert here(*LONG, "--epochs", 4, folder=tmp_path).returncode == 0
    before = (tmp_path / "c.npz").read_bytes()
    done = subprocess.run(
        [COMMAND, *LONG, "--resume", "c.npz", "--epochs", "6"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
    )  # fmt: skip
    assert done.returncode == 0
    assert "trained 6 epochs" in done.stdout
    assert re.fullmatch(r"geomkern: warning: the checkpoint 'c.npz' could not be written \(.*\n", done.stderr)
    assert [path.name for path in tmp_path.iterdir()] == ["c.npz"]
    assert (tmp_path / "c.npz").read_bytes() == before
    assert here(*LONG, "--resume", "c.npz", folder=tmp_path).returncode == 0


def test_an_interrupted_run_is_resumed_from_its_checkpoint(tmp_path, here):
    process = started(tmp_path, "--epochs", "1000000")
    while not (tmp_path / "c.npz").exists():
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130
    part = HyperbolicEmbedding.load(tmp_path / "c.npz")
    assert part.interrupted_
    done = here(*LONG, "--epochs", part.epochs_done_ + 1, "--resume", "c.npz", folder=tmp_path)
    assert f"trained {part.epochs_done_ + 1} epochs" in done.stdout


def test_without_matplotlib_nothing_is_trained(tmp_path, edges):
    (tmp_path / "matplotlib.py").write_text("raise ImportError('not here')\n")
    done = geomkern("embed", edges, "--plot", tmp_path / "m.png", PYTHONPATH=str(tmp_path))
    check_refusal(done, 'pip install "geomkern[plot]"')

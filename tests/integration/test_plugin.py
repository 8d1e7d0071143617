"""A stranger's package, the one in examples/plugin, installed apart and used through geomkern."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PLUGIN = Path(__file__).parents[2] / "examples" / "plugin"

USE = """
import numpy as np
import geomkern as gk
status, = [status for status in gk.backends.list() if status.name == "sphere"]
assert status.available, status.reason
layer = gk.nn.create("sphere.AngularPrototypes", 3, classes=5, rng=0)
logits = layer(gk.tensor(np.ones((2, 3)), requires_grad=True))
logits.sum().backward()
assert logits.shape == (2, 5) and layer.weight.grad.shape == (5, 3)
assert gk.backends.kernels("sphere").__name__ == "geomkern_sphere.kernels.cpu"
assert gk.backends.kernels("sphere", "reference").__name__ == "geomkern_sphere.kernels.reference"
"""

BREAK = """
import geomkern as gk
found = {status.name: status for status in gk.backends.list()}
assert found["manifold"].available
assert not found["sphere"].available
assert "no_such_library" in found["sphere"].reason, found["sphere"].reason
try:
    gk.nn.create("sphere.AngularPrototypes", 3, 5)
except gk.errors.BackendUnavailable as error:
    assert "no_such_library" in str(error)
else:
    raise SystemExit("a layer of a broken backend was created")
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Build a copy of the example, so that the sources stay clean, and install it into an empty folder."""
    folder = tmp_path_factory.mktemp("plugin")
    source = shutil.copytree(PLUGIN, folder / "source", ignore=shutil.ignore_patterns("build", "*.egg-info"))
    target = folder / "site"
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    run(["-m", "pip", "install", *options, "--target", str(target), str(source)], folder)
    return target


def run(arguments, folder, site=None):
    environment = {**os.environ, "PYTHONPATH": str(site)} if site else None
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_is_found_and_used_by_name(installed, tmp_path):
    run(["-c", USE], tmp_path, installed)


def test_the_command_line_lists_it(installed, tmp_path):
    table = run(["-c", "import sys; from geomkern.cli import main; sys.exit(main(['backends']))"], tmp_path, installed)
    assert "sphere" in table
    assert "Directions: angles between vectors" in table


def test_its_own_tests_pass_and_with_them_the_conformance_kit(installed, tmp_path):
    shutil.copytree(PLUGIN / "tests", tmp_path / "tests")
    summary = run(["-m", "pytest", "--quiet", "--rootdir", str(tmp_path), "tests"], tmp_path, installed)
    assert " passed" in summary


def test_a_broken_one_is_listed_with_its_reason(installed, tmp_path):
    broken = shutil.copytree(installed, tmp_path / "broken")
    (broken / "geomkern_sphere" / "plugin.py").write_text("import no_such_library\n")
    run(["-c", BREAK], tmp_path, broken)

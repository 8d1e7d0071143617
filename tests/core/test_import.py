"""What ``import geomkern`` loads and shows."""

import subprocess
import sys

import pytest

import geomkern as gk

HEAVY = (
    *("scipy", "importlib.metadata", "numpy.random", "numpy.testing", "safetensors"),
    *("geomkern.nn", "geomkern.optim", "geomkern.testing"),
)


def test_nothing_heavy_is_loaded(tmp_path):
    code = f"import sys, geomkern; print(*[name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_everything_that_is_announced_is_there():
    missing = [name for name in gk.__all__ if not hasattr(gk, name)]
    assert missing == []
    assert set(gk.__all__) <= set(dir(gk))


def test_lazy_submodules():
    assert gk.testing.check_function
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = gk.nothing

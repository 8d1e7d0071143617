"""The README and the reference say what is true."""

import importlib
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
MODULES = (
    *("geomkern", "geomkern.autograd", "geomkern.backends", "geomkern.devices", "geomkern.errors", "geomkern.io"),
    *("geomkern.nn", "geomkern.nn.functional", "geomkern.nn.init", "geomkern.optim", "geomkern.testing"),
    *("geomkern_manifold", "geomkern_manifold.distributions", "geomkern_manifold.embedding"),
    *("geomkern_manifold.layers", "geomkern_manifold.losses", "geomkern_manifold.manifolds"),
    *("geomkern_manifold.neighbors", "geomkern_manifold.optim", "geomkern_manifold.plot", "geomkern_manifold.spectral"),
)


def test_the_code_of_the_readme_runs(capsys):
    namespace = {}
    for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        exec(block, namespace)
    assert "(1000,)" in capsys.readouterr().out


def test_the_links_of_the_readme_lead_somewhere():
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_public_name_is_in_the_reference():
    listed, module = set(), None
    for line in (ROOT / "docs" / "reference.rst").read_text().splitlines():
        if line.startswith(".. currentmodule::"):
            module = line.split()[-1]
        elif re.fullmatch(r"   \w+", line):
            listed.add(_identity(module, line.strip()))
    public = {
        _identity(name, attribute)
        for name in MODULES
        for attribute in importlib.import_module(name).__all__
        if callable(getattr(importlib.import_module(name), attribute))
    }
    assert public - listed == set()


def _identity(module, name):
    """Return where an object is defined, so that it counts under whichever of its names it is listed."""
    value = getattr(importlib.import_module(module), name)
    return getattr(value, "__module__", module), getattr(value, "__qualname__", name)

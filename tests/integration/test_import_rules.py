"""Imports go one way: each room of the core knows those below it, and no room knows a backend."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Rooms on one line do not know each other.
FLOORS = (
    ("errors", "_version", "_entrypoints"),
    ("kernels",),
    ("config",),
    ("devices", "backends"),
    ("autograd",),
    ("tensor",),
    ("ops", "io"),
    ("nn", "optim"),
    ("testing", "cli"),
)
FLOOR = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
SOURCES = sorted((ROOT / "geomkern").rglob("*.py[x]")) + sorted((ROOT / "geomkern").rglob("*.py"))
STATEMENT = re.compile(
    r"^[ \t]*(?:from[ \t]+(\S+)[ \t]+c?import[ \t]+(?:\(\s*)?(\w+)|c?import[ \t]+(\S+))", re.MULTILINE
)


def imports(path):
    """Yield the full name of every module that a source asks for, as far as its first name from there."""
    package = path.relative_to(ROOT).parent.parts
    for origin, name, plain in STATEMENT.findall(path.read_text()):
        dots = len(origin) - len(origin.lstrip("."))
        base = package[: len(package) - dots + 1] if dots else ()
        yield ".".join([*base, origin[dots:] or name, name]) if origin else plain


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_room_imports_only_from_below(path):
    parts = path.relative_to(ROOT / "geomkern").with_suffix("").parts
    room = parts[0]
    wanted = [name.split(".") for name in imports(path)]
    assert not [name for name in wanted if name[0].startswith("geomkern_")]
    if room == "__init__":
        return
    rooms = {name[1] for name in wanted if name[0] == "geomkern" and len(name) > 1} - {room}
    assert {other for other in rooms if FLOOR[other] >= FLOOR[room]} == set()


def test_every_source_is_on_a_floor():
    rooms = {path.relative_to(ROOT / "geomkern").with_suffix("").parts[0] for path in SOURCES}
    assert rooms - {"__init__"} == set(FLOOR)


@pytest.mark.parametrize(
    "statement", ["import geomkern", "import geomkern as gk; gk.tensor([1.0]).exp(); gk.nn.Linear(2, 2); gk.optim.Adam"]
)
def test_the_core_loads_no_backend_and_no_scipy(statement, tmp_path):
    code = f"{statement}; import sys; print(*(name for name in sys.modules if name.startswith(('geomkern_', 'scipy'))))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []

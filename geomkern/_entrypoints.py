"""Entry points: what installed packages declare, read from their metadata without importing them."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

_found: dict[str, dict[str, EntryPoint]] = {}


def declared(group: str) -> dict[str, EntryPoint]:
    """Return the entry points of a group by name. Of two that claim a name the first has it, with a warning."""
    if group not in _found:
        # Here, because this module of the standard library takes a third of geomkern's own import time.
        from importlib.metadata import entry_points

        by_name: dict[str, EntryPoint] = {}
        for point in entry_points(group=group):
            kept = by_name.setdefault(point.name, point)
            if kept.value != point.value:
                warnings.warn(
                    f"{group}: {point.name!r} is declared twice; {kept.value} is used and {point.value} is not",
                    RuntimeWarning,
                    stacklevel=2,
                )
        _found[group] = by_name
    return _found[group]


def forget() -> None:
    """Read the metadata anew at the next question."""
    _found.clear()

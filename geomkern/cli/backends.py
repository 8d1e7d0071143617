"""List the installed backends, and why one does not load."""

import argparse

from .. import backends

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """There are none."""


def run(args: argparse.Namespace) -> int:
    """Print the table."""
    rows = [("backend", "state", "summary")]
    for entry in backends.list():
        state, text = ("available", entry.summary) if entry.available else ("unavailable", entry.reason)
        rows.append((entry.name, state, text))
    widths = [max(len(row[i]) for row in rows) for i in range(2)]
    for name, state, text in rows:
        print(f"{name:<{widths[0]}}  {state:<{widths[1]}}  {text}")
    return 0

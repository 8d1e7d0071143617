"""The ``geomkern`` command: its own verbs and those that backends bring."""

import argparse
import pkgutil
import sys
import warnings
from collections.abc import Sequence
from typing import Any

from .. import backends
from .._version import __version__
from ..errors import GeomkernError

__all__ = ["main"]

OWN_COMMANDS = {"backends": "geomkern.cli.backends", "info": "geomkern.cli.info"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments; those of the process if not given.

    Returns
    -------
    int
        0 when all went well, 2 after bad input, 130 after an interrupt.

    Examples
    --------
    >>> from geomkern.cli import main
    >>> main(["backends"])  # doctest: +SKIP
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    with warnings.catch_warnings():
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = _show_warning
        try:
            args = _parser(arguments).parse_args(arguments)
            return args.run(args)
        except (GeomkernError, OSError, MemoryError) as error:
            print(f"geomkern: error: {_sentence(error)}", file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            print("geomkern: interrupted", file=sys.stderr)
            return 130


def _commands() -> dict[str, str]:
    """Return the verbs and where they live; a backend that does not load brings none."""
    found = dict(OWN_COMMANDS)
    for entry in backends.list():
        if entry.available:
            for verb, path in backends.get(entry.name).commands.items():
                found.setdefault(verb, path)
    return found


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser; only the modules that the arguments ask for are imported."""
    parser = argparse.ArgumentParser(prog="geomkern", description="Geometry-aware layers and embeddings on NumPy.")
    parser.add_argument("--version", action="version", version=f"geomkern {__version__}")
    verbs = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    commands = _commands()
    asked = next((argument for argument in arguments if not argument.startswith("-")), None)
    for verb in sorted(commands):
        if asked not in commands or verb == asked:
            command: Any = pkgutil.resolve_name(commands[verb])
            text = (command.__doc__ or "").strip()
            sub = verbs.add_parser(verb, help=text.split("\n")[0], description=text,
                                   formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
            command.add_arguments(sub)
            sub.set_defaults(run=command.run)
    return parser


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.strerror}: {error.filename!r}"
    return str(error)


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    print(f"geomkern: warning: {message}", file=sys.stderr)

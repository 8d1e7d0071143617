"""Models written now and then while they train."""

import os
import time
import warnings
from collections.abc import Callable

from .persistence import check_writable

__all__ = ["Checkpoints"]


class Checkpoints:
    """Writes a model when so many seconds have passed.

    A file is replaced as a whole, so that the last good one is there whatever happens. One that cannot be written, as
    on a full disk, is a warning: the training goes on, and the next one may succeed.

    Parameters
    ----------
    path : str, os.PathLike or None
        The file; None writes nothing.
    every : float
        Seconds between two of them.
    save : callable
        Writes the model to a path.
    """

    def __init__(
        self, path: str | os.PathLike[str] | None, every: float, save: Callable[[str | os.PathLike[str]], None]
    ) -> None:
        self.path, self.every, self.save = path, every, save
        if path is not None:
            check_writable(path)
        self.last = time.monotonic()

    def write_if_due(self) -> None:
        """Write the model if it is time."""
        if time.monotonic() - self.last >= self.every:
            self.write()

    def write(self) -> None:
        """Write the model now."""
        if self.path is None:
            return
        try:
            self.save(self.path)
        except OSError as error:
            warnings.warn(
                f"the checkpoint {os.fspath(self.path)!r} could not be written ({error.strerror or error}); "
                "the one before it is as it was, and training goes on",
                stacklevel=2,
            )
        self.last = time.monotonic()

"""Writing a file so that it is there in full or not at all."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["atomic_path"]


@contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path that becomes `path` when the block ends, and vanishes when the block fails.

    Parameters
    ----------
    path : str or os.PathLike
        The file to write. An existing file is replaced, keeping its permissions; a symbolic link is followed.

    Yields
    ------
    pathlib.Path
        An empty file in the same folder with the same suffix, so that the final rename is atomic and a writer that
        looks at the suffix sees the right one.

    Raises
    ------
    OSError
        Before the block runs: if `path` is a folder (IsADirectoryError), its folder does not exist
        (FileNotFoundError) or is none (NotADirectoryError), or it cannot be written (PermissionError).

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geomkern.io import atomic_path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with atomic_path(Path(folder, "a.txt")) as partial:
    ...         _ = partial.write_text("whole")
    ...     Path(folder, "a.txt").read_text()
    'whole'
    """
    target = Path(os.path.realpath(path))
    folder = target.parent
    if target.is_dir():
        raise IsADirectoryError(f"cannot write {str(path)!r}: it is a folder")
    if not folder.exists():
        raise FileNotFoundError(f"cannot write {str(path)!r}: the folder {str(folder)!r} does not exist")
    if not folder.is_dir():
        raise NotADirectoryError(f"cannot write {str(path)!r}: {str(folder)!r} is not a folder")
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(f"cannot write {str(path)!r}: the file is read-only")
    partial = folder / f".{target.stem[:32]}-{os.urandom(6).hex()}{target.suffix}"
    try:
        partial.touch(exist_ok=False)
    except OSError as error:
        raise type(error)(f"cannot write {str(path)!r}: {error.strerror} in the folder {str(folder)!r}") from error
    try:
        yield partial
        if target.exists():
            partial.chmod(stat.S_IMODE(target.stat().st_mode))
        partial.replace(target)
    except BaseException:
        with suppress(FileNotFoundError):
            partial.unlink()
        raise

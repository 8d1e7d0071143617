"""The core's compiled kernels, and the headers and ``.pxd`` files that kernel authors share."""

from pathlib import Path


def get_include() -> str:
    """Return the folder of geomkern's C headers, for the ``include_dirs`` of an extension that uses them.

    Examples
    --------
    >>> from geomkern.kernels import get_include
    >>> get_include().endswith("include")
    True
    """
    return str(Path(__file__).parent / "include")

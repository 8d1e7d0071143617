"""Show the version, the threads, the SIMD level and the BLAS at work."""

import argparse
import os
import platform

import numpy as np
import scipy

from .._version import __version__
from ..kernels import openmp, special

__all__ = ["add_arguments", "run"]

LEVELS = {"baseline": "the compiler's baseline", "x86-64-v3": "x86-64-v3 (AVX2)", "x86-64-v4": "x86-64-v4 (AVX-512)"}
CORE_LEVELS = {
    "skylakex": "x86-64-v4",
    "cooperlake": "x86-64-v4",
    "sapphirerapids": "x86-64-v4",
    "haswell": "x86-64-v3",
    "zen": "x86-64-v3",
}
"""The SIMD level of OpenBLAS's core types; the others are lower."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """There are none."""


def run(args: argparse.Namespace) -> int:
    """Print one fact on a line."""
    for name, value in _facts():
        print(f"{name:<10}{value}")
    held_back = _held_back()
    if held_back:
        print(f"\n{held_back}")
    return 0


def _facts() -> list[tuple[str, str]]:
    copies = ", ".join(LEVELS[level] for level in special.simd_levels())
    threads = f"{openmp.get_num_threads()} of {os.cpu_count()} processors"
    return [
        ("geomkern", __version__),
        ("Python", f"{platform.python_version()} on {platform.machine()}"),
        ("NumPy", np.__version__),
        ("SciPy", scipy.__version__),
        ("OpenMP", "on" if openmp.has_openmp() else "off: built without it, every kernel runs on one thread"),
        ("threads", threads),
        ("SIMD", f"{LEVELS[special.simd_level()]}; built for {copies}"),
        *(("BLAS", text) for text in _blas()),
    ]


def _blas() -> list[str]:
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        build = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
        return [f"{build['name']} {build['version']} (install threadpoolctl to see its core type)"]
    return [
        f"{pool['internal_api']} {pool['version']}, core type {pool.get('architecture', 'unknown')}, "
        f"{pool['num_threads']} threads ({os.path.basename(pool['filepath'])})"
        for pool in threadpool_info()
        if pool["user_api"] == "blas"
    ]


def _held_back() -> str | None:
    """Return a sentence where the environment makes OpenBLAS run on a lower level than the processor has."""
    core = os.environ.get("OPENBLAS_CORETYPE")
    ladder, level = list(LEVELS), special.simd_level()
    if not core or ladder.index(CORE_LEVELS.get(core.lower(), "baseline")) >= ladder.index(level):
        return None
    return (
        f"OPENBLAS_CORETYPE={core} holds BLAS back: this processor has {LEVELS[level]}. "
        "Unset it, and matrix products run up to twice as fast."
    )

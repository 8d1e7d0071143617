"""Show the version, the threads, the SIMD level and the BLAS at work."""

import argparse
import os
import platform

import numpy as np
import scipy

from .._version import __version__
from ..kernels import openmp
from ._simd import simd_level

__all__ = ["add_arguments", "run"]

LEVELS = {4: "x86-64-v4 (AVX-512)", 3: "x86-64-v3 (AVX2)", 1: "x86-64 (SSE2)", 0: "the compiler's baseline"}
CORE_LEVELS = {"skylakex": 4, "cooperlake": 4, "sapphirerapids": 4, "haswell": 3, "zen": 3}
"""The SIMD level of OpenBLAS's core types; the others are below 3."""


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
    level = simd_level()
    copies = [LEVELS[1], LEVELS[3], LEVELS[4]] if level else [LEVELS[0]]
    threads = f"{openmp.get_num_threads()} of {os.cpu_count()} processors"
    return [
        ("geomkern", __version__),
        ("Python", f"{platform.python_version()} on {platform.machine()}"),
        ("NumPy", np.__version__),
        ("SciPy", scipy.__version__),
        ("OpenMP", "on" if openmp.has_openmp() else "off: built without it, every kernel runs on one thread"),
        ("threads", threads),
        ("SIMD", f"{LEVELS[level]}; built for {', '.join(copies)}"),
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
    if not core or CORE_LEVELS.get(core.lower(), 2) >= simd_level():
        return None
    return (
        f"OPENBLAS_CORETYPE={core} holds BLAS back: this processor has {LEVELS[simd_level()]}. "
        "Unset it, and matrix products run up to twice as fast."
    )

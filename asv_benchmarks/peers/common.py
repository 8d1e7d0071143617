"""What the peer scripts share: a clean environment, a description of the machine, and fair timing."""

import ctypes
import os
import platform
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np


def in_clean_environment(**variables: str) -> None:
    """Run the script again where BLAS is not held back, with the given variables set.

    OPENBLAS_CORETYPE forces NumPy's BLAS to the kernels of one processor; a comparison must not profit from that.
    """
    wrong = {name: value for name, value in variables.items() if os.environ.get(name) != value}
    if "OPENBLAS_CORETYPE" in os.environ or wrong:
        environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
        os.execve(sys.executable, [sys.executable, *sys.argv], {**environment, **variables})


def describe(threads: int) -> str:
    """Return one line on the machine, the libraries and the threads."""
    try:
        with open("/proc/cpuinfo") as lines:
            cpu = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        cpu = platform.processor()
    import geomkern as gk

    parts = [f"{cpu}, {os.cpu_count()} cores, {threads} threads", f"Python {platform.python_version()}"]
    parts += [f"NumPy {np.__version__}", f"geomkern {gk.__version__}"]
    try:
        from threadpoolctl import threadpool_info

        parts += [f"{pool['internal_api']} {pool.get('architecture', '')}".strip() for pool in threadpool_info()]
    except ImportError:
        parts.append("threadpoolctl not installed: BLAS unknown")
    return "; ".join(dict.fromkeys(parts))


def tune_allocator() -> None:
    """Keep large temporaries of this process in the heap, so that no call pays for fresh pages.

    The same as MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=-1 in the environment, which glibc reads at start.
    """
    libc = ctypes.CDLL("libc.so.6")
    m_trim_threshold, m_mmap_max = -1, -4
    libc.mallopt(m_mmap_max, 0)
    libc.mallopt(m_trim_threshold, 2**31 - 1)


def interleaved(functions: dict, seconds: float = 0.4, least: int = 5) -> dict:
    """Return the median time of each function in seconds, taken in turns so that all meet the same machine."""
    once = {}
    for name, function in functions.items():
        function()
        start = time.perf_counter()
        function()
        once[name] = time.perf_counter() - start
    inner = {name: max(1, int(2e-4 / max(each, 1e-9))) for name, each in once.items()}
    rounds = max(least, min(200, int(seconds / max(sum(once[name] * inner[name] for name in once), 1e-9))))
    times = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            repeats = range(inner[name])
            start = time.perf_counter()
            for _ in repeats:
                function()
            times[name].append((time.perf_counter() - start) / inner[name])
    return {name: float(np.median(values)) for name, values in times.items()}


def geometric_mean(ratios: list[float]) -> float:
    """Return the geometric mean."""
    return float(np.exp(np.mean(np.log(ratios))))


def memory_bandwidth(threads: int) -> float:
    """Return the bytes a second at which so many threads read arrays that no cache holds, by numpy.dot on one each."""
    arrays = [np.ones(2**26 // threads, np.float32) for _ in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        seconds = interleaved({"read": lambda: list(pool.map(lambda x: x @ x, arrays))}, seconds=2.0)["read"]
    return sum(x.nbytes for x in arrays) / seconds

"""The compiled half of the build: which extensions there are and how they are compiled.

Everything else is in pyproject.toml.

Environment variables
---------------------
GEOMKERN_BOUNDSCHECK=1   compile every Cython module with bounds, wraparound and overflow checks (for debugging)
GEOMKERN_OPENMP=0        build without OpenMP even where the compiler has it
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
from Cython.Build import cythonize
from setuptools import Extension, find_packages, setup

ROOT = Path(__file__).parent
PACKAGE_ROOTS = [Path("."), Path("backends")]
HEADERS = "geomkern/kernels/include"

# No fused multiply-add that the source does not ask for, and no -ffast-math: results have the same bits on every
# instruction set. What keeps loops from being vectorised is given up: errno, floating-point traps, and the defined
# overflow of signed integers (-fwrapv), which Python's own flags ask for and which makes row sums four times slower.
UNIX_FLAGS = ["-O3", "-g0", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-fno-wrapv", "-Wno-psabi"]


def openmp_flags() -> list[str]:
    """Return the compiler's OpenMP flag, or nothing where a small OpenMP program does not compile and link."""
    if os.environ.get("GEOMKERN_OPENMP", "1") == "0" or sys.platform == "win32":
        return []
    compiler = os.environ.get("CC", "cc").split()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "probe.c")
        source.write_text("#include <omp.h>\nint main(void) { return omp_get_max_threads() < 1; }\n")
        command = [*compiler, "-fopenmp", str(source), "-o", str(Path(folder, "probe"))]
        try:
            found = subprocess.run(command, capture_output=True, check=False).returncode == 0
        except OSError:
            found = False
    if not found:
        print("geomkern: the compiler has no OpenMP; building the kernels for one thread", file=sys.stderr)
    return ["-fopenmp"] if found else []


def headers_of(source: Path, folders: list[Path]) -> list[str]:
    """Return the headers of these folders that a file names, and those that they name in turn."""
    found: list[str] = []
    waiting = [source]
    while waiting:
        for name in re.findall(r'"(\w+\.h)"', waiting.pop().read_text()):
            for path in (folder / name for folder in folders):
                if path.exists() and str(path) not in found:
                    found.append(str(path))
                    waiting.append(path)
    return found


def extensions() -> list[Extension]:
    """Return one extension for each .pyx file below the package roots."""
    openmp = openmp_flags()
    found = []
    for package_root in PACKAGE_ROOTS:
        for package in find_packages(str(package_root), include=["geomkern", "geomkern.*", "geomkern_*"]):
            folder = package_root / package.replace(".", "/")
            for source in sorted(folder.glob("*.pyx")):
                found.append(
                    Extension(
                        f"{package}.{source.stem}",
                        [str(source)],
                        include_dirs=[numpy.get_include(), HEADERS, str(folder)],
                        define_macros=[("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION")],
                        extra_compile_args=UNIX_FLAGS + (openmp or ["-fopenmp-simd"]),
                        extra_link_args=openmp,
                        libraries=["m"],
                        depends=headers_of(source, [folder, Path(HEADERS)]),
                    )
                )
    return found


checked = os.environ.get("GEOMKERN_BOUNDSCHECK", "0") != "0"
directives = {
    "language_level": "3",
    "boundscheck": checked,
    "wraparound": checked,
    "overflowcheck": checked,
    "initializedcheck": checked,
    "cdivision": True,
    "embedsignature": True,
    "freethreading_compatible": False,
}

if __name__ == "__main__":
    setup(
        ext_modules=cythonize(
            extensions(), include_path=[".", "backends"], compiler_directives=directives, nthreads=os.cpu_count() or 1
        ),
        options={"build_ext": {"parallel": os.cpu_count() or 1}},
        packages=find_packages(".", include=["geomkern", "geomkern.*"])
        + find_packages("backends", include=["geomkern_*"]),
        package_dir={"geomkern": "geomkern", "geomkern_manifold": "backends/geomkern_manifold"},
        package_data={
            "": ["*.pyi", "*.pxd", "*.h", "py.typed"],
            "geomkern.kernels": ["include/*.h"],
            "geomkern_manifold": ["data/*"],
        },
        exclude_package_data={"": ["*.c", "*.pyx"]},
        include_package_data=False,
    )

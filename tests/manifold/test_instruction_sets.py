"""The C code of the ball gives the same bits on every level of x86-64 that this processor has."""

import ast
import ctypes
import itertools
import os
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from samples import directions

from geomkern.kernels import special

ROOT = Path(__file__).parents[2]
HEADERS = ROOT / "backends/geomkern_manifold/kernels"
LEVELS = {  # the GK_CLONES of a build for one level only
    "baseline": "",
    "x86-64-v3": '__attribute__((target("arch=x86-64-v3")))',
    "x86-64-v4": '__attribute__((target("arch=x86-64-v4")))',
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(len(special.simd_levels()) == 1, reason="this build has one copy of each kernel"),
]


class Domain(ctypes.Structure):
    """The start of gk_domain."""

    _fields_ = (("outside", ctypes.c_char_p),)


class RowKernel(ctypes.Structure):
    """The start of gk_row_kernel."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        *((field, ctypes.c_int) for field in ("n_vectors", "n_scalars", "n_vectors_out", "n_scalars_out", "points")),
        ("vectors", ctypes.c_char_p * 5),
        ("scalars", ctypes.c_char_p * 10),
        *((field, ctypes.c_double) for field in ("ns_per_row", "ns_per_coordinate")),
        ("domain", ctypes.POINTER(Domain)),
    )


def build_flags():
    """Return UNIX_FLAGS of setup.py."""
    for statement in ast.parse((ROOT / "setup.py").read_text("utf-8")).body:
        if isinstance(statement, ast.Assign) and statement.targets[0].id == "UNIX_FLAGS":
            return ast.literal_eval(statement.value)
    raise AssertionError("setup.py has no UNIX_FLAGS")


def compiled(folder):
    """Return the C code compiled for each level that the processor has."""
    tables = re.findall(
        r"static const gk_row_kernel (\w+) = \{\s*\"",
        "".join(p.read_text("utf-8") for p in sorted(HEADERS.glob("*.h"))),
    )
    assert len(tables) > 20
    common = [
        *os.environ.get("CC", "cc").split(), *build_flags(), "-fopenmp-simd", "-shared", "-fPIC",
        f"-I{ROOT / 'geomkern/kernels/include'}", f"-I{HEADERS}",
        f"-DROW_KERNELS={','.join(f'&{table}' for table in tables)}",
        str(Path(__file__).with_name("row_kernels.c")), "-lm",
    ]  # fmt: skip
    present = list(LEVELS)[: list(LEVELS).index(special.simd_level()) + 1]
    assert len(present) >= 2, "this processor has the lowest level only, so that there is nothing to compare"
    builds = {
        level: subprocess.Popen([*common, f"-DGK_CLONES={LEVELS[level]}", "-o", str(folder / f"{level}.so")])
        for level in present
    }
    assert [build.wait() for build in builds.values()] == [0] * len(builds)
    loaded = {level: ctypes.CDLL(str(folder / f"{level}.so")) for level in present}
    for library in loaded.values():
        library.kernel.restype = ctypes.POINTER(RowKernel)
    return loaded


def bits(array):
    """Return the bit patterns, all NaN made one."""
    array = np.where(np.isnan(array), np.array(np.nan, array.dtype), array)
    return array.view(f"u{array.itemsize}")


def points(rng, n, d, dtype):
    """Points of the unit ball: anywhere, near the boundary, tiny, at the origin, and one NaN."""
    gap = 1e-5 if dtype == np.float32 else 1e-13
    radius = rng.choice([0.0, 1e-30, 1e-4, 0.3, 0.7, 0.99, 1 - gap], n)
    x = (directions(rng, n, d) * radius[:, None]).astype(dtype)
    x[n // 2, 0] = np.nan
    return x


def address(array):
    return ctypes.c_void_p(array.ctypes.data)


def pointers(arrays):
    return (ctypes.c_void_p * len(arrays))(*map(address, arrays))


def run(library, kernel, vectors, scalars):
    """Return everything that a row kernel computes, and whether it found all points inside."""
    n, d = vectors[0].shape
    table = kernel.contents
    vectors_out = [np.zeros_like(vectors[0]) for _ in range(table.n_vectors_out)]
    scalars_out = [np.zeros(n) for _ in range(table.n_scalars_out)]
    inside = library.run(
        kernel, ctypes.c_long(n), ctypes.c_long(d), vectors[0].dtype == np.float32,
        pointers(vectors), pointers(scalars), pointers(vectors_out), pointers(scalars_out),
    )  # fmt: skip
    return [*vectors_out, *scalars_out, np.array([inside], np.float64)]


def check_row_kernels(libraries, d, dtype):
    rng = np.random.default_rng(d)
    n, seen = 77, 0  # three blocks, the last not full
    while first := next(iter(libraries.values())).kernel(seen):
        table = first.contents
        vectors = [points(rng, n, d, dtype) for _ in range(table.n_vectors)]
        if b"half-space" in table.domain.contents.outside:
            for x in vectors:
                x[:, -1] = np.where(x[:, -1] == 0, 1, np.abs(x[:, -1]))
        if table.n_vectors > 1:
            vectors[1][:9] = vectors[0][:9]
        scalars = []
        for name in table.scalars[: table.n_scalars]:
            draw = {b"c": rng.uniform(0.25, 1.0, n), b"k": rng.uniform(-1.0, 1.0, n)}
            draw[b"eps"] = rng.choice([0.0, 0.1], n)
            scalars.append(draw.get(name, rng.uniform(-3.0, 3.0, n)))
        results = {level: run(lib, lib.kernel(seen), vectors, scalars) for level, lib in libraries.items()}
        expected = results.pop("baseline")
        assert not expected or any(np.isfinite(array).any() and array.any() for array in expected), table.name
        for level, result in results.items():
            for k, (array, baseline) in enumerate(zip(result, expected, strict=True)):
                assert np.array_equal(bits(array), bits(baseline)), (table.name, k, level, d, dtype)
        seen += 1


def check_pairwise_blocks(libraries, model, d, dtype):
    rng = np.random.default_rng(d)
    n, m, c = 9, 77, 0.8
    x, y = points(rng, n, d, dtype), points(rng, m, d, dtype)
    y[:n] = x
    y[n : 2 * n] = x * dtype(1 - 1e-5)
    g = rng.standard_normal((n, m))

    def results(library):
        out, of_y, of_c = np.zeros((n, m), dtype), np.zeros((m, d)), np.zeros(m)
        near, indices = np.zeros((n, 3), dtype), np.zeros((n, 3), np.int64)
        assert library.pairwise(
            model, *map(ctypes.c_long, (n, m, d)), dtype == np.float32, *map(address, (x, y)), ctypes.c_double(c),
            *map(address, (g, out, of_y, of_c, near, indices)),
        )  # fmt: skip
        return out, of_y, of_c, near, indices.view(np.float64)

    expected = results(libraries["baseline"])
    assert expected[0][0, m - 1] > 0
    for level, library in libraries.items():
        for array, baseline in zip(results(library), expected, strict=True):
            assert np.array_equal(bits(array), bits(baseline)), (level, model, d, dtype)


def test_every_level_gives_the_same_bits(tmp_path):  # one test, for the code is compiled in it
    libraries = compiled(tmp_path)
    for dtype in (np.float32, np.float64):
        for d in (1, 3, 10, 16, 17, 64, 131):  # columns up to 16, rows beyond
            check_row_kernels(libraries, d, dtype)
        for model, d in itertools.product(range(3), (1, 10, 35)):
            check_pairwise_blocks(libraries, model, d, dtype)

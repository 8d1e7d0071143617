"""The training kernel against a plain transcription, its sampler, and its bits on every instruction set."""

import ctypes
import itertools
import subprocess
from pathlib import Path

import numpy as np
import pytest

import geomkern
from geomkern_manifold.embedding import _train, index_edges

ROOM = 1e-5
HEADERS = [Path(geomkern.__file__).parent / "kernels" / "include", Path(_train.__file__).parent]


def random_graph(nodes=60, parents=4, seed=0):
    rng = np.random.default_rng(seed)
    child = np.repeat(np.arange(nodes), parents)
    parent = (child + rng.integers(1, nodes, child.size)) % nodes
    return index_edges(np.unique(np.column_stack([child, parent]), axis=0))


def random_table(nodes, dim, seed=0, radius=0.9):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(nodes, dim))
    points *= radius * rng.uniform(size=(nodes, 1)) / np.linalg.norm(points, axis=1, keepdims=True)
    rows = _train.table(nodes, dim)
    rows[:, :dim] = points
    _train.settle(rows, dim, ROOM)
    return rows


def train(
    rows, dim, edges, begin, end, *, negatives=50, lr=0.1, burn_in=0, seed=3, serial=True, progress=_train.NOTHING
):
    return _train.train(rows, dim, edges.child, edges.parent, edges.first, negatives, lr, lr / 10, burn_in, ROOM, seed,
                        begin, end, serial, progress)  # fmt: skip


def sample(edges, negatives, example, seed=3):
    return _train.sample(len(edges.nodes), edges.child, edges.parent, edges.first, negatives, _train.mix(seed), example)


def step(x, u, v, negatives, lr):
    """One step of the loss of Nickel and Kiela (2017), as the paper writes it, in double."""
    others = np.concatenate([[v], negatives])
    y = x[others]
    a, b = 1 - x[u] @ x[u], 1 - np.sum(y * y, axis=1)
    gap = np.sum((x[u] - y) ** 2, axis=1)
    distance = np.arccosh(1 + 2 * gap / (a * b))
    p = np.exp(-distance) / np.exp(-distance).sum()
    g = -p
    g[0] += 1
    gamma = 1 + 2 * gap / (a * b)
    root = np.sqrt(gamma**2 - 1)
    inner = y @ x[u]
    to_x = 4 / (b * root)[:, None] * (((np.sum(y * y, 1) - 2 * inner + 1) / a**2)[:, None] * x[u] - y / a)
    to_y = 4 / (a * root)[:, None] * (((x[u] @ x[u] - 2 * inner + 1) / b**2)[:, None] * y - x[u] / b[:, None])
    moved = x.copy()
    moved[u] = x[u] - lr * a**2 / 4 * (g[:, None] * to_x).sum(axis=0)
    for j, node in enumerate(others):  # one that was drawn twice is moved once, from where it was
        moved[node] = x[node] - lr * b[j] ** 2 / 4 * g[j] * to_y[j]
    return moved, -np.log(p[0])


@pytest.mark.parametrize("negatives", [1, 15, 16, 50])
@pytest.mark.parametrize("dim", [1, 2, 3, 4, 7, 8, 10, 15, 16, 40])
def test_one_example_is_the_step_of_the_paper(dim, negatives):
    edges = random_graph()
    rows = random_table(len(edges.nodes), dim)
    before = rows[:, :dim].astype(np.float64)
    edge, drawn = sample(edges, negatives, example=5)
    assert len(drawn) == negatives
    (progress,) = train(rows, dim, edges, 5, 6, negatives=negatives)
    expected, loss = step(before, edges.child[edge], edges.parent[edge], drawn, 0.1)
    np.testing.assert_allclose(rows[:, :dim], expected, rtol=0, atol=3e-6)
    assert np.abs(expected - before).max() > 1e-3
    np.testing.assert_allclose(np.log(progress[0]) + progress[1] * np.log(2), loss, rtol=1e-5)
    np.testing.assert_array_equal(rows[:, dim], (1 - np.sum(rows[:, :dim].astype(float) ** 2, 1)).astype(np.float32))
    assert progress[2] == negatives


def test_an_epoch_visits_every_edge_once():
    edges = random_graph()
    for seed in range(5):
        visited = [sample(edges, 1, i, seed)[0] for i in range(len(edges.parent))]
        assert sorted(visited) == list(range(len(edges.parent)))
        assert visited != sorted(visited)


def test_negatives_are_neither_the_node_nor_its_parents_and_all_others_come_up():
    long = [("hub", f"n{i}") for i in range(100)]  # a row that is searched by bisection
    edges = index_edges(long + [(f"n{i}", f"n{i + 1}") for i in range(150)])
    n = len(edges.nodes)
    seen = {u: np.zeros(n, int) for u in (0, 1)}
    for example in range(len(edges.parent)):
        edge, drawn = sample(edges, 5000, example)
        if edges.child[edge] in seen:
            seen[edges.child[edge]] += np.bincount(drawn, minlength=n)
    for u, counts in seen.items():
        related = np.append(edges.parent[edges.first[u] : edges.first[u + 1]], u)
        assert not counts[related].any()
        counts = np.delete(counts, related)
        assert counts.min() > 0
        assert counts.max() < counts.mean() + 6 * np.sqrt(counts.mean())


def test_a_node_that_is_related_to_all_others_is_passed_over():
    complete = index_edges([(a, b) for a in range(20) for b in range(20) if a != b])
    assert len(sample(complete, 50, 0)[1]) == 0
    rows = random_table(20, 2)
    before = rows.copy()
    assert train(rows, 2, complete, 0, len(complete.parent)) == [(1.0, 0, 0)]
    np.testing.assert_array_equal(rows, before)


def test_a_node_that_is_related_to_nearly_all_makes_do_with_what_is_found():
    edges = index_edges([(0, b) for b in range(1, 999)] + [(b, 0) for b in range(1, 1000)])
    found = [sample(edges, 50, i) for i in range(len(edges.parent))]
    counts = [len(drawn) for edge, drawn in found if edges.child[edge] == 0]
    assert 0 <= min(counts) < max(counts) < 50
    assert {node for edge, drawn in found if edges.child[edge] == 0 for node in drawn} == {999}


@pytest.mark.parametrize("lr", [0.1, 1.0, 1e3, 1e30])
@pytest.mark.parametrize("serial", [True, False])
def test_points_stay_inside_whatever_the_learning_rate(lr, serial):
    edges = random_graph(300)
    rows = random_table(300, 3, radius=1.0)
    train(rows, 3, edges, 0, 20 * len(edges.parent), lr=lr, serial=serial)
    left = 1 - np.sum(rows[:, :3].astype(np.float64) ** 2, axis=1)
    assert left.min() > 0.9 * ROOM
    np.testing.assert_array_equal(rows[:, 3], left.astype(np.float32))


def test_points_that_coincide_do_not_make_nan():
    edges = random_graph()
    rows = _train.table(len(edges.nodes), 2)
    rows[:, 2] = 1
    train(rows, 2, edges, 0, 3)
    assert np.isfinite(rows).all()


def test_the_burn_in_has_its_own_rate():
    edges = random_graph()
    slow, fast = random_table(60, 4), random_table(60, 4)
    m = len(edges.parent)
    train(slow, 4, edges, 0, m, burn_in=1, lr=0.1)
    train(fast, 4, edges, 0, m, burn_in=0, lr=0.01)
    np.testing.assert_array_equal(slow, fast)
    train(slow, 4, edges, m, m + 1, burn_in=1, lr=0.1)
    train(fast, 4, edges, m, m + 1, burn_in=0, lr=0.1)
    np.testing.assert_array_equal(slow, fast)


@pytest.mark.parametrize("dim", [2, 6, 10, 20])
def test_the_bits_do_not_depend_on_where_a_run_is_cut(dim):
    edges = random_graph()
    whole, cut = random_table(60, dim), random_table(60, dim)
    m = len(edges.parent)
    progress = train(whole, dim, edges, 0, 3 * m)
    assert len(progress) == 3
    pieces = [0, 1, m - 1, m, 2 * m + 7, 3 * m]
    made, got = _train.NOTHING, []
    for begin, end in itertools.pairwise(pieces):
        epochs = train(cut, dim, edges, begin, end, progress=made)
        got += epochs[: end // m - begin // m]
        made = epochs[-1] if end % m else _train.NOTHING
    np.testing.assert_array_equal(whole, cut)
    assert got == progress


SHELL = r"""
#include "gk_simd.h"
#undef GK_CLONES
#define GK_CLONES
#include "train.h"
#include <stdlib.h>
void run(float *rows, ptrdiff_t stride, int dim, int nodes, const int32_t *child, const int32_t *parent,
         const int64_t *first, int64_t edges, int negatives, float lr, float room, uint64_t seed, int64_t end,
         gk_progress *made)
{
    gk_trainer t = {{child, parent, first, edges, nodes}, rows, stride, dim, negatives, lr, lr / 10, 0, room, seed};
    void *scratch = malloc(gk_scratch_bytes(&t));
    gk_train(&t, 0, end, scratch, made);
    free(scratch);
}
"""


class Progress(ctypes.Structure):
    _fields_ = (("mantissa", ctypes.c_double), ("exponent", ctypes.c_int64), ("negatives", ctypes.c_int64))


def supported_levels():
    """The compiler's flags for the baseline and for every level of x86-64 that this processor has."""
    about = Path("/proc/cpuinfo")
    has = set(about.read_text().split("flags", 1)[-1].split("\n")[0].split()) if about.exists() else set()
    needs = {"x86-64-v3": {"avx2", "fma", "bmi2"}, "x86-64-v4": {"avx512f", "avx512vl", "avx512dq", "avx512bw"}}
    return [[], *([f"-march={level}"] for level, wanted in needs.items() if wanted <= has)]


def test_the_bits_do_not_depend_on_the_instruction_set(tmp_path):
    (tmp_path / "shell.c").write_text(SHELL)
    edges = random_graph(200)
    for i, level in enumerate(supported_levels()):
        library = tmp_path / f"level{i}.so"
        flags = ["-O3", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-fopenmp-simd", *level]
        include = [f"-I{path}" for path in HEADERS]
        subprocess.run(
            ["cc", *flags, *include, "-shared", "-fPIC", tmp_path / "shell.c", "-o", library, "-lm"], check=True
        )
        run = ctypes.CDLL(str(library)).run
        for dim in (2, 5, 10, 33):
            rows = random_table(200, dim, radius=1.0)
            twin = rows.copy()
            made = Progress(1.0, 0, 0)
            run(rows.ctypes, ctypes.c_ssize_t(rows.shape[1]), dim, 200, edges.child.ctypes, edges.parent.ctypes,
                edges.first.ctypes, ctypes.c_int64(len(edges.parent)), 50, ctypes.c_float(0.1), ctypes.c_float(ROOM),
                ctypes.c_uint64(3), ctypes.c_int64(500), ctypes.byref(made))  # fmt: skip
            (progress,) = train(twin, dim, edges, 0, 500)
            np.testing.assert_array_equal(rows, twin)
            assert (made.mantissa, made.exponent, made.negatives) == progress

"""The training kernel against a plain transcription, its sampler, and its bits on every instruction set."""

import ctypes
import itertools
import pickle
import subprocess
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import geomkern
from geomkern_manifold.embedding import _train, index_edges

ROOM = 1e-5
SOFTMAX, LINK = ("softmax", 0.0, 0.0, 1.0), ("link", 0.0, 1.5, 0.7)
STRESS, CONES = ("stress", 1.3, 0.0, 1.0), ("cones", 1.0, 0.0, 1.0)
HEADERS = [Path(geomkern.__file__).parent / "kernels" / "include", Path(_train.__file__).parent]


def random_graph(nodes=60, parents=4, seed=0):
    rng = np.random.default_rng(seed)
    child = np.repeat(np.arange(nodes), parents)
    parent = (child + rng.integers(1, nodes, child.size)) % nodes
    return index_edges(np.unique(np.column_stack([child, parent]), axis=0))


def random_table(nodes, factors, dtype="float32", seed=0, radius=0.9, settled=False):
    rng = np.random.default_rng(seed)
    parts = []
    for name, dim in factors:
        points = rng.normal(size=(nodes, dim))
        points *= radius * rng.uniform(size=(nodes, 1)) / np.linalg.norm(points, axis=1, keepdims=True)
        parts.append(points * {"poincare": 1.0, "lorentz": 3.0, "euclidean": 2.0}[name])
    return _train.Table(np.concatenate(parts, axis=1), factors, dtype, ROOM, settled)


def ball(nodes, dim, **options):
    return random_table(nodes, [("poincare", dim)], **options)


def graph_of(edges, **options):
    return _train.Graph(len(edges.nodes), edges.child, edges.parent, edges.first, **options)


def train(table, edges, begin, end, *, negatives=50, rate=0.1, seed=3, serial=True, loss=SOFTMAX, weight=None,
          progress=_train.NOTHING, **options):  # fmt: skip
    rates = np.broadcast_to(np.asarray(rate, float), 1 + end // len(edges.parent)).copy()
    return table.train(graph_of(edges, **options), loss, rates, negatives, seed, begin, end, serial, weight, progress)


def sample(edges, negatives, example, seed=3, **options):
    return graph_of(edges, **options).sample(negatives, _train.mix(seed), example)


def distance(name, x, y):
    """The distance as textbooks have it, and good enough at the points of these tests."""
    gap = np.sum((x - y) ** 2, axis=-1)
    if name == "euclidean":
        return np.sqrt(gap)
    if name == "poincare":
        gamma = 1 + 2 * gap / ((1 - np.sum(x * x, -1)) * (1 - np.sum(y * y, -1)))
    else:
        gamma = np.sqrt((1 + np.sum(x * x, -1)) * (1 + np.sum(y * y, -1))) - np.sum(x * y, -1)
    return np.arccosh(gamma)


def cone_energy(apex, member):
    """Ganea et al. (2018): the angle at the apex less the half-angle of its cone, in the Poincaré ball."""
    a2, m2, inner = np.sum(apex**2, -1), np.sum(member**2, -1), np.sum(apex * member, -1)
    cosine = (inner * (1 + a2) - a2 * (1 + m2)) / (
        np.sqrt(a2) * np.linalg.norm(apex - member, axis=-1) * np.sqrt(1 + a2 * m2 - 2 * inner)
    )
    return np.arccos(np.clip(cosine, -1, 1)) - np.arcsin(np.minimum(1, 0.1 * (1 - a2) / np.sqrt(a2)))


def loss_of(factors, loss, length, x, y):
    """The loss of an example as its definition has it: u at x, v at y[0], negatives after it."""
    name, margin, radius, temperature = loss
    if name == "cones":
        energy = cone_energy(y, x)
        return max(0.0, energy[0]) + np.sum(np.maximum(0, margin - energy[1:]))
    at, total = 0, 0.0
    for model, dim in factors:
        total = total + distance(model, x[at : at + dim], y[:, at : at + dim]) ** 2
        at += dim
    d = np.sqrt(total)
    if name == "softmax":
        return -np.log(np.exp(-d[0]) / np.exp(-d).sum())
    if name == "link":
        p = 1 / (np.exp((d - radius) / temperature) + 1)
        return -np.log(p[0]) - np.sum(np.log(1 - p[1:]))
    return (d[0] - length) ** 2 + np.mean(np.maximum(0, margin - d[1:]) ** 2)


def moved(factors, point, gradient, rate):
    """Riemannian gradient descent from a point: the exponential in the Lorentz model, straight on elsewhere."""
    found, at = point.copy(), 0
    for name, dim in factors:
        x, g = point[at : at + dim], gradient[at : at + dim]
        if name == "poincare":
            x = x - rate * (1 - x @ x) ** 2 / 4 * g
        elif name == "euclidean":
            x = x - rate * g
        else:
            v = -rate * (g + x * (x @ g))
            length = np.sqrt(v @ v - (x @ v) ** 2 / (1 + x @ x))
            x = np.cosh(length) * x + np.sinc(1j * length / np.pi).real * v
        found[at : at + dim] = x
        at += dim
    return found


def step(factors, points, u, v, negatives, rate, loss, weight=1.0):
    """One step on one example in double, with the gradient by central differences, and its loss."""
    places = np.concatenate([[u, v], negatives])
    rows = points[places]
    importance, length = (1.0, weight) if loss[0] == "stress" else (weight, 1.0)

    def value(rows):
        return importance * loss_of(factors, loss, length, rows[0], rows[1:])

    gradient = np.zeros_like(rows)
    for index in np.ndindex(rows.shape):
        there, back = rows.copy(), rows.copy()
        there[index] += 1e-6
        back[index] -= 1e-6
        gradient[index] = (value(there) - value(back)) / 2e-6
    found = points.copy()
    for row, place in [*list(enumerate(places))[1:], (0, u)]:  # one drawn twice is moved once, from where it was
        found[place] = moved(factors, rows[row], gradient[row], rate)
    return found, value(rows)


def is_ball(factors):
    return len(factors) == 1 and factors[0][0] == "poincare"


SPACES = [
    [("poincare", 1)],
    [("poincare", 2)],
    [("poincare", 4)],
    [("poincare", 7)],
    [("poincare", 10)],
    [("poincare", 16)],
    [("lorentz", 2)],
    [("lorentz", 9)],
    [("euclidean", 3)],
    [("euclidean", 16)],
    [("poincare", 3), ("euclidean", 2)],
    [("lorentz", 2), ("poincare", 2), ("lorentz", 4)],
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("loss", [SOFTMAX, LINK, STRESS, CONES], ids=lambda loss: loss[0])
@pytest.mark.parametrize("factors", SPACES, ids=lambda factors: "+".join(f"{name}{dim}" for name, dim in factors))
def test_one_example_is_the_step_of_its_definition(factors, loss, dtype):
    if factors[0][1] == 1 or (loss == CONES and not is_ball(factors)):
        loss = SOFTMAX
    edges, weight = random_graph(), np.linspace(0.5, 1.5, 240).astype(np.float32)
    for negatives, weights in ((15, None), (16, weight)):
        table = random_table(60, factors, dtype)
        before = table.points().astype(np.float64)
        edge, drawn = sample(edges, negatives, example=5)
        ((made, count),) = train(table, edges, 5, 6, negatives=negatives, loss=loss, rate=0.01, weight=weights)
        each = 1.0 if weights is None else float(weights[edge])
        expected, value = step(factors, before, edges.child[edge], edges.parent[edge], drawn, 0.01, loss, each)
        np.testing.assert_allclose(table.points(), expected, rtol=0, atol=1e-5 if dtype == "float32" else 2e-9)
        assert np.abs(expected - before).max() > 1e-4
        assert made == pytest.approx(value, rel=1e-5 if dtype == "float32" else 1e-8)
        assert count == negatives
        check_extras(table)


def check_extras(table):
    """What lies behind the coordinates belongs to them."""
    at, behind = 0, table.dim
    for name, dim in table.factors:
        square = np.sum(table.rows[:, at : at + dim].astype(float) ** 2, axis=1)
        if name != "euclidean":
            extra = 1 - square if name == "poincare" else np.sqrt(1 + square)
            np.testing.assert_allclose(table.rows[:, behind], extra.astype(table.rows.dtype), rtol=1e-6)
            behind += 1
        at += dim


@pytest.mark.parametrize("distance_apart", [1e-3, 1.0])
@pytest.mark.parametrize("radius", [1.0, 6.0, 12.0])
def test_the_distance_of_the_lorentz_model_does_not_cancel_far_out(radius, distance_apart):
    """Points on one ray, and across it: the loss with one negative at the origin tells the distance."""
    edges = index_edges([("u", "v"), ("w", "v")])
    tilt = 2 * np.arcsin(np.sinh(distance_apart / 2) / np.sinh(radius))
    for angle, r in ((0.0, radius + distance_apart), (tilt, radius)):
        points = np.zeros((3, 2))
        points[0] = np.sinh(radius) * np.array([1.0, 0.0])
        points[1] = np.sinh(r) * np.array([np.cos(angle), np.sin(angle)])
        table = _train.Table(points, [("lorentz", 2)], "float64", 1e-13)
        example = next(i for i in range(2) if edges.child[sample(edges, 1, i)[0]] == 0)
        (stress, _), = train(table, edges, example, example + 1, negatives=1, loss=("stress", 1e-9, 0, 1), rate=1e-9,
                             weight=np.zeros(2, np.float32))  # fmt: skip
        assert np.sqrt(stress) == pytest.approx(distance_apart, rel=2e-3 if radius > 6 and distance_apart < 1 else 1e-6)


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
    table = ball(20, 2)
    before = table.points()
    assert train(table, complete, 0, len(complete.parent)) == [(0.0, 0)]
    np.testing.assert_array_equal(table.points(), before)
    train(table, complete, 0, 1, loss=STRESS)  # which does not need negatives
    assert np.count_nonzero(np.any(table.points() != before, axis=1)) == 2


def test_a_node_that_is_related_to_nearly_all_makes_do_with_what_is_found():
    edges = index_edges([(0, b) for b in range(1, 999)] + [(b, 0) for b in range(1, 1000)])
    found = [sample(edges, 50, i) for i in range(len(edges.parent))]
    counts = [len(drawn) for edge, drawn in found if edges.child[edge] == 0]
    assert 0 <= min(counts) < max(counts) < 50
    assert {node for edge, drawn in found if edges.child[edge] == 0 for node in drawn} == {999}


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_negatives_come_up_in_proportion_to_their_frequency(power):
    edges = index_edges([("u", "v")] + [(f"n{i}", "v") for i in range(40)])
    frequency = np.arange(1.0, len(edges.nodes) + 1) ** power
    counts = np.zeros(len(edges.nodes))
    for example in range(len(edges.parent)):
        edge, drawn = sample(edges, 3000, example, frequency=frequency)
        if edges.child[edge] == 0:
            counts += np.bincount(drawn, minlength=len(counts))
    assert counts[:2].sum() == 0
    expected = frequency[2:] / frequency[2:].sum() * 3000
    assert np.sum((counts[2:] - expected) ** 2 / expected) < stats.chi2.ppf(1 - 1e-6, len(expected) - 1)


def test_the_alias_table_has_the_frequencies():
    frequency = np.random.default_rng(0).exponential(size=1000) ** 3
    keep, alias = _train.alias_table(frequency)
    share = keep / 2**32
    total = share + np.bincount(alias, weights=1 - share, minlength=1000)
    np.testing.assert_allclose(total / 1000, frequency / frequency.sum(), rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", ["poincare", "lorentz"])
@pytest.mark.parametrize("rate", [0.1, 1.0, 1e3, 1e30])
@pytest.mark.parametrize("serial", [True, False])
def test_points_stay_inside_whatever_the_learning_rate(name, rate, serial):
    edges = random_graph(300)
    table = random_table(300, [(name, 3)], radius=1.0)
    train(table, edges, 0, 20 * len(edges.parent), rate=rate, serial=serial)
    square = np.sum(table.points().astype(np.float64) ** 2, axis=1)
    if name == "poincare":
        assert (1 - square).min() > 0.9 * ROOM
    else:
        assert np.sqrt(1 + square).max() < 1.1 * (2 / ROOM - 1)
    check_extras(table)


@pytest.mark.parametrize("loss", [LINK, STRESS, CONES], ids=lambda loss: loss[0])
def test_no_pair_moves_a_point_by_more_than_half_a_unit(loss):
    edges = random_graph()
    table = ball(60, 3)
    before = table.points().astype(float)
    edge, _ = sample(edges, 1, 5)
    train(table, edges, 5, 6, negatives=1, loss=loss, rate=100.0)
    v = edges.parent[edge]
    assert 0 < distance("poincare", before[v], table.points()[v].astype(float)) < np.log(2) + 1e-3


@pytest.mark.parametrize("loss", [SOFTMAX, LINK, STRESS, CONES], ids=lambda loss: loss[0])
@pytest.mark.parametrize("name", ["poincare", "lorentz", "euclidean"])
def test_points_that_coincide_do_not_make_nan(name, loss):
    if loss == CONES:
        name = "poincare"
    edges = random_graph()
    for points in (np.zeros((60, 2)), np.full((60, 2), 0.5)):
        table = _train.Table(points, [(name, 2)], "float32", ROOM)
        train(table, edges, 0, 3, loss=loss)
        assert np.isfinite(table.rows).all()


def test_every_epoch_has_its_own_rate():
    edges = random_graph()
    one, other = ball(60, 4), ball(60, 4)
    m = len(edges.parent)
    train(one, edges, 0, m + 1, rate=[0.01, 0.1])
    train(other, edges, 0, m, rate=0.01)
    train(other, edges, m, m + 1, rate=0.1)
    np.testing.assert_array_equal(one.rows, other.rows)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("dim", [2, 6, 10, 20])
def test_the_bits_do_not_depend_on_where_a_run_is_cut(dim, dtype):
    edges = random_graph()
    whole, cut = ball(60, dim, dtype=dtype), ball(60, dim, dtype=dtype)
    m = len(edges.parent)
    progress = train(whole, edges, 0, 3 * m)
    assert len(progress) == 3
    pieces = [0, 1, m - 1, m, 2 * m + 7, 3 * m]
    made, got = _train.NOTHING, []
    for begin, end in itertools.pairwise(pieces):
        cut = pickle.loads(pickle.dumps(cut))
        epochs = train(cut, edges, begin, end, progress=made)
        got += epochs[: end // m - begin // m]
        made = epochs[-1] if end % m else _train.NOTHING
    np.testing.assert_array_equal(whole.rows, cut.rows)
    assert got == progress


SHELL = r"""
#include "gk_simd.h"
#undef GK_CLONES
#define GK_CLONES
#include "train.h"
#include <stdlib.h>
double run(void *rows, ptrdiff_t stride, int is_double, const gk_factor *factor, int factors, int loss, int nodes,
           const int32_t *child, const int32_t *parent, const int64_t *first, int64_t edges, int negatives, double rate,
           double room, uint64_t seed, int64_t end)
{
    gk_trainer t = {{child, parent, first, NULL, NULL, edges, nodes}, {loss, 1.3, 1.5, 0.7}, rows, stride,
                    is_double, negatives, factors, factor, NULL, &rate, room, seed};
    gk_progress made = {0.0, 0};
    char *scratch = malloc(gk_scratch_bytes(&t));
    gk_train(&t, 0, 0, end, scratch, &made);
    free(scratch);
    return made.loss;
}
"""


class Factor(ctypes.Structure):
    _fields_ = (("kind", ctypes.c_int32), ("dim", ctypes.c_int32), ("start", ctypes.c_int32), ("extra", ctypes.c_int32))


def supported_levels():
    """The compiler's flags for the baseline and for every level of x86-64 that this processor has."""
    about = Path("/proc/cpuinfo")
    has = set(about.read_text().split("flags", 1)[-1].split("\n")[0].split()) if about.exists() else set()
    needs = {"x86-64-v3": {"avx2", "fma", "bmi2"}, "x86-64-v4": {"avx512f", "avx512vl", "avx512dq", "avx512bw"}}
    return [[], *([f"-march={level}"] for level, wanted in needs.items() if wanted <= has)]


LOSSES = [(name, 1.3, 1.5, 0.7) for name in ("softmax", "link", "stress", "cones")]


@pytest.mark.slow
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
        run.restype = ctypes.c_double
        for factors, loss, dtype in itertools.product(SPACES, LOSSES, ("float32", "float64")):
            if loss[0] == "cones" and not is_ball(factors):
                continue
            table, twin = (random_table(200, factors, dtype, radius=0.99) for _ in range(2))
            laid, at, behind = (Factor * len(factors))(), 0, table.dim
            for k, (name, dim) in enumerate(factors):
                curved = name != "euclidean"
                laid[k] = Factor(_train.GEOMETRIES[name], dim, at, behind if curved else 0)
                at, behind = at + dim, behind + curved
            made = run(table.rows.ctypes, ctypes.c_ssize_t(table.rows.shape[1]), dtype == "float64", laid, len(factors),
                       _train.LOSSES[loss[0]], 200, edges.child.ctypes, edges.parent.ctypes, edges.first.ctypes,
                       ctypes.c_int64(len(edges.parent)), 50, ctypes.c_double(0.1), ctypes.c_double(ROOM),
                       ctypes.c_uint64(3), ctypes.c_int64(300))  # fmt: skip
            ((expected, _),) = train(twin, edges, 0, 300, loss=loss)
            np.testing.assert_array_equal(table.rows, twin.rows)
            assert made == expected

"""The compiled kernels against their definition in NumPy, and the definition against central differences."""

import re

import numpy as np
import pytest
from samples import OPERATIONS, operands, points, signature, wanted

import geomkern as gk
from geomkern.errors import DomainError, DTypeError, ShapeError
from geomkern_manifold.kernels import cpu, reference

DIMENSIONS = [1, 2, 3, 4, 7, 8, 16, 17, 31, 64, 257]
TOLERANCE = {np.float32: 2e-6, np.float64: 3e-13}


def relative(result, expected, scale=1e-12):
    return np.max(np.abs(np.asarray(result, np.float64) - expected), initial=0.0) / (np.max(np.abs(expected)) + scale)


@pytest.fixture
def every_thread():
    """What calls a function with one, two and three threads, however small the work, and returns the results."""
    threads, threshold = gk.get_num_threads(), gk.config.serial_threshold
    gk.config.serial_threshold = 1.0

    def results(function):
        found = []
        for count in (1, 2, 3):
            gk.set_num_threads(count)
            found.append(function())
        return found

    yield results
    gk.set_num_threads(threads)
    gk.config.serial_threshold = threshold


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_forward_and_backward_follow_the_definition(operation, dtype):
    rng = np.random.default_rng(0)
    for d in DIMENSIONS[operation.startswith("sphere") :]:  # which in one coordinate is two points
        for n, c in ((1, 1.0), (33, 0.25), (70, 2.3)):
            values = operands(operation, rng, n, d, c, dtype)
            exact = [np.asarray(value, np.float64) for value in values]
            expected = getattr(reference, operation)(*exact)
            result = getattr(cpu, operation)(*values)
            assert result.dtype == dtype
            assert relative(result, expected) < TOLERANCE[dtype], (d, n, c)
            g = rng.standard_normal(expected.shape).astype(dtype)
            gradients = getattr(cpu, f"{operation}_vjp")(g, *values, wanted(operation))
            references = getattr(reference, f"{operation}_vjp")(g.astype(np.float64), *exact, wanted(operation))
            for gradient, oracle in zip(gradients, references, strict=True):
                # where a gradient is zero it is roundings: as in one dimension that of gyration or in the polar
                # chart's c, and those of the Busemann function in its direction and of planes in their normal
                nothing = operation.endswith(("gyration", "transp", "projx", "busemann", "dist2plane"))
                scale = 1.0 if nothing or (d == 1 and "polar" in operation) else 1e-12
                assert relative(gradient, oracle, scale) < 100 * TOLERANCE[dtype], (d, n, c)


@pytest.mark.parametrize(
    "operation", ["poincare_expmap", "poincare_expmap0", "poincare_logmap0", "poincare_mobius_scalar_mul"]
)
@pytest.mark.parametrize("length", [0.3, 0.03, 1e-3, 1e-6, 1e-9, 1e-12])
def test_gradients_of_short_vectors(operation, length):
    """Each coefficient is a quotient of zeros at the origin; the gradient in c is what terms of `length` leave."""
    rng = np.random.default_rng(12)
    values = operands(operation, rng, 20, 3, 0.8, np.float64)
    k = max(k for k, name in enumerate(signature(operation)) if name in ("x", "y", "v"))
    values[k] *= length / np.linalg.norm(values[k], axis=-1, keepdims=True)
    g = rng.standard_normal((20, 3))
    expected = getattr(reference, f"{operation}_vjp")(g, *values, wanted(operation))
    for found, oracle in zip(getattr(cpu, f"{operation}_vjp")(g, *values, wanted(operation)), expected, strict=True):
        assert np.allclose(found, oracle, rtol=1e-11, atol=1e-14 * (np.abs(oracle).max() + length))


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("d", [1, 2, 5])
def test_definition_matches_central_differences(operation, d):
    rng = np.random.default_rng(1)
    d += operation.startswith("sphere")
    values = [np.asarray(value, np.float64) for value in operands(operation, rng, 6, d, 0.8, np.float64)]
    f = getattr(reference, operation)
    g = rng.standard_normal(f(*values).shape)
    gradients = iter(getattr(reference, f"{operation}_vjp")(g, *values, wanted(operation)))
    for k, name in enumerate(signature(operation)):
        gradient, direction, h = next(gradients), rng.standard_normal(values[k].shape), 1e-6
        ahead, behind = list(values), list(values)
        ahead[k], behind[k] = values[k] + h * direction, values[k] - h * direction
        numeric = np.sum((f(*ahead) - f(*behind)) * g) / (2 * h)
        assert np.isclose(np.sum(gradient * direction), numeric, rtol=1e-6, atol=1e-7), name


@pytest.mark.parametrize("operation", OPERATIONS)
def test_only_the_wanted_gradients(operation):
    values = operands(operation, np.random.default_rng(2), 5, 3, 1.0, np.float64)
    g = np.ones_like(getattr(reference, operation)(*values))
    everything = getattr(cpu, f"{operation}_vjp")(g, *values, wanted(operation))
    for k in range(len(everything)):
        flags = tuple(i == k for i in range(len(everything)))
        only = getattr(cpu, f"{operation}_vjp")(g, *values, flags)
        assert [part is not None for part in only] == list(flags)
        assert np.array_equal(only[k], everything[k])


@pytest.mark.parametrize("d", [2, 10, 40])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_bits_do_not_depend_on_threads_or_position(operation, dtype, d, every_thread):
    rng = np.random.default_rng(3)
    values = operands(operation, rng, 333, d, 1.7, dtype)
    g = np.asarray(rng.standard_normal(getattr(reference, operation)(*values).shape), dtype)

    def results(rows):
        part = [value[rows] if np.ndim(value) else value for value in values]
        return [getattr(cpu, operation)(*part), *getattr(cpu, f"{operation}_vjp")(g[rows], *part, wanted(operation))]

    serial, *others = every_thread(lambda: results(slice(None)))
    for other in others:
        assert all(np.array_equal(a, b) for a, b in zip(other, serial, strict=True))
    for rows in (slice(5, 200), slice(40, 41), slice(0, 333, 3)):
        assert all(np.array_equal(a, b[rows]) for a, b in zip(results(rows), serial, strict=True))


@pytest.mark.parametrize("d", [3, 40])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_gradient_of_one_row_for_all_has_the_same_bits_for_any_number_of_threads(operation, d, every_thread):
    """It is a sum over the rows, in groups that do not depend on who adds them up."""
    rng = np.random.default_rng(4)
    rows = operands(operation, rng, 333, d, 1.7, np.float64)
    g = rng.standard_normal(getattr(reference, operation)(*rows).shape)
    backward = getattr(cpu, f"{operation}_vjp")
    for k in [k for k, row in enumerate(rows) if np.ndim(row) == 2]:
        values = [*rows[:k], rows[k][:1], *rows[k + 1 :]]
        wants = tuple(j == k for j in range(len(rows)))
        one, two, three = (found[k] for found in every_thread(lambda v=values, w=wants: backward(g, *v, w)))
        assert one.shape == (1, d)
        assert np.array_equal(one, two)
        assert np.array_equal(one, three)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("d", [2, 20])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_layouts_and_broadcasting(operation, d, dtype):
    rng = np.random.default_rng(4)
    values = operands(operation, rng, 12, d, 1.0, dtype)
    f = getattr(cpu, operation)
    flat = f(*values)
    stacked = [value.reshape(3, 4, *value.shape[1:]) if np.ndim(value) else value for value in values]
    assert np.array_equal(f(*stacked).reshape(flat.shape), flat)
    strided = [np.repeat(value, 2, axis=-1)[..., ::2] if np.ndim(value) > 1 else value for value in values]
    assert np.array_equal(f(*strided), flat)
    fortran = [np.asfortranarray(value) if np.ndim(value) else value for value in stacked]
    assert np.array_equal(f(*fortran).reshape(flat.shape), flat)
    backwards = [value[::-1] if np.ndim(value) else value for value in values]
    assert np.array_equal(f(*backwards), flat[::-1])
    empty = [value[:0] if np.ndim(value) else value for value in values]
    assert f(*empty).shape == (0, *flat.shape[1:])
    # one operand at a time varies along the second axis, the others along the first
    for k, value in enumerate(values):
        if np.ndim(value) == 0:
            continue
        crossed = [v[:, None] if np.ndim(v) and i != k else v for i, v in enumerate(values)]
        if sum(np.ndim(v) > 0 for v in values) < 2:
            continue
        out = f(*crossed)
        assert out.shape[:2] == (12, 12)
        one = [v[3] if np.ndim(v) and i != k else v[7] if i == k else v for i, v in enumerate(values)]
        assert np.array_equal(out[3, 7], f(*one))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_curvature_of_each_row(operation):
    rng = np.random.default_rng(5)
    rows = operands(operation, rng, 9, 4, rng.uniform(0.3, 2.0, 9), np.float64)
    assert np.ndim(rows[-1]) == 1
    out = getattr(cpu, operation)(*rows)
    for i in range(9):
        one = [v[i] if np.ndim(v) else v for v in rows]
        assert np.array_equal(out[i], getattr(cpu, operation)(*one))


def test_out_is_filled_and_checked():
    rng = np.random.default_rng(6)
    x, y = points(rng, 5, 3, 1.0, np.float64), points(rng, 5, 3, 1.0, np.float64)
    expected, out = cpu.poincare_mobius_add(x, y, 1.0), np.empty((5, 3))
    assert cpu.poincare_mobius_add(x, y, 1.0, out) is out
    assert np.array_equal(out, expected)
    assert np.array_equal(cpu.poincare_mobius_add(x, y, 1.0, x), expected)  # in place
    with pytest.raises(ShapeError, match="mobius_add: out is a float32 array"):
        cpu.poincare_mobius_add(y, y, 1.0, np.empty((5, 3), np.float32))


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((np.zeros(3), np.zeros(4), 1.0), ShapeError, r"dist: the shapes x \(3,\), y \(4,\), c \(\) do not fit"),
        ((np.zeros((2, 3)), np.zeros((4, 3)), 1.0), ShapeError, "must broadcast"),
        ((np.float64(0.1), np.zeros(3), 1.0), ShapeError, "the last axis of x, y holds coordinates"),
        ((np.zeros(3, complex), np.zeros(3), 1.0), DTypeError, "dist: x has dtype complex128, but needs float32"),
        ((np.zeros(3, np.float16), np.zeros(3), 1.0), DTypeError, "float16"),
        ((np.zeros(3), np.zeros(3), 0.0), DomainError, "c must be positive, but is 0.0"),
        ((np.zeros((2, 3)), np.zeros(3), np.array([1.0, -2.0])), DomainError, "c must be positive, but is -2.0"),
        (
            (np.array([[0.1, 0], [1.0, 0.5]]), np.zeros(2), 1.0),
            DomainError,
            r"x\[1\] lies outside the ball: c\|x\|\^2 is 1.25",
        ),
        ((np.zeros(2), np.array([[[0.1, 0], [0, 1.0]]]), 1.0), DomainError, r"y\[0, 1\] lies outside"),
    ],
)
def test_bad_input_is_one_sentence(arguments, error, words):
    with pytest.raises(error, match=words):
        cpu.poincare_dist(*arguments)


@pytest.mark.parametrize("threads", [1, 3])
def test_the_first_point_outside_is_named(threads):
    before, threshold = gk.get_num_threads(), gk.config.serial_threshold
    try:
        gk.config.serial_threshold = 1.0
        gk.set_num_threads(threads)
        for d in (2, 40):
            for of_x, of_y, first in (([1, 3], [], "x[1]"), ([300, 40], [], "x[40]"), ([5], [7, 2], "y[2]")):
                x, y = np.zeros((333, d)), np.zeros((333, d))
                x[of_x, 0] = y[of_y, 1] = 1.5
                with pytest.raises(
                    DomainError, match=re.escape(f"dist: {first} lies outside the ball: c|{first[0]}|^2 is 2.25")
                ):
                    cpu.poincare_dist(x, y, 1.0)
    finally:
        gk.set_num_threads(before)
        gk.config.serial_threshold = threshold


def test_whole_numbers_become_float64():
    assert cpu.poincare_dist([0, 0], [0, 0], 1).dtype == np.float64
    assert cpu.poincare_mobius_add(np.zeros(2, np.float32), [0, 0], 1).dtype == np.float64


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("d", [3, 20])
def test_nan_goes_through(operation, d):
    values = operands(operation, np.random.default_rng(7), 40, d, 1.0, np.float64)
    for k, value in enumerate(values):
        if np.ndim(value) == 0:
            continue
        broken = list(values)
        broken[k] = value.copy()
        broken[k][11, ...] = np.nan
        out = getattr(cpu, operation)(*broken)
        assert np.isnan(out[11]).all()
        assert np.isfinite(np.delete(out, 11, 0)).all()


class TestPairwise:
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @pytest.mark.parametrize("d", [1, 5, 33])
    def test_equals_dist(self, dtype, d):
        rng = np.random.default_rng(8)
        x, y = points(rng, 70, d, 1.3, dtype), points(rng, 45, d, 1.3, dtype)
        y[:4] = x[:4]
        out = cpu.poincare_pairwise_dist(x, y, 1.3)
        assert out.dtype == dtype
        assert np.all(out[range(4), range(4)] == 0)
        assert np.allclose(out, cpu.poincare_dist(x[:, None], y, 1.3), rtol=4 * np.finfo(dtype).eps, atol=0)

    def test_gradients(self):
        rng = np.random.default_rng(9)
        x, y = points(rng, 40, 3, 0.6, np.float64)[None], points(rng, 2 * 37, 3, 0.6, np.float64).reshape(2, 37, 3)
        g = rng.standard_normal((2, 40, 37))
        expected = reference.poincare_pairwise_dist_vjp(g, x, y, 0.6, (True,) * 3)
        of_x, of_y, of_c = cpu.poincare_pairwise_dist_vjp(g, x, y, 0.6, (True,) * 3)
        assert np.allclose(of_x.sum(0), expected[0].sum(0), rtol=1e-11)
        assert np.allclose(of_y, expected[1], rtol=1e-11)
        assert np.isclose(of_c, expected[2], rtol=1e-10)

    def test_gradients_where_points_coincide(self):
        rng = np.random.default_rng(11)
        x, y = points(rng, 40, 3, 1.0, np.float64), points(rng, 37, 3, 1.0, np.float64)
        y[:9] = x[:9]
        g = rng.standard_normal((40, 37))
        expected = reference.poincare_pairwise_dist_vjp(g, x, y, 1.0, (True,) * 3)
        for found, oracle in zip(cpu.poincare_pairwise_dist_vjp(g, x, y, 1.0, (True,) * 3), expected, strict=True):
            assert np.allclose(found, oracle, rtol=1e-10)

    def test_threads_and_blocks(self):
        rng = np.random.default_rng(10)
        x, y = points(rng, 20, 6, 1.0, np.float64), points(rng, 500, 6, 1.0, np.float64)
        g = rng.standard_normal((20, 500))
        before = gk.get_num_threads()
        try:
            gk.set_num_threads(1)
            serial = [cpu.poincare_pairwise_dist(x, y, 1.0), *cpu.poincare_pairwise_dist_vjp(g, x, y, 1.0, (True,) * 3)]
            gk.set_num_threads(3)
            parallel = [
                cpu.poincare_pairwise_dist(x, y, 1.0),
                *cpu.poincare_pairwise_dist_vjp(g, x, y, 1.0, (True,) * 3),
            ]
        finally:
            gk.set_num_threads(before)
        assert all(np.array_equal(a, b) for a, b in zip(serial, parallel, strict=True))
        assert np.array_equal(cpu.poincare_pairwise_dist(x[3:7], y[5:18], 1.0), serial[0][3:7, 5:18])

    def test_bad_input(self):
        with pytest.raises(ShapeError, match="pairwise_dist needs x"):
            cpu.poincare_pairwise_dist(np.zeros(3), np.zeros((2, 3)), 1.0)
        with pytest.raises(DomainError, match="outside the ball"):
            cpu.poincare_pairwise_dist(np.ones((1, 3)), np.zeros((2, 3)), 1.0)

"""The elementary functions: against mpmath, at the edges, and the same bits however they are computed."""

import doctest

import mpmath
import numpy as np
import pytest
from mpmath import mpf

from geomkern.errors import DomainError, DTypeError, ShapeError
from geomkern.kernels import openmp, special

MAX = np.finfo(float).max
SMALLEST = 5e-324
BELOW_ONE = 1 - 2.0**-53


def near_zero(series):
    """Switch to a series where 50 digits would not be enough for the difference."""

    def decorate(direct):
        return lambda q: series(q) if q < 1e-12 else direct(q)

    return decorate


@near_zero(lambda q: mpf(1) / 6 + q / 60 + q**2 / 1680)
def dsinhc(q):
    z = mpmath.sqrt(q)
    return (mpmath.cosh(z) - mpmath.sinh(z) / z) / (2 * q)


def over_z(function):
    return lambda z: function(z) / z if z else mpf(1)


# The reference, the domain, where the interesting places are, and the bound in ulp that the header states.
FUNCTIONS = {
    "exp": (mpmath.exp, (-750, 710), [-745.13, -708.4, 0, 709.78], 1),
    "expm1": (mpmath.expm1, (-750, 710), [-37, 0.3466, 0.375, 37.4, 709.78], 1.2),
    "log": (mpmath.log, (SMALLEST, MAX), [2.2250738585072014e-308, 0.70711, 1, 1.41421], 1),
    "log1p": (mpmath.log1p, (-BELOW_ONE, MAX), [-0.99999, -0.29289, 0, 0.41421, 2**53], 1),
    "sinh": (mpmath.sinh, (-711, 711), [0, 0.3466, 1.0397, 19, 710.47], 1),
    "cosh": (mpmath.cosh, (-711, 711), [0, 0.3466, 1.0397, 19, 710.47], 1),
    "tanh": (mpmath.tanh, (-30, 30), [0, 0.1733, 0.5199, 18.7, 19.06, 22], 1),
    "asinh": (mpmath.asinh, (-MAX, MAX), [0, 0.35355, 1, 2.0**64, 1e154], 1.2),
    "atanh": (mpmath.atanh, (-BELOW_ONE, BELOW_ONE), [0, 1 / 6, 0.5, 0.7, 1 - 1e-9], 1),
    "sinhc": (over_z(mpmath.sinh), (-718, 718), [0, 0.3466, 19, 710.47, 717], 2),
    "sin": (mpmath.sin, (-(2.0**26), 2.0**26), [0, 0.785398, 6.5, 1e6], 1),
    "cos": (mpmath.cos, (-(2.0**26), 2.0**26), [3.92699, 5.5], 1),
    "atan": (mpmath.atan, (-MAX, MAX), [0, 0.41421, 1, 2.41421], 1.8),
    "dsinhc": (dsinhc, (0, 723.0**2), [0, 1e-12, 3.9999, 4, 5e5], 5),
}
ODD = ["expm1", "log1p", "sinh", "tanh", "asinh", "atanh", "sin", "atan"]

every_function = pytest.mark.parametrize("name", FUNCTIONS)


def arguments(name, n, seed=0):
    """Return n numbers each of: all binades, around 0, around the interesting places, the domain; and its extremes."""
    (low, high), places = FUNCTIONS[name][1:3]
    rng = np.random.default_rng(seed)
    every_binade = np.ldexp(rng.uniform(1, 2, n), rng.integers(-1074, 1024, n))
    dense = np.ldexp(rng.uniform(1, 2, n), rng.integers(-60, 10, n))
    centre = rng.choice(places, n)
    around = centre + rng.choice([-1, 1], n) * (abs(centre) + 1) * 2.0 ** rng.uniform(-53, -2, n)
    uniform = rng.uniform(max(low, -1000), min(high, 1000), n)
    extremes = [low, high, SMALLEST, 3 * SMALLEST, 2.2250738585072014e-308, 1.0, 0.0]
    x = np.concatenate([every_binade, -every_binade, dense, -dense, around, uniform, places, extremes])
    return x[(x >= low) & (x <= high)]


def bits(x):
    """Return the bit patterns, with one pattern for every NaN."""
    return np.where(np.isnan(x), np.nan, x).view(f"u{x.itemsize}")


def ulps(value, exact):
    nearest = float(exact)
    if not np.isfinite(nearest) or not np.isfinite(value):
        return 0.0 if nearest == value else np.inf
    return float(abs(mpf(value) - exact) / mpf(float(np.spacing(abs(nearest)))))


@every_function
def test_against_mpmath(name):
    reference, _, _, bound = FUNCTIONS[name]
    x = arguments(name, 250)
    with mpmath.workdps(50):
        worst = max((ulps(y, reference(mpf(a))), a) for a, y in zip(x, getattr(special, name)(x), strict=True))
    assert worst[0] <= bound, f"{name}({worst[1]!r}) is {worst[0]:.2f} ulp off"


@every_function
def test_float32_is_the_rounded_double(name):
    low, high = FUNCTIONS[name][1]
    with np.errstate(over="ignore"):
        x = arguments(name, 250).astype(np.float32)
        x = x[(x >= low) & (x <= high)]
        expected = getattr(special, name)(x.astype(np.float64)).astype(np.float32)
    y = getattr(special, name)(x)
    assert y.dtype == np.float32
    np.testing.assert_array_equal(y, expected)


INF, NAN = np.inf, np.nan


@pytest.mark.parametrize(
    ("name", "x", "expected"),
    [
        ("exp", [-INF, -746, 0, 709.79, INF], [0, 0, 1, INF, INF]),
        ("expm1", [-INF, -750, 709.79, INF], [-1, -1, INF, INF]),
        ("log", [-INF, -1, -SMALLEST, -0.0, 0, 1, INF], [NAN, NAN, NAN, -INF, -INF, 0, INF]),
        ("log1p", [-INF, -1.5, -1, INF], [NAN, NAN, -INF, INF]),
        ("sinh", [-INF, -711, 711, INF], [-INF, -INF, INF, INF]),
        ("cosh", [-INF, -711, 0, 711, INF], [INF, INF, 1, INF, INF]),
        ("tanh", [-INF, -20, 20, INF], [-1, -1, 1, 1]),
        ("asinh", [-INF, INF], [-INF, INF]),
        ("atanh", [-INF, -1.5, -1, 1, 1.5, INF], [NAN, NAN, -INF, INF, NAN, NAN]),
        ("sinhc", [-INF, 0, SMALLEST, 719, INF], [INF, 1, 1, INF, INF]),
        ("sin", [-INF, INF], [NAN, NAN]),
        ("cos", [-INF, 0, INF], [NAN, 1, NAN]),
        ("atan", [-INF, 1, INF], [-np.pi / 2, np.pi / 4, np.pi / 2]),
        ("dsinhc", [-1, 0, SMALLEST, 725.0**2, INF], [NAN, 1 / 6, 1 / 6, INF, INF]),
    ],
)
def test_edges(name, x, expected):
    np.testing.assert_array_equal(getattr(special, name)([*x, NAN, -NAN]), [*expected, NAN, NAN])


@pytest.mark.parametrize("name", ODD)
def test_odd_functions_keep_the_sign_of_zero_and_subnormals_exactly(name):
    tiny = np.array([0.0, SMALLEST, 3 * SMALLEST, 2.2250738585072014e-308])
    for x in (tiny, -tiny):
        np.testing.assert_array_equal(bits(getattr(special, name)(x)), bits(x))


@pytest.mark.parametrize("name", ["sinh", "tanh", "asinh", "atanh", "sin", "atan"])
def test_odd_functions_are_odd(name):
    x = arguments(name, 250)
    np.testing.assert_array_equal(getattr(special, name)(-x), -getattr(special, name)(x))


@every_function
def test_monotonic_across_joins(name):
    """Neighbouring floats around the joins of two formulas never go the wrong way by more than the error allows."""
    _, (low, high), places, bound = FUNCTIONS[name]
    for place in places:
        step = np.spacing(abs(place) or 1e-3)
        x = place + step * np.arange(-200, 201)
        x = x[(x >= max(low, 0)) & (x <= high)]  # on one side of 0 all of them are monotonic
        y = getattr(special, name)(x)
        assert np.all(np.diff(y) >= -2 * bound * np.spacing(np.abs(y[1:])))


@every_function
def test_same_bits_at_every_position(name):
    x = arguments(name, 40)
    whole = bits(getattr(special, name)(x))
    for start in range(17):
        for length in (1, 2, 3, 5, 8, 13, 100):
            part = slice(start, start + length)
            np.testing.assert_array_equal(bits(getattr(special, name)(x[part])), whole[part])


@pytest.fixture
def eager_threads():
    threads, threshold = openmp.get_num_threads(), openmp.get_serial_threshold()
    openmp.set_serial_threshold(1.0)
    yield openmp.set_num_threads
    openmp.set_num_threads(threads)
    openmp.set_serial_threshold(threshold)


@every_function
def test_same_bits_for_every_number_of_threads(name, eager_threads):
    x = np.resize(arguments(name, 500), 5003)
    results = []
    for threads in (1, 2, 3):
        eager_threads(threads)
        results.append(bits(getattr(special, name)(x)))
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])


@every_function
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_same_bits_on_every_instruction_set(name, dtype):
    with np.errstate(over="ignore"):
        x = np.concatenate([arguments(name, 2000), [-INF, INF, NAN, -1.0, -2.0, -0.0]]).astype(dtype)
    expected = bits(getattr(special, name)(x))
    usable = special.simd_levels()[: special.simd_levels().index(special.simd_level()) + 1]
    for level in usable:
        np.testing.assert_array_equal(bits(special.at_level(level, name, x)), expected)


@pytest.mark.parametrize("name", [*FUNCTIONS, "at_level"])
def test_examples_in_docstrings(name):
    function = getattr(special, name)
    (examples,) = doctest.DocTestFinder().find(function, name, module=False, globs={})
    assert doctest.DocTestRunner().run(examples) == doctest.TestResults(failed=0, attempted=2)


def test_shapes_and_types():
    assert special.exp(0.0).shape == ()
    assert special.exp(np.empty((3, 0))).shape == (3, 0)
    assert special.exp(np.array([0, 1])).dtype == np.float64
    assert special.exp(np.zeros(2, ">f8")).dtype == np.float64
    x = np.arange(24.0).reshape(2, 3, 4)
    np.testing.assert_array_equal(special.tanh(x.transpose(2, 0, 1)), special.tanh(x).transpose(2, 0, 1))
    np.testing.assert_array_equal(special.tanh(x[:, ::2, 1]), special.tanh(x)[:, ::2, 1])


def test_out():
    x = np.linspace(-1, 1, 2000)
    expected = special.asinh(x)
    out = np.empty_like(x)
    assert special.asinh(x, out=out) is out
    np.testing.assert_array_equal(out, expected)
    shifted = x.copy()
    special.asinh(shifted[:-1], out=shifted[1:])
    np.testing.assert_array_equal(shifted[1:], expected[:-1])
    special.asinh(x, out=x)
    np.testing.assert_array_equal(x, expected)


@pytest.mark.parametrize(
    ("x", "out", "error", "message"),
    [
        (np.zeros(3, complex), None, DTypeError, "exp needs an array of float32 or float64, not complex128"),
        (np.zeros(3), np.zeros(3, np.float32), DTypeError, "exp needs an out of float64, not float32"),
        (np.zeros(3), [0, 0, 0], DTypeError, "exp needs an out of float64, not list"),
        (np.zeros(3), np.zeros(4), ShapeError, r"exp needs an out of shape \(3,\), not \(4,\)"),
        (np.zeros(3), np.zeros(6)[::2], ShapeError, "exp needs an out that is contiguous"),
    ],
)
def test_bad_arguments(x, out, error, message):
    with pytest.raises(error, match=message):
        special.exp(x, out=out)


def test_levels():
    assert special.simd_level() in special.simd_levels()
    assert special.simd_levels()[0] == "baseline"
    with pytest.raises(DomainError, match="one of the levels baseline"):
        special.at_level("mmx", "exp", 0.0)
    with pytest.raises(DomainError, match="one of the functions exp, expm1"):
        special.at_level("baseline", "gamma", 0.0)

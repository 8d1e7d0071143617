"""The fused steps of the Riemannian optimisers: their definition, the boundary, and what they leave alone."""

import inspect

import mpmath as mp
import numpy as np
import pytest
from samples import directions, points

import geomkern as gk
from geomkern.errors import DomainError, DTypeError, ShapeError
from geomkern_manifold import PoincareBall, RiemannianAdam, RiemannianSGD
from geomkern_manifold.kernels import cpu, reference

STEPS = [name for name in reference.__all__ if name.endswith("_step")]
TOLERANCE = {np.float32: 3e-7, np.float64: 4e-14}
WRITTEN = ("x", "b", "m", "v", "vmax")


def case(name, rng, n, d, c, dtype, given=()):
    """Return the operands of a step by name."""
    values = {"x": points(rng, n, d, c, dtype), "c": c, "sign": 1.0, "eps": 1e-8, "root": 0.5}
    values |= {vector: (0.3 * directions(rng, n, d)).astype(dtype) for vector in ("b", "m", "g")}
    values |= {number: rng.uniform(0.1, 1.0, n).astype(dtype) for number in ("v", "vmax")}
    values |= {
        "decay": 0.0,
        "lr": 0.3,
        "keep": 0.9,
        "share": 0.7,
        "ahead": 0.0,
        "beta1": 0.8,
        "beta2": 0.9,
        "rate": 0.2,
    }
    return {key: (values | dict(given))[key] for key in inspect.signature(getattr(reference, name)).parameters}


def taken(step, values):
    """Return what a step makes of copies of the operands that it writes over."""
    copies = {key: value.copy() if isinstance(value, np.ndarray) else value for key, value in values.items()}
    assert step(*copies.values()) is None
    return {key: copies[key] for key in WRITTEN if copies.get(key) is not None}


OPTIONS = [
    {},
    {"b": None},
    {"vmax": None},
    {"decay": 0.2, "sign": -1.0},
    {"b": None, "decay": 0.2, "sign": -1.0},
    {"ahead": 0.9},
    {"ahead": 0.9, "decay": 0.3, "sign": -1.0},
    {"lr": 1.2, "rate": 0.6},
]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("name", STEPS)
def test_fused_steps_follow_the_definition(name, options, dtype):
    rng = np.random.default_rng(0)
    for d in (1, 2, 3, 4, 10, 16, 17, 20, 64, 131):
        for n, c in ((1, 1.0), (70, 0.3)):
            options = {key: value for key, value in options.items() if key in case(name, rng, 1, 1, c, dtype)}
            values = case(name, rng, n, d, c, dtype, options)
            exact = {k: np.asarray(v, np.float64) if isinstance(v, np.ndarray) else v for k, v in values.items()}
            expected = taken(getattr(reference, name), exact)
            for key, found in taken(getattr(cpu, name), values).items():
                assert found.dtype == dtype
                scale = np.abs(expected[key]).max()
                assert np.abs(found - expected[key]).max() <= TOLERANCE[dtype] * scale, (key, d, n, c)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", STEPS)
def test_bits_do_not_depend_on_threads_or_position(name, dtype):
    before, threshold = gk.get_num_threads(), gk.config.serial_threshold
    try:
        gk.config.serial_threshold = 1.0
        for d in (2, 10, 40):
            values = case(
                name,
                np.random.default_rng(1),
                333,
                d,
                1.7,
                dtype,
                {"ahead": np.repeat([0.0, 0.5, 0.9], 111).astype(dtype)},
            )
            gk.set_num_threads(1)
            serial = taken(getattr(cpu, name), values)
            gk.set_num_threads(3)
            for key, found in taken(getattr(cpu, name), values).items():
                assert np.array_equal(found, serial[key])
            part = {k: v[100:231] if isinstance(v, np.ndarray) else v for k, v in values.items()}
            for key, found in taken(getattr(cpu, name), part).items():
                assert np.array_equal(found, serial[key][100:231])
    finally:
        gk.set_num_threads(before)
        gk.config.serial_threshold = threshold


def exact_step(x, g, lr, c):
    """One step of plain gradient descent in the ball with 60 digits."""
    with mp.workdps(60):
        x, g, c = [mp.mpf(float(v)) for v in x], [mp.mpf(float(v)) for v in g], mp.mpf(float(c))
        a = 1 - c * sum(v * v for v in x)
        u = [-mp.mpf(lr) * a * a / 4 * v for v in g]
        n = mp.sqrt(sum(v * v for v in u))
        w = [mp.tanh(mp.sqrt(c) * n / a) / (mp.sqrt(c) * n) * v for v in u]
        xw, ww = sum(p * q for p, q in zip(x, w, strict=True)), sum(v * v for v in w)
        top = [(1 + 2 * c * xw + c * ww) * p + a * q for p, q in zip(x, w, strict=True)]
        return np.array([float(v / (1 + 2 * c * xw + c * c * (1 - a) / c * ww)) for v in top])


@pytest.mark.parametrize(("dtype", "gap"), [(np.float32, 1e-5), (np.float64, 1e-5), (np.float64, 1e-11)])
def test_accurate_at_the_boundary(dtype, gap):
    """Steps outwards, along and inwards as far as the origin, to the rounding of a coordinate."""
    rng, c = np.random.default_rng(2), 1.0
    for d in (3, 30):
        u = directions(rng, 12, d)
        x = ((1 - gap) * u).astype(dtype)
        for turn in (1.0, -1.0, 0.0):
            g = (turn * u + 0.3 * directions(rng, 12, d)).astype(dtype)
            for reach in (0.1, 3.0, 12.0):  # what the step is long in units of the metric
                lr = float(reach / gap)
                found = taken(
                    cpu.poincare_sgd_step,
                    case("poincare_sgd_step", rng, 12, d, c, dtype, {"x": x, "g": g, "b": None, "lr": lr}),
                )
                for i in range(12):
                    expected = exact_step(x[i], g[i], lr, c)
                    left = 1 - float(np.dot(expected, expected))
                    # the gap of the start changes by rounding x, which is the caller's, and of the end by rounding y
                    allowed = 8 * np.finfo(dtype).eps * max(1.0, np.finfo(dtype).eps / max(left, 1e-300))
                    assert np.abs(found["x"][i] - expected).max() <= allowed, (d, turn, reach)


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("d", [3, 40])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_all_or_nothing(name, d, dtype):
    rng = np.random.default_rng(3)
    values = case(name, rng, 333, d, 1.0, dtype)
    before = {key: value.copy() for key, value in values.items() if isinstance(value, np.ndarray)}
    if name.startswith("poincare"):  # in Lorentz's model every vector is a point
        values["x"][300] = before["x"][300] = 2.0
        with pytest.raises(DomainError, match=r"x\[300\] lies outside"):
            getattr(cpu, name)(*values.values())
    with pytest.raises(DomainError, match="c must be positive"):
        getattr(cpu, name)(*(values | {"c": -1.0}).values())
    with pytest.raises(ShapeError):
        getattr(cpu, name)(*(values | {"g": values["g"][:, :2]}).values())
    with pytest.raises((ShapeError, DTypeError)):
        getattr(cpu, name)(*(values | {"x": values["x"].astype(np.float16)}).values())
    with pytest.raises((ShapeError, DTypeError)):
        getattr(cpu, name)(*(values | {"x": values["x"].tolist()}).values())
    with pytest.raises((ShapeError, DTypeError)):
        getattr(cpu, name)(*(values | {"x": values["x"][::2], "g": values["g"][::2]}).values())
    assert all(np.array_equal(values[key], value) for key, value in before.items())


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("d", [3, 40])
def test_nan_reaches_its_row_and_no_other(name, d):
    rng = np.random.default_rng(4)
    for broken in ("x", "g", "b", "m"):
        values = case(name, rng, 40, d, 1.0, np.float64)
        if broken not in values:
            continue
        values[broken][11, 0] = np.nan
        for key, found in taken(getattr(cpu, name), values).items():
            if found.ndim > 1:
                assert np.isnan(found[11]).all(), (broken, key)
            assert np.isfinite(np.delete(found, 11, 0)).all(), (broken, key)


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_zero_gradient_moves_nothing(name, dtype):
    rng = np.random.default_rng(5)
    for d in (3, 40):
        zero = np.zeros((50, d), dtype)
        values = case(name, rng, 50, d, 0.7, dtype, {"g": zero, "b": zero, "m": zero})
        assert np.array_equal(taken(getattr(cpu, name), values)["x"], values["x"])


@pytest.mark.parametrize("length", [1e-300, 1e-160, 1e160, 1e300])
def test_gradients_of_extreme_length(length):
    """Directions survive where squares underflow or overflow."""
    x, u = np.zeros((4, 3)), directions(np.random.default_rng(6), 4, 3)
    found = taken(
        cpu.poincare_sgd_step,
        case(
            "poincare_sgd_step",
            np.random.default_rng(6),
            4,
            3,
            1.0,
            np.float64,
            {"x": x, "b": None, "g": length * u, "lr": 1.0},
        ),
    )["x"]
    assert np.allclose(found, -np.tanh(min(length / 4, 30)) * u, rtol=1e-14, atol=0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", [RiemannianSGD, RiemannianAdam])
def test_a_thousand_steps_to_the_boundary_stay_finite(kind, dtype):
    """Points pushed out without end come to rest at the last representable ones: geoopt's issue 227 has NaN there."""
    ball = PoincareBall(1.0)
    start = points(np.random.default_rng(7), 40, 5, 1.0, dtype)
    x = gk.nn.Parameter(start.copy(), ball)
    optimizer = kind([x], lr=2.0)
    for _ in range(1000):
        optimizer.zero_grad()
        (-ball.dist0(x).sum()).backward()
        optimizer.step()
    assert np.isfinite(x.data).all()
    assert np.isfinite(optimizer.state[x].get("exp_avg", np.zeros(1))).all()
    assert (ball.dist0(x.data) > (15 if dtype == np.float32 else 33)).all()
    assert np.allclose(x.data / np.linalg.norm(x.data, axis=1, keepdims=True),
                       start / np.linalg.norm(start, axis=1, keepdims=True), atol=1e-3)  # fmt: skip
    for _ in range(100):  # and they come back
        optimizer.zero_grad()
        ball.dist0(x).sum().backward()
        optimizer.step()
    assert np.median(ball.dist0(x.data)) < 12  # but for some that lie within less than a rounding of the edge


@pytest.mark.parametrize("kind", [RiemannianSGD, RiemannianAdam])
def test_a_curvature_that_grows_takes_its_points_along(kind):
    """A larger c makes the ball smaller; points that a step leaves outside are projected."""
    c = gk.nn.Parameter(np.float64(1.0))
    ball = PoincareBall(c)
    x = gk.nn.Parameter(np.array([[0.97, 0.0], [0.1, 0.2]]), ball)
    optimizer = kind([{"params": [x], "lr": 1e-9}, {"params": [c], "lr": 0.3}])
    for _ in range(3):
        x.grad, c.grad = gk.tensor(np.zeros((2, 2))), gk.tensor(np.float64(-1.0))
        optimizer.step()
        assert np.isfinite(ball.detach().dist0(x.data)).all()
    assert c.data > 1.5
    assert np.array_equal(x.data[1], [0.1, 0.2])
    assert x.data[0, 0] < 0.97


def test_curvatures_of_each_row():
    rng = np.random.default_rng(8)
    c = np.array([0.5, 1.0, 2.0])
    values = case("poincare_adam_step", rng, 3, 4, 2.0, np.float64, {"c": c})
    found = taken(cpu.poincare_adam_step, values)
    for i in range(3):
        row = {k: v[i : i + 1] if isinstance(v, np.ndarray) else v for k, v in values.items()}
        for key, value in taken(cpu.poincare_adam_step, row | {"c": float(c[i])}).items():
            assert np.array_equal(value[0], found[key][i])

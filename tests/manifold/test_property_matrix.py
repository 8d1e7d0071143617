"""Every operation of every model over dimensions, curvatures, radii, types and layouts.

The rows of the matrix are those that break something in implementations of this kind: dimensions at and beyond the
widths of vector units, curvatures from 1e-4 to 100, radii from 0 to 1e-5 from the boundary (1e-12 in float64), equal,
opposite and antipodal points.
"""

import numpy as np
import oracle
import pytest
from samples import directions

from geomkern_manifold import Euclidean, HalfSpace, Klein, Lorentz, PoincareBall, Polar, Sphere, Stereographic

DIMENSIONS = (1, 2, 3, 31, 32, 33, 128, 257, 1025)
CURVATURES = (1e-4, 0.25, 0.7, 1.0, 2.0, 100.0)
RADII = {
    np.float32: (0, 1e-12, 1e-4, 0.5, 0.99, 1 - 1e-5),
    np.float64: (0, 1e-12, 1e-4, 0.5, 0.99, 1 - 1e-5, 1 - 1e-12),
}
HYPERBOLIC = {m.model: m for m in (PoincareBall, Lorentz, Klein, HalfSpace, Polar)}
MODELS = [*HYPERBOLIC, "stereographic", "spherical", "sphere", "euclidean"]
OPERATIONS = (
    "dist", "dist0", "inner", "norm", "expmap", "logmap", "expmap0", "logmap0", "geodesic", "transp", "egrad2rgrad",
)  # fmt: skip


def manifold(model, c):
    """Return a manifold of curvature -c, or c where that is its kind."""
    if model in HYPERBOLIC:
        return HYPERBOLIC[model](c)
    return {
        "stereographic": lambda: Stereographic(-c), "spherical": lambda: Stereographic(c),
        "sphere": lambda: Sphere(c), "euclidean": Euclidean,
    }[model]()  # fmt: skip


def points(model, c, d, dtype, rng):
    """Return two rows of points: all radii, and for each an equal, an opposite, a near or another one."""
    radii = np.array(RADII[dtype])[:, None]
    u, w = directions(rng, len(radii), d), directions(rng, len(radii), d)
    x = u * radii / np.sqrt(c)
    y = np.stack([x, -x, x * (1 - 1e-3), w * radii[::-1] / np.sqrt(c)])[np.arange(len(x)) % 4, np.arange(len(x))]
    if model in ("poincare", "stereographic", "spherical", "euclidean"):
        return x.astype(dtype), y.astype(dtype)
    if model == "sphere":
        space = Sphere(c)
        x = space.projx(directions(rng, len(x), d).astype(dtype))
        return x, space.projx((x + 0.7 * space.projx(directions(rng, len(x), d).astype(dtype))).astype(dtype))
    ball = PoincareBall(c)
    x, y = (ball.projx(p) for p in (x, y))
    x, y = (ball.convert(p, HYPERBOLIC[model](c)) for p in (x, y))
    return tuple(manifold(model, c).projx(p.astype(dtype)) for p in (x, y))


def tangents(space, x, rng):
    """Return tangent vectors of lengths about 1 in units of the radius of curvature."""
    v = space.proju(x, directions(rng, len(x), x.shape[-1]).astype(x.dtype))
    size = np.asarray(space.norm(x, v), np.float64)[:, None]
    scale = 0.7 / np.sqrt(abs(float(space.curvature)))
    return (v * np.where(size > 0, scale / np.where(size > 0, size, 1), 1)).astype(x.dtype)


def arguments(operation, space, x, y, u, v):
    """Return what the operation takes."""
    origin = np.broadcast_to(space.origin(x.shape[-1], dtype=x.dtype), x.shape)
    at_origin = tangents(space, origin, np.random.default_rng(1))
    return {
        "dist": (x, y), "dist0": (x,), "inner": (x, u, v), "norm": (x, u), "expmap": (x, u), "logmap": (x, y),
        "expmap0": (at_origin,), "logmap0": (y,), "geodesic": (0.3, x, y), "transp": (x, y, v),
        "egrad2rgrad": (x, u),
    }[operation]  # fmt: skip


def case(model, c, d, dtype):
    rng = np.random.default_rng(d)
    space = manifold(model, c)
    x, y = points(model, c, d, dtype, rng)
    return space, x, y, tangents(space, x, rng), tangents(space, x, rng)


def dimensions(model):
    return DIMENSIONS[1:] if model == "sphere" else DIMENSIONS  # a sphere in one dimension is two points


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_layouts(dtype, model, operation):
    """Single rows, grids, views and empty batches have the bits of the batch; everything is finite."""
    for d in dimensions(model):
        for c in CURVATURES:
            space, x, y, u, v = case(model, c, d, dtype)
            call = getattr(space, operation)
            values = arguments(operation, space, x, y, u, v)
            batch = call(*values)
            assert batch.dtype == dtype
            assert np.isfinite(batch).all(), (d, c)

            def each(change, values=values):
                return [change(a) if np.ndim(a) else a for a in values]

            assert np.array_equal(call(*each(lambda a: a[2])), batch[2]), (d, c)
            assert np.array_equal(call(*each(lambda a: a[:, None]))[:, 0], batch), (d, c)
            assert call(*each(lambda a: a[:0])).shape == (0, *batch.shape[1:])
            assert np.array_equal(call(*each(lambda a: a[::2])), batch[::2]), (d, c)
            strided = each(lambda a: np.repeat(a, 2, -1)[..., ::2])
            assert np.array_equal(call(*strided), batch), (d, c)
            if operation in ("dist", "logmap"):
                grid = call(x[:, None], y[None])
                assert np.array_equal(np.stack([grid[k, k] for k in range(len(x))]), batch), (d, c)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("model", MODELS)
def test_float32_is_the_rounded_result(model, operation):
    for d in dimensions(model):
        for c in CURVATURES:
            space, *small = case(model, c, d, np.float32)
            values = arguments(operation, space, *small)
            wide = [np.asarray(a, np.float64) if np.ndim(a) else a for a in values]
            if model == "sphere":  # what is on the sphere in float32 is not in float64
                continue
            narrow, exact = getattr(space, operation)(*values), getattr(space, operation)(*wide)
            error = np.abs(narrow - exact).reshape(len(small[0]), -1).max(-1)
            size = np.abs(exact).reshape(len(small[0]), -1).max(-1)
            room = 1.0  # sums of d exact squares are rounded d times, which shows where they are near 1
            if model in ("poincare", "klein", "stereographic"):
                room = min((1 - c * (a * a).sum(-1)).min() for a in map(np.float64, small[:2]))
            assert np.all(error <= (1.3e-7 + d * 2.3e-16 / room) * size + 1e-37), (d, c)


def check_against_oracle(model, operation, d, c):
    chart = {"spherical": "stereographic"}.get(model, model)
    parameter = {"stereographic": -c, "spherical": c}.get(model, c)
    space, *inputs = case(model, c, d, np.float64)
    values = arguments(operation, space, *inputs)
    found = getattr(space, operation)(*values)
    for k, result in enumerate(found):
        rows = [a[k] if np.ndim(a) else a for a in values]
        try:
            want = getattr(oracle, operation)(chart, *rows, parameter)
        except ArithmeticError:  # antipodal points
            continue
        opening = 1.0
        if model == "spherical":  # near antipodes the direction of the geodesic has no digits
            opening = max(1e-6, np.cos(np.sqrt(c) * float(space.dist(inputs[0][k], inputs[1][k])) / 2) ** 2)
        if operation in ("expmap", "expmap0", "geodesic"):
            # a point is right where its distance from the right one is that of rounding its coordinates, and the
            # operands'
            stretch = max(1.0, float(space.norm(result, np.full(d, np.abs(result).max()))))
            far = max(
                1.0, np.cosh(min(50.0, float(np.sqrt(abs(parameter)) * np.max(space.dist(inputs[0][k], result)))))
            )
            allowed = 64 * 2.3e-16 * (stretch + far / np.sqrt(c)) / opening
            assert float(oracle.dist(chart, result, want, parameter)) <= allowed, (d, c, k)
        else:
            assert oracle.relative_error(result, want) < 1e-12 / opening, (d, c, k)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("model", MODELS)
def test_oracle(model, operation):
    check_against_oracle(model, operation, 2, 0.7)


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("d", "c"), [(3, 1e-4), (3, 100.0), (33, 1.0), (257, 0.25)])
def test_oracle_everywhere(model, operation, d, c):
    check_against_oracle(model, operation, d, c)

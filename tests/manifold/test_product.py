"""Products of manifolds and scaled ones: the parts by themselves, gradients, points, and what is refused."""

import copy
import itertools
import pickle

import numpy as np
import pytest

import geomkern as gk
from geomkern.errors import DomainError, DTypeError, ShapeError
from geomkern_manifold import PoincareBall, ProductManifold, RiemannianAdam, RiemannianSGD, Scaled

FACTORS = ((PoincareBall(0.7), 3), (PoincareBall(2.0), 2), (Scaled(PoincareBall(1.0), 1.5), 4), (PoincareBall(0.2), 20))
WIDTH = sum(width for _, width in FACTORS)
VECTORS = ("expmap", "logmap", "transp", "geodesic", "egrad2rgrad", "expmap0", "logmap0", "projx", "proju", "retr")
NUMBERS = ("dist", "dist0", "inner", "norm")


def space():
    return ProductManifold(*FACTORS)


def arguments(operation, dtype=np.float64, n=5):
    product, rng = space(), np.random.default_rng(0)
    x, y = product.random(n, WIDTH, dtype=dtype, rng=1), product.random(n, WIDTH, dtype=dtype, rng=2)
    u, v = (rng.standard_normal((n, WIDTH)).astype(dtype) * dtype(0.1) for _ in range(2))
    return {
        "dist": (x, y), "dist0": (x,), "inner": (x, u, v), "norm": (x, u), "expmap": (x, u), "logmap": (x, y),
        "transp": (x, y, v), "geodesic": (0.3, x, y), "egrad2rgrad": (x, u), "expmap0": (u,), "logmap0": (y,),
        "projx": (3 * x,), "proju": (x, u), "retr": (x, u),
    }[operation]  # fmt: skip


def each(operation, arguments):
    """Return the results of the factors."""
    product = space()
    results = []
    for k, manifold in enumerate(product.manifolds):
        parts = [product.part(a, k) if np.ndim(a) else a for a in arguments]
        results.append(getattr(manifold, operation)(*parts))
    return results


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("operation", VECTORS)
def test_vectors_are_those_of_the_factors(operation, dtype):
    values = arguments(operation, dtype)
    result = getattr(space(), operation)(*values)
    assert result.dtype == dtype
    assert np.array_equal(result, np.concatenate(each(operation, values), -1))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("operation", NUMBERS)
def test_squared_lengths_add_up(operation, dtype):
    values = arguments(operation, dtype)
    result, parts = getattr(space(), operation)(*values), np.stack(each(operation, values))
    assert result.dtype == dtype
    assert result.shape == (5,)
    expected = parts.sum(0) if operation == "inner" else np.sqrt((parts.astype(np.float64) ** 2).sum(0))
    assert np.allclose(result, expected, rtol=4 * np.finfo(dtype).eps, atol=0)


@pytest.mark.parametrize("operation", [*VECTORS, *NUMBERS])
def test_gradients(operation):
    values = arguments(operation, n=2)

    def call(a, b, scale, *arrays):
        factors = (PoincareBall(a), 3), (PoincareBall(b), 2), (Scaled(PoincareBall(1.0), scale), 4), FACTORS[3]
        return getattr(ProductManifold(*factors), operation)(*arrays)

    assert gk.gradcheck(call, np.array(0.7), np.array(2.0), np.array(1.5), *map(np.asarray, values))


def test_distances_of_all_pairs():
    x, y = arguments("dist")
    assert np.allclose(space().pairwise_dist(x, y), space().dist(x[:, None], y), rtol=1e-14, atol=0)


def test_is_the_same_for_any_number_of_threads_and_a_slice():
    product, rng = space(), np.random.default_rng(3)
    x, u = product.random(5000, WIDTH, rng=rng), 0.1 * rng.standard_normal((5000, WIDTH)).astype(np.float32)
    before = gk.get_num_threads()
    try:
        gk.set_num_threads(1)
        serial = product.expmap(x, u)
        gk.set_num_threads(3)
        assert np.array_equal(product.expmap(x, u), serial)
        assert np.array_equal(product.expmap(x[7:999:3], u[7:999:3]), serial[7:999:3])
    finally:
        gk.set_num_threads(before)


def test_leading_axes_broadcast_and_may_be_empty():
    product = space()
    x, y = arguments("dist")
    assert product.dist(x[:, None], y).shape == (5, 5)
    assert product.expmap(x[:0], y[:0]).shape == (0, WIDTH)
    rows, one = (ProductManifold((PoincareBall(c), 3), (PoincareBall(0.1), WIDTH - 3)) for c in (np.full(5, 0.5), 0.5))
    assert np.array_equal(rows.dist(0.1 * x, 0.1 * y), one.dist(0.1 * x, 0.1 * y))


def test_parts_and_join_are_inverse():
    (x,) = arguments("dist0")
    assert np.array_equal(space().join(*space().parts(x)), x)


def test_origin_and_samples_are_points():
    product = space()
    assert np.all(product.dist0(product.origin(3, WIDTH)) == 0)
    product.check_point(product.random(50, WIDTH, rng=0, std=3.0))
    with pytest.raises(DomainError, match=r"dist0: x\[1\] lies outside the ball: c\|x\|\^2 is 2\.[78]"):
        product.check_point([[0.0] * WIDTH, [2.0] + [0.0] * (WIDTH - 1)])


def test_products_of_products_are_flat():
    inner = ProductManifold((PoincareBall(), 2), (Scaled(PoincareBall(), 2.0), 3))
    product = ProductManifold((Scaled(inner, 3.0), 5), (inner, 5))
    assert product.widths == (2, 3, 2, 3)
    assert [m.scale for m in product.manifolds if isinstance(m, Scaled)] == [3.0, 6.0, 2.0]
    x, y = product.random(4, 10, rng=0), product.random(4, 10, rng=1)
    parts = 3 * inner.dist(x[:, :5], y[:, :5]), inner.dist(x[:, 5:], y[:, 5:])
    assert np.allclose(product.dist(x, y), np.hypot(*parts), rtol=1e-6)


def test_an_optimiser_follows_it():
    product = space()
    x = gk.nn.Parameter(product.random(3, WIDTH, rng=0), manifold=product)
    target = product.random(3, WIDTH, rng=1)
    optimizer = RiemannianAdam([x], lr=0.2)
    losses = []
    for _ in range(200):
        optimizer.zero_grad()
        loss = (product.dist(x, target) ** 2).sum()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.data))
    assert losses[-1] < 1e-2 * losses[0]


def test_copies_and_comparisons():
    assert space() == space()
    assert space() != ProductManifold(*FACTORS[:2])
    for twin in (copy.deepcopy(space()), pickle.loads(pickle.dumps(space()))):
        assert twin.widths == space().widths
        assert np.array_equal(twin.dist(*arguments("dist")), space().dist(*arguments("dist")))
    learning = ProductManifold((PoincareBall(gk.nn.Parameter(0.5)), 2))
    assert not isinstance(learning.detach().manifolds[0].c, gk.Tensor)


@pytest.mark.parametrize("optimizer", [RiemannianSGD, RiemannianAdam])
def test_an_optimiser_heeds_the_scale(optimizer):
    """As in a product of one factor, whose steps are composed."""
    start, scaled, moved = points_of_a_ball(), Scaled(PoincareBall(0.5), 2.0), []
    for manifold in (scaled, ProductManifold((scaled, 2))):
        x = gk.nn.Parameter(start.copy(), manifold=manifold)
        steps = optimizer([x], lr=0.1)
        for _ in range(3):
            steps.zero_grad()
            (PoincareBall(0.5).dist(x, np.array([0.3, -0.2])) ** 2).sum().backward()
            steps.step()
        moved.append(x.data)
    assert np.allclose(*moved, rtol=1e-12, atol=1e-14)


def points_of_a_ball():
    return PoincareBall(0.5).random(4, 2, dtype=np.float64, rng=0)


@pytest.mark.parametrize("scale", [0.0, -1.0, np.nan])
def test_scale_must_be_positive(scale):
    with pytest.raises(DomainError, match="Scaled needs a positive scale"):
        Scaled(PoincareBall(), scale)


def test_what_is_refused():
    with pytest.raises(DomainError, match="factors of at least one coordinate"):
        ProductManifold()
    with pytest.raises(DTypeError, match="manifolds of this package"):
        ProductManifold(("ball", 3))
    with pytest.raises(ShapeError, match="dist: x has shape \\(2,\\), but the last axis must hold the 29 coordinates"):
        space().dist([0.0, 0.0], np.zeros(WIDTH))
    with pytest.raises(ShapeError, match="was given 4"):
        ProductManifold((space(), 4))


def test_a_scaled_manifold_keeps_what_its_base_can():
    scaled = Scaled(PoincareBall(0.5), 2.0)
    x, y = np.array([0.3, 0.1]), np.array([-0.2, 0.4])
    assert np.array_equal(scaled.mobius_add(x, y), PoincareBall(0.5).mobius_add(x, y))
    assert np.allclose(scaled.norm(x, scaled.logmap(x, y)), scaled.dist(x, y))
    assert np.allclose(scaled.dist(x, scaled.geodesic_unit(0.7, x, y)), 0.7)
    assert np.allclose(scaled.inner(x, scaled.egrad2rgrad(x, y), x), y @ x)
    assert pickle.loads(pickle.dumps(scaled)).scale == 2.0
    assert all(np.all(np.isfinite(a)) for a in itertools.chain(scaled.random(3, 2, rng=0)))

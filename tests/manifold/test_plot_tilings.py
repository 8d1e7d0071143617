"""Regular tilings: equal sides and angles, every tile once, and none left out."""

import matplotlib
import numpy as np
import pytest

from geomkern.errors import DomainError
from geomkern_manifold import plot

matplotlib.use("Agg")

TILINGS = [(7, 3), (3, 7), (5, 4), (4, 5), (4, 6), (8, 3), (6, 6), (3, 12), (20, 3)]


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plot.pyplot().close("all")


def as_complex(x):
    return x[..., 0] + 1j * x[..., 1]


def to_origin(z, w):
    """Move z to the origin, and w with it."""
    return (w - z) / (1 - z.conj() * w)


def middles(vertices):
    """Return the middles of tiles as points of the hyperboloid: the normalised sums of their vertices there."""
    z = as_complex(vertices)
    r2 = np.abs(z) ** 2
    total = (np.stack([2 * z.real, 2 * z.imag, 1 + r2], -1) / (1 - r2)[..., None]).sum(1)
    return total / np.sqrt(total[:, 2] ** 2 - total[:, 0] ** 2 - total[:, 1] ** 2)[:, None]


@pytest.mark.parametrize(("p", "q"), TILINGS)
def test_all_sides_and_angles_are_equal(p, q):
    vertices, _ = plot.tiles(p, q)
    z = as_complex(vertices[: max(200, p)])
    ahead, behind = np.roll(z, -1, axis=1), np.roll(z, 1, axis=1)
    length = 2 * np.arctanh(np.abs(to_origin(z, ahead)))
    np.testing.assert_allclose(length, 2 * np.arccosh(np.cos(np.pi / p) / np.sin(np.pi / q)), rtol=1e-7)
    angle = np.angle(to_origin(z, behind) / to_origin(z, ahead))  # positive: the vertices are counterclockwise
    np.testing.assert_allclose(angle, 2 * np.pi / q, rtol=1e-7)


@pytest.mark.parametrize(("p", "q"), TILINGS)
def test_the_tiles_cover_the_disk_once(p, q):
    vertices, _ = plot.tiles(p, q)
    rng = np.random.default_rng(0)
    x = 0.9 * np.sqrt(rng.uniform(size=300)) * np.exp(2j * np.pi * rng.uniform(size=300))
    a = as_complex(vertices)[:, None]
    b = np.roll(a, -1, axis=2)
    # Left of all sides: after x has moved to the origin, which lies left of a geodesic if the cross product of its
    # ends is positive.
    a, b = (to_origin(x[:, None], ends) for ends in (a, b))
    inside = np.all((a.conj() * b).imag > 0, axis=2)
    np.testing.assert_array_equal(inside.sum(0), 1)


@pytest.mark.parametrize(("p", "q"), TILINGS)
def test_no_two_tiles_are_the_same(p, q):
    vertices, layers = plot.tiles(p, q)
    found = middles(vertices)
    cosh = np.outer(found[:, 2], found[:, 2]) - found[:, :2] @ found[:, :2].T
    np.fill_diagonal(cosh, np.inf)
    neighbours = 2 * (np.cos(np.pi / q) / np.sin(np.pi / p)) ** 2 - 1
    np.testing.assert_allclose(cosh.min(), neighbours, rtol=1e-6)
    assert np.all(np.diff(layers) >= 0)
    if q % 2 == 0:
        i, j = np.nonzero(cosh < neighbours * (1 + 1e-6))
        assert np.all(layers[i] % 2 != layers[j] % 2)


@pytest.mark.parametrize(
    ("p", "q", "counts"),
    [
        # The coordination sequences of the dual tilings: 7 F(2n), 5 F(2n), and from p - 4 and p - 2 in general.
        (7, 3, [1, 7, 21, 56, 147, 385]),
        (5, 4, [1, 5, 15, 40, 105, 275]),
        (8, 3, [1, 8, 32, 120, 448]),
        (6, 4, [1, 6, 24, 90, 336]),
        (100, 3, [1, 100, 9600]),
    ],
)
def test_each_layer_has_the_tiles_that_it_should(p, q, counts):
    vertices, layers = plot.tiles(p, q, depth=len(counts) - 1)
    assert vertices.shape == (sum(counts), p, 2)
    np.testing.assert_array_equal(np.bincount(layers), counts)


def test_the_middle_tile_is_around_the_origin():
    vertices, layers = plot.tiles(5, 4, depth=0)
    np.testing.assert_allclose(vertices.sum(1), 0, atol=1e-15)
    assert layers.tolist() == [0]


def test_small_tiles_are_left_out():
    vertices, _ = plot.tiles(7, 3)
    size = np.ptp(vertices, axis=1).max(1)
    assert 0.01 < size.min() < 0.03
    assert 1 - np.linalg.norm(vertices, axis=-1).max() < 0.01


@pytest.mark.parametrize(
    ("p", "q", "depth", "shared"),
    [
        (5, 4, 2, 5 + 15 + 5),  # at the vertices of the middle tile there are five tiles that share two sides each
        (50, 3, 1, 50 + 50),  # the tiles of the first layer share sides with each other
        (3, 7, 1, 3),
    ],
)
def test_each_side_is_drawn_once(p, q, depth, shared):
    vertices, _ = plot.tiles(p, q, depth=depth)
    sides = np.array(plot.tiling(p, q, depth=depth).get_segments())
    ends = {frozenset(map(tuple, side[[0, -1]].round(9))) for side in sides}
    around = np.stack([vertices, np.roll(vertices, -1, axis=1)], axis=2).reshape(-1, 2, 2).round(9)
    assert ends == {frozenset(map(tuple, side)) for side in around}
    assert len(sides) == len(ends) == p * len(vertices) - shared


def test_the_options_of_a_tiling_replace_ours():
    lines = plot.tiling(7, 3, depth=1, lw=3, colors="red", alpha=1)
    assert lines.get_linewidth()[0] == 3
    np.testing.assert_allclose(lines.get_color(), [[1, 0, 0, 1]])


@pytest.mark.parametrize("view", ["disk", "half_plane", "hyperboloid"])
def test_tiles_are_filled_layer_by_layer(view):
    ax = plot.canvas(view)
    before = len(ax.collections)
    plot.tiling(5, 4, ax, depth=1, facecolors=["red", "blue"])
    fill = ax.collections[before]
    ax.figure.draw_without_rendering()
    assert len(fill.get_facecolor()) == 6
    assert sorted(map(tuple, fill.get_facecolor())) == [(0, 0, 1, 1)] * 5 + [(1, 0, 0, 1)]


@pytest.mark.parametrize(("p", "q"), [(4, 4), (3, 6), (5, 3), (2, 9), (9, 2), (-7, -3)])
def test_other_geometries_are_refused(p, q):
    with pytest.raises(DomainError, match=f"1/p \\+ 1/q < 1/2, not p = {p}, q = {q}"):
        plot.tiles(p, q)


def test_depths_that_cannot_be():
    with pytest.raises(DomainError, match="not negative, not -1"):
        plot.tiles(7, 3, depth=-1)
    with pytest.raises(DomainError, match=r"\{20, 20\} has more than 100,000 tiles up to layer 4"):
        plot.tiles(20, 20, depth=5)
    with pytest.raises(TypeError):
        plot.tiles(7.5, 3)

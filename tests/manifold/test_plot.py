"""Pictures of the hyperbolic plane: the geometry of what is drawn, in each view and from each manifold."""

import subprocess
import sys

import matplotlib
import numpy as np
import oracle
import pytest

import geomkern as gk
from geomkern.errors import BackendUnavailable, DomainError, DTypeError, ShapeError
from geomkern_manifold import HalfSpace, Hyperbolic, Lorentz, PoincareBall, Sphere, plot
from geomkern_manifold.functions.conversions import MODELS
from geomkern_manifold.plot.canvas import VIEWS

matplotlib.use("Agg")

FLAT = [view for view in VIEWS if view != "hyperboloid"]
MODEL_OF = {"disk": "poincare", "klein": "klein", "half_plane": "half_space", "hyperboloid": "lorentz"}


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plot.pyplot().close("all")


def disk_points(n, seed=0, radius=0.98):
    rng = np.random.default_rng(seed)
    angle = rng.uniform(0, 2 * np.pi, n)
    return rng.uniform(0, radius, (n, 1)) * np.stack([np.cos(angle), np.sin(angle)], -1)


def distance(x, y):
    gap = np.sum((x - y) ** 2, axis=-1)
    return 2 * np.arcsinh(np.sqrt(gap / ((1 - np.sum(x * x, -1)) * (1 - np.sum(y * y, -1)))))


def circle_through(curve):
    """Return the centre and the radius of the circle through the ends and the middle of a curve (n, 2)."""
    a, b, c = curve[0], curve[len(curve) // 2], curve[-1]
    centre = np.linalg.solve(2 * np.array([b - a, c - a]), [b @ b - a @ a, c @ c - a @ a])
    return centre, np.linalg.norm(a - centre)


def vertices_3d(collection):
    """Return what a collection in space was given, one array (n, 3) for each curve or polygon."""
    if hasattr(collection, "_segments3d"):
        return np.asarray(collection._segments3d)
    return np.asarray(collection._faces)[..., :3]


# ---- models and views ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("c", [0.3, 1.0, 4.0])
@pytest.mark.parametrize("model", MODELS)
def test_the_points_of_each_model_are_drawn_where_they_lie_in_the_ball(model, c):
    x = oracle.rows("convert", "poincare", disk_points(40) / np.sqrt(c), c=c, target=model)
    expected = np.sqrt(c) * oracle.rows("convert", model, x, c=c, target="poincare")
    dots = plot.points(x, manifold=Hyperbolic(2, c, model))
    np.testing.assert_allclose(dots.get_offsets(), expected, rtol=1e-13)


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_has_the_coordinates_of_its_model(view):
    x = disk_points(40)
    expected = oracle.rows("convert", "poincare", x, c=1.0, target=MODEL_OF[view])
    dots = plot.points(x, plot.canvas(view))
    if view == "hyperboloid":
        drawn = np.stack(dots._offsets3d, -1)
        np.testing.assert_allclose(drawn[:, 2], np.sqrt(1 + np.sum(expected**2, -1)), rtol=1e-13)
        np.testing.assert_allclose(drawn[:, :2], expected, rtol=1e-13)
    else:
        np.testing.assert_allclose(dots.get_offsets(), expected, rtol=1e-13)


def test_the_half_plane_has_the_highest_point_of_the_disk_at_infinity():
    ax = plot.canvas("half_plane")
    dots = plot.points([[0.0, 0.5], [0.0, 0.0], [0.0, -0.5], [0.5, 0.0], [0.0, 1 - 1e-9]], ax)
    np.testing.assert_allclose(dots.get_offsets(), [[0, 3], [0, 1], [0, 1 / 3], [0.8, 0.6], [0, np.nan]], rtol=1e-15)


@pytest.mark.parametrize("model", ["lorentz", "polar", "half_space"])
def test_points_too_far_for_the_disk_stay_inside(model):
    dots = plot.points([[1e200, 1.0], [3.0, 1e-300], [0.0, 1.0]], manifold=Hyperbolic(model=model))
    assert np.all(np.linalg.norm(dots.get_offsets(), axis=-1) < 1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_points_may_be_tensors_of_any_type_and_curvature(dtype):
    x = (disk_points(7) / np.sqrt(2)).astype(dtype)
    for c in (2.0, gk.Tensor(np.array(2.0), requires_grad=True), np.full(7, 2.0)):
        dots = plot.points(gk.Tensor(x, requires_grad=True), manifold=PoincareBall(c))
        np.testing.assert_allclose(dots.get_offsets(), np.sqrt(2) * x.astype(np.float64), rtol=1e-14)


# ---- geodesics and circles -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("draw", [plot.segments, plot.lines])
def test_geodesics_meet_the_rim_at_right_angles(draw):
    x, y = disk_points(30), disk_points(30, seed=1)
    for p, q, curve in zip(x, y, draw(x, y).get_segments(), strict=True):
        centre, radius = circle_through(curve)
        np.testing.assert_allclose(centre @ centre, 1 + radius**2, rtol=1e-8)
        np.testing.assert_allclose(np.linalg.norm(curve - centre, axis=1), radius, rtol=1e-8)
        if draw is plot.segments:
            np.testing.assert_allclose(curve[[0, -1]], [p, q], atol=1e-12)
        else:
            np.testing.assert_allclose(np.linalg.norm(curve[[0, -1]], axis=1), 1, rtol=1e-14)
            np.testing.assert_allclose(np.linalg.norm([p - centre, q - centre], axis=1), radius, rtol=1e-8)


def test_a_geodesic_through_the_origin_is_a_diameter():
    (curve,) = plot.lines([-0.3, -0.4], [0.0, 0.0]).get_segments()
    np.testing.assert_allclose(curve[[0, -1]], [[-0.6, -0.8], [0.6, 0.8]], atol=1e-15)
    np.testing.assert_allclose(curve @ [0.8, -0.6], 0, atol=1e-15)


def test_a_curve_is_smooth_to_the_eye_at_any_length():
    x = np.array([[1 - 1e-13, 0.0], [0.0, 1e-13 - 1], [0.0, 1e-9]])
    for curve in plot.segments(x, -x[:, ::-1] * [1, -1]).get_segments():
        steps = np.linalg.norm(np.diff(curve, axis=0), axis=1)
        assert np.ptp(steps) <= 1e-3 + steps.max() * 0.8
        assert steps.max() < 0.03


def test_segments_broadcast_and_may_be_none_or_points():
    assert len(plot.segments([0.0, 0.1], disk_points(6).reshape(2, 3, 2)).get_segments()) == 6
    assert len(plot.segments(np.zeros((0, 2)), np.zeros((0, 2))).get_segments()) == 0
    for x in ([0.0, 0.0], [0.3, 0.1], [0.0, 1 - 2**-53]):
        (curve,) = plot.segments(x, x).get_segments()
        np.testing.assert_allclose(curve, np.broadcast_to(x, curve.shape), atol=1e-15)


@pytest.mark.parametrize("view", VIEWS)
def test_a_line_is_what_it_is_in_each_view(view):
    ax = plot.canvas(view)
    x, y = disk_points(10, radius=0.7), disk_points(10, seed=1, radius=0.7)
    collection = plot.lines(x, y, ax)
    if view == "hyperboloid":
        top = ax.get_zlim()[1]
        for curve in vertices_3d(collection):
            np.testing.assert_allclose(curve[:, 2] ** 2 - curve[:, 0] ** 2 - curve[:, 1] ** 2, 1, rtol=1e-12)
            assert abs(np.linalg.svd(curve)[1][2]) < 1e-12  # in a plane through the origin of space
            np.testing.assert_allclose(curve[[0, -1], 2], top, rtol=1e-12)
        return
    for curve in collection.get_segments():
        if view == "klein":
            assert abs(np.linalg.svd(curve - curve[0])[1][1]) < 1e-12
        elif view == "half_plane":
            curve = curve[np.abs(curve).max(1) < 50]
            centre, _ = circle_through(curve)
            assert abs(centre[1]) < 1e-9 * np.abs(centre[0])
            assert curve[:, 1].min() > -1e-12


@pytest.mark.parametrize("view", VIEWS)
def test_circles_have_their_radius_in_each_view(view):
    ball = PoincareBall(2.0)
    centres, radii = disk_points(8, radius=0.5) / np.sqrt(2), np.linspace(0.1, 0.6, 8)
    ax = plot.canvas(view)
    collection = plot.circles(centres, radii, ax, manifold=ball)
    curves = [path.vertices for path in collection.get_paths()] if view in FLAT else vertices_3d(collection)
    model = Hyperbolic(model=MODEL_OF[view])
    for centre, radius, curve in zip(centres, radii, curves, strict=True):
        if view == "hyperboloid":
            np.testing.assert_allclose(curve[:, 2] ** 2 - curve[:, 0] ** 2 - curve[:, 1] ** 2, 1, rtol=1e-12)
            curve = curve[:, :2]
        around = model.convert(curve, "poincare") / np.sqrt(2)
        np.testing.assert_allclose(ball.dist(centre, around), radius, rtol=1e-11)


def test_polygons_have_their_vertices_and_geodesic_sides():
    corners = disk_points(12).reshape(3, 4, 2)
    collection = plot.polygons(corners, facecolor="gold")
    np.testing.assert_allclose(collection.get_facecolor(), [matplotlib.colors.to_rgba("gold")])
    for vertices, path in zip(corners, collection.get_paths(), strict=True):
        sides = path.vertices[:-1].reshape(4, -1, 2)
        np.testing.assert_allclose(sides[:, 0], vertices, atol=1e-12)
        for side in sides:
            centre, radius = circle_through(side)
            np.testing.assert_allclose(centre @ centre, 1 + radius**2, rtol=1e-7)


def test_shapes_are_cut_at_the_rim_of_the_sheet():
    ax = plot.canvas("hyperboloid", distance=1.0)
    np.testing.assert_allclose(ax.get_zlim()[1], np.cosh(1))
    outside = vertices_3d(plot.circles([0.0, 0.0], 3.0, ax))
    np.testing.assert_allclose(outside[..., 2], np.cosh(1))
    assert np.isnan(vertices_3d(plot.segments([0.9, 0.0], [0.95, 0.1], ax))).all()
    cut = vertices_3d(plot.segments([0.0, 0.0], [0.95, 0.1], ax))[0]
    np.testing.assert_allclose(cut[[0, -1], 2], [1, np.cosh(1)])


# ---- options and canvases ------------------------------------------------------------------------------------------


def test_options_replace_ours():
    x, y = disk_points(4), disk_points(4, seed=1)
    lines = plot.segments(x, y, color="red", lw=3, alpha=0.5, zorder=7, label="here")
    assert (lines.get_linewidth()[0], lines.get_zorder(), lines.get_label()) == (3, 7, "here")
    np.testing.assert_allclose(lines.get_color(), [[1, 0, 0, 0.5]])
    for mapped in (
        plot.segments(x, y, array=[1, 2, 3, 4], cmap="magma"),
        plot.circles(x, 0.1, array=[1, 2, 3, 4], cmap="magma"),
        plot.points(x, c=[1, 2, 3, 4], cmap="magma"),
        plot.circles(x, 0.1, plot.canvas("hyperboloid"), array=[1, 2, 3, 4], cmap="magma"),
    ):
        mapped.axes.figure.draw_without_rendering()
        colours = mapped.get_edgecolor() if "Line" in type(mapped).__name__ else mapped.get_facecolor()
        assert len(np.unique(colours, axis=0)) == 4


@pytest.mark.parametrize("view", VIEWS)
def test_everything_goes_into_the_view_of_the_axes_without_a_second_frame(view):
    ax = plot.canvas(view, title="title")
    before = len(ax.get_children())
    plot.points([0.1, 0.2], ax)
    plot.segments([0.1, 0.2], [0.4, 0.4], ax)
    plot.lines([0.1, 0.2], [0.4, 0.4], ax)
    plot.polygons([[0.1, 0.2], [0.4, 0.4], [0.9, 0.1]], ax)
    plot.circles([0.1, 0.2], 0.3, ax)
    plot.tiling(7, 3, ax, depth=1)
    plot.heat(lambda x: x[:, 0], ax, n=20)
    plot.trajectories(np.zeros((3, 2, 2)), ax)
    assert len(ax.get_children()) == before + 9
    ax.figure.draw_without_rendering()


def test_axes_without_a_view_become_a_disk_or_a_hyperboloid():
    flat, deep = plot.pyplot().figure().add_subplot(), plot.pyplot().figure().add_subplot(projection="3d")
    assert plot.points([0.5, 0.0], flat).axes is flat
    assert flat.patches[0].get_radius() == 1
    assert vertices_3d(plot.segments([0.0, 0.0], [0.5, 0.0], deep)).shape[-1] == 3


def test_infinity_is_not_drawn():
    ax = plot.canvas("half_plane")
    x = np.linspace(-2, 2, 41)
    feet, tops = np.stack([x, np.full(41, 0.5)], -1), np.stack([x, np.full(41, 2.0)], -1)
    lines = plot.lines(feet, tops, ax, manifold=HalfSpace()).get_segments()
    for at, line in zip(x, lines, strict=True):
        np.testing.assert_allclose(line[:, 0], at, atol=1e-6)
        assert line[:, 1].min() < 1e-12
        assert 50 < line[:, 1].max() < 1e6


# ---- heat ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", FLAT)
def test_heat_has_at_each_pixel_the_value_there(view):
    ball, ax = PoincareBall(gk.Tensor(np.array(0.25), requires_grad=True)), plot.canvas(view)
    image = plot.heat(lambda x: ball.dist(x, [0.6, 0.8]), ax, manifold=ball, n=50, cmap="magma")
    left, right, bottom, top = image.get_extent()
    assert (*ax.get_xlim(), *ax.get_ylim()) == (left, right, bottom, top)
    x, y = ((np.arange(50) + 0.5) / 50 * (high - low) + low for low, high in ((left, right), (bottom, top)))
    paper = np.stack(np.meshgrid(x, y), -1)
    inside = paper[..., 1] > 0.01 if view == "half_plane" else np.linalg.norm(paper, axis=-1) < 0.999
    in_disk = Hyperbolic(model=MODEL_OF[view]).convert(paper[inside], "poincare")
    expected = 2 * distance(in_disk, np.array([0.3, 0.4]))
    np.testing.assert_allclose(image.get_array()[inside], expected, rtol=1e-9)
    assert np.isfinite(image.get_array()).all()
    edge = ax.transData.transform([1.0, 0.0])
    if view == "half_plane":
        np.testing.assert_allclose(image.get_clip_box().y0, edge[1])
    else:
        (outline,) = image.get_clip_path().get_fully_transformed_path().to_polygons()
        np.testing.assert_allclose(outline[:, 0].max(), edge[0])
    ax.figure.colorbar(image)


def test_heat_on_the_hyperboloid_colours_the_sheet():
    ax = plot.canvas("hyperboloid")
    cells = plot.heat(lambda x: np.sum(x * x, -1), ax, n=80)
    corners = vertices_3d(cells)
    np.testing.assert_allclose(corners[..., 2] ** 2 - corners[..., 0] ** 2 - corners[..., 1] ** 2, 1, rtol=1e-12)
    t = corners[..., 2]
    np.testing.assert_allclose(cells.get_array(), np.mean((t - 1) / (t + 1), axis=1), atol=1e-12)
    np.testing.assert_allclose([t.min(), t.max()], [1, np.cosh(2)])
    ax.figure.colorbar(cells)


# ---- trajectories --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["disk", "hyperboloid"])
def test_trajectories_join_the_steps_and_fade_into_the_past(view):
    ax = plot.canvas(view)
    history = [
        gk.Tensor(step.astype(np.float32)) for step in np.linspace(0.1, 0.6, 6)[:, None, None] * [[[1, 0], [0, 1]]]
    ]
    ways = plot.trajectories(history, ax, color=["red", "blue"], linewidths=2)
    curves = vertices_3d(ways) if view == "hyperboloid" else np.array(ways.get_segments())
    assert len(curves) == 10
    if view == "disk":
        np.testing.assert_allclose(curves[:, 0].reshape(5, 2, 2), history[:-1], atol=1e-7)
        np.testing.assert_allclose(curves[:, -1].reshape(5, 2, 2), history[1:], atol=1e-7)
        np.testing.assert_allclose(ax.collections[0].get_offsets(), history[-1], atol=1e-7)
    colours = ways.get_color().reshape(5, 2, 4)
    assert np.all(np.diff(colours[..., 3], axis=0) > 0)
    assert np.all(colours[-1] == [[1, 0, 0, 1], [0, 0, 1, 1]])


def test_trajectories_may_be_short_or_empty():
    assert len(plot.trajectories([disk_points(3)]).get_segments()) == 0
    assert len(plot.trajectories([np.zeros((0, 2))] * 4).get_segments()) == 0
    assert len(plot.trajectories([disk_points(3)] * 4, color="k").get_segments()) == 9


# ---- bad input -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("draw", "error", "message"),
    [
        (lambda: plot.points(np.zeros((3, 4))), ShapeError, r"points needs points of shape \(..., 2\), not \(3, 4\)"),
        (lambda: plot.points([[0, 0], [0, 1.25]]), DomainError, r"x\[1\] lies outside the ball: .* 1.5625"),
        (lambda: plot.points([[[0, 0]], [[2, 0]]]), DomainError, r"x\[1, 0\] lies outside the ball"),
        (lambda: plot.points([1.5, 0], manifold=PoincareBall(4.0)), DomainError, r"c\|x\|\^2 is 9, but"),
        (lambda: plot.points([[1, 2], [1, -3]], manifold=HalfSpace(4.0)), DomainError, r"x\[1\] .* half-space: .* -3,"),
        (lambda: plot.points([[1, np.nan]], manifold=Lorentz()), DomainError, r"finite, not \[1.0, nan\]"),
        (lambda: plot.points([0, 0], manifold=Lorentz(dim=3)), ShapeError, "3 coordinates"),
        (lambda: plot.points([0, 0], manifold=Sphere()), DTypeError, r"among poincare, lorentz, .*, not Sphere"),
        (lambda: plot.segments(np.zeros((3, 2)), np.zeros((2, 2))), ShapeError, r"broadcast, not \(3,\) and \(2,\)"),
        (lambda: plot.lines(np.zeros((3, 2)), [[0, 0.1], [0, 0], [0, 0.2]]), DomainError, "line 1 has one"),
        (lambda: plot.polygons([0.1, 0.2]), ShapeError, r"n_vertices, 2\), not \(2,\)"),
        (lambda: plot.circles([0, 0], [1, -2]), DomainError, "not -2"),
        (lambda: plot.circles([0, 0], np.inf), DomainError, "not inf"),
        (lambda: plot.heat(lambda x: x), ShapeError, r"shape \(160000,\), not \(160000, 2\)"),
        (lambda: plot.trajectories([]), ShapeError, r"not \[\]"),
        (lambda: plot.trajectories([np.zeros((2, 2)), np.zeros((3, 2))]), ShapeError, r"not \[\(2, 2\), \(3, 2\)\]"),
        (lambda: plot.trajectories([np.zeros((2, 2))] * 2, color=["r", "g", "b"]), ShapeError, "the 2 points, not 3"),
        (lambda: plot.trajectories([np.zeros((2, 2)), np.ones((2, 2))]), DomainError, r"x\[1, 0\] "),
        (lambda: plot.canvas("torus"), DomainError, "views disk, klein, half_plane, hyperboloid, not 'torus'"),
        (lambda: plot.canvas("hyperboloid", distance=-1), DomainError, "positive and finite, not -1"),
        (lambda: plot.canvas("hyperboloid", plot.canvas()), DomainError, 'with projection="3d", not "rectilinear"'),
        (lambda: plot.canvas("disk", plot.canvas("hyperboloid")), DomainError, '"rectilinear", not "3d"'),
    ],
)  # fmt: skip
def test_it_explains_what_is_wrong(draw, error, message):
    with pytest.raises(error, match=message):
        draw()


@pytest.mark.parametrize("draw", [lambda: plot.points([0, 0]), lambda: plot.tiling(7, 3), lambda: plot.heat(np.sum)])
def test_without_matplotlib_the_extra_is_named(monkeypatch, draw):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(BackendUnavailable, match=r'pip install "geomkern\[plot\]"'):
        draw()


def test_importing_it_does_not_load_matplotlib(tmp_path):
    script = "import sys; from geomkern_manifold import plot; plot.tiles(7, 3); assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True)

"""The empty picture: which model of the plane it shows, its frame, and how curves and shapes are put into it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geomkern.errors import BackendUnavailable, DomainError

from ..manifolds import HalfSpace, Klein, Lorentz
from ._charts import DISK, Complex, from_disk, hyperboloid, to_disk

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "INK",
    "PAPER",
    "VIEWS",
    "add_curves",
    "add_dots",
    "add_shapes",
    "canvas",
    "frame_of",
    "polar_mesh",
    "prepare",
    "pyplot",
    "quadrilaterals",
]

INK = "#1b2a41"
PAPER = "#fbfbf8"
FRAME = "_frame of the view "  # with its name this labels the frame; legends pass over what begins with "_"
FARTHEST = 1e6  # coordinates beyond are those of infinity, rounded
RIM = 1e-3  # as near to the rim as functions are asked for values


def pyplot() -> Any:
    """Return ``matplotlib.pyplot``.

    Raises
    ------
    BackendUnavailable
        If matplotlib is not installed.
    """
    try:
        import matplotlib.pyplot
    except ImportError as error:
        raise BackendUnavailable(
            f'pictures need matplotlib, and it does not load ({error}): pip install "geomkern[plot]"'
        ) from error
    return matplotlib.pyplot


class View(NamedTuple):
    """One model of the plane, its `space`, on paper.

    `frame` draws what surrounds the points, as far as a distance from the origin; `reach` is the radius of the part of
    the disk that the axes show, where they do not cut themselves.
    """

    space: Any
    frame: Callable[[Any, float], Any]
    reach: Callable[[Any], float] = lambda ax: 1.0
    distance: float = 2.0

    def from_disk(self, z: Complex) -> NDArray[np.float64]:
        """Return the coordinates in the picture, (..., 2) or (..., 3), of points of the disk."""
        return hyperboloid(z) if isinstance(self.space, Lorentz) else from_disk(z, self.space)

    def to_disk(self, paper: NDArray[np.float64]) -> Complex:
        """Return the points of the disk at coordinates (..., 2); outside the model, those that lie next to them."""
        return to_disk("heat", self.space.projx(paper, eps=RIM), self.space)


def canvas(
    view: str = "disk", ax: "Axes | None" = None, *, distance: float | None = None, title: str | None = None
) -> "Axes":
    """Prepare axes for a picture of the hyperbolic plane in one of its models.

    What is drawn into the axes appears in that model; if this function has not been called, in the Poincaré disk, or on
    the hyperboloid where the axes are three-dimensional.

    Parameters
    ----------
    view : {"disk", "klein", "half_plane", "hyperboloid"}
        The Poincaré disk; the Klein disk, where geodesics are straight; the upper half-plane, with the origin of the
        disk at (0, 1) and its highest point at infinity; or the sheet :math:`t^2 = 1 + |x|^2` of the hyperboloid in
        space, with t upwards.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given. The hyperboloid needs ``projection="3d"``.
    distance : float, optional
        How far from the origin the half-plane (1.5 if not given) and the hyperboloid (2) are shown.
    title : str, optional
        A title below the picture.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    BackendUnavailable
        If matplotlib is not installed.
    DomainError
        If there is no such view, the distance is not positive, or the axes have the wrong number of dimensions.

    Examples
    --------
    >>> from geomkern_manifold import plot
    >>> ax = plot.canvas("half_plane")
    >>> _ = plot.lines([[0.2, 0.1]], [[0.5, -0.3]], ax)
    """
    if view not in VIEWS:
        raise DomainError(f"canvas has the views {', '.join(VIEWS)}, not {view!r}")
    if distance is not None and not 0 < distance < np.inf:
        raise DomainError(f"canvas needs a distance that is positive and finite, not {distance!r}")
    projection = "3d" if view == "hyperboloid" else "rectilinear"
    if ax is None:
        figure = pyplot().figure(figsize=(9, 9), facecolor=PAPER, layout="constrained")
        ax = figure.add_subplot(projection=projection)
    elif ax.name != projection:
        raise DomainError(f'canvas draws the view {view!r} into axes with projection="{projection}", not "{ax.name}"')
    VIEWS[view].frame(ax, VIEWS[view].distance if distance is None else distance).set_label(FRAME + view)
    ax.set_axis_off()
    if title:
        ax.set_title(title, y=-0.01 if projection != "3d" else 0.12, va="top", color=INK, fontsize=12)
    return ax


def frame_of(ax: "Axes") -> Any:
    """Return the artist that :func:`canvas` has framed the axes with, or None."""
    frames = [artist for artist in ax.get_children() if str(artist.get_label()).startswith(FRAME)]
    return frames[-1] if frames else None


def prepare(ax: "Axes | None") -> tuple[Any, View]:
    """Return axes, new ones for None, and their view, which is drawn if it has not been."""
    frame = None if ax is None else frame_of(ax)
    if ax is None or frame is None:
        name = "hyperboloid" if ax is not None and ax.name == "3d" else "disk"
        return canvas(name, ax), VIEWS[name]
    return ax, VIEWS[frame.get_label().removeprefix(FRAME)]


def add_curves(ax: "Axes", curves: Complex, **options: Any) -> Any:
    """Add curves of the disk to axes, in their view, as one collection of lines."""
    from matplotlib.collections import LineCollection
    from mpl_toolkits.mplot3d.art3d import Line3DCollection

    style: dict[str, Any] = {"linewidths": 1.2, "zorder": 2}
    if "array" not in options:  # numbers become colours only where none is given
        style["colors"] = INK
    return _add(ax, Line3DCollection if ax.name == "3d" else LineCollection, curves, style, options)


def add_shapes(ax: "Axes", outlines: Complex, **options: Any) -> Any:
    """Add closed curves of the disk to axes, in their view, as one collection of polygons, cut where the view ends."""
    from matplotlib.collections import PolyCollection
    from mpl_toolkits.mplot3d.art3d import Poly3DCollection

    style = {"linewidths": 1.2, "zorder": 2, "edgecolors": INK}
    if "array" not in options:
        style["facecolors"] = "none"
    reach = prepare(ax)[1].reach(ax)
    cut = outlines * (reach / np.maximum(np.abs(outlines), reach))
    return _add(ax, Poly3DCollection if ax.name == "3d" else PolyCollection, cut, style, options)


def _add(ax: Any, kind: Any, curves: Complex, style: dict[str, Any], options: dict[str, Any]) -> Any:
    collection = kind(list(on_paper(prepare(ax)[1], curves)), **style)
    if ax.name == "3d":
        ax.add_collection3d(collection)
    else:
        ax.add_collection(collection, autolim=False)
    collection.set(**options)
    return collection


def add_dots(ax: "Axes", z: Complex, **options: Any) -> Any:
    """Add points of the disk to axes, in their view, as matplotlib's ``scatter`` does."""
    if not {"c", "color", "facecolor", "facecolors"} & options.keys():
        options["color"] = INK
    if ax.name == "3d":
        options.setdefault("depthshade", False)
    return ax.scatter(*on_paper(prepare(ax)[1], z).T, **{"zorder": 3, **options})


def on_paper(view: View, z: Complex) -> NDArray[np.float64]:
    """Return the coordinates of points in a view; NaN, which is not drawn, for those near infinity."""
    x = view.from_disk(z)
    return np.where(np.abs(x) < FARTHEST, x, np.nan)


# ---- the four views ------------------------------------------------------------------------------------------------


def _draw_disk(ax: Any, distance: float) -> Any:
    from matplotlib.patches import Circle

    ax.set_facecolor(PAPER)
    rim = ax.add_patch(Circle((0, 0), 1.0, facecolor="white", edgecolor=INK, linewidth=1.2, zorder=0))
    ax.set(xlim=(-1.02, 1.02), ylim=(-1.02, 1.02), aspect="equal")
    return rim


def _draw_half_plane(ax: Any, distance: float) -> Any:
    # The circle of this distance around (0, 1) reaches up to exp(distance) and sinh(distance) to both sides.
    top = np.exp(distance)
    ax.set_facecolor(PAPER)
    half = ax.axhspan(0.0, FARTHEST, facecolor="white", edgecolor="none", zorder=0)
    ax.axhline(0.0, color=INK, linewidth=1.2, zorder=0)
    ax.set(xlim=(-0.6 * top, 0.6 * top), ylim=(-0.02 * top, top), aspect="equal")
    return half


def _draw_hyperboloid(ax: Any, distance: float) -> Any:
    from mpl_toolkits.mplot3d.art3d import Line3DCollection, Poly3DCollection

    width, top = np.sinh(distance), np.cosh(distance)
    ax.computed_zorder = False  # layers as in the plane: the sheet is transparent
    ax.set(xlim=(-width, width), ylim=(-width, width), zlim=(1.0, top))
    ax.set_box_aspect((2.0 * width, 2.0 * width, top - 1.0), zoom=1.3)
    ax.view_init(elev=38, azim=-60)  # into the sheet, which rises at up to 45 degrees
    z = polar_mesh(_reach_of_sheet(ax), 25)
    sheet = Poly3DCollection(quadrilaterals(hyperboloid(z)), facecolor="#d3dde8", edgecolor="none", alpha=0.5, zorder=0)
    ax.add_collection3d(sheet)
    circles, rays, rim = z[:, 4::4].T, z[::8], z[:, -1]
    for curves, style in (
        ([*circles, *rays], {"linewidths": 0.4, "alpha": 0.25, "zorder": 0}),
        ([rim], {"linewidths": 1.2, "zorder": 1}),
    ):
        ax.add_collection3d(Line3DCollection([hyperboloid(curve) for curve in curves], colors=INK, **style))
    return sheet


def _reach_of_sheet(ax: Any) -> float:
    """Return the radius in the disk of the circle at height t: with t = cosh d it is tanh(d/2)."""
    t = ax.get_zlim()[1]
    return float(np.sqrt((t - 1.0) / (t + 1.0)))


def polar_mesh(reach: float, n: int) -> Complex:
    """Return a grid of points of the disk, shape (4n - 3, n): along rays from the origin to a circle."""
    return np.exp(2j * np.pi * np.linspace(0.0, 1.0, 4 * n - 3))[:, None] * np.linspace(0.0, reach, n)


def quadrilaterals(grid: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the cells of a grid of points (n, m, 3) as polygons, shape ((n - 1) * (m - 1), 4, 3)."""
    corners = [grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]]
    return np.stack(corners, axis=2).reshape(-1, 4, 3)


VIEWS = {
    "disk": View(DISK, _draw_disk),
    "klein": View(Klein(), _draw_disk),
    "half_plane": View(HalfSpace(), _draw_half_plane, distance=1.5),
    "hyperboloid": View(Lorentz(), _draw_hyperboloid, _reach_of_sheet),
}

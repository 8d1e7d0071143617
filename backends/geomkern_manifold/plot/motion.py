"""The ways of points through training, as lines that fade into the past."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from geomkern.errors import ShapeError

from ._charts import to_disk
from .canvas import add_curves, add_dots, prepare
from .curves import arcs

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import LineCollection

__all__ = ["trajectories"]

STEP_POINTS = 5
FAINTEST = 0.08


def trajectories(
    history: Sequence[ArrayLike],
    ax: "Axes | None" = None,
    *,
    manifold: Any = None,
    color: Any = None,
    **options: Any,
) -> "LineCollection":
    """Draw where points came from: each step as a geodesic segment, the older the fainter, and a dot at the end.

    Parameters
    ----------
    history : sequence of array_like or Tensor, shape (n_steps, n_points, 2)
        The points at each step, such as copies of a parameter that an optimiser moves.
    ax : matplotlib.axes.Axes, optional
        Where to draw, in the view of :func:`canvas`; a new Poincaré disk if not given.
    manifold : optional
        The model whose coordinates the points have; the unit disk if not given.
    color : colour or sequence of n_points colours, optional
        The colours of the points; those of matplotlib's cycle if not given.
    **options
        Passed to :class:`matplotlib.collections.LineCollection`.

    Returns
    -------
    matplotlib.collections.LineCollection
        The steps, from the first of all points to the last. The dots are a collection of their own.

    Raises
    ------
    BackendUnavailable
        If matplotlib is not installed.
    ShapeError, DomainError
        If the points are not pairs, the steps differ in their number, or a point lies outside the manifold.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import plot
    >>> start = np.array([[0.5, 0.6], [-0.4, 0.7]])
    >>> ways = plot.trajectories([start * 0.9**step for step in range(20)])
    """
    steps = [np.asarray(step, np.float64) for step in history]
    shapes = sorted({step.shape for step in steps})
    if len(shapes) != 1 or len(shapes[0]) != 2:
        raise ShapeError(f"trajectories needs points of one shape (n_points, 2) at all steps, not {shapes}")
    z = to_disk("trajectories", np.stack(steps), manifold)
    ax, view = prepare(ax)
    from matplotlib.colors import to_rgba_array

    n = z.shape[1]
    colours = to_rgba_array([f"C{k % 10}" for k in range(n)] if color is None else color)
    if len(colours) not in (1, n):
        raise ShapeError(f"trajectories needs one colour, or one for each of the {n} points, not {len(colours)}")
    faded = np.tile(colours, (len(z) - 1, n // len(colours) if n else 1, 1))
    faded[..., 3] *= np.linspace(FAINTEST, 1.0, len(z) - 1)[:, None]
    curves = arcs(z[:-1], z[1:], STEP_POINTS, reach=view.reach(ax)).reshape(-1, STEP_POINTS)
    add_dots(ax, z[-1], color=colours, s=18)
    return add_curves(ax, curves, **{"color": faded.reshape(-1, 4), **options})

"""The charts of the hyperbolic plane, as maps between their coordinates and the unit disk of the complex numbers.

Everything that is drawn passes through the disk: points come from the chart of their manifold, geodesics and tiles are
constructed in the disk, and the picture shows the disk or another chart of it. In a plane of curvature -c the
coordinates x of a point are those of the point sqrt(c) x in the plane of curvature -1, but for the half-plane, where c
enters the metric alone.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geomkern.errors import DomainError, DTypeError, ShapeError

__all__ = ["CHARTS", "Chart", "chart_of", "half_plane", "hyperboloid", "klein", "root_c", "to_disk"]

Complex = NDArray[np.complex128]
Map = Callable[[Complex], Complex]


class Chart(NamedTuple):
    """One way to give coordinates to points: where its points are, and the maps from and to the disk."""

    region: str
    room: Callable[[Complex], NDArray[np.float64]]  # how far inside its region a point is
    from_disk: Map
    to_disk: Map
    scaled: bool = True  # by sqrt(c)


def klein(z: Complex) -> Complex:
    """Return the Klein coordinates 2z / (1 + |z|^2): the points of the hyperboloid over their time."""
    return 2.0 * z / (1.0 + np.abs(z) ** 2)


def half_plane(z: Complex) -> Complex:
    """Invert in the circle of radius sqrt(2) around -i: 0 and i change places, and -i goes to infinity.

    -i + 2 / conj(z + i) = (2 Re z + i (1 - |z|^2)) / |z + i|^2. The map is its own inverse.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        r, gap = np.abs(z), np.abs(z + 1j)
        return 2.0 * z.real / gap / gap + 1j * ((1.0 - r) / gap * ((1.0 + r) / gap))


def hyperboloid(z: Complex) -> NDArray[np.float64]:
    """Return the points (2 Re z, 2 Im z, 1 + |z|^2) / (1 - |z|^2) of the sheet, the time last."""
    r2 = np.abs(z) ** 2
    return np.stack([2.0 * z.real, 2.0 * z.imag, 1.0 + r2], axis=-1) / (1.0 - r2)[..., None]


def _stretch(z: Complex, length: Callable[[Any], Any]) -> Complex:
    """Change the length of z and keep its direction."""
    r = np.abs(z)
    return z * (length(r) / np.where(r > 0, r, 1.0))


def _anywhere(z: Complex) -> NDArray[np.float64]:
    return np.where(np.isnan(z), np.nan, np.inf)


def _in_unit_circle(z: Complex) -> NDArray[np.float64]:
    return 1.0 - np.abs(z)


DISK = Chart("the disk", _in_unit_circle, lambda z: z, lambda p: p)
CHARTS = {
    "poincare": DISK,
    "klein": Chart("the disk", _in_unit_circle, klein, lambda p: p / (1.0 + np.sqrt(1.0 - np.abs(p) ** 2))),
    "half_space": Chart("the half-plane", np.imag, half_plane, half_plane, scaled=False),
    "lorentz": Chart(
        *("the plane", _anywhere),
        from_disk=lambda z: 2.0 * z / (1.0 - np.abs(z) ** 2),
        to_disk=lambda p: p / (1.0 + np.hypot(1.0, np.abs(p))),
    ),
    "polar": Chart(
        *("the plane", _anywhere),
        from_disk=lambda z: _stretch(z, lambda r: 2.0 * np.arctanh(r)),
        to_disk=lambda p: _stretch(p, lambda r: np.tanh(r / 2.0)),
    ),
}


def chart_of(manifold: Any) -> Chart:
    """Return the chart that a manifold's points are given in; that of the unit disk for None."""
    if manifold is None:
        return DISK
    model = getattr(manifold, "model", None)
    if model not in CHARTS:
        raise DTypeError(
            f"a picture of the hyperbolic plane needs a manifold among {', '.join(CHARTS)}, not {manifold!r}"
        )
    return CHARTS[model]


def root_c(manifold: Any) -> NDArray[np.float64]:
    """Return sqrt(c): what a length of the manifold is multiplied by in the plane of curvature -1."""
    return np.sqrt(np.asarray(1.0 if manifold is None else manifold.c, np.float64))


def to_disk(operation: str, points: ArrayLike, manifold: Any = None) -> Complex:
    """Return points of a manifold as complex numbers of modulus less than one.

    Raises
    ------
    ShapeError
        If the points are not pairs.
    DomainError
        If a point is not in its chart.
    """
    x = np.asarray(points, np.float64)
    if x.ndim == 0 or x.shape[-1] != 2:
        raise ShapeError(f"{operation} needs points of shape (..., 2), not {x.shape}; disk_view projects others")
    chart = chart_of(manifold)
    scale = np.broadcast_to(root_c(manifold) if chart.scaled else 1.0, x.shape[:-1])
    p = (x[..., 0] + 1j * x[..., 1]) * scale
    room = chart.room(p)
    if not np.all(room > 0.0):
        index = tuple(int(i) for i in np.argwhere(~(room > 0.0))[0])
        place = f"at index {index[0] if len(index) == 1 else index}, " if index else ""
        raise DomainError(
            f"{operation} needs points inside {chart.region} of its model; the one {place}{x[index].tolist()}, "
            f"lies {0.0 - room[index] / scale[index]:.3g} beyond the edge"
        )
    z = chart.to_disk(p)
    r = np.abs(z)  # rounding must not put a point outside
    return np.where(r < 1.0, z, z / np.where(r > 0.0, r, 1.0) * (1.0 - 2.0**-52))

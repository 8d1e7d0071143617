"""The hyperbolic plane as the unit disk of the complex numbers.

Everything that is drawn passes through the disk: points come from the model of their manifold, geodesics and tiles are
constructed in the disk, and the picture shows the disk or another model of it. The disk is the Poincaré ball of
curvature -1: a point x of the ball of curvature -c is its point sqrt(c) x.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geomkern.errors import DomainError, DTypeError, ShapeError

from ..functions.conversions import MODELS
from ..manifolds import HyperbolicManifold, Klein, Lorentz, PoincareBall

__all__ = ["DISK", "Complex", "from_disk", "hyperboloid", "klein", "root_c", "to_disk"]

Complex = NDArray[np.complex128]
DISK = PoincareBall()


def root_c(manifold: HyperbolicManifold | None) -> NDArray[np.float64]:
    """Return sqrt(c): what a length of the manifold is multiplied by in the plane of curvature -1."""
    return np.sqrt(np.asarray(1.0 if manifold is None else manifold.c, np.float64))


def to_disk(operation: str, points: ArrayLike, manifold: HyperbolicManifold | None = None) -> Complex:
    """Return points of a manifold, the unit disk if None, as complex numbers of modulus less than one.

    Raises
    ------
    DTypeError
        If the manifold is not a model of hyperbolic space.
    ShapeError
        If the points are not pairs.
    DomainError
        If a point is not in its model, or not finite.
    """
    x = np.asarray(points, np.float64)
    if x.ndim == 0 or x.shape[-1] != 2:
        raise ShapeError(f"{operation} needs points of shape (..., 2), not {x.shape}; disk_view projects others")
    space = _model(manifold)
    space.check_point(x)
    finite = np.isfinite(x).all(axis=-1)
    if not finite.all():
        raise DomainError(f"{operation} needs points that are finite, not {x[~finite][0].tolist()}")
    return _complex(DISK.projx(root_c(space)[..., None] * space.convert(x, "poincare")))


def from_disk(z: Complex, manifold: HyperbolicManifold | None = None) -> NDArray[np.float64]:
    """Return points of the disk in the coordinates of a manifold, those on its rim as the last points inside."""
    space = _model(manifold)
    ball = PoincareBall(space.c)
    x = np.stack([z.real, z.imag], axis=-1) / root_c(space)[..., None]
    return ball.convert(ball.projx(x), space.model)


def klein(z: Complex) -> Complex:
    """Return the points of the Klein disk, where geodesics are straight."""
    return _complex(from_disk(z, Klein()))


def hyperboloid(z: Complex) -> NDArray[np.float64]:
    """Return the points of the hyperboloid in space, the time last."""
    return np.roll(Lorentz().lift(from_disk(z, Lorentz())), -1, axis=-1)


def _model(manifold: HyperbolicManifold | None) -> HyperbolicManifold:
    if manifold is None:
        return DISK
    if not isinstance(manifold, HyperbolicManifold):
        raise DTypeError(
            f"a picture of the hyperbolic plane needs a manifold among {', '.join(MODELS)}, not {manifold!r}"
        )
    return manifold.detach()


def _complex(x: NDArray[np.float64]) -> Complex:
    return x[..., 0] + 1j * x[..., 1]

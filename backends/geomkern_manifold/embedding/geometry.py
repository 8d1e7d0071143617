"""The geometries that embeddings live in, by the names that they have in parameters and on the command line."""

from collections.abc import Sequence
from numbers import Integral

import numpy as np
from numpy.typing import NDArray

from geomkern.errors import DomainError

from ..functions.conversions import convert
from ..manifolds import Euclidean, Lorentz, Manifold, PoincareBall, ProductManifold

__all__ = [
    "MODELS",
    "Geometry",
    "factors",
    "format_geometry",
    "from_ball",
    "make_manifold",
    "parse_geometry",
    "to_ball",
]

Geometry = str | Sequence[tuple[str, int]]

BALL, HYPERBOLOID = PoincareBall(), Lorentz()
MODELS: dict[str, Manifold] = {"poincare": BALL, "lorentz": HYPERBOLOID, "euclidean": Euclidean()}
"""The models: name -> manifold, of curvature -1 where it is curved."""


def factors(geometry: Geometry, dim: int) -> tuple[tuple[str, int], ...]:
    """Return a geometry as (name, dim) pairs: one for a name, those given for a product.

    Raises
    ------
    DomainError
        If a name is unknown, a pair is none, or the dimensions do not add up to `dim`.
    """
    if isinstance(geometry, str):
        pairs: tuple[tuple[str, int], ...] = ((geometry, dim),)
    else:
        try:
            pairs = tuple((name, width) for name, width in geometry)
        except (TypeError, ValueError):
            raise DomainError(f"manifold must be a name or a sequence of (name, dim) pairs, not {geometry!r}") from None
    for name, width in pairs:
        if name not in MODELS:
            raise DomainError(f"manifold must be one of {', '.join(MODELS)}, or pairs of them, not {name!r}")
        if not isinstance(width, Integral) or width < 1:
            raise DomainError(f"manifold needs a dimension of at least 1 for {name!r}, not {width!r}")
    if sum(width for _, width in pairs) != dim:
        raise DomainError(f"manifold needs dimensions that add up to dim={dim}, and has {format_geometry(pairs)}")
    return pairs


def make_manifold(geometry: Geometry, dim: int) -> Manifold:
    """Return the manifold that a geometry names.

    Parameters
    ----------
    geometry : str or sequence of (str, int)
        ``"poincare"``, ``"lorentz"`` or ``"euclidean"``, or a product of them as pairs of a name and a dimension.
    dim : int
        The number of coordinates of a point. Those of a product add up to it.

    Returns
    -------
    Manifold
        Curved ones have curvature -1.

    Raises
    ------
    DomainError
        If a name is unknown, a pair is none, or the dimensions do not add up to `dim`.

    Examples
    --------
    >>> from geomkern_manifold.embedding import make_manifold
    >>> make_manifold("poincare", 2)
    PoincareBall(c=1.0)
    >>> make_manifold([("poincare", 2), ("euclidean", 1)], 3)
    ProductManifold((PoincareBall(c=1.0), 2), (Euclidean(), 1))
    """
    parts = factors(geometry, dim)
    if len(parts) == 1:
        return MODELS[parts[0][0]]
    return ProductManifold(*((MODELS[name], int(width)) for name, width in parts))


def parse_geometry(text: str) -> Geometry:
    """Read a geometry as the command line has it.

    Raises
    ------
    DomainError
        If a part is not ``name:dim``. Names and dimensions are checked where they are used.

    Examples
    --------
    >>> from geomkern_manifold.embedding import parse_geometry
    >>> parse_geometry("lorentz")
    'lorentz'
    >>> parse_geometry("poincare:5+euclidean:5")
    (('poincare', 5), ('euclidean', 5))
    """
    if ":" not in text and "+" not in text:
        return text
    pairs = []
    for part in text.split("+"):
        name, colon, width = part.partition(":")
        if not colon or not width.isdecimal():
            raise DomainError(f"a product of manifolds is written like poincare:5+euclidean:5, not {text!r}")
        pairs.append((name, int(width)))
    return tuple(pairs)


def format_geometry(geometry: Geometry) -> str:
    """Write a geometry as the command line has it: the inverse of :func:`parse_geometry`."""
    return geometry if isinstance(geometry, str) else "+".join(f"{name}:{width}" for name, width in geometry)


def from_ball(points: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    """Return points of the Poincaré ball in a model; in flat space with their directions and distances from 0."""
    if name == "poincare":
        return points
    inside = BALL.projx(points)
    return 2.0 * BALL.logmap0(inside) if name == "euclidean" else convert(inside, BALL, HYPERBOLOID)


def to_ball(points: NDArray[np.floating], manifold: Manifold) -> NDArray[np.floating]:
    """Return points of hyperbolic space in the Poincaré ball, or raise DomainError for other spaces."""
    if manifold == BALL:
        return points
    if manifold != HYPERBOLOID:
        raise DomainError(f"the Poincaré ball has no place for the points of {manifold}")
    return convert(points.astype(np.float64), HYPERBOLOID, BALL)

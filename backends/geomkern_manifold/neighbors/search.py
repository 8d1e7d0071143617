"""The nearest points, and those within a radius."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geomkern.errors import DomainError, ShapeError

from ..functions.arrays import raw
from ..kernels import _pairwise

__all__ = ["knn", "radius_graph", "radius_neighbors"]

PAIRS = 2**21
"""How many distances of a matrix are held at once."""

MODELS = ("klein", "lorentz", "poincare")


def knn(
    x: Any, y: Any = None, k: int = 5, manifold: Any = None, *, include_self: bool = False
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    r"""Return the k nearest of the points y for every point x, nearest first.

    Parameters
    ----------
    x : array_like or Tensor, shape (..., n, d)
        Points.
    y : array_like or Tensor, shape (..., m, d), optional
        Where the neighbours are looked for; x itself if None.
    k : int
        How many.
    manifold : PoincareBall, Lorentz or Klein
        The model of hyperbolic space, with one curvature.
    include_self : bool
        Whether, with y = None, each point is among its own neighbours.

    Returns
    -------
    distances : ndarray, shape (..., n, k)
        Of the type of the points; the same bits as those of ``manifold.pairwise_dist``.
    indices : ndarray of int64, shape (..., n, k)
        Rows of y. Of points at one distance the first comes first, and NaN comes last.

    Raises
    ------
    DomainError
        If k is not between 1 and the number of candidates, or a point lies outside the manifold.
    ShapeError
        If the shapes do not fit.

    Notes
    -----
    All pairs are compared, by sinh^2(sqrt(c) d/2), which needs no logarithm; only the k that are kept become distances.
    The memory is that of the points and the result. The result does not depend on the number of threads.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import PoincareBall
    >>> distances, indices = knn(np.array([[0.0], [0.5], [0.9]]), k=1, manifold=PoincareBall())
    >>> indices.ravel(), distances.ravel().round(3)
    (array([1, 0, 1]), array([1.099, 1.099, 1.846]))
    """
    model, c = _model("knn", manifold)
    points = raw(x)
    return _pairwise.nearest(model, points, points if y is None else raw(y), c, k, y is None and not include_self)


def radius_neighbors(
    x: Any, y: Any = None, radius: float = 1.0, manifold: Any = None, *, include_self: bool = False
) -> tuple[list[NDArray[Any]], list[NDArray[np.int64]]]:
    """Return the points y at most `radius` away from every point x, nearest first.

    Parameters
    ----------
    x : array_like or Tensor, shape (n, d)
        Points.
    y : array_like or Tensor, shape (m, d), optional
        Where the neighbours are looked for; x itself if None.
    radius : float
        The largest distance.
    manifold : Manifold
        One with a method ``pairwise_dist``.
    include_self : bool
        Whether, with y = None, each point is among its own neighbours.

    Returns
    -------
    distances : list of n ndarrays
        Distances for each x.
    indices : list of n ndarrays of int64
        Rows of y. Of points at one distance the first comes first.

    Raises
    ------
    DomainError
        If the radius is negative or NaN, or a point lies outside the manifold.
    ShapeError
        If the points are not two matrices of one width.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import PoincareBall
    >>> _, indices = radius_neighbors(np.array([[0.0], [0.5], [0.9]]), radius=1.5, manifold=PoincareBall())
    >>> [row.tolist() for row in indices]
    [[1], [0], []]
    """
    graph = radius_graph(x, y, radius, manifold, include_self=include_self)
    ends = zip(graph.indptr[:-1], graph.indptr[1:], strict=True)
    rows = [(graph.data[a:b], graph.indices[a:b].astype(np.int64)) for a, b in ends]
    orders = [np.argsort(distances, kind="stable") for distances, _ in rows]
    return (
        [distances[order] for (distances, _), order in zip(rows, orders, strict=True)],
        [indices[order] for (_, indices), order in zip(rows, orders, strict=True)],
    )


def radius_graph(
    x: Any, y: Any = None, radius: float = 1.0, manifold: Any = None, *, include_self: bool = False
) -> sparse.csr_array:
    """Return the distances that are at most `radius` as a sparse matrix; see :func:`radius_neighbors`.

    Returns
    -------
    scipy.sparse.csr_array, shape (n, m)
        Columns in order; distances of zero between different points are stored. scikit-learn takes it as
        ``metric="precomputed"``.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import PoincareBall
    >>> radius_graph(np.array([[0.0], [0.5], [0.9]]), radius=1.5, manifold=PoincareBall()).nnz
    2
    """
    points = raw(x)
    others = points if y is None else raw(y)
    if points.ndim != 2 or others.ndim != 2 or points.shape[1] != others.shape[1]:
        raise ShapeError(f"radius_neighbors needs x (n, d) and y (m, d), not {points.shape} and {others.shape}")
    if not radius >= 0:
        raise DomainError(f"radius_neighbors needs a radius that is not negative, not {radius}")
    _model("radius_neighbors", manifold)
    space = manifold.detach()
    found, counts = [], [np.zeros(1, np.int64)]
    for first, last in blocks(len(points), len(others)):
        distances = space.pairwise_dist(points[first:last], others)
        near = distances <= radius
        if y is None and not include_self:
            near[range(last - first), range(first, last)] = False
        found.append((distances[near], np.nonzero(near)[1]))
        counts.append(near.sum(axis=1))
    data, indices = (np.concatenate(parts) for parts in zip(*found, strict=True)) if found else (np.empty(0),) * 2
    return sparse.csr_array((data, indices, np.cumsum(np.concatenate(counts))), shape=(len(points), len(others)))


def blocks(n: int, m: int) -> list[tuple[int, int]]:
    """Return first and last rows of slices of an (n, m) matrix that have about PAIRS entries."""
    step = max(16, PAIRS // max(m, 1) // 16 * 16)
    return [(first, min(first + step, n)) for first in range(0, n, step)]


def _model(operation: str, manifold: Any) -> tuple[str, Any]:
    """Return the model and the curvature of a manifold whose distances the kernels know."""
    model = getattr(manifold, "model", None)
    if model not in MODELS:
        raise DomainError(f"{operation} needs a manifold: PoincareBall, Lorentz or Klein, not {manifold!r}")
    return model, manifold.detach().c

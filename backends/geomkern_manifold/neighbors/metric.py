"""Distances in the forms that SciPy and scikit-learn take."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from geomkern.errors import ShapeError

from ..functions.arrays import raw
from .search import blocks

__all__ = ["PairwiseMetric", "condensed_dist"]


class PairwiseMetric:
    """The distance of a manifold as a function of two rows, for whatever takes a callable metric.

    Parameters
    ----------
    manifold : Manifold
        The space.

    Notes
    -----
    It needs no memory, so that ``sklearn.neighbors.NearestNeighbors(metric=..., algorithm="ball_tree")`` and
    ``sklearn.cluster.DBSCAN(metric=..., algorithm="ball_tree")`` run in the memory of their tree. A call for each pair
    costs microseconds: where the matrix fits, ``metric="precomputed"`` with :meth:`matrix`, or with the sparse
    :func:`.radius_graph`, is a thousand times faster.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import PoincareBall
    >>> metric = PairwiseMetric(PoincareBall())
    >>> round(metric(np.zeros(2), np.array([0.5, 0.0])), 6)
    1.098612
    """

    def __init__(self, manifold: Any) -> None:
        self.manifold = manifold.detach()

    def __repr__(self) -> str:
        return f"PairwiseMetric({self.manifold})"

    def __call__(self, x: Any, y: Any) -> float:
        """Return the distance of two points."""
        return float(self.manifold.dist(x, y))

    def matrix(self, x: Any, y: Any = None) -> NDArray[Any]:
        """Return all distances, like the functions of ``sklearn.metrics.pairwise``."""
        return self.manifold.pairwise_dist(x, y)


def condensed_dist(points: Any, manifold: Any) -> NDArray[Any]:
    """Return each distance of two points once, in the order of ``scipy.spatial.distance.squareform``.

    Parameters
    ----------
    points : array_like or Tensor, shape (n, d)
        Points.
    manifold : Manifold
        One with a method ``pairwise_dist``.

    Returns
    -------
    ndarray, shape (n (n - 1) / 2,)
        The upper triangle, row by row. No more than a slice of the matrix is held beside it.

    Raises
    ------
    DomainError
        If a point lies outside the manifold.
    ShapeError
        If the points are not a matrix.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import PoincareBall
    >>> condensed_dist(np.array([[0.0], [0.5], [0.9]]), PoincareBall()).round(3)
    array([1.099, 2.944, 1.846])
    """
    rows = raw(points)
    if rows.ndim != 2:
        raise ShapeError(f"condensed_dist needs points (n, d), not {rows.shape}")
    space, n = manifold.detach(), len(rows)
    parts = []
    for first, last in blocks(n, n):
        distances = space.pairwise_dist(rows[first:last], rows[first:])
        parts.append(distances[np.triu_indices(last - first, 1, n - first)])
    return np.concatenate(parts) if parts else np.empty(0)

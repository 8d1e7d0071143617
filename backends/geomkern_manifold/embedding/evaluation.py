"""How well an embedding reconstructs its edges: the filtered mean rank and the mean average precision."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geomkern.errors import DomainError, ShapeError

from .edges import EdgeList

__all__ = ["Reconstruction", "reconstruction"]

BLOCK = 1 << 18  # distances held at a time: 2 MiB, which stays in the cache


class Reconstruction(NamedTuple):
    """The two figures of the reconstruction task.

    Attributes
    ----------
    mean_rank : float
        Mean, over the edges, of the rank of the parent among the nodes that the child is not related to; 1 is best.
    mean_average_precision : float
        Mean, over the children, of the average precision of their parents among all nodes; 1 is best.
    """

    mean_rank: float
    mean_average_precision: float


def reconstruction(points: NDArray[np.floating], edges: EdgeList) -> Reconstruction:
    r"""Return the filtered mean rank and the mean average precision of points of the Poincaré ball.

    For a child :math:`u` with parents :math:`P_u` and the nodes :math:`w \ne u` in the order of their distance to it,

    .. math::

        \mathrm{rank}(u, v) = 1 + |\{w \notin P_u : d(u, w) \le d(u, v)\}|, \qquad
        \mathrm{AP}(u) = \frac{1}{|P_u|} \sum_{v \in P_u}
            \frac{|\{w \in P_u : d(u, w) \le d(u, v)\}|}{|\{w : d(u, w) \le d(u, v)\}|}.

    This is the reconstruction task of Nickel and Kiela (2017) as their code measures it: only a child's parents are
    its neighbours, the ranks are averaged over edges, and the precision over the nodes that have a parent. A tie counts
    against the embedding in both figures, so that points that have all collapsed into one score worst.

    Parameters
    ----------
    points : ndarray, shape (n_nodes, dim)
        Points of the ball of curvature -1. Distances are compared in double precision.
    edges : EdgeList
        The edges to reconstruct.

    Returns
    -------
    Reconstruction
        Exact, whatever the number of nodes; the memory used beyond the points does not grow with it. NaN among the
        points makes both figures NaN.

    Raises
    ------
    ShapeError
        If there is not one point for each node.
    DomainError
        If a point lies outside the ball.
    """
    if points.ndim != 2 or len(points) != len(edges.nodes):
        raise ShapeError(f"reconstruction needs points of shape ({len(edges.nodes)}, dim), not {points.shape}")
    columns = np.ascontiguousarray(points.T, dtype=np.float64)
    left = 1.0 - np.einsum("kn,kn->n", columns, columns)
    if np.isnan(left).any():
        return Reconstruction(np.nan, np.nan)
    if left.min() <= 0.0:
        raise DomainError(f"reconstruction needs points inside the unit ball; number {np.argmin(left)} is not")
    children = np.flatnonzero(np.diff(edges.first))
    ranks = 0
    precision = 0.0
    rows = max(1, BLOCK // len(left))
    for start in range(0, len(children), rows):
        block = children[start : start + rows]
        for child, key in zip(block, _keys(columns, left, block), strict=True):
            key[child] = np.inf
            parents = key[edges.parent[edges.first[child] : edges.first[child + 1]]]
            nearer = np.array([np.count_nonzero(key <= parent) for parent in parents])
            related = np.searchsorted(np.sort(parents), parents, side="right")
            ranks += int(np.sum(nearer - related + 1))
            precision += float(np.mean(related / nearer))
    return Reconstruction(ranks / len(edges.parent), precision / len(children))


def _keys(columns: NDArray[np.float64], left: NDArray[np.float64], block: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return |x - y|^2 / (1 - |y|^2) for each x of the block and every y, which grows with their distance."""
    keys = np.zeros((len(block), len(left)))
    for column in columns:
        difference = column[block, None] - column
        difference *= difference
        keys += difference
    keys /= left
    return keys

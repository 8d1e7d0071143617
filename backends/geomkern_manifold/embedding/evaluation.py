"""How well an embedding reconstructs its edges: the filtered mean rank and the mean average precision."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..manifolds import Manifold, PoincareBall
from .edges import EdgeList
from .hierarchy import spanning_tree
from .ranking import Progress, Ranking, check_points, rank

__all__ = ["DepthReconstruction", "Reconstruction", "reconstruction", "reconstruction_by_depth"]


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


class DepthReconstruction(NamedTuple):
    """The figures of the reconstruction task for the children of each depth; see :func:`reconstruction_by_depth`.

    Attributes
    ----------
    depth : ndarray of int, shape (n_depths,)
        The depths that have children, in order.
    children : ndarray of int, shape (n_depths,)
        How many there are.
    mean_rank, mean_average_precision : ndarray, shape (n_depths,)
        The figures of :class:`Reconstruction`, over these children and their edges.
    """

    depth: NDArray[np.intp]
    children: NDArray[np.intp]
    mean_rank: NDArray[np.float64]
    mean_average_precision: NDArray[np.float64]


def reconstruction(
    points: NDArray[np.floating],
    edges: EdgeList,
    manifold: Manifold = PoincareBall(),  # noqa: B008 - it does not change
    *,
    progress: Progress | None = None,
) -> Reconstruction:
    r"""Return the filtered mean rank and the mean average precision of an embedding.

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
        Points of the manifold.
    edges : EdgeList
        The edges to reconstruct.
    manifold : Manifold
        Where the points lie: a model of hyperbolic space, :class:`.Euclidean`, or a :class:`.ProductManifold` of these.
    progress : callable, optional
        Called about ten times a second with the number of children done and that of all. Ctrl-C and what it raises end
        the computation.

    Returns
    -------
    Reconstruction
        Exact, whatever the number of nodes and of threads: each figure follows from counts. NaN among the points makes
        both figures NaN.

    Raises
    ------
    ShapeError
        If there is not one point for each node.
    DomainError
        If a point lies outside the manifold.
    DTypeError
        If the points are not floating-point numbers, or the manifold is none of those above.

    Notes
    -----
    Distances are compared in double precision by keys that grow with them: in the ball of curvature -1
    :math:`|x - y|^2 / (1 - |y|^2)`, in flat space :math:`|x - y|^2`, in a product the sum of the squared distances.
    Points of the other models are taken to the ball, with the weights that follow from their own coordinates. A copy of
    the points in a layout of its own and 8 bytes for each edge are all the memory that grows with the graph.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold.embedding import index_edges, reconstruction
    >>> edges = index_edges([("cat", "animal"), ("dog", "animal")])
    >>> reconstruction(np.array([[0.5, 0.0], [0.0, 0.0], [-0.5, 0.0]]), edges)
    Reconstruction(mean_rank=1.0, mean_average_precision=1.0)
    """
    found = _rank_parents(points, edges, manifold, progress)
    if found is None:
        return Reconstruction(np.nan, np.nan)
    total = int(found.ranks.sum(dtype=np.int64))
    return Reconstruction(total / len(edges.parent), math.fsum(found.precision) / len(found.child))


def reconstruction_by_depth(
    points: NDArray[np.floating],
    edges: EdgeList,
    manifold: Manifold = PoincareBall(),  # noqa: B008 - it does not change
    *,
    progress: Progress | None = None,
) -> DepthReconstruction:
    """Return the figures of :func:`reconstruction` for the children of each depth by themselves.

    The depth is the number of edges from the root in the :func:`spanning_tree`. The children of depth 1, for one, show
    whether the root is where it should be, and those of the greatest depths whether there is room for them.

    Parameters
    ----------
    points, edges, manifold, progress
        As for :func:`reconstruction`.

    Returns
    -------
    DepthReconstruction
        NaN among the points makes all figures NaN.

    Raises
    ------
    ShapeError, DomainError, DTypeError
        As :func:`reconstruction`.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold.embedding import index_edges, reconstruction_by_depth
    >>> edges = index_edges([("cat", "mammal"), ("mammal", "animal"), ("cat", "animal")])
    >>> reconstruction_by_depth(np.array([[0.8], [0.5], [-0.1]]), edges).mean_rank
    array([2., 1.])
    """
    found = _rank_parents(points, edges, manifold, progress)
    parents = np.diff(edges.first)
    child = np.flatnonzero(parents)
    depth, group, children = np.unique(
        spanning_tree(edges.graph()).depth[child], return_inverse=True, return_counts=True
    )
    if found is None:
        nothing = np.full(len(depth), np.nan)
        return DepthReconstruction(depth, children, nothing, nothing.copy())
    ranks = np.add.reduceat(found.ranks.astype(np.int64), found.first[:-1])
    return DepthReconstruction(
        depth,
        children,
        np.bincount(group, ranks) / np.bincount(group, parents[child]),
        np.bincount(group, found.precision) / children,
    )


def _rank_parents(
    points: NDArray[np.floating], edges: EdgeList, manifold: Manifold, progress: Progress | None
) -> Ranking | None:
    """Rank the parents of every child, or return None if a point is NaN."""
    check_points(points, len(edges.nodes), "reconstruction")
    if np.isnan(points).any():
        return None
    return rank(points, edges.first, edges.parent, manifold, operation="reconstruction", progress=progress)

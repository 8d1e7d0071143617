"""Link prediction: edges that are kept from training, and how well an embedding finds them."""

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from geomkern.config import config
from geomkern.errors import DomainError, DTypeError, ShapeError

from ..manifolds import Manifold, PoincareBall
from .edges import EdgeList
from .hierarchy import transitive_reduction
from .ranking import Progress, check_points, rank

__all__ = ["LinkPrediction", "link_prediction", "link_prediction_split"]


class LinkPrediction(NamedTuple):
    """The figures of link prediction; see :func:`link_prediction`.

    Attributes
    ----------
    mean_rank : float
        Mean, over the held-out pairs, of the rank of the parent among the nodes that the child is not related to.
    mean_average_precision : float
        Mean, over the children, of the average precision of their held-out parents.
    hits : dict
        k -> the share of the held-out pairs whose rank is at most k.
    roc_auc : float
        Mean, over the held-out pairs, of the share of the unrelated nodes that are farther from the child than the
        parent is: the area under the ROC curve.
    """

    mean_rank: float
    mean_average_precision: float
    hits: dict[int, float]
    roc_auc: float


def link_prediction_split(
    edges: EdgeList, test_size: float | int = 0.1, *, rng: int | np.random.Generator | None = None
) -> tuple[EdgeList, NDArray[np.int32]]:
    """Keep some edges from training that follow from others.

    As in the experiments of Nickel and Kiela (2017), edges of the transitive reduction stay in training, so that what
    is held out can be inferred and no node loses all its edges.

    Parameters
    ----------
    edges : EdgeList
        A graph, transitively closed as a rule.
    test_size : float or int
        How many edges to hold out: a share of all edges, or a number of them.
    rng : int, numpy.random.Generator or None
        The source of the choice; None means the package's own generator.

    Returns
    -------
    train : EdgeList
        The other edges, with the same nodes.
    test : ndarray of int32, shape (n_test, 2)
        The held-out pairs (child, parent), as positions in the list of nodes and in order.

    Raises
    ------
    DomainError
        If `test_size` is not positive, or more than the edges that follow from others.

    Examples
    --------
    >>> from geomkern_manifold.embedding import index_edges, link_prediction_split
    >>> edges = index_edges([("cat", "mammal"), ("mammal", "animal"), ("cat", "animal")])
    >>> train, test = link_prediction_split(edges, 1, rng=0)
    >>> [(edges.nodes[u], edges.nodes[v]) for u, v in test]
    [('cat', 'animal')]
    """
    total = len(edges.parent)
    share = not isinstance(test_size, int | np.integer)
    basic = transitive_reduction(edges.graph())
    implied = np.flatnonzero(~_among(edges, basic))
    if not 0 < (test_size * total if share else test_size) <= len(implied):
        raise DomainError(
            f"link_prediction_split needs a test_size of some of the {len(implied)} edges of {total} that follow from "
            f"others, not {test_size}"
        )
    count = int(round(test_size * total) if share else test_size)
    held_out = np.zeros(total, bool)
    held_out[config.generator(rng).choice(implied, count, replace=False)] = True
    test = np.column_stack([edges.child[held_out], edges.parent[held_out]])
    return _part(edges, ~held_out), test


def _among(edges: EdgeList, graph: sparse.csr_array) -> NDArray[np.bool_]:
    """Return which edges the graph has."""
    child, parent = graph.nonzero()
    nodes = len(edges.nodes)
    return np.isin(edges.child.astype(np.int64) * nodes + edges.parent, child.astype(np.int64) * nodes + parent)


def _part(edges: EdgeList, kept: NDArray[np.bool_]) -> EdgeList:
    first = np.concatenate([[0], np.cumsum(kept)])[edges.first].astype(np.int64)
    weight = None if edges.weight is None else edges.weight[kept]
    return replace(edges, child=edges.child[kept], parent=edges.parent[kept], first=first, weight=weight)


def link_prediction(
    points: NDArray[np.floating],
    train: EdgeList,
    test: ArrayLike,
    manifold: Manifold = PoincareBall(),  # noqa: B008 - it does not change
    *,
    hits_at: tuple[int, ...] = (1, 3, 10),
    progress: Progress | None = None,
) -> LinkPrediction:
    r"""Return how near to their children the parents are that training has not seen.

    For a child :math:`u` with parents :math:`T_u` in training and :math:`H_u` held out, the rank of :math:`v \in H_u`
    is its place among the nodes that are not related to u,

    .. math::

        \mathrm{rank}(u, v) = 1 + |\{w \notin T_u \cup H_u \cup \{u\} : d(u, w) \le d(u, v)\}|,

    and the average precision is that of :math:`H_u` among all nodes but u and :math:`T_u`. A tie counts against the
    embedding in all figures.

    Parameters
    ----------
    points : ndarray, shape (n_nodes, dim)
        Points of the manifold, trained on `train`.
    train : EdgeList
        The edges of training.
    test : array_like of int, shape (n_test, 2)
        The held-out pairs (child, parent), as positions in the list of nodes.
    manifold : Manifold
        Where the points lie, as for :func:`reconstruction`.
    hits_at : tuple of int
        The ranks k to count the hits at.
    progress : callable, optional
        Called about ten times a second with the number of children done and that of all.

    Returns
    -------
    LinkPrediction
        Exact. NaN among the points makes all figures NaN.

    Raises
    ------
    ShapeError
        If there is not one point for each node, or `test` does not have two columns.
    DTypeError
        If `test` does not hold whole numbers, or as :func:`reconstruction`.
    DomainError
        If there is no held-out pair, or one is repeated, in training too, a node with itself, or of nodes that are not
        there; or if a point lies outside the manifold.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold.embedding import index_edges, link_prediction, link_prediction_split
    >>> edges = index_edges([("cat", "mammal"), ("mammal", "animal"), ("cat", "animal"), ("rock", "thing")])
    >>> train, test = link_prediction_split(edges, 1, rng=0)
    >>> found = link_prediction(np.array([[0.5], [0.3], [0.2], [-0.6], [0.0]]), train, test)
    >>> found.mean_rank, found.hits[1], found.roc_auc
    (1.0, 1.0, 1.0)
    """
    nodes = len(train.nodes)
    check_points(points, nodes, "link_prediction")
    held_out = _check_pairs(test, train)
    if np.isnan(points).any():
        return LinkPrediction(np.nan, np.nan, dict.fromkeys(hits_at, np.nan), np.nan)
    first = np.searchsorted(held_out[:, 0], np.arange(nodes + 1)).astype(np.int64)
    target = np.ascontiguousarray(held_out[:, 1], np.int32)
    found = rank(
        points,
        first,
        target,
        manifold,
        operation="link_prediction",
        left_out=(train.first, train.parent),
        progress=progress,
    )
    ranks = found.ranks.astype(np.int64)
    unrelated = nodes - 1 - (np.diff(train.first) + np.diff(first))[held_out[:, 0]]
    return LinkPrediction(
        int(ranks.sum()) / len(ranks),
        math.fsum(found.precision) / len(found.precision),
        {k: int(np.count_nonzero(ranks <= k)) / len(ranks) for k in hits_at},
        1.0 - math.fsum((ranks - 1) / np.maximum(unrelated, 1)) / len(ranks),
    )


def _check_pairs(test: ArrayLike, train: EdgeList) -> NDArray[np.int64]:
    """Return the held-out pairs in order."""
    pairs = np.asarray(test)
    nodes = len(train.nodes)
    if pairs.size == 0:
        raise DomainError("link_prediction needs at least one held-out pair, and there is none")
    if pairs.ndim != 2 or pairs.shape[1] != 2:
        raise ShapeError(f"link_prediction needs held-out pairs of shape (n_test, 2), not {pairs.shape}")
    if pairs.dtype.kind not in "iu":
        raise DTypeError(f"link_prediction needs the numbers of nodes as held-out pairs, not {pairs.dtype}")
    pairs = pairs.astype(np.int64)
    if pairs.min() < 0 or pairs.max() >= nodes:
        raise DomainError(f"link_prediction needs held-out pairs of the nodes 0 to {nodes - 1}")
    if (pairs[:, 0] == pairs[:, 1]).any():
        raise DomainError("link_prediction needs held-out pairs of two different nodes")
    codes = np.unique(pairs[:, 0] * nodes + pairs[:, 1])
    if len(codes) < len(pairs):
        raise DomainError("link_prediction needs each held-out pair once")
    if np.isin(codes, train.child.astype(np.int64) * nodes + train.parent).any():
        raise DomainError("link_prediction needs held-out pairs that training does not have")
    return np.column_stack(np.divmod(codes, nodes))

"""How far the distances of an embedding are from those of its graph."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from geomkern.config import config
from geomkern.errors import DomainError

from ..manifolds import Manifold, PoincareBall
from .edges import EdgeList
from .ranking import Progress, check_points

__all__ = ["Distortion", "distortion"]

BLOCK = 1 << 19  # distances held at a time: 4 MiB


class Distortion(NamedTuple):
    r"""The figures of a metric embedding; see :func:`distortion`.

    Attributes
    ----------
    mean : float
        The mean of :math:`|s\,d / d_G - 1|`; 0 is best.
    worst : float
        :math:`d / d_G` at its greatest over the smallest; 1 is best.
    scale : float
        The number s that the distances of the embedding were multiplied by.
    """

    mean: float
    worst: float
    scale: float


def distortion(
    points: NDArray[np.floating],
    graph: EdgeList | sparse.csr_array,
    manifold: Manifold = PoincareBall(),  # noqa: B008 - it does not change
    *,
    sources: int | None = None,
    scale: float | None = None,
    rng: int | np.random.Generator | None = None,
    progress: Progress | None = None,
) -> Distortion:
    r"""Return the mean and the worst distortion of graph distances.

    With the ratios :math:`r_{uv} = d(u, v) / d_G(u, v)` of the pairs of connected nodes,

    .. math::

        D_\mathrm{mean} = \operatorname{mean}_{u \ne v} |s\,r_{uv} - 1|, \qquad
        D_\mathrm{worst} = \frac{\max_{u \ne v} r_{uv}}{\min_{u \ne v} r_{uv}}

    as in Sala et al. (2018), where the scale s is 1. An embedding that was trained for the order of distances and not
    for their size has no scale of its own; unless one is given, s is the one that minimises the mean of
    :math:`(s\,r - 1)^2`, that is :math:`s = \sum r / \sum r^2`. The worst distortion does not depend on it.

    Parameters
    ----------
    points : ndarray, shape (n_nodes, dim)
        Points of the manifold.
    graph : EdgeList or csr_array, shape (n_nodes, n_nodes)
        The graph, whose edges are walked in both directions. Those of an EdgeList have length 1, those of a matrix its
        positive entries. In a transitive closure everything is near everything; its :func:`transitive_reduction` is
        what has distances.
    manifold : Manifold
        Where the points lie; any that has distances.
    sources : int, optional
        From how many nodes, drawn without repetition, distances are taken to all others; None means from all.
    scale : float, optional
        The scale s; None means the best one, which takes all distances twice.
    rng : int, numpy.random.Generator or None
        The source of the choice.
    progress : callable, optional
        Called after each block with the number of sources done and that of all.

    Returns
    -------
    Distortion
        NaN among the points makes all figures NaN. Two nodes in the same place make the worst distortion infinite.

    Raises
    ------
    ShapeError
        If there is not one point for each node.
    DomainError
        If `sources` or `scale` is not positive, no two nodes are connected, or a point lies outside the manifold.

    References
    ----------
    Sala, F., De Sa, C., Gu, A., Ré, C. (2018). Representation tradeoffs for hyperbolic embeddings. *ICML*.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import Euclidean
    >>> from geomkern_manifold.embedding import distortion, index_edges
    >>> path = index_edges([("a", "b"), ("b", "c")])
    >>> distortion(np.array([[0.0], [2.0], [4.0]]), path, Euclidean())
    Distortion(mean=0.0, worst=1.0, scale=0.5)
    """
    edges = graph.graph().astype(np.float64) if isinstance(graph, EdgeList) else sparse.csr_array(graph, dtype=float)
    nodes = edges.shape[0]
    check_points(points, nodes, "distortion")
    if sources is not None and not 1 <= sources <= nodes:
        raise DomainError(f"distortion needs 1 to {nodes} sources, not {sources}")
    if scale is not None and not scale > 0:
        raise DomainError(f"distortion needs a positive scale, not {scale}")
    if np.isnan(points).any():
        return Distortion(np.nan, np.nan, np.nan)
    start = np.arange(nodes)
    if sources is not None:
        start = np.sort(config.generator(rng).choice(nodes, sources, replace=False))
    told = _Told(progress, len(start) * (2 if scale is None else 1))
    x, space = np.asarray(points, np.float64), manifold.detach()
    if scale is None:
        total = squares = 0.0
        for done, ratios in _ratios(x, edges, space, start):
            total, squares = total + float(ratios.sum()), squares + float(ratios @ ratios)
            told(done)
        scale = total / squares if squares > 0 else 1.0
    count, error, least, most = 0, 0.0, np.inf, 0.0
    for done, ratios in _ratios(x, edges, space, start):
        count, error = count + len(ratios), error + float(np.abs(scale * ratios - 1.0).sum())
        least, most = min(least, float(ratios.min(initial=np.inf))), max(most, float(ratios.max(initial=0.0)))
        told(done)
    if count == 0:
        raise DomainError("distortion needs two connected nodes, and there are none")
    return Distortion(error / count, most / least if least > 0 else np.inf, float(scale))


class _Told:
    """Counts the nodes done, pass after pass."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self.progress, self.total, self.done = progress, total, 0

    def __call__(self, more: int) -> None:
        self.done += more
        if self.progress is not None:
            self.progress(self.done, self.total)


def _ratios(
    x: NDArray[np.float64], edges: sparse.csr_array, space: Manifold, start: NDArray[np.intp]
) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Yield the ratios of the distances from some of the nodes to those that they are connected with."""
    rows = max(1, BLOCK // len(x))
    for begin in range(0, len(start), rows):
        block = start[begin : begin + rows]
        steps = csgraph.dijkstra(edges, directed=False, indices=block)
        steps[np.arange(len(block)), block] = np.inf
        connected = np.isfinite(steps)
        yield len(block), space.dist(x[block, None], x)[connected] / steps[connected]

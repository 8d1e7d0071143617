"""Graded lexical entailment: how much one concept is a kind of another."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from geomkern.errors import DomainError, DTypeError, ShapeError

from ..manifolds import Manifold, PoincareBall
from .ranking import charts, check_points

__all__ = ["is_a_score", "lexical_entailment"]


def is_a_score(
    points: NDArray[np.floating],
    pairs: ArrayLike,
    manifold: Manifold = PoincareBall(),  # noqa: B008 - it does not change
    *,
    alpha: float = 1000.0,
) -> NDArray[np.float64]:
    r"""Return the score of Nickel and Kiela (2017) for "u is a v".

    .. math:: \mathrm{score}(u, v) = -(1 + \alpha(|v| - |u|))\, d(u, v)

    A concept is taken for the more general the nearer it is to the origin, and the distance says whether it is about
    the same thing. The norm is that of the Poincaré ball of radius 1 for what is hyperbolic, whatever the model and the
    curvature, and of the point for what is flat.

    Parameters
    ----------
    points : ndarray, shape (n_nodes, dim)
        Points of the manifold.
    pairs : array_like of int, shape (n_pairs, 2)
        The numbers of the nodes u and v.
    manifold : Manifold
        Where the points lie, as for :func:`reconstruction`.
    alpha : float
        How much the norms count; 1000 in the paper.

    Returns
    -------
    ndarray of float64, shape (n_pairs,)
        Higher for a pair that is more likely. NaN where a point is NaN.

    Raises
    ------
    ShapeError
        If the points are not a matrix or `pairs` does not have two columns.
    DTypeError
        If `pairs` does not hold whole numbers, or as :func:`reconstruction`.
    DomainError
        If a pair is of nodes that are not there, or a point lies outside the manifold.

    References
    ----------
    Nickel, M., Kiela, D. (2017). Poincaré embeddings for learning hierarchical representations. *NeurIPS*.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold.embedding import is_a_score
    >>> points = np.array([[0.9, 0.0], [0.1, 0.0]])
    >>> is_a_score(points, [(0, 1), (1, 0)]).round(1)
    array([ 2192.3, -2197.8])
    """
    places = np.asarray(pairs)
    if places.ndim != 2 or places.shape[1] != 2:
        raise ShapeError(f"is_a_score needs pairs of shape (n_pairs, 2), not {places.shape}")
    if places.size and places.dtype.kind not in "iu":
        raise DTypeError(f"is_a_score needs the numbers of nodes as pairs, not {places.dtype}")
    check_points(points, len(points), "is_a_score")
    if places.size and (places.min() < 0 or places.max() >= len(points)):
        raise DomainError(f"is_a_score needs pairs of the nodes 0 to {len(points) - 1}")
    u, v = places.astype(np.intp).T
    x = np.asarray(points, np.float64)
    norm = np.linalg.norm(charts(x, manifold, "is_a_score")[0], axis=1)
    return -(1.0 + alpha * (norm[v] - norm[u])) * manifold.detach().dist(x[u], x[v])


def lexical_entailment(
    points: NDArray[np.floating],
    pairs: ArrayLike,
    ratings: ArrayLike,
    manifold: Manifold = PoincareBall(),  # noqa: B008 - it does not change
    *,
    alpha: float = 1000.0,
) -> float:
    """Return Spearman's rank correlation of :func:`is_a_score` with graded ratings, such as those of HyperLex.

    Parameters
    ----------
    points, pairs, manifold, alpha
        As for :func:`is_a_score`.
    ratings : array_like, shape (n_pairs,)
        How much people think that u is a v.

    Returns
    -------
    float
        From -1 to 1; ties have the mean of their ranks. NaN if a score or a rating is NaN, or all are equal.

    Raises
    ------
    ShapeError
        If there is not one rating for each pair, or there are fewer than two.
    DTypeError, DomainError
        As :func:`is_a_score`.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold.embedding import lexical_entailment
    >>> points = np.array([[0.9, 0.0], [0.1, 0.0], [0.0, 0.9]])
    >>> round(lexical_entailment(points, [(0, 1), (1, 0), (0, 2)], [9.5, 0.5, 3.0]), 6)
    1.0
    """
    score = is_a_score(points, pairs, manifold, alpha=alpha)
    grades = np.asarray(ratings, np.float64)
    if grades.shape != score.shape or len(score) < 2:
        raise ShapeError(f"lexical_entailment needs two pairs and one rating for each, not {len(score)} pairs and "
                         f"ratings of shape {grades.shape}")  # fmt: skip
    if np.isnan(score).any() or np.isnan(grades).any() or np.ptp(score) == 0 or np.ptp(grades) == 0:
        return float("nan")
    return float(stats.spearmanr(score, grades).statistic)

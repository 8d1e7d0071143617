"""Clusters of points of hyperbolic space: hierarchical, k-means, k-medoids."""

import inspect
import warnings
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.cluster import hierarchy

from geomkern.config import config
from geomkern.errors import DomainError, ShapeError

from ..functions.arrays import raw
from .metric import condensed_dist

__all__ = ["KMeans", "KMedoids", "linkage"]

METHODS = ("single", "complete", "average", "weighted")


def linkage(points: Any, manifold: Any, method: str = "average") -> NDArray[np.float64]:
    """Cluster points hierarchically by their distances, through :func:`scipy.cluster.hierarchy.linkage`.

    Parameters
    ----------
    points : array_like or Tensor, shape (n, d)
        At least two points.
    manifold : Manifold
        One with a method ``pairwise_dist``.
    method : {"average", "single", "complete", "weighted"}
        How far two clusters are apart. (The other methods of SciPy hold in Euclidean space only.)

    Returns
    -------
    ndarray, shape (n - 1, 4)
        The dendrogram, as SciPy's ``fcluster`` and ``dendrogram`` take it.

    Raises
    ------
    DomainError
        If the method is unknown, there are fewer than two points, or a point lies outside the manifold.
    ShapeError
        If the points are not a matrix.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import PoincareBall
    >>> linkage(np.array([[0.0], [0.1], [0.9]]), PoincareBall(), "single")[:, :2]
    array([[0., 1.],
           [2., 3.]])
    """
    if method not in METHODS:
        raise DomainError(f"linkage knows the methods {', '.join(METHODS)}, not {method!r}")
    distances = condensed_dist(points, manifold)
    if not len(distances):
        raise DomainError("linkage needs at least two points")
    return hierarchy.linkage(distances.astype(np.float64, copy=False), method)


class _Estimator:
    """Parameters by name, as scikit-learn's tools expect them."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters of the constructor by name."""
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}

    def set_params(self, **params: Any) -> Self:
        """Set parameters of the constructor by name; DomainError for one that it has not."""
        unknown = params.keys() - self.get_params().keys()
        if unknown:
            raise DomainError(f"{type(self).__name__} has no parameter {', '.join(sorted(unknown))}")
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.get_params().items())})"

    def fit_predict(self, X: Any, y: Any = None) -> NDArray[np.intp]:
        """Fit, and return the label of each point."""
        return self.fit(X).labels_  # type: ignore[attr-defined]

    def _checked(self, X: Any, n_clusters: int) -> NDArray[Any]:
        points = raw(X)
        name = type(self).__name__
        if points.ndim != 2:
            raise ShapeError(f"{name} needs a matrix, one row a point, not an array of shape {points.shape}")
        if not 1 <= n_clusters <= len(points):
            raise DomainError(f"{name} needs n_clusters between 1 and the {len(points)} points, not {n_clusters}")
        if np.isnan(points).any():
            raise DomainError(f"{name} got NaN in row {np.isnan(points).any(axis=1).argmax()}")
        return points


def _members(labels: NDArray[np.intp], n_clusters: int) -> sparse.csr_array:
    """Return the matrix that sums the rows of each cluster."""
    n = len(labels)
    return sparse.csr_array((np.ones(n), (labels, np.arange(n))), shape=(n_clusters, n))


class KMeans(_Estimator):
    r"""Lloyd's k-means in hyperbolic space, with the squared chord of the hyperboloid as cost.

    For points :math:`X_i` on the hyperboloid :math:`\langle X, X\rangle = -1/c` and their centre m the cost

    .. math:: \sum_i |X_i - m|^2 = \sum_i \frac{4}{c}\sinh^2\frac{\sqrt c\, d(X_i, m)}{2}

    has the minimum :math:`m = S/(\sqrt c\,\sqrt{-\langle S, S\rangle})`, :math:`S = \sum_i X_i` (Law et al., 2019): the
    Einstein midpoint. So no step increases the cost, whatever the model that the points are given in. For near points
    it is the squared distance.

    Parameters
    ----------
    n_clusters : int
        How many clusters.
    manifold : PoincareBall, Lorentz or Klein
        The model of hyperbolic space, with one curvature.
    n_init : int
        How many times to start; the best result counts.
    max_iter : int
        The largest number of steps of one start.
    tol : float
        It has converged when no centre moves farther than this.
    rng : int, numpy.random.Generator or None
        A seed or a generator; None takes the default generator.

    Attributes
    ----------
    cluster_centers_ : ndarray, shape (n_clusters, d)
        The centres, in the model of the points.
    labels_ : ndarray, shape (n,)
        The nearest centre of each point.
    inertia_ : float
        The cost.
    n_iter_ : int
        Steps of the best start.

    Notes
    -----
    Starts are drawn by k-means++ (Arthur and Vassilvitskii, 2007). A cluster that loses all points continues from the
    point that is farthest from its own centre, of those that share one. If the best start did not converge, there is a
    RuntimeWarning.

    References
    ----------
    Law, M., Liao, R., Snell, J., Zemel, R. (2019). Lorentzian distance learning for hyperbolic representations. *ICML*.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import PoincareBall
    >>> points = np.array([[0.9, 0.0], [0.9, 0.05], [-0.9, 0.0], [-0.9, 0.05]])
    >>> labels = KMeans(2, PoincareBall(), rng=0).fit_predict(points)
    >>> labels[0] == labels[1] != labels[2] == labels[3]
    np.True_
    """

    def __init__(
        self,
        n_clusters: int = 8,
        manifold: Any = None,
        *,
        n_init: int = 4,
        max_iter: int = 300,
        tol: float = 1e-6,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.manifold = manifold
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.rng = rng

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the centres of the points X, shape (n, d)."""
        points = self._checked(X, self.n_clusters)
        if getattr(self.manifold, "model", None) not in _TO_AMBIENT:
            raise DomainError(f"KMeans needs a manifold: PoincareBall, Lorentz or Klein, not {self.manifold!r}")
        if min(self.n_init, self.max_iter) < 1:
            raise DomainError(f"KMeans needs n_init and max_iter above 0, not {self.n_init} and {self.max_iter}")
        rng = config.generator(self.rng)
        runs = [self._run(points, rng) for _ in range(self.n_init)]
        self.inertia_, self.cluster_centers_, self.labels_, self.n_iter_, moved = min(runs, key=lambda run: run[0])
        if not moved <= self.tol:
            warnings.warn(
                f"KMeans did not converge in {self.n_iter_} iterations: a centre still moved by {moved:.3g}, "
                f"and tol is {self.tol}",
                RuntimeWarning,
                stacklevel=2,
            )
        return self

    def predict(self, X: Any) -> NDArray[np.intp]:
        """Return the nearest centre of each point."""
        return self.transform(X).argmin(axis=1)

    def transform(self, X: Any) -> NDArray[Any]:
        """Return the distance of each point from each centre, shape (n, n_clusters)."""
        return self.manifold.detach().pairwise_dist(self._checked(X, 1), self.cluster_centers_)

    def fit_transform(self, X: Any, y: Any = None) -> NDArray[Any]:
        """Fit, and return the distance of each point from each centre."""
        return self.fit(X).transform(X)

    def _run(self, points: NDArray[Any], rng: np.random.Generator) -> tuple[float, NDArray[Any], Any, int, float]:
        """Return cost, centres, labels, iterations and the last step of one start."""
        space = self.manifold.detach()
        c = float(space.c)
        lift, drop = _TO_AMBIENT[space.model], _FROM_AMBIENT[space.model]
        time, spatial = lift(points.astype(np.float64), c)
        ambient = np.concatenate([time, spatial], axis=1)

        def chords(centres: NDArray[Any]) -> NDArray[np.float64]:
            distances = space.pairwise_dist(points, centres).astype(np.float64)
            return (2 / np.sqrt(c) * np.sinh(np.sqrt(c) / 2 * distances)) ** 2

        centres, moved = self._start(points, chords, rng), np.inf
        cost = chords(centres)
        for iteration in range(1, self.max_iter + 1):  # noqa: B007
            labels = cost.argmin(axis=1)
            least = cost[np.arange(len(points)), labels]
            for empty in np.setdiff1d(np.arange(self.n_clusters), labels):
                shared = np.bincount(labels, minlength=self.n_clusters)[labels] > 1
                labels[np.where(shared, least, -1.0).argmax()] = empty
            sums = _members(labels, self.n_clusters) @ ambient
            new = space.projx(drop(sums[:, :1], sums[:, 1:], c).astype(points.dtype))
            steps = space.pairwise_dist(centres[:, None], new[:, None])[:, 0, 0]
            centres, moved, cost = new, float(steps.max()), chords(new)
            if moved <= self.tol:
                break
        return float(cost.min(axis=1).sum()), centres, cost.argmin(axis=1), iteration, moved

    def _start(self, points: NDArray[Any], chords: Any, rng: np.random.Generator) -> NDArray[Any]:
        """Draw the first centre evenly, and each further one in proportion to the cost that it would end."""
        chosen = [int(rng.integers(len(points)))]
        cost = chords(points[chosen])[:, 0]
        while len(chosen) < self.n_clusters:
            total = cost.sum()
            weights = cost / total if 0 < total < np.inf else None  # all are centres, or infinitely far
            chosen.append(int(rng.choice(len(points), p=weights)))
            cost = np.minimum(cost, chords(points[chosen[-1:]])[:, 0])
        return points[chosen]


# Points to their time and spatial coordinates on the hyperboloid, and back from any positive multiple of a point of it.
_TO_AMBIENT = {
    "poincare": lambda x, c: _along(2 / (1 - c * _dot(x)) - 1, x * 2 / (1 - c * _dot(x)), c),
    "lorentz": lambda x, c: _along(np.sqrt(1 + c * _dot(x)), x, c),
    "klein": lambda x, c: _along(1 / np.sqrt(1 - c * _dot(x)), x / np.sqrt(1 - c * _dot(x)), c),
}
_FROM_AMBIENT = {
    "poincare": lambda time, x, c: x / (np.sqrt(c) * (time + _proper(time, x))),
    "lorentz": lambda time, x, c: x / (np.sqrt(c) * _proper(time, x)),
    "klein": lambda time, x, c: x / (np.sqrt(c) * time),
}


def _along(cosh: Any, x: Any, c: float) -> tuple[Any, Any]:
    return cosh / np.sqrt(c), x


def _dot(x: Any) -> Any:
    return (x * x).sum(axis=-1, keepdims=True)


def _proper(time: Any, x: Any) -> Any:
    """The length of a time-like vector."""
    length = np.sqrt(_dot(x))
    return np.sqrt((time - length) * (time + length))


class KMedoids(_Estimator):
    """Partition around medoids: the points that the sum of the distances to the nearest of them is least for.

    Parameters
    ----------
    n_clusters : int
        How many clusters.
    manifold : Manifold or None
        One with a method ``pairwise_dist``; with None, :meth:`fit` takes the matrix of the distances.
    max_iter : int
        The largest number of swaps.

    Attributes
    ----------
    medoid_indices_ : ndarray, shape (n_clusters,)
        The rows of the medoids.
    labels_ : ndarray, shape (n,)
        The nearest medoid of each point.
    inertia_ : float
        The sum of the distances to the nearest medoid.
    n_iter_ : int
        Swaps made.

    Notes
    -----
    BUILD and SWAP of Kaufman and Rousseeuw (1990); all swaps of a step are weighed at once as by Schubert and Rousseeuw
    (2019). It holds the matrix of the distances, and nothing is drawn at random. If swaps still help after `max_iter`,
    there is a RuntimeWarning.

    References
    ----------
    Schubert, E., Rousseeuw, P. (2019). Faster k-medoids clustering. *SISAP*.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import PoincareBall
    >>> KMedoids(2, PoincareBall()).fit_predict(np.array([[0.9], [0.91], [-0.9], [-0.91]]))
    array([1, 1, 0, 0])
    """

    def __init__(self, n_clusters: int = 8, manifold: Any = None, *, max_iter: int = 300) -> None:
        self.n_clusters = n_clusters
        self.manifold = manifold
        self.max_iter = max_iter

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the medoids of the points X, shape (n, d), or of the points whose distances X (n, n) holds."""
        given = self._checked(X, self.n_clusters)
        if self.manifold is None and given.shape[0] != given.shape[1]:
            raise ShapeError(f"KMedoids without a manifold needs a square matrix of distances, not {given.shape}")
        distances = given if self.manifold is None else self.manifold.detach().pairwise_dist(given)
        distances = distances.astype(np.float64, copy=False)
        medoids = self._build(distances)
        out, candidate, gain = self._best_swap(distances, medoids)
        self.n_iter_ = 0
        while gain > 0 and self.n_iter_ < self.max_iter:
            medoids[out] = candidate
            self.n_iter_ += 1
            out, candidate, gain = self._best_swap(distances, medoids)
        if gain > 0:
            warnings.warn(
                f"KMedoids did not converge in {self.n_iter_} swaps: the next would save {gain:.3g}",
                RuntimeWarning,
                stacklevel=2,
            )
        self.medoid_indices_ = medoids
        self.labels_ = distances[:, medoids].argmin(axis=1)
        self.inertia_ = float(distances[:, medoids].min(axis=1).sum())
        self._medoids = None if self.manifold is None else given[medoids]
        return self

    def predict(self, X: Any) -> NDArray[np.intp]:
        """Return the nearest medoid of each point, or of each row of distances from the medoids without a manifold."""
        given = self._checked(X, 1)
        distances = given if self.manifold is None else self.manifold.detach().pairwise_dist(given, self._medoids)
        if distances.shape[1] != self.n_clusters:
            raise ShapeError(f"KMedoids has {self.n_clusters} medoids, but got distances of shape {distances.shape}")
        return distances.argmin(axis=1)

    def _build(self, distances: NDArray[np.float64]) -> NDArray[np.intp]:
        """Take the most central point, and then, one by one, the points that help most."""
        medoids = [int(distances.sum(axis=0).argmin())]
        nearest = distances[:, medoids[0]]
        while len(medoids) < self.n_clusters:
            saved = np.maximum(nearest[:, None] - distances, 0).sum(axis=0)
            saved[medoids] = -1.0
            medoids.append(int(saved.argmax()))
            nearest = np.minimum(nearest, distances[:, medoids[-1]])
        return np.array(medoids)

    def _best_swap(self, distances: NDArray[np.float64], medoids: NDArray[np.intp]) -> tuple[int, int, float]:
        """Return the medoid (by place) and the candidate whose exchange saves most, and how much.

        With a new medoid at distance e, a point at distances near and next from the old ones saves max(near - e, 0) if
        it keeps its nearest, and near - min(e, next) if that goes.
        """
        to_medoids = distances[:, medoids]
        labels = to_medoids.argmin(axis=1)
        near = to_medoids.min(axis=1)
        others = to_medoids.copy()
        others[np.arange(len(labels)), labels] = np.inf
        following = others.min(axis=1) if len(medoids) > 1 else np.full(len(labels), np.inf)
        kept = np.maximum(near[:, None] - distances, 0)
        lost = near[:, None] - np.minimum(distances, following[:, None])
        members = sparse.csr_array(
            (np.ones(len(labels)), (labels, np.arange(len(labels)))), shape=(len(medoids), len(labels))
        )
        saved = kept.sum(axis=0) + members @ (lost - kept)
        saved[:, medoids] = -np.inf
        out, candidate = np.unravel_index(saved.argmax(), saved.shape)
        rounding = 1e-12 * near.sum()
        return int(out), int(candidate), float(saved[out, candidate] - rounding)

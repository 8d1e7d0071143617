"""Graphs on the points of a manifold: distances, weights, the graph Laplacian and its eigenvectors.

A graph is a symmetric matrix over its vertices, a NumPy array or a SciPy sparse array. What is computed here belongs to
the graph. It resembles the manifold only as far as the points sample it well.
"""

from typing import Any

import numpy as np
from scipy import linalg, sparse
from scipy.sparse import csgraph
from scipy.sparse.linalg import eigsh

from geomkern import Tensor
from geomkern.errors import DomainError, DTypeError, ShapeError

from .arrays import as_double, positive

__all__ = [
    "geodesic_distance_matrix",
    "graph_eigenmaps",
    "graph_laplacian",
    "graph_spectrum",
    "heat_weights",
    "keep_nearest",
]


def geodesic_distance_matrix(points: Any, manifold: Any) -> Any:
    """Return the distances of all points from each other.

    Parameters
    ----------
    points : array_like or Tensor, shape (..., n, d)
        Points of the manifold.
    manifold : Manifold
        One with a method ``pairwise_dist``.

    Returns
    -------
    ndarray or Tensor, shape (..., n, n)

    Raises
    ------
    DomainError
        If a point lies outside of the manifold.
    ShapeError
        If there are less than two axes.

    References
    ----------
    The distances of the manifold that is given.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import PoincareBall
    >>> geodesic_distance_matrix(np.array([[0.0, 0.0], [0.5, 0.0]]), PoincareBall()).round(4)
    array([[0.    , 1.0986],
           [1.0986, 0.    ]])
    """
    return manifold.pairwise_dist(points)


def keep_nearest(distances: Any, n_neighbors: int) -> sparse.csr_array:
    """Keep of a matrix of distances those of each point from its nearest neighbours.

    Parameters
    ----------
    distances : array_like, shape (n, n)
        Arrays only; the diagonal is not looked at.
    n_neighbors : int
        From 1 to n - 1.

    Returns
    -------
    csr_array, shape (n, n)
        Symmetric: an entry stays if one of the two points is among the nearest neighbours of the other. Points in the
        same place are neighbours at a stored distance of zero.

    Raises
    ------
    ShapeError
        If the matrix is not square.
    DomainError
        If there are not so many neighbours.

    References
    ----------
    Belkin, M., Niyogi, P. (2003). Laplacian eigenmaps for dimensionality reduction and data representation. *Neural
    Computation* 15.

    Examples
    --------
    >>> import numpy as np
    >>> line = np.array([0.0, 1.0, 3.0])
    >>> keep_nearest(abs(line[:, None] - line), 1).toarray()
    array([[0., 1., 0.],
           [1., 0., 2.],
           [0., 2., 0.]])
    """
    distances = np.asarray(distances)
    n = _square("keep_nearest", distances)
    if not 1 <= n_neighbors < n:
        raise DomainError(f"keep_nearest needs from 1 to {n - 1} neighbours among {n} points, not {n_neighbors}")
    others = distances.copy()
    np.fill_diagonal(others, np.inf)
    columns = np.argpartition(others, n_neighbors - 1, axis=1)[:, :n_neighbors].ravel()
    rows = np.repeat(np.arange(n), n_neighbors)
    both = np.unique(np.concatenate([rows * n + columns, columns * n + rows]))
    rows, columns = both // n, both % n
    starts = np.searchsorted(rows, np.arange(n + 1))
    return sparse.csr_array((distances[rows, columns], columns, starts), shape=(n, n))


def heat_weights(distances: Any, t: Any) -> Any:
    r"""Return the weights :math:`e^{-d^2/4t}` of the edges of a heat graph.

    Parameters
    ----------
    distances : array_like, Tensor or sparse array, shape (..., n, n)
        Of a sparse array, the stored entries are the edges.
    t : float or Tensor
        The time of the heat kernel of flat space that the weights have the form of; positive.

    Returns
    -------
    ndarray, Tensor or sparse array, of the shape of `distances`
        The diagonal is one where it is stored; the Laplacian does not see it.

    Raises
    ------
    DomainError
        If t is not positive.

    References
    ----------
    Belkin, M., Niyogi, P. (2003). Laplacian eigenmaps for dimensionality reduction and data representation. *Neural
    Computation* 15.

    Examples
    --------
    >>> import numpy as np
    >>> heat_weights(np.array([[0.0, 2.0], [2.0, 0.0]]), 1.0).round(4)
    array([[1.    , 0.3679],
           [0.3679, 1.    ]])
    """
    positive("heat_weights", "time t", t.data if isinstance(t, Tensor) else t)
    if sparse.issparse(distances):
        weights = distances.copy()
        weights.data = heat_weights(weights.data, t)
        return weights
    return np.exp(-np.square(distances) / (4 * t))


def graph_laplacian(weights: Any, normalized: bool = True) -> Any:
    r"""Return the Laplacian of a weighted graph.

    .. math:: L = D - W \quad\text{or}\quad L = I - D^{-1/2} W D^{-1/2}, \qquad D = \operatorname{diag}(W 1)

    Parameters
    ----------
    weights : array_like or sparse array, shape (n, n)
        Symmetric and not negative. The diagonal is taken for zero. Arrays only.
    normalized : bool
        Whether to return the second form, whose eigenvalues lie in [0, 2].

    Returns
    -------
    ndarray or csr_array, shape (n, n)
        Rows of points without an edge are zero.

    Raises
    ------
    ShapeError
        If the matrix is not square.
    DomainError
        If a weight is negative, or the matrix is not symmetric.

    References
    ----------
    Chung, F. (1997). *Spectral Graph Theory*, chapter 1.

    Examples
    --------
    >>> import numpy as np
    >>> graph_laplacian(np.array([[0.0, 2.0], [2.0, 0.0]]), normalized=False)
    array([[ 2., -2.],
           [-2.,  2.]])
    """
    weights = _graph("graph_laplacian", weights)
    if (weights.data < 0).any() if sparse.issparse(weights) else (weights < 0).any():
        raise DomainError("graph_laplacian needs weights that are not negative")
    return csgraph.laplacian(weights, normed=normalized)


def graph_spectrum(laplacian: Any, k: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return the smallest eigenvalues of a graph Laplacian with their eigenvectors.

    Parameters
    ----------
    laplacian : array_like or sparse array, shape (n, n)
        Symmetric without negative eigenvalues. Arrays only.
    k : int, optional
        How many; all of them by default.

    Returns
    -------
    values : ndarray, shape (k,)
        Ascending.
    vectors : ndarray, shape (n, k)
        Orthonormal columns; the largest element of each is positive.

    Raises
    ------
    ShapeError
        If the matrix is not square.
    DomainError
        If it is not symmetric, or has not so many eigenvalues.

    Notes
    -----
    A few eigenpairs of a sparse matrix come from ARPACK in shift-invert mode, all else from LAPACK.

    References
    ----------
    Lehoucq, R. B., Sorensen, D. C., Yang, C. (1998). *ARPACK Users' Guide*.

    Examples
    --------
    >>> import numpy as np
    >>> graph_spectrum(np.array([[1.0, -1.0], [-1.0, 1.0]]))[0].round(12) + 0.0
    array([0., 2.])
    """
    laplacian = _graph("graph_spectrum", laplacian)
    n = laplacian.shape[0]
    k = n if k is None else k
    if not 1 <= k <= n:
        raise DomainError(f"graph_spectrum needs from 1 to {n} eigenvalues to find, not {k}")
    if sparse.issparse(laplacian) and k < n - 1:
        # The smallest eigenvalues of L are the largest of (L + s)^-1, and L + s with a small s > 0 can be factorised.
        shift = 1e-3 * max(float(np.abs(laplacian.diagonal()).max()), np.finfo(laplacian.dtype).tiny)
        start = np.random.default_rng(0).uniform(0.5, 1.5, n).astype(laplacian.dtype)
        values, vectors = eigsh(laplacian.tocsc(), k, sigma=-shift, which="LM", v0=start)
        order = np.argsort(values)
        values, vectors = values[order], vectors[:, order]
    else:
        dense = laplacian.toarray() if sparse.issparse(laplacian) else laplacian
        values, vectors = linalg.eigh(dense, subset_by_index=(0, k - 1))
    return values, vectors * np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(k)])


def graph_eigenmaps(weights: Any, n_components: int) -> np.ndarray:
    """Embed the vertices of a graph by its Laplacian eigenmaps.

    The coordinates are the solutions f of L f = lambda D f with the smallest lambda, but for the first, a constant.

    Parameters
    ----------
    weights : array_like or sparse array, shape (n, n)
        Symmetric and not negative. Arrays only.
    n_components : int
        The dimension of the embedding, below n.

    Returns
    -------
    ndarray, shape (n, n_components)
        Columns f with f . D f = 1.

    Raises
    ------
    ShapeError
        If the matrix is not square.
    DomainError
        If a weight is negative, the matrix is not symmetric, a vertex has no edge, or there are not so many components.

    References
    ----------
    Belkin, M., Niyogi, P. (2003). Laplacian eigenmaps for dimensionality reduction and data representation. *Neural
    Computation* 15.

    Examples
    --------
    >>> import numpy as np
    >>> path = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    >>> abs(graph_eigenmaps(path, 1)[:, 0]).round(4)
    array([0.7071, 0.    , 0.7071])
    """
    weights = _graph("graph_eigenmaps", weights)
    n = weights.shape[0]
    if not 1 <= n_components < n:
        raise DomainError(f"graph_eigenmaps of {n} vertices has from 1 to {n - 1} components, not {n_components}")
    degrees = np.asarray(weights.sum(axis=1)).ravel() - weights.diagonal()
    if (degrees == 0).any():
        raise DomainError(f"graph_eigenmaps needs an edge at every vertex; vertex {int(degrees.argmin())} has none")
    # With u = D^(1/2) f the equation is the one of the normalised Laplacian, D^(-1/2) L D^(-1/2) u = lambda u.
    _, vectors = graph_spectrum(graph_laplacian(weights), n_components + 1)
    return vectors[:, 1:] / np.sqrt(degrees)[:, None]


def _square(name: str, matrix: Any) -> int:
    """Return the number of vertices of a matrix over them."""
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ShapeError(f"{name} needs a square matrix, got shape {matrix.shape}")
    return matrix.shape[0]


def _graph(name: str, matrix: Any) -> Any:
    """Return a symmetric matrix of floats, dense or in rows."""
    if not sparse.issparse(matrix):
        values, dtype = as_double(name, matrix)
        matrix = values.astype(dtype, copy=False)
    elif matrix.dtype.kind in "biuf":
        matrix = sparse.csr_array(matrix, dtype=np.float32 if matrix.dtype == np.float32 else np.float64)
    else:
        raise DTypeError(f"{name} needs real numbers, not {matrix.dtype}")
    if not _square(name, matrix):
        raise ShapeError(f"{name} needs a vertex, got an empty matrix")
    # Distances and what is made of them are symmetric but for rounding; a directed graph is far from it.
    skew = np.abs(matrix - matrix.T).max()
    if skew > np.sqrt(np.finfo(matrix.dtype).eps) * np.abs(matrix).max():
        raise DomainError(f"{name} needs a symmetric matrix; this one differs from its transpose by up to {skew}")
    return matrix

"""Losses and regularisers of points on manifolds."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from geomkern import Tensor
from geomkern.errors import DomainError, ShapeError
from geomkern.nn.functional import relu
from geomkern.ops import logsumexp

from .functions.arrays import number
from .manifolds import Manifold
from .manifolds.hyperbolic import HyperbolicManifold

__all__ = [
    "boundary_penalty",
    "dirichlet_energy",
    "dispersion",
    "fermi_dirac",
    "kinetic_energy",
    "radial_penalty",
    "supervised_contrastive",
]


def supervised_contrastive(x: Any, labels: Any, manifold: Manifold, temperature: float = 0.1) -> Any:
    r"""Return the supervised contrastive loss with distance in place of likeness.

    .. math::

        L = -\frac1{|A|}\sum_{i \in A} \frac{1}{|P(i)|} \sum_{j \in P(i)}
            \log\frac{\exp(-d_{ij}/\tau)}{\sum_{k \ne i} \exp(-d_{ik}/\tau)}

    where P(i) are the other points with the label of i, and A the points that have one.

    Parameters
    ----------
    x : array_like or Tensor, shape (n, d)
        Points.
    labels : array_like of int, shape (n,)
        Their classes.
    manifold : Manifold
        Where the points live.
    temperature : float
        The number :math:`\tau`.

    Returns
    -------
    float or Tensor

    Raises
    ------
    DomainError
        If the temperature is not positive, or no two points have the same label.
    ShapeError
        If the shapes do not fit.

    References
    ----------
    Khosla, P. et al. (2020). Supervised contrastive learning. *NeurIPS*.

    Examples
    --------
    >>> from geomkern_manifold import PoincareBall
    >>> ball = PoincareBall()
    >>> bool(supervised_contrastive(ball.random(4, 2, rng=0), [0, 0, 1, 1], ball, 1.0) > 0)
    True
    """
    labels = np.asarray(labels)
    if np.ndim(x) != 2 or labels.shape != np.shape(x)[:1]:
        raise ShapeError(
            f"supervised_contrastive needs points (n, d) and labels (n,), not {np.shape(x)} and {labels.shape}"
        )
    if not temperature > 0:
        raise DomainError(f"supervised_contrastive needs a positive temperature, not {temperature}")
    others = ~np.eye(len(labels), dtype=bool)
    positive = (labels[:, None] == labels) & others
    count = positive.sum(-1)
    if not count.any():
        raise DomainError("supervised_contrastive needs two points with the same label, but all labels differ")
    scores = manifold.pairwise_dist(x) * (-1.0 / temperature)
    log_share = scores - logsumexp(np.where(others, scores, -np.inf), -1, keepdims=True)
    weights = (positive / np.maximum(count, 1)[:, None] / np.count_nonzero(count)).astype(log_share.dtype)
    return -(np.where(positive, log_share, 0.0) * weights).sum()


def dirichlet_energy(x: Any, weights: Any, manifold: Manifold) -> Any:
    r"""Return the energy of a graph's edges, :math:`\sum_{ij} w_{ij}\, d(x_i, x_j)^2`.

    Parameters
    ----------
    x : array_like or Tensor, shape (n, d)
        Points, one a vertex.
    weights : array_like, Tensor or scipy.sparse matrix, shape (n, n)
        The weights of the edges. Of a sparse matrix only the stored entries are visited.
    manifold : Manifold
        Where the points live.

    Returns
    -------
    float or Tensor

    Raises
    ------
    ShapeError
        If the shapes do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import PoincareBall
    >>> round(float(dirichlet_energy([[0.0, 0.0], [0.5, 0.0]], [[0, 1], [0, 0]], PoincareBall())), 6)
    1.206949
    """
    if np.ndim(x) != 2 or np.shape(weights) != (np.shape(x)[0],) * 2:
        raise ShapeError(
            f"dirichlet_energy needs points (n, d) and weights (n, n), not {np.shape(x)} and {np.shape(weights)}"
        )
    if sparse.issparse(weights):
        edges = weights.tocoo()
        x = number(x)
        return (edges.data.astype(x.dtype) * manifold.dist(x[edges.row], x[edges.col]) ** 2).sum()
    return (number(weights) * manifold.pairwise_dist(x) ** 2).sum()


def kinetic_energy(path: Any, manifold: Manifold) -> Any:
    r"""Return the energy of paths, :math:`\sum_t d(x_t, x_{t+1})^2`.

    Parameters
    ----------
    path : array_like or Tensor, shape (..., steps, d)
        Points, in order along the axis before the last.
    manifold : Manifold
        Where they live.

    Returns
    -------
    ndarray or Tensor, shape (...)

    Raises
    ------
    ShapeError
        If there are fewer than two axes.

    Examples
    --------
    >>> from geomkern_manifold import PoincareBall
    >>> float(kinetic_energy([[0.0, 0.0], [0.0, 0.0]], PoincareBall()))
    0.0
    """
    path = number(path)
    if path.ndim < 2:
        raise ShapeError(f"kinetic_energy needs points (..., steps, d), not the shape {path.shape}")
    return (manifold.dist(path[..., :-1, :], path[..., 1:, :]) ** 2).sum(-1)


def boundary_penalty(x: Any, manifold: HyperbolicManifold, margin: float = 0.1) -> Any:
    r"""Return :math:`\max(0, |x| - (1 - m)/\sqrt c)^2`, which keeps points of a ball off its boundary.

    Parameters
    ----------
    x : array_like or Tensor, shape (..., d)
        Points of Poincaré's or Klein's ball.
    manifold : PoincareBall or Klein
        The ball.
    margin : float
        The share m of the radius next to the boundary that is penalised.

    Returns
    -------
    ndarray or Tensor, shape (...)

    Raises
    ------
    DomainError
        If the margin is not between 0 and 1.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import PoincareBall
    >>> boundary_penalty(np.array([[0.5, 0.0], [0.95, 0.0]]), PoincareBall()).round(6)
    array([0.    , 0.0025])
    """
    if not 0 < margin < 1:
        raise DomainError(f"boundary_penalty needs a margin between 0 and 1, not {margin}")
    square = (number(x) ** 2).sum(-1)
    zero = np.asarray(square) == 0
    length = np.where(zero, 0.0, np.sqrt(np.where(zero, 1.0, square)))
    return relu(length - (1 - margin) / np.sqrt(manifold.c)) ** 2


def radial_penalty(x: Any, manifold: HyperbolicManifold) -> Any:
    r"""Return :math:`c\,|\log_0 x|^2`, the squared length of the tangent vector at the origin.

    Parameters
    ----------
    x : array_like or Tensor, shape (..., d)
        Points.
    manifold : HyperbolicManifold
        Where they live.

    Returns
    -------
    ndarray or Tensor, shape (...)

    Examples
    --------
    >>> from geomkern_manifold import PoincareBall
    >>> round(float(radial_penalty([0.5, 0.0], PoincareBall())), 6)
    0.301737
    """
    return number(manifold.c) * (manifold.logmap0(x) ** 2).sum(-1)


def dispersion(x: Any, manifold: Manifold) -> Any:
    r"""Return the mean of the squared distances of all pairs; its negative spreads points.

    Parameters
    ----------
    x : array_like or Tensor, shape (..., n, d)
        Points.
    manifold : Manifold
        Where they live.

    Returns
    -------
    ndarray or Tensor, shape (...)

    Raises
    ------
    ShapeError
        If there are fewer than two points.

    Examples
    --------
    >>> from geomkern_manifold import PoincareBall
    >>> round(float(dispersion([[0.0, 0.0], [0.5, 0.0]], PoincareBall())), 6)
    1.206949
    """
    n = np.shape(x)[-2] if np.ndim(x) > 1 else 0
    if n < 2:
        raise ShapeError(f"dispersion needs at least two points (..., n, d), not the shape {np.shape(x)}")
    return (manifold.pairwise_dist(x) ** 2).sum((-1, -2)) / (n * (n - 1))


def fermi_dirac(distance: Any, radius: Any = 1.0, temperature: Any = 1.0) -> Any:
    r"""Return the probability of a link between points at a distance, :math:`1/(e^{(d - r)/t} + 1)`.

    Parameters
    ----------
    distance : array_like or Tensor
        Distances.
    radius : float or Tensor
        The distance r at which a link is as likely as not.
    temperature : float or Tensor
        How soft the threshold is, t.

    Returns
    -------
    ndarray or Tensor

    Raises
    ------
    DomainError
        If the temperature is not positive.

    References
    ----------
    Krioukov, D. et al. (2010). Hyperbolic geometry of complex networks. *Physical Review E*.

    Examples
    --------
    >>> float(fermi_dirac(2.0, radius=2.0))
    0.5
    """
    if not np.all(np.asarray(temperature.data if isinstance(temperature, Tensor) else temperature) > 0):
        raise DomainError(f"fermi_dirac needs a positive temperature, not {temperature}")
    return 0.5 - 0.5 * np.tanh((number(distance) - radius) / (2 * temperature))

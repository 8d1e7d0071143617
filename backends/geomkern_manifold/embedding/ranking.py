"""The ranks of some nodes among all by their distance from others, in any geometry that an embedding has."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geomkern.errors import DomainError, DTypeError, ShapeError

from ..manifolds import Euclidean, HyperbolicManifold, Lorentz, Manifold, PoincareBall, ProductManifold, Scaled
from . import _rank

__all__ = ["Progress", "Ranking", "charts", "check_points", "rank"]

CHUNK_SECONDS = 0.1

Progress = Callable[[int, int], object]
"""What is told how many children are done, and of how many."""

NOBODY = np.empty(0, np.int32)


@dataclass(frozen=True, eq=False)
class Ranking:
    """Where the targets of some children are among all nodes; see :func:`rank`.

    Attributes
    ----------
    child : ndarray of int32, shape (n_children,)
        The nodes that have targets.
    first : ndarray of int64, shape (n_children + 1,)
        The targets of child number i are those from ``first[i]`` to ``first[i + 1]``.
    nearer : ndarray of int32, shape (n_targets,)
        How many nodes are at least as near to the child as the target, which is one of them.
    found : ndarray of int32, shape (n_targets,)
        How many of these are targets.
    precision : ndarray of float64, shape (n_children,)
        The average precision of each child's targets.
    """

    child: NDArray[np.int32]
    first: NDArray[np.int64]
    nearer: NDArray[np.int32]
    found: NDArray[np.int32]
    precision: NDArray[np.float64]

    @property
    def ranks(self) -> NDArray[np.int32]:
        """The rank of each target among the nodes that are no targets; 1 is best."""
        return self.nearer - self.found + 1


def check_points(points: NDArray[np.floating], nodes: int, operation: str) -> None:
    """Raise an error if there is not one point for each node, or a coordinate is infinite."""
    if points.ndim != 2 or len(points) != nodes or points.shape[1] == 0:
        raise ShapeError(f"{operation} needs points of shape ({nodes}, dim), not {points.shape}")
    if points.dtype.kind != "f":
        raise DTypeError(f"{operation} needs points of floating-point numbers, not {points.dtype}")
    if np.isinf(points).any():
        raise DomainError(f"{operation} needs finite points; number {np.argmax(np.isinf(points).any(1))} is not")


def rank(
    points: NDArray[np.floating],
    first: NDArray[np.int64],
    target: NDArray[np.int32],
    manifold: Manifold,
    *,
    operation: str,
    left_out: tuple[NDArray[np.int64], NDArray[np.int32]] | None = None,
    progress: Progress | None = None,
) -> Ranking:
    """Rank the targets of each node u, ``target[first[u]:first[u + 1]]``, among all other nodes.

    Parameters
    ----------
    points : ndarray, shape (n_nodes, dim)
        Points without NaN that :func:`check_points` has passed.
    first, target : ndarray
        The targets, as in an :class:`EdgeList`. No node is a target of its own.
    manifold : Manifold
        Where the points lie.
    operation : str
        What an error says is in need of something.
    left_out : tuple of ndarray, optional
        The same for nodes that do not count, none of which is a target.
    progress : callable, optional
        Called with the number of children done and that of all, about ten times a second.

    Raises
    ------
    DomainError
        If a point lies outside the manifold.
    DTypeError
        If the manifold has no key that the kernel knows.
    ShapeError
        If the manifold has another number of coordinates.
    """
    space = _rank.Space(*charts(np.asarray(points, np.float64), manifold, operation))
    child = np.flatnonzero(np.diff(first)).astype(np.int32)
    # Only children count from here on: where the targets of one end, those of the next begin.
    starts = np.append(first[child], first[-1]).astype(np.int64)
    skip_starts, skipped = np.zeros(len(child) + 1, np.int64), NOBODY
    if left_out is not None:
        lengths = np.diff(left_out[0])[child]
        np.cumsum(lengths, out=skip_starts[1:])
        within = np.arange(skip_starts[-1]) - np.repeat(skip_starts[:-1], lengths)
        skipped = left_out[1][np.repeat(left_out[0][child], lengths) + within].astype(np.int32)
    found = Ranking(
        child, starts, np.empty(len(target), np.int32), np.empty(len(target), np.int32), np.empty(len(child))
    )
    done, step = 0, _rank.BLOCK
    while done < len(child):
        until, before = min(done + step, len(child)), time.perf_counter()
        space.rank(child, starts, target, skip_starts, skipped, found.nearer, found.found, found.precision, done, until)
        seconds = max(time.perf_counter() - before, 1e-6)
        step = int(np.clip((until - done) * CHUNK_SECONDS / seconds, _rank.BLOCK, 4 * step))
        step = -(-step // (4 * _rank.BLOCK)) * 4 * _rank.BLOCK
        done = until
        if progress is not None:
            progress(done, len(child))
    return found


def charts(
    points: NDArray[np.float64], manifold: Manifold, operation: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[int], list[bool], list[float]]:
    """Return what ``_rank.Space`` needs: coordinates, weights, and the width, curvature and ruler of each factor.

    The coordinates are those of the unit ball for what is hyperbolic, and as they are for what is flat.
    """
    if isinstance(manifold, ProductManifold):
        parts = list(zip(manifold.manifolds, manifold.parts(points), manifold.widths, strict=True))
    else:
        parts = [(manifold, points, points.shape[1])]
    coordinates, weights, widths, curved, rulers = [], [], [], [], []
    for factor, part, width in parts:
        scale = 1.0
        while isinstance(factor, Scaled):
            scale *= _number(factor.scale, operation)
            factor = factor.base
        if isinstance(factor, Euclidean):
            chart, weight, ruler = part, np.ones(len(part)), scale**2
        elif isinstance(factor, HyperbolicManifold):
            chart, weight = _ball(part, factor.detach(), operation)
            ruler = 4.0 * scale**2 / _number(factor.c, operation)
        else:
            raise DTypeError(f"{operation} needs hyperbolic or flat manifolds or a product of them, not {factor!r}")
        coordinates.append(chart)
        weights.append(weight)
        widths.append(width)
        curved.append(not isinstance(factor, Euclidean))
        rulers.append(ruler)
    return np.hstack(coordinates), np.column_stack(weights), widths, curved, rulers


def _ball(
    x: NDArray[np.float64], manifold: HyperbolicManifold, operation: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r"""Return points of the unit ball and their :math:`1/(1 - |x|^2)`.

    Points of other models come by Lorentz's, whose time, with all its digits however far away they are, has the weight:
    :math:`p = x / (1 + x_0)` and :math:`1/(1 - |p|^2) = (1 + x_0)/2`.
    """
    c = _number(manifold.c, operation)
    if isinstance(manifold, PoincareBall):
        return np.sqrt(c) * x, 0.5 * manifold.lambda_x(x)
    spatial = np.sqrt(c) * (x if isinstance(manifold, Lorentz) else manifold.convert(x, "lorentz"))
    time_and_one = 1.0 + np.sqrt(1.0 + sum(column * column for column in spatial.T))
    return spatial / time_and_one[:, None], 0.5 * time_and_one


def _number(value: object, operation: str) -> float:
    values = np.asarray(getattr(value, "data", value), np.float64)
    if values.size != 1:
        raise ShapeError(f"{operation} needs one curvature and one scale for all points, not {values.shape}")
    return float(values.item())

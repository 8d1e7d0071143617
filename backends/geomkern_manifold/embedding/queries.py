"""Questions to the points of an embedding: distances, neighbours, and who is above whom."""

import difflib
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geomkern.errors import DomainError, ShapeError

from ..manifolds import Manifold, ProductManifold

__all__ = ["Queries"]

BLOCK = 1 << 16  # points whose distances are computed at a time


class Queries:
    """Questions to a model with points `embedding_` and names `nodes_`, under the names that gensim has for them.

    All distances are those of the model's manifold, computed in double precision from the stored coordinates. Where a
    method takes a node or a point, an array or a list is a point and anything else is the name of a node.
    """

    embedding_: NDArray[np.floating]
    manifold_: Manifold
    nodes_: list[Hashable]
    _index: dict[Hashable, int]

    def check_fitted(self, operation: str) -> None:
        """Raise DomainError if the model has no points."""
        if not hasattr(self, "embedding_"):
            raise DomainError(f"{operation} needs a model that has been fitted")

    def _publish(self, nodes: list[Hashable], points: NDArray[np.floating], manifold: Manifold) -> None:
        """Set what queries answer from."""
        if getattr(self, "nodes_", None) is not nodes:
            self._index = {name: i for i, name in enumerate(nodes)}
        self.nodes_, self.embedding_, self.manifold_ = nodes, points, manifold

    # ---- points ----------------------------------------------------------------------------------------------------

    def positions(self, nodes: Iterable[Hashable]) -> NDArray[np.intp]:
        """Return the positions of nodes in `nodes_`.

        Raises
        ------
        DomainError
            If a node is not in the model; the message has the names that come closest.
        """
        self.check_fitted("positions")
        return np.array([self._position(name) for name in nodes], np.intp)

    def transform(self, nodes: Iterable[Hashable]) -> NDArray[np.floating]:
        """Return the points of nodes.

        Parameters
        ----------
        nodes : iterable of hashable, length n
            Names.

        Returns
        -------
        ndarray, shape (n, dim)

        Raises
        ------
        DomainError
            If a node is not in the model.
        """
        return self.embedding_[self.positions(nodes)]

    def _position(self, name: Hashable) -> int:
        try:
            return self._index[name]
        except (KeyError, TypeError):
            pass
        texts = (each for each in self.nodes_ if isinstance(each, str))
        near = difflib.get_close_matches(name, texts) if isinstance(name, str) else []
        hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else f" of {len(self.nodes_)} nodes"
        raise DomainError(f"there is no node {name!r} in the embedding{hint}")

    def _point(self, node: Any) -> NDArray[np.float64]:
        self.check_fitted("a query")
        if not isinstance(node, np.ndarray | list):
            return self.embedding_[self._position(node)].astype(np.float64)
        point = np.asarray(node, np.float64)
        if point.shape != (self.embedding_.shape[1],):
            raise ShapeError(f"a query needs a point of {self.embedding_.shape[1]} coordinates, not {point.shape}")
        return point

    # ---- distances -------------------------------------------------------------------------------------------------

    def distance(self, u: Any, v: Any) -> float:
        """Return the distance of two nodes or points.

        Raises
        ------
        DomainError
            If a node is not in the model, or a point not on its manifold.

        Examples
        --------
        >>> from geomkern_manifold.embedding import HyperbolicEmbedding
        >>> edges = [("cat", "mammal"), ("dog", "mammal"), ("mammal", "animal"), ("cat", "animal"), ("dog", "animal")]
        >>> model = HyperbolicEmbedding(dim=2, epochs=100, rng=0, deterministic=True).fit(edges)
        >>> model.distance("cat", "mammal") < model.distance("cat", "dog")
        True
        """
        x, y = self._point(u), self._point(v)
        return float(self.manifold_.dist(x, y))

    def distances(self, u: Any, others: Iterable[Hashable] | None = None) -> NDArray[np.float64]:
        """Return the distances of a node or point from others, or from all nodes.

        Parameters
        ----------
        u : node or point
            From where.
        others : iterable of hashable, length n, optional
            Nodes; all, in the order of `nodes_`, if not given.

        Returns
        -------
        ndarray, shape (n,)
        """
        point = self._point(u)
        points = self.embedding_ if others is None else self.transform(others)
        manifold = self.manifold_
        return self._blockwise(points, lambda block: manifold.dist(point, block))

    def similarity(self, u: Any, v: Any) -> float:
        """Return 1/(1 + d) for the distance d of two nodes or points: 1 where they are equal."""
        return 1.0 / (1.0 + self.distance(u, v))

    def most_similar(
        self, node: Any, topn: int | None = 10, among: Iterable[Hashable] | None = None
    ) -> list[tuple[Hashable, float]]:
        """Return the nearest nodes to a node or point.

        Parameters
        ----------
        node : node or point
            Where to search. A node is not its own neighbour.
        topn : int or None
            How many; None for all.
        among : iterable of hashable, optional
            The nodes to choose from; all if not given.

        Returns
        -------
        list of (node, distance)
            The nearest first; of equally near ones, the one first in `nodes_`.

        Examples
        --------
        >>> from geomkern_manifold.embedding import HyperbolicEmbedding
        >>> edges = [("cat", "mammal"), ("dog", "mammal"), ("mammal", "animal"), ("cat", "animal"), ("dog", "animal")]
        >>> model = HyperbolicEmbedding(dim=2, epochs=100, rng=0, deterministic=True).fit(edges)
        >>> sorted(name for name, _ in model.most_similar("cat", topn=2))
        ['animal', 'mammal']
        """
        distance = self.distances(node)
        chosen = np.arange(len(distance)) if among is None else np.unique(self.positions(among))
        if not isinstance(node, np.ndarray | list):
            chosen = chosen[chosen != self._position(node)]
        nearest = chosen[np.argsort(distance[chosen], kind="stable")[:topn]]
        return [(self.nodes_[i], float(distance[i])) for i in nearest]

    def most_similar_to_given(self, node: Any, nodes: Sequence[Hashable]) -> Hashable:
        """Return the nearest of `nodes` to a node or point."""
        return nodes[int(np.argmin(self.distances(node, nodes)))]

    def closer_than(self, u: Hashable, v: Hashable) -> list[Hashable]:
        """Return the nodes that are nearer to node u than node v is."""
        distance = self.distances(u)
        nearer = distance < distance[self._position(v)]
        nearer[self._position(u)] = False
        return [self.nodes_[i] for i in np.flatnonzero(nearer)]

    def rank(self, u: Hashable, v: Hashable) -> int:
        """Return the rank of node v among the neighbours of node u: 1 where no other is nearer."""
        return len(self.closer_than(u, v)) + 1

    # ---- the hierarchy ---------------------------------------------------------------------------------------------

    def norm(self, node: Any) -> float:
        """Return how far out a node or point is: the Euclidean norm of its coordinates.

        In a hierarchy that has been embedded, what is general has a small norm and what is special a large one. A
        product of manifolds has no chart of its own; there the norm is the distance from the origin.
        """
        return float(self._norms(self._point(node)[None])[0])

    def difference_in_hierarchy(self, u: Any, v: Any) -> float:
        """Return the norm of v less that of u: positive where u is above v."""
        return self.norm(v) - self.norm(u)

    def closest_parent(self, node: Hashable) -> Hashable | None:
        """Return the nearest of the nodes with a smaller norm, None where there are none."""
        norms = self._all_norms()
        return self._nearest(node, norms < norms[self._position(node)])

    def closest_child(self, node: Hashable) -> Hashable | None:
        """Return the nearest of the nodes with a larger norm, None where there are none."""
        norms = self._all_norms()
        return self._nearest(node, norms > norms[self._position(node)])

    def ancestors(self, node: Hashable) -> list[Hashable]:
        """Return the closest parent of a node, the closest parent of that, and so on.

        Examples
        --------
        >>> from geomkern_manifold.embedding import HyperbolicEmbedding
        >>> edges = [("cat", "mammal"), ("dog", "mammal"), ("mammal", "animal"), ("cat", "animal"), ("dog", "animal")]
        >>> model = HyperbolicEmbedding(dim=3, epochs=10, rng=0, deterministic=True).fit(edges)
        >>> model.ancestors("cat")
        ['mammal', 'animal']
        """
        return self._chain(node, up=True, most=None)

    def descendants(self, node: Hashable, max_depth: int = 5) -> list[Hashable]:
        """Return the closest child of a node, the closest child of that, and so on, `max_depth` of them at most."""
        return self._chain(node, up=False, most=max_depth)

    def _chain(self, node: Hashable, up: bool, most: int | None) -> list[Hashable]:
        norms = self._all_norms()
        found: list[Hashable] = []
        following: Hashable | None = node
        while most is None or len(found) < most:
            here = norms[self._position(following)]
            following = self._nearest(following, norms < here if up else norms > here)
            if following is None:
                break
            found.append(following)
        return found

    def _nearest(self, node: Hashable, among: NDArray[np.bool_]) -> Hashable | None:
        if not among.any():
            return None
        return self.nodes_[int(np.argmin(np.where(among, self.distances(node), np.inf)))]

    def _all_norms(self) -> NDArray[np.float64]:
        self.check_fitted("a query")
        return self._blockwise(self.embedding_, self._norms)

    def _norms(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        manifold = self.manifold_
        return manifold.dist0(points) if isinstance(manifold, ProductManifold) else np.linalg.norm(points, axis=-1)

    def _blockwise(self, points: NDArray[np.floating], measure: Any) -> NDArray[np.float64]:
        found = np.empty(len(points))
        for i in range(0, len(points), BLOCK):
            found[i : i + BLOCK] = measure(points[i : i + BLOCK].astype(np.float64))
        return found

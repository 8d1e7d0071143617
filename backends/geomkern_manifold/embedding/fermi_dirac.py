"""Probabilities of links: the distribution of Fermi and Dirac over distances."""

from collections.abc import Hashable, Iterable

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from geomkern.errors import DomainError, ShapeError

from .edges import EdgeList
from .queries import Queries

__all__ = ["Links", "fit_links", "sample_pairs"]

MOST = 20_000
"""How many edges, and how many pairs without one, a fit looks at."""

DRAWS = 32
"""How many pairs are drawn for each pair without an edge before a graph counts as full."""

LEAST_SLOPE = 1e-6


class Links(Queries):
    """What a model says about links that it was not told of."""

    radius: float | None
    temperature: float | None
    edges_: EdgeList
    seed_: int

    def predict_proba(self, pairs: Iterable[tuple[Hashable, Hashable]]) -> NDArray[np.float64]:
        r"""Return the probabilities that pairs of nodes are linked.

        .. math:: P(u, v) = \frac{1}{e^{(d(u, v) - r)/t} + 1}

        The radius r and the temperature t are parameters of the model. If they were not given, they are fitted at the
        first use, by maximum likelihood, to at most 20,000 of the training edges and as many pairs of nodes that have
        no edge either way; they are then `radius_` and `temperature_`. The probabilities are those of a world with as
        many links as other pairs.

        Parameters
        ----------
        pairs : iterable of (node, node), length n
            Names.

        Returns
        -------
        ndarray, shape (n, 2)
            The probabilities of no link and of a link.

        Raises
        ------
        DomainError
            If a node is not in the model; or if there is nothing to fit r and t to: the model was loaded without edges,
            or every pair is an edge.

        References
        ----------
        Krioukov, Papadopoulos, Kitsak, Vahdat and Boguñá (2010), Hyperbolic geometry of complex networks.

        Examples
        --------
        >>> from geomkern_manifold.embedding import HyperbolicEmbedding, read_edges
        >>> model = HyperbolicEmbedding(dim=5, rng=0, epochs=50, deterministic=True).fit(read_edges("mammals"))
        >>> p = model.predict_proba([("lion.n.01", "feline.n.01"), ("lion.n.01", "dolphin.n.02")])
        >>> p.shape, bool(p[0, 1] > 0.5 > p[1, 1])
        ((2, 2), True)
        """
        self.check_fitted("predict_proba")
        names = [tuple(pair) for pair in pairs]
        if any(len(pair) != 2 for pair in names):
            raise ShapeError("predict_proba needs pairs of nodes")
        ends = self.positions(name for pair in names for name in pair).reshape(-1, 2)
        radius, temperature = self._link_parameters()
        score = (radius - self._pair_distances(ends)) / temperature
        return np.stack([special.expit(-score), special.expit(score)], axis=1)

    def _link_parameters(self) -> tuple[float, float]:
        if self.radius is not None and self.temperature is not None:
            return self.radius, self.temperature
        if not hasattr(self, "radius_"):
            if not hasattr(self, "edges_"):
                raise DomainError("predict_proba needs radius and temperature where a model was loaded without edges")
            linked, others = (self._pair_distances(pairs) for pairs in sample_pairs(self.edges_, self.seed_))
            self.radius_, self.temperature_ = fit_links(linked, others)
        return self.radius_, self.temperature_

    def _forget_links(self) -> None:
        """Let the next use fit again, for the points have moved."""
        vars(self).pop("radius_", None)
        vars(self).pop("temperature_", None)

    def _pair_distances(self, pairs: NDArray[np.intp]) -> NDArray[np.float64]:
        points = self.embedding_[pairs].astype(np.float64)
        return self.manifold_.dist(points[:, 0], points[:, 1])


def fit_links(linked: NDArray[np.float64], others: NDArray[np.float64]) -> tuple[float, float]:
    """Return the radius and the temperature of greatest likelihood.

    With a = r/t and b = 1/t the likelihood is that of a logistic regression on the distance, whose logarithm is
    concave. Where the distances separate the two kinds it has no maximum; the targets are therefore those of Platt
    (1999), (n + 1)/(n + 2) for n links and 1/(m + 2) for m others.

    Parameters
    ----------
    linked, others : ndarray, shape (n,), (m,)
        The distances of pairs with a link and of pairs without.
    """
    distance = np.concatenate([linked, others])
    n, m = len(linked), len(others)
    target = np.concatenate([np.full(n, (n + 1) / (n + 2)), np.full(m, 1 / (m + 2))])
    scale = distance.mean() or 1.0
    x = distance / scale

    def loss(ab: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        score = ab[0] - ab[1] * x
        error = special.expit(score) - target
        return float(np.mean(np.logaddexp(0.0, score) - target * score)), np.array([error.mean(), -(error * x).mean()])

    found = optimize.minimize(loss, np.array([1.0, 1.0]), jac=True, bounds=[(None, None), (LEAST_SLOPE, None)],
                              options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 500})  # fmt: skip
    a, b = found.x
    return float(a / b * scale), float(scale / b)


def sample_pairs(edges: EdgeList, seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Draw edges, and as many pairs of nodes without an edge either way.

    Returns
    -------
    linked, others : ndarray of shape (n, 2), (m, 2)

    Raises
    ------
    DomainError
        If there are no such pairs.
    """
    rng = np.random.default_rng(seed)
    chosen = np.arange(len(edges.parent))
    if len(chosen) > MOST:
        chosen = rng.choice(chosen, MOST, replace=False)
    linked = np.column_stack([edges.child[chosen], edges.parent[chosen]]).astype(np.intp)
    n = len(edges.nodes)
    child, parent = edges.child.astype(np.int64), edges.parent.astype(np.int64)
    code = np.sort(np.concatenate([child * n + parent, parent * n + child]))
    u, v = rng.integers(n, size=(2, DRAWS * len(chosen)))
    key = u * n + v
    free = (u != v) & (code[np.minimum(np.searchsorted(code, key), len(code) - 1)] != key)
    others = np.column_stack([u[free], v[free]])[: len(chosen)]
    if not len(others):
        raise DomainError("link probabilities cannot be fitted where every pair of nodes is an edge: "
                          "give radius and temperature")  # fmt: skip
    return linked, others

"""A trained model: what it holds, how good it is, and its files."""

import os
from typing import Self

import numpy as np
from numpy.typing import NDArray

from geomkern.errors import DomainError

from .edges import EdgeList
from .evaluation import Reconstruction, reconstruction
from .fermi_dirac import Links
from .geometry import Geometry, make_manifold
from .graphs import Edges, as_edge_list, between, both_ways
from .parameters import NOT_STORED, Parameters
from .persistence import check_suffix, load_npz, load_points, save_npz, save_points
from .ranking import Progress
from .run import Run

__all__ = ["Model"]


class Model(Parameters, Links):
    """Points with names, perhaps the run that they come from, and the edges of that."""

    dim: int
    manifold: Geometry
    symmetric: bool
    _run: Run

    def evaluate(self, edges: Edges | None = None, *, progress: Progress | None = None) -> Reconstruction:
        """Return the mean rank and the mean average precision with which edges are reconstructed.

        The figures are defined by :func:`reconstruction`.

        Parameters
        ----------
        edges : EdgeList, iterable of (child, parent), or ndarray of shape (n_edges, 2), optional
            Edges between nodes of the model; those trained on if not given.
        progress : callable, optional
            Called about ten times a second with the number of nodes done and that of all.

        Raises
        ------
        DomainError
            If the model is not fitted, a node of `edges` is not in it, or it has no edges of its own and is given none.
        """
        known = self.known_edges("evaluate", edges)
        return self.quality(self.embedding_, known, progress)

    def known_edges(self, operation: str, edges: Edges | None = None) -> EdgeList:
        """Return edges by the positions of their nodes in the model: those given, or those trained on.

        Raises
        ------
        DomainError
            If the model is not fitted, a node is not in it, or no edges are given and it has none of its own.
        """
        self.check_fitted(operation)
        if edges is not None:
            return between(self._directed(edges), self.nodes_, self._index)
        if not hasattr(self, "edges_"):
            raise DomainError(f"{operation} needs edges, and this model was loaded without")
        return self.edges_

    def quality(
        self, points: NDArray[np.floating], edges: EdgeList, progress: Progress | None = None
    ) -> Reconstruction:
        """Return how well points of the model's space reconstruct edges."""
        return reconstruction(points, edges, make_manifold(self.manifold, self.dim), progress=progress)

    def _directed(self, edges: Edges) -> EdgeList:
        given = as_edge_list(edges)
        return both_ways(given) if self.symmetric else given

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model: as ``.npz`` to use and to continue it, otherwise its names and points.

        ``.txt`` and ``.vec`` are the text of word2vec, which gensim's ``KeyedVectors.load_word2vec_format`` reads: a
        line ``n_nodes dim``, then a line for each node, a name and its coordinates, separated by spaces. ``.tsv`` has
        tabs instead, and so room for names with spaces. ``.bin`` is word2vec's binary format (gensim's
        ``binary=True``). A file that exists is replaced as a whole.

        Raises
        ------
        FormatError
            If the suffix is none of these, or a name cannot be written in that format.
        OSError
            If the file cannot be written.
        """
        self.check_fitted("save")
        if check_suffix(path) == ".npz":
            self.known_edges("save as .npz")
            self._write(path)
        else:
            save_points(path, self.nodes_, self.embedding_)

    def _write(self, path: str | os.PathLike[str]) -> None:
        params = {name: value for name, value in self.get_params().items() if name not in NOT_STORED}
        save_npz(path, self._run.points(), self._run.edges, {"params": params, "run": self._run.state()})

    @classmethod
    def load(cls, path: str | os.PathLike[str], manifold: Geometry = "poincare") -> Self:
        """Read a model that :meth:`save` wrote, or points that another library wrote in word2vec's formats.

        Points alone can be asked and drawn, and evaluated on edges that are given; they cannot be trained.

        Parameters
        ----------
        path : str or os.PathLike
            The file, in a format of :meth:`save`.
        manifold : {"poincare", "lorentz", "euclidean"} or sequence of (str, int)
            The space of points from word2vec's formats, which do not say it.

        Raises
        ------
        FormatError
            If the file is not such a model.
        DomainError
            If the points do not lie in the space.
        OSError
            If the file cannot be read.
        """
        if check_suffix(path) == ".npz":
            points, edges, state = load_npz(path)
            run = Run.resumed(points, edges, state["run"])
            model = cls(**{**state["params"], "dim": run.dim, "manifold": run.geometry})
            model._show(run)
            return model
        nodes, points = load_points(path)
        model = cls(**{"dim": points.shape[1], "manifold": manifold, "dtype": points.dtype.name})
        space = make_manifold(manifold, points.shape[1])
        space.dist0(points)  # says which point is none of the space
        model._publish(list(nodes), points, space)
        return model

    def _show(self, run: Run) -> None:
        """Set the attributes that a run ends with."""
        self._run = run
        self._publish(run.edges.nodes, run.points(), make_manifold(run.parts, run.dim))
        self.edges_, self.seed_, self.epochs_done_, self.interrupted_ = run.edges, run.seed, run.epochs, run.interrupted
        self.loss_, self.scores_ = np.array(run.losses), np.array(run.scores)
        self.seconds_, self.pairs_ = run.seconds, run.pairs
        self._forget_links()

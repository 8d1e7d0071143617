"""Hyperbolic embeddings of hierarchies and other graphs."""

from .edges import BUILT_IN, EdgeList, index_edges, read_edges
from .estimator import HyperbolicEmbedding
from .evaluation import Reconstruction, reconstruction
from .geometry import format_geometry, make_manifold, parse_geometry
from .hierarchy import SpanningTree, circular_layout, spanning_tree, transitive_reduction
from .run import TrainingProgress

__all__ = [
    "BUILT_IN",
    "EdgeList",
    "HyperbolicEmbedding",
    "Reconstruction",
    "SpanningTree",
    "TrainingProgress",
    "circular_layout",
    "format_geometry",
    "index_edges",
    "make_manifold",
    "parse_geometry",
    "read_edges",
    "reconstruction",
    "spanning_tree",
    "transitive_reduction",
]

"""Hyperbolic embeddings of hierarchies and other graphs."""

from .edges import BUILT_IN, EdgeList, index_edges, read_edges
from .estimator import HyperbolicEmbedding, TrainingProgress
from .evaluation import Reconstruction, reconstruction
from .hierarchy import SpanningTree, circular_layout, spanning_tree, transitive_reduction

__all__ = [
    "BUILT_IN",
    "EdgeList",
    "HyperbolicEmbedding",
    "Reconstruction",
    "SpanningTree",
    "TrainingProgress",
    "circular_layout",
    "index_edges",
    "read_edges",
    "reconstruction",
    "spanning_tree",
    "transitive_reduction",
]

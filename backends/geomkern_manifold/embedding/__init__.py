"""Hyperbolic embeddings of hierarchies and other graphs."""

from .edges import EdgeList, EdgeReport, index_edges
from .estimator import HyperbolicEmbedding, TrainingProgress
from .evaluation import Reconstruction, reconstruction
from .hierarchy import SpanningTree, circular_layout, spanning_tree, transitive_reduction
from .reading import BUILT_IN, read_edges
from .wordnet import wordnet_closure

__all__ = [
    "BUILT_IN",
    "EdgeList",
    "EdgeReport",
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
    "wordnet_closure",
]

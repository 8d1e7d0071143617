"""Hyperbolic embeddings of hierarchies and other graphs."""

from .edges import BUILT_IN, EdgeList, index_edges, read_edges
from .entailment import is_a_score, lexical_entailment
from .estimator import HyperbolicEmbedding, TrainingProgress
from .evaluation import DepthReconstruction, Reconstruction, reconstruction, reconstruction_by_depth
from .graph_distances import Distortion, distortion
from .hierarchy import SpanningTree, circular_layout, spanning_tree, transitive_reduction
from .links import LinkPrediction, link_prediction, link_prediction_split

__all__ = [
    "BUILT_IN",
    "DepthReconstruction",
    "Distortion",
    "EdgeList",
    "HyperbolicEmbedding",
    "LinkPrediction",
    "Reconstruction",
    "SpanningTree",
    "TrainingProgress",
    "circular_layout",
    "distortion",
    "index_edges",
    "is_a_score",
    "lexical_entailment",
    "link_prediction",
    "link_prediction_split",
    "read_edges",
    "reconstruction",
    "reconstruction_by_depth",
    "spanning_tree",
    "transitive_reduction",
]

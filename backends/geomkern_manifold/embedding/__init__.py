"""Hyperbolic embeddings of hierarchies and other graphs."""

from .edges import EdgeList, EdgeReport, index_edges
from .entailment import is_a_score, lexical_entailment
from .estimator import HyperbolicEmbedding
from .evaluation import DepthReconstruction, Reconstruction, reconstruction, reconstruction_by_depth
from .geometry import format_geometry, make_manifold, parse_geometry
from .graph_distances import Distortion, distortion
from .hierarchy import SpanningTree, spanning_tree, transitive_reduction
from .layouts import circular_layout, packed_layout
from .links import LinkPrediction, link_prediction, link_prediction_split
from .reading import BUILT_IN, read_edges
from .run import TrainingProgress
from .wordnet import wordnet_closure

__all__ = [
    "BUILT_IN",
    "DepthReconstruction",
    "Distortion",
    "EdgeList",
    "EdgeReport",
    "HyperbolicEmbedding",
    "LinkPrediction",
    "Reconstruction",
    "SpanningTree",
    "TrainingProgress",
    "circular_layout",
    "distortion",
    "format_geometry",
    "index_edges",
    "is_a_score",
    "lexical_entailment",
    "link_prediction",
    "link_prediction_split",
    "make_manifold",
    "packed_layout",
    "parse_geometry",
    "read_edges",
    "reconstruction",
    "reconstruction_by_depth",
    "spanning_tree",
    "transitive_reduction",
    "wordnet_closure",
]

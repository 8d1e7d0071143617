"""Nearest neighbours and clusters in hyperbolic space, in memory that does not grow with the square of the points."""

from .clustering import KMeans, KMedoids, linkage
from .metric import PairwiseMetric, condensed_dist
from .search import knn, radius_graph, radius_neighbors

__all__ = [
    "KMeans",
    "KMedoids",
    "PairwiseMetric",
    "condensed_dist",
    "knn",
    "linkage",
    "radius_graph",
    "radius_neighbors",
]

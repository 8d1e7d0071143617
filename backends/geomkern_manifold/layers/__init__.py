"""Layers whose inputs, outputs or parameters live on a manifold."""

from .activation import AnchorGeodesicActivation, TangentActivation
from .attention import HyperbolicAttention
from .base import ManifoldLayer
from .bridges import FromManifold, ToManifold
from .butterfly import HyperButterfly
from .graph import HyperbolicGraphConv
from .heads import BusemannFeatures, DynamicCurvature
from .interpolation import GeodesicInterp
from .poincare_linear import PoincareLinear
from .recurrent import HyperbolicGRUCell

__all__ = [
    "AnchorGeodesicActivation",
    "BusemannFeatures",
    "DynamicCurvature",
    "FromManifold",
    "GeodesicInterp",
    "HyperButterfly",
    "HyperbolicAttention",
    "HyperbolicGRUCell",
    "HyperbolicGraphConv",
    "ManifoldLayer",
    "PoincareLinear",
    "TangentActivation",
    "ToManifold",
]

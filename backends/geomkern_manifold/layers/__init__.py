"""Layers whose inputs, outputs or parameters live on a manifold."""

from .activation import AnchorGeodesicActivation, TangentActivation
from .attention import HyperbolicAttention
from .base import ManifoldLayer
from .batch_norm import HyperbolicBatchNorm
from .bridges import FromManifold, ToManifold
from .butterfly import HyperButterfly
from .graph import HyperbolicGraphConv
from .heads import BusemannFeatures, DynamicCurvature
from .interpolation import GeodesicInterp, gyro_mix, klein_layer, lorentz_layer, poincare_ball_layer
from .linear import HyperbolicLinear
from .lorentz_linear import LorentzLinear
from .planes import HyperbolicMLR, PoincareFC, UnidirectionalMLR
from .recurrent import HyperbolicGRUCell

__all__ = [
    "AnchorGeodesicActivation",
    "BusemannFeatures",
    "DynamicCurvature",
    "FromManifold",
    "GeodesicInterp",
    "HyperButterfly",
    "HyperbolicAttention",
    "HyperbolicBatchNorm",
    "HyperbolicGRUCell",
    "HyperbolicGraphConv",
    "HyperbolicLinear",
    "HyperbolicMLR",
    "LorentzLinear",
    "ManifoldLayer",
    "PoincareFC",
    "TangentActivation",
    "ToManifold",
    "UnidirectionalMLR",
    "gyro_mix",
    "klein_layer",
    "lorentz_layer",
    "poincare_ball_layer",
]

"""Pictures of the hyperbolic plane, on matplotlib (the optional extra ``plot``).

All functions draw into the model of the plane that the axes show (:func:`canvas`), take points of any manifold
(``manifold=``) and return what they have drawn, as matplotlib does.
"""

from .canvas import PAPER as PAPER
from .canvas import canvas
from .canvas import pyplot as pyplot
from .curves import circles, geodesics, lines, points, polygons, segments
from .fields import heat
from .hierarchy import SUFFIXES, disk_view, embedding, poincare_disk, readable, recentre, save_embedding
from .motion import trajectories
from .tilings import tiles, tiling

__all__ = [
    "SUFFIXES",
    "canvas",
    "circles",
    "disk_view",
    "embedding",
    "geodesics",
    "heat",
    "lines",
    "poincare_disk",
    "points",
    "polygons",
    "readable",
    "recentre",
    "save_embedding",
    "segments",
    "tiles",
    "tiling",
    "trajectories",
]

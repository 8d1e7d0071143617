"""Spectral tools: Chebyshev series, graphs on manifolds, heat kernels, the Helgason transform, spherical harmonics."""

from .chebyshev import cheb_deriv, cheb_eval, cheb_fit, cheb_int, cheb_nodes
from .filters import cheb_filter, graph_diffusion, spectral_conv
from .graph import (
    geodesic_distance_matrix,
    graph_eigenmaps,
    graph_laplacian,
    graph_spectrum,
    heat_weights,
    keep_nearest,
)
from .harmonics import spherical_harmonics
from .heat import heat_kernel
from .helgason import helgason_grid, helgason_inverse, helgason_transform
from .laplace_beltrami import laplace_beltrami, laplace_beltrami_grid

__all__ = [
    "cheb_deriv",
    "cheb_eval",
    "cheb_filter",
    "cheb_fit",
    "cheb_int",
    "cheb_nodes",
    "geodesic_distance_matrix",
    "graph_diffusion",
    "graph_eigenmaps",
    "graph_laplacian",
    "graph_spectrum",
    "heat_kernel",
    "heat_weights",
    "helgason_grid",
    "helgason_inverse",
    "helgason_transform",
    "keep_nearest",
    "laplace_beltrami",
    "laplace_beltrami_grid",
    "spectral_conv",
    "spherical_harmonics",
]

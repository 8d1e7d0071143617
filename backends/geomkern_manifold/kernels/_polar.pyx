"""The polar chart: compiled kernels (derivations in the headers)."""

from geomkern.kernels.rows cimport gk_row_kernel, row_kernels

cdef extern from "polar_metric.h":
    const gk_row_kernel POLAR_DIST
    const gk_row_kernel POLAR_DIST_VJP
    const gk_row_kernel POLAR_DIST0
    const gk_row_kernel POLAR_DIST0_VJP
    const gk_row_kernel POLAR_INNER
    const gk_row_kernel POLAR_INNER_VJP
    const gk_row_kernel POLAR_NORM
    const gk_row_kernel POLAR_NORM_VJP
    const gk_row_kernel POLAR_EGRAD2RGRAD
    const gk_row_kernel POLAR_EGRAD2RGRAD_VJP

cdef extern from "polar_maps.h":
    const gk_row_kernel POLAR_EXPMAP
    const gk_row_kernel POLAR_EXPMAP_VJP
    const gk_row_kernel POLAR_LOGMAP
    const gk_row_kernel POLAR_LOGMAP_VJP
    const gk_row_kernel POLAR_GEODESIC
    const gk_row_kernel POLAR_GEODESIC_VJP
    const gk_row_kernel POLAR_TRANSP
    const gk_row_kernel POLAR_TRANSP_VJP

polar_dist, polar_dist_vjp = row_kernels(&POLAR_DIST, &POLAR_DIST_VJP)
polar_dist0, polar_dist0_vjp = row_kernels(&POLAR_DIST0, &POLAR_DIST0_VJP)
polar_inner, polar_inner_vjp = row_kernels(&POLAR_INNER, &POLAR_INNER_VJP)
polar_norm, polar_norm_vjp = row_kernels(&POLAR_NORM, &POLAR_NORM_VJP)
polar_egrad2rgrad, polar_egrad2rgrad_vjp = row_kernels(&POLAR_EGRAD2RGRAD, &POLAR_EGRAD2RGRAD_VJP)
polar_expmap, polar_expmap_vjp = row_kernels(&POLAR_EXPMAP, &POLAR_EXPMAP_VJP)
polar_logmap, polar_logmap_vjp = row_kernels(&POLAR_LOGMAP, &POLAR_LOGMAP_VJP)
polar_geodesic, polar_geodesic_vjp = row_kernels(&POLAR_GEODESIC, &POLAR_GEODESIC_VJP)
polar_transp, polar_transp_vjp = row_kernels(&POLAR_TRANSP, &POLAR_TRANSP_VJP)

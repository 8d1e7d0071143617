"""Lorentz's model: compiled kernels (derivations in the headers)."""

from geomkern.kernels.rows cimport gk_row_kernel, row_kernels

cdef extern from "lorentz_metric.h":
    const gk_row_kernel LORENTZ_TIME
    const gk_row_kernel LORENTZ_TIME_VJP
    const gk_row_kernel LORENTZ_DIST
    const gk_row_kernel LORENTZ_DIST_VJP
    const gk_row_kernel LORENTZ_DIST0
    const gk_row_kernel LORENTZ_DIST0_VJP
    const gk_row_kernel LORENTZ_INNER
    const gk_row_kernel LORENTZ_INNER_VJP
    const gk_row_kernel LORENTZ_NORM
    const gk_row_kernel LORENTZ_NORM_VJP
    const gk_row_kernel LORENTZ_EGRAD2RGRAD
    const gk_row_kernel LORENTZ_EGRAD2RGRAD_VJP

cdef extern from "lorentz_maps.h":
    const gk_row_kernel LORENTZ_EXPMAP0
    const gk_row_kernel LORENTZ_EXPMAP0_VJP
    const gk_row_kernel LORENTZ_LOGMAP0
    const gk_row_kernel LORENTZ_LOGMAP0_VJP
    const gk_row_kernel LORENTZ_EXPMAP
    const gk_row_kernel LORENTZ_EXPMAP_VJP
    const gk_row_kernel LORENTZ_LOGMAP
    const gk_row_kernel LORENTZ_LOGMAP_VJP
    const gk_row_kernel LORENTZ_GEODESIC
    const gk_row_kernel LORENTZ_GEODESIC_VJP
    const gk_row_kernel LORENTZ_TRANSP
    const gk_row_kernel LORENTZ_TRANSP_VJP

lorentz_time, lorentz_time_vjp = row_kernels(&LORENTZ_TIME, &LORENTZ_TIME_VJP)
lorentz_dist, lorentz_dist_vjp = row_kernels(&LORENTZ_DIST, &LORENTZ_DIST_VJP)
lorentz_dist0, lorentz_dist0_vjp = row_kernels(&LORENTZ_DIST0, &LORENTZ_DIST0_VJP)
lorentz_inner, lorentz_inner_vjp = row_kernels(&LORENTZ_INNER, &LORENTZ_INNER_VJP)
lorentz_norm, lorentz_norm_vjp = row_kernels(&LORENTZ_NORM, &LORENTZ_NORM_VJP)
lorentz_egrad2rgrad, lorentz_egrad2rgrad_vjp = row_kernels(&LORENTZ_EGRAD2RGRAD, &LORENTZ_EGRAD2RGRAD_VJP)
lorentz_expmap0, lorentz_expmap0_vjp = row_kernels(&LORENTZ_EXPMAP0, &LORENTZ_EXPMAP0_VJP)
lorentz_logmap0, lorentz_logmap0_vjp = row_kernels(&LORENTZ_LOGMAP0, &LORENTZ_LOGMAP0_VJP)
lorentz_expmap, lorentz_expmap_vjp = row_kernels(&LORENTZ_EXPMAP, &LORENTZ_EXPMAP_VJP)
lorentz_logmap, lorentz_logmap_vjp = row_kernels(&LORENTZ_LOGMAP, &LORENTZ_LOGMAP_VJP)
lorentz_geodesic, lorentz_geodesic_vjp = row_kernels(&LORENTZ_GEODESIC, &LORENTZ_GEODESIC_VJP)
lorentz_transp, lorentz_transp_vjp = row_kernels(&LORENTZ_TRANSP, &LORENTZ_TRANSP_VJP)

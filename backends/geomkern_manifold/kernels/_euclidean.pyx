"""Flat space: compiled kernels."""

from geomkern.kernels.rows cimport gk_row_kernel, row_kernels

cdef extern from "euclidean.h":
    const gk_row_kernel EUCLIDEAN_DIST
    const gk_row_kernel EUCLIDEAN_DIST_VJP
    const gk_row_kernel EUCLIDEAN_DIST0
    const gk_row_kernel EUCLIDEAN_DIST0_VJP
    const gk_row_kernel EUCLIDEAN_INNER
    const gk_row_kernel EUCLIDEAN_INNER_VJP
    const gk_row_kernel EUCLIDEAN_NORM
    const gk_row_kernel EUCLIDEAN_NORM_VJP
    const gk_row_kernel EUCLIDEAN_EGRAD2RGRAD
    const gk_row_kernel EUCLIDEAN_EGRAD2RGRAD_VJP
    const gk_row_kernel EUCLIDEAN_EXPMAP
    const gk_row_kernel EUCLIDEAN_EXPMAP_VJP
    const gk_row_kernel EUCLIDEAN_LOGMAP
    const gk_row_kernel EUCLIDEAN_LOGMAP_VJP
    const gk_row_kernel EUCLIDEAN_EXPMAP0
    const gk_row_kernel EUCLIDEAN_EXPMAP0_VJP
    const gk_row_kernel EUCLIDEAN_LOGMAP0
    const gk_row_kernel EUCLIDEAN_LOGMAP0_VJP
    const gk_row_kernel EUCLIDEAN_GEODESIC
    const gk_row_kernel EUCLIDEAN_GEODESIC_VJP
    const gk_row_kernel EUCLIDEAN_TRANSP
    const gk_row_kernel EUCLIDEAN_TRANSP_VJP

euclidean_dist, euclidean_dist_vjp = row_kernels(&EUCLIDEAN_DIST, &EUCLIDEAN_DIST_VJP)
euclidean_dist0, euclidean_dist0_vjp = row_kernels(&EUCLIDEAN_DIST0, &EUCLIDEAN_DIST0_VJP)
euclidean_inner, euclidean_inner_vjp = row_kernels(&EUCLIDEAN_INNER, &EUCLIDEAN_INNER_VJP)
euclidean_norm, euclidean_norm_vjp = row_kernels(&EUCLIDEAN_NORM, &EUCLIDEAN_NORM_VJP)
euclidean_egrad2rgrad, euclidean_egrad2rgrad_vjp = row_kernels(&EUCLIDEAN_EGRAD2RGRAD, &EUCLIDEAN_EGRAD2RGRAD_VJP)
euclidean_expmap, euclidean_expmap_vjp = row_kernels(&EUCLIDEAN_EXPMAP, &EUCLIDEAN_EXPMAP_VJP)
euclidean_logmap, euclidean_logmap_vjp = row_kernels(&EUCLIDEAN_LOGMAP, &EUCLIDEAN_LOGMAP_VJP)
euclidean_expmap0, euclidean_expmap0_vjp = row_kernels(&EUCLIDEAN_EXPMAP0, &EUCLIDEAN_EXPMAP0_VJP)
euclidean_logmap0, euclidean_logmap0_vjp = row_kernels(&EUCLIDEAN_LOGMAP0, &EUCLIDEAN_LOGMAP0_VJP)
euclidean_geodesic, euclidean_geodesic_vjp = row_kernels(&EUCLIDEAN_GEODESIC, &EUCLIDEAN_GEODESIC_VJP)
euclidean_transp, euclidean_transp_vjp = row_kernels(&EUCLIDEAN_TRANSP, &EUCLIDEAN_TRANSP_VJP)

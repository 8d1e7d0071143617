"""The half-space: compiled kernels (derivations in the headers)."""

from geomkern.kernels.rows cimport gk_row_kernel, row_kernels

cdef extern from "half_space_metric.h":
    const gk_row_kernel HALF_SPACE_DIST
    const gk_row_kernel HALF_SPACE_DIST_VJP
    const gk_row_kernel HALF_SPACE_LAMBDA_X
    const gk_row_kernel HALF_SPACE_LAMBDA_X_VJP
    const gk_row_kernel HALF_SPACE_INNER
    const gk_row_kernel HALF_SPACE_INNER_VJP
    const gk_row_kernel HALF_SPACE_NORM
    const gk_row_kernel HALF_SPACE_NORM_VJP
    const gk_row_kernel HALF_SPACE_EGRAD2RGRAD
    const gk_row_kernel HALF_SPACE_EGRAD2RGRAD_VJP
    const gk_row_kernel HALF_SPACE_PROJX
    const gk_row_kernel HALF_SPACE_PROJX_VJP

cdef extern from "half_space_maps.h":
    const gk_row_kernel HALF_SPACE_EXPMAP
    const gk_row_kernel HALF_SPACE_EXPMAP_VJP
    const gk_row_kernel HALF_SPACE_LOGMAP
    const gk_row_kernel HALF_SPACE_LOGMAP_VJP
    const gk_row_kernel HALF_SPACE_GEODESIC
    const gk_row_kernel HALF_SPACE_GEODESIC_VJP
    const gk_row_kernel HALF_SPACE_TRANSP
    const gk_row_kernel HALF_SPACE_TRANSP_VJP

half_space_dist, half_space_dist_vjp = row_kernels(&HALF_SPACE_DIST, &HALF_SPACE_DIST_VJP)
half_space_lambda_x, half_space_lambda_x_vjp = row_kernels(&HALF_SPACE_LAMBDA_X, &HALF_SPACE_LAMBDA_X_VJP)
half_space_inner, half_space_inner_vjp = row_kernels(&HALF_SPACE_INNER, &HALF_SPACE_INNER_VJP)
half_space_norm, half_space_norm_vjp = row_kernels(&HALF_SPACE_NORM, &HALF_SPACE_NORM_VJP)
half_space_egrad2rgrad, half_space_egrad2rgrad_vjp = row_kernels(&HALF_SPACE_EGRAD2RGRAD, &HALF_SPACE_EGRAD2RGRAD_VJP)
half_space_projx, half_space_projx_vjp = row_kernels(&HALF_SPACE_PROJX, &HALF_SPACE_PROJX_VJP)
half_space_expmap, half_space_expmap_vjp = row_kernels(&HALF_SPACE_EXPMAP, &HALF_SPACE_EXPMAP_VJP)
half_space_logmap, half_space_logmap_vjp = row_kernels(&HALF_SPACE_LOGMAP, &HALF_SPACE_LOGMAP_VJP)
half_space_geodesic, half_space_geodesic_vjp = row_kernels(&HALF_SPACE_GEODESIC, &HALF_SPACE_GEODESIC_VJP)
half_space_transp, half_space_transp_vjp = row_kernels(&HALF_SPACE_TRANSP, &HALF_SPACE_TRANSP_VJP)

"""The stereographic model of curvature k, of either sign: compiled kernels (derivations in poincare_*.h)."""

from geomkern.kernels.rows cimport gk_row_kernel, row_kernels

cdef extern from "stereographic.h":
    const gk_row_kernel STEREOGRAPHIC_DIST
    const gk_row_kernel STEREOGRAPHIC_DIST_VJP
    const gk_row_kernel STEREOGRAPHIC_DIST0
    const gk_row_kernel STEREOGRAPHIC_DIST0_VJP
    const gk_row_kernel STEREOGRAPHIC_LAMBDA_X
    const gk_row_kernel STEREOGRAPHIC_LAMBDA_X_VJP
    const gk_row_kernel STEREOGRAPHIC_INNER
    const gk_row_kernel STEREOGRAPHIC_INNER_VJP
    const gk_row_kernel STEREOGRAPHIC_NORM
    const gk_row_kernel STEREOGRAPHIC_NORM_VJP
    const gk_row_kernel STEREOGRAPHIC_EGRAD2RGRAD
    const gk_row_kernel STEREOGRAPHIC_EGRAD2RGRAD_VJP
    const gk_row_kernel STEREOGRAPHIC_MOBIUS_ADD
    const gk_row_kernel STEREOGRAPHIC_MOBIUS_ADD_VJP
    const gk_row_kernel STEREOGRAPHIC_SCALAR_MUL
    const gk_row_kernel STEREOGRAPHIC_SCALAR_MUL_VJP
    const gk_row_kernel STEREOGRAPHIC_GYRATION
    const gk_row_kernel STEREOGRAPHIC_GYRATION_VJP
    const gk_row_kernel STEREOGRAPHIC_TRANSP
    const gk_row_kernel STEREOGRAPHIC_TRANSP_VJP
    const gk_row_kernel STEREOGRAPHIC_EXPMAP0
    const gk_row_kernel STEREOGRAPHIC_EXPMAP0_VJP
    const gk_row_kernel STEREOGRAPHIC_LOGMAP0
    const gk_row_kernel STEREOGRAPHIC_LOGMAP0_VJP
    const gk_row_kernel STEREOGRAPHIC_EXPMAP
    const gk_row_kernel STEREOGRAPHIC_EXPMAP_VJP
    const gk_row_kernel STEREOGRAPHIC_LOGMAP
    const gk_row_kernel STEREOGRAPHIC_LOGMAP_VJP
    const gk_row_kernel STEREOGRAPHIC_GEODESIC
    const gk_row_kernel STEREOGRAPHIC_GEODESIC_VJP
    const gk_row_kernel STEREOGRAPHIC_PROJX
    const gk_row_kernel STEREOGRAPHIC_PROJX_VJP

stereographic_dist, stereographic_dist_vjp = row_kernels(&STEREOGRAPHIC_DIST, &STEREOGRAPHIC_DIST_VJP)
stereographic_dist0, stereographic_dist0_vjp = row_kernels(&STEREOGRAPHIC_DIST0, &STEREOGRAPHIC_DIST0_VJP)
stereographic_lambda_x, stereographic_lambda_x_vjp = row_kernels(&STEREOGRAPHIC_LAMBDA_X, &STEREOGRAPHIC_LAMBDA_X_VJP)
stereographic_inner, stereographic_inner_vjp = row_kernels(&STEREOGRAPHIC_INNER, &STEREOGRAPHIC_INNER_VJP)
stereographic_norm, stereographic_norm_vjp = row_kernels(&STEREOGRAPHIC_NORM, &STEREOGRAPHIC_NORM_VJP)
stereographic_egrad2rgrad, stereographic_egrad2rgrad_vjp = row_kernels(
    &STEREOGRAPHIC_EGRAD2RGRAD, &STEREOGRAPHIC_EGRAD2RGRAD_VJP
)
stereographic_mobius_add, stereographic_mobius_add_vjp = row_kernels(
    &STEREOGRAPHIC_MOBIUS_ADD, &STEREOGRAPHIC_MOBIUS_ADD_VJP
)
stereographic_mobius_scalar_mul, stereographic_mobius_scalar_mul_vjp = row_kernels(
    &STEREOGRAPHIC_SCALAR_MUL, &STEREOGRAPHIC_SCALAR_MUL_VJP
)
stereographic_gyration, stereographic_gyration_vjp = row_kernels(&STEREOGRAPHIC_GYRATION, &STEREOGRAPHIC_GYRATION_VJP)
stereographic_transp, stereographic_transp_vjp = row_kernels(&STEREOGRAPHIC_TRANSP, &STEREOGRAPHIC_TRANSP_VJP)
stereographic_expmap0, stereographic_expmap0_vjp = row_kernels(&STEREOGRAPHIC_EXPMAP0, &STEREOGRAPHIC_EXPMAP0_VJP)
stereographic_logmap0, stereographic_logmap0_vjp = row_kernels(&STEREOGRAPHIC_LOGMAP0, &STEREOGRAPHIC_LOGMAP0_VJP)
stereographic_expmap, stereographic_expmap_vjp = row_kernels(&STEREOGRAPHIC_EXPMAP, &STEREOGRAPHIC_EXPMAP_VJP)
stereographic_logmap, stereographic_logmap_vjp = row_kernels(&STEREOGRAPHIC_LOGMAP, &STEREOGRAPHIC_LOGMAP_VJP)
stereographic_geodesic, stereographic_geodesic_vjp = row_kernels(&STEREOGRAPHIC_GEODESIC, &STEREOGRAPHIC_GEODESIC_VJP)
stereographic_projx, stereographic_projx_vjp = row_kernels(&STEREOGRAPHIC_PROJX, &STEREOGRAPHIC_PROJX_VJP)

"""The Poincaré ball: compiled kernels (derivations in the headers)."""

from geomkern.kernels.rows cimport gk_row_kernel, row_kernels

cdef extern from "poincare_metric.h":
    const gk_row_kernel POINCARE_DIST
    const gk_row_kernel POINCARE_DIST_VJP
    const gk_row_kernel POINCARE_DIST0
    const gk_row_kernel POINCARE_DIST0_VJP
    const gk_row_kernel POINCARE_LAMBDA_X
    const gk_row_kernel POINCARE_LAMBDA_X_VJP
    const gk_row_kernel POINCARE_INNER
    const gk_row_kernel POINCARE_INNER_VJP
    const gk_row_kernel POINCARE_NORM
    const gk_row_kernel POINCARE_NORM_VJP
    const gk_row_kernel POINCARE_EGRAD2RGRAD
    const gk_row_kernel POINCARE_EGRAD2RGRAD_VJP

cdef extern from "poincare_gyro.h":
    const gk_row_kernel POINCARE_MOBIUS_ADD
    const gk_row_kernel POINCARE_MOBIUS_ADD_VJP
    const gk_row_kernel POINCARE_SCALAR_MUL
    const gk_row_kernel POINCARE_SCALAR_MUL_VJP
    const gk_row_kernel POINCARE_GYRATION
    const gk_row_kernel POINCARE_GYRATION_VJP
    const gk_row_kernel POINCARE_TRANSP
    const gk_row_kernel POINCARE_TRANSP_VJP

cdef extern from "poincare_maps.h":
    const gk_row_kernel POINCARE_EXPMAP0
    const gk_row_kernel POINCARE_EXPMAP0_VJP
    const gk_row_kernel POINCARE_LOGMAP0
    const gk_row_kernel POINCARE_LOGMAP0_VJP
    const gk_row_kernel POINCARE_EXPMAP
    const gk_row_kernel POINCARE_EXPMAP_VJP
    const gk_row_kernel POINCARE_LOGMAP
    const gk_row_kernel POINCARE_LOGMAP_VJP
    const gk_row_kernel POINCARE_GEODESIC
    const gk_row_kernel POINCARE_GEODESIC_VJP
    const gk_row_kernel POINCARE_PROJX
    const gk_row_kernel POINCARE_PROJX_VJP

poincare_dist, poincare_dist_vjp = row_kernels(&POINCARE_DIST, &POINCARE_DIST_VJP)
poincare_dist0, poincare_dist0_vjp = row_kernels(&POINCARE_DIST0, &POINCARE_DIST0_VJP)
poincare_lambda_x, poincare_lambda_x_vjp = row_kernels(&POINCARE_LAMBDA_X, &POINCARE_LAMBDA_X_VJP)
poincare_inner, poincare_inner_vjp = row_kernels(&POINCARE_INNER, &POINCARE_INNER_VJP)
poincare_norm, poincare_norm_vjp = row_kernels(&POINCARE_NORM, &POINCARE_NORM_VJP)
poincare_egrad2rgrad, poincare_egrad2rgrad_vjp = row_kernels(&POINCARE_EGRAD2RGRAD, &POINCARE_EGRAD2RGRAD_VJP)
poincare_mobius_add, poincare_mobius_add_vjp = row_kernels(&POINCARE_MOBIUS_ADD, &POINCARE_MOBIUS_ADD_VJP)
poincare_mobius_scalar_mul, poincare_mobius_scalar_mul_vjp = row_kernels(&POINCARE_SCALAR_MUL, &POINCARE_SCALAR_MUL_VJP)
poincare_gyration, poincare_gyration_vjp = row_kernels(&POINCARE_GYRATION, &POINCARE_GYRATION_VJP)
poincare_transp, poincare_transp_vjp = row_kernels(&POINCARE_TRANSP, &POINCARE_TRANSP_VJP)
poincare_expmap0, poincare_expmap0_vjp = row_kernels(&POINCARE_EXPMAP0, &POINCARE_EXPMAP0_VJP)
poincare_logmap0, poincare_logmap0_vjp = row_kernels(&POINCARE_LOGMAP0, &POINCARE_LOGMAP0_VJP)
poincare_expmap, poincare_expmap_vjp = row_kernels(&POINCARE_EXPMAP, &POINCARE_EXPMAP_VJP)
poincare_logmap, poincare_logmap_vjp = row_kernels(&POINCARE_LOGMAP, &POINCARE_LOGMAP_VJP)
poincare_geodesic, poincare_geodesic_vjp = row_kernels(&POINCARE_GEODESIC, &POINCARE_GEODESIC_VJP)
poincare_projx, poincare_projx_vjp = row_kernels(&POINCARE_PROJX, &POINCARE_PROJX_VJP)

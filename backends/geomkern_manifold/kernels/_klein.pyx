"""Klein's ball: compiled kernels (derivations in the headers). On rays from the origin it is Poincaré's ball."""

from geomkern.kernels.rows cimport gk_row_kernel, row_kernels

cdef extern from "klein_metric.h":
    const gk_row_kernel KLEIN_DIST
    const gk_row_kernel KLEIN_DIST_VJP
    const gk_row_kernel KLEIN_DIST0
    const gk_row_kernel KLEIN_DIST0_VJP
    const gk_row_kernel KLEIN_INNER
    const gk_row_kernel KLEIN_INNER_VJP
    const gk_row_kernel KLEIN_NORM
    const gk_row_kernel KLEIN_NORM_VJP
    const gk_row_kernel KLEIN_EGRAD2RGRAD
    const gk_row_kernel KLEIN_EGRAD2RGRAD_VJP

cdef extern from "klein_maps.h":
    const gk_row_kernel KLEIN_EXPMAP
    const gk_row_kernel KLEIN_EXPMAP_VJP
    const gk_row_kernel KLEIN_LOGMAP
    const gk_row_kernel KLEIN_LOGMAP_VJP
    const gk_row_kernel KLEIN_GEODESIC
    const gk_row_kernel KLEIN_GEODESIC_VJP
    const gk_row_kernel KLEIN_TRANSP
    const gk_row_kernel KLEIN_TRANSP_VJP
    const gk_row_kernel KLEIN_MOBIUS_ADD
    const gk_row_kernel KLEIN_MOBIUS_ADD_VJP

cdef extern from "poincare_gyro.h":
    const gk_row_kernel POINCARE_SCALAR_MUL
    const gk_row_kernel POINCARE_SCALAR_MUL_VJP

cdef extern from "poincare_maps.h":
    const gk_row_kernel POINCARE_EXPMAP0
    const gk_row_kernel POINCARE_EXPMAP0_VJP
    const gk_row_kernel POINCARE_LOGMAP0
    const gk_row_kernel POINCARE_LOGMAP0_VJP
    const gk_row_kernel POINCARE_PROJX
    const gk_row_kernel POINCARE_PROJX_VJP

klein_dist, klein_dist_vjp = row_kernels(&KLEIN_DIST, &KLEIN_DIST_VJP)
klein_dist0, klein_dist0_vjp = row_kernels(&KLEIN_DIST0, &KLEIN_DIST0_VJP)
klein_inner, klein_inner_vjp = row_kernels(&KLEIN_INNER, &KLEIN_INNER_VJP)
klein_norm, klein_norm_vjp = row_kernels(&KLEIN_NORM, &KLEIN_NORM_VJP)
klein_egrad2rgrad, klein_egrad2rgrad_vjp = row_kernels(&KLEIN_EGRAD2RGRAD, &KLEIN_EGRAD2RGRAD_VJP)
klein_expmap, klein_expmap_vjp = row_kernels(&KLEIN_EXPMAP, &KLEIN_EXPMAP_VJP)
klein_logmap, klein_logmap_vjp = row_kernels(&KLEIN_LOGMAP, &KLEIN_LOGMAP_VJP)
klein_geodesic, klein_geodesic_vjp = row_kernels(&KLEIN_GEODESIC, &KLEIN_GEODESIC_VJP)
klein_transp, klein_transp_vjp = row_kernels(&KLEIN_TRANSP, &KLEIN_TRANSP_VJP)
klein_mobius_add, klein_mobius_add_vjp = row_kernels(&KLEIN_MOBIUS_ADD, &KLEIN_MOBIUS_ADD_VJP)
klein_mobius_scalar_mul, klein_mobius_scalar_mul_vjp = row_kernels(&POINCARE_SCALAR_MUL, &POINCARE_SCALAR_MUL_VJP)
klein_expmap0, klein_expmap0_vjp = row_kernels(&POINCARE_EXPMAP0, &POINCARE_EXPMAP0_VJP)
klein_logmap0, klein_logmap0_vjp = row_kernels(&POINCARE_LOGMAP0, &POINCARE_LOGMAP0_VJP)
klein_projx, klein_projx_vjp = row_kernels(&POINCARE_PROJX, &POINCARE_PROJX_VJP)

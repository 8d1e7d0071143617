"""The sphere in ambient coordinates: compiled kernels (derivations in the headers)."""

from geomkern.kernels.rows cimport gk_row_kernel, row_kernels

cdef extern from "sphere_metric.h":
    const gk_row_kernel SPHERE_DIST
    const gk_row_kernel SPHERE_DIST_VJP
    const gk_row_kernel SPHERE_DIST0
    const gk_row_kernel SPHERE_DIST0_VJP
    const gk_row_kernel SPHERE_INNER
    const gk_row_kernel SPHERE_NORM
    const gk_row_kernel SPHERE_INNER_VJP
    const gk_row_kernel SPHERE_NORM_VJP
    const gk_row_kernel SPHERE_EGRAD2RGRAD
    const gk_row_kernel SPHERE_EGRAD2RGRAD_VJP

cdef extern from "sphere_maps.h":
    const gk_row_kernel SPHERE_EXPMAP
    const gk_row_kernel SPHERE_EXPMAP_VJP
    const gk_row_kernel SPHERE_EXPMAP0
    const gk_row_kernel SPHERE_EXPMAP0_VJP
    const gk_row_kernel SPHERE_LOGMAP
    const gk_row_kernel SPHERE_LOGMAP_VJP
    const gk_row_kernel SPHERE_LOGMAP0
    const gk_row_kernel SPHERE_LOGMAP0_VJP
    const gk_row_kernel SPHERE_GEODESIC
    const gk_row_kernel SPHERE_GEODESIC_VJP
    const gk_row_kernel SPHERE_TRANSP
    const gk_row_kernel SPHERE_TRANSP_VJP
    const gk_row_kernel SPHERE_PROJX
    const gk_row_kernel SPHERE_PROJX_VJP

sphere_dist, sphere_dist_vjp = row_kernels(&SPHERE_DIST, &SPHERE_DIST_VJP)
sphere_dist0, sphere_dist0_vjp = row_kernels(&SPHERE_DIST0, &SPHERE_DIST0_VJP)
sphere_inner, sphere_inner_vjp = row_kernels(&SPHERE_INNER, &SPHERE_INNER_VJP)
sphere_norm, sphere_norm_vjp = row_kernels(&SPHERE_NORM, &SPHERE_NORM_VJP)
sphere_egrad2rgrad, sphere_egrad2rgrad_vjp = row_kernels(&SPHERE_EGRAD2RGRAD, &SPHERE_EGRAD2RGRAD_VJP)
sphere_expmap, sphere_expmap_vjp = row_kernels(&SPHERE_EXPMAP, &SPHERE_EXPMAP_VJP)
sphere_expmap0, sphere_expmap0_vjp = row_kernels(&SPHERE_EXPMAP0, &SPHERE_EXPMAP0_VJP)
sphere_logmap, sphere_logmap_vjp = row_kernels(&SPHERE_LOGMAP, &SPHERE_LOGMAP_VJP)
sphere_logmap0, sphere_logmap0_vjp = row_kernels(&SPHERE_LOGMAP0, &SPHERE_LOGMAP0_VJP)
sphere_geodesic, sphere_geodesic_vjp = row_kernels(&SPHERE_GEODESIC, &SPHERE_GEODESIC_VJP)
sphere_transp, sphere_transp_vjp = row_kernels(&SPHERE_TRANSP, &SPHERE_TRANSP_VJP)
sphere_projx, sphere_projx_vjp = row_kernels(&SPHERE_PROJX, &SPHERE_PROJX_VJP)

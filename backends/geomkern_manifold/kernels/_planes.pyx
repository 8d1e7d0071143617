"""Planes, ideal points and translations: compiled kernels (derivations in the header)."""

from geomkern.kernels.rows cimport gk_row_kernel, row_kernels

cdef extern from "planes.h":
    const gk_row_kernel POINCARE_DIST2PLANE
    const gk_row_kernel POINCARE_DIST2PLANE_VJP
    const gk_row_kernel LORENTZ_DIST2PLANE
    const gk_row_kernel LORENTZ_DIST2PLANE_VJP
    const gk_row_kernel HALF_SPACE_DIST2PLANE
    const gk_row_kernel HALF_SPACE_DIST2PLANE_VJP
    const gk_row_kernel POINCARE_BUSEMANN
    const gk_row_kernel POINCARE_BUSEMANN_VJP
    const gk_row_kernel LORENTZ_BUSEMANN
    const gk_row_kernel LORENTZ_BUSEMANN_VJP
    const gk_row_kernel LORENTZ_TRANSLATE
    const gk_row_kernel LORENTZ_TRANSLATE_VJP

poincare_dist2plane, poincare_dist2plane_vjp = row_kernels(&POINCARE_DIST2PLANE, &POINCARE_DIST2PLANE_VJP)
lorentz_dist2plane, lorentz_dist2plane_vjp = row_kernels(&LORENTZ_DIST2PLANE, &LORENTZ_DIST2PLANE_VJP)
half_space_dist2plane, half_space_dist2plane_vjp = row_kernels(&HALF_SPACE_DIST2PLANE, &HALF_SPACE_DIST2PLANE_VJP)
poincare_busemann, poincare_busemann_vjp = row_kernels(&POINCARE_BUSEMANN, &POINCARE_BUSEMANN_VJP)
lorentz_busemann, lorentz_busemann_vjp = row_kernels(&LORENTZ_BUSEMANN, &LORENTZ_BUSEMANN_VJP)
lorentz_translate, lorentz_translate_vjp = row_kernels(&LORENTZ_TRANSLATE, &LORENTZ_TRANSLATE_VJP)

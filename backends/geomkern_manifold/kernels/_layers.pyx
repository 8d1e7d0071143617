"""What the layers do around their matrix products: compiled kernels (derivations in the headers)."""

from geomkern.kernels.rows cimport gk_row_kernel, row_kernels

cdef extern from "layers_linear.h":
    const gk_row_kernel POINCARE_LOG0_FACTOR
    const gk_row_kernel POINCARE_LOG0_FACTOR_VJP
    const gk_row_kernel POINCARE_MOBIUS_BIAS
    const gk_row_kernel POINCARE_MOBIUS_BIAS_VJP
    const gk_row_kernel POINCARE_TANGENT_BIAS
    const gk_row_kernel POINCARE_TANGENT_BIAS_VJP

cdef extern from "layers_planes.h":
    const gk_row_kernel POINCARE_PLANES
    const gk_row_kernel POINCARE_PLANES_VJP
    const gk_row_kernel POINCARE_FC
    const gk_row_kernel POINCARE_FC_VJP

cdef extern from "layers_lorentz.h":
    const gk_row_kernel LORENTZ_LOG0_FACTOR
    const gk_row_kernel LORENTZ_LOG0_FACTOR_VJP
    const gk_row_kernel LORENTZ_MOBIUS_BIAS
    const gk_row_kernel LORENTZ_MOBIUS_BIAS_VJP
    const gk_row_kernel LORENTZ_TANGENT_BIAS
    const gk_row_kernel LORENTZ_TANGENT_BIAS_VJP

poincare_log0_factor, poincare_log0_factor_vjp = row_kernels(&POINCARE_LOG0_FACTOR, &POINCARE_LOG0_FACTOR_VJP)
poincare_mobius_bias, poincare_mobius_bias_vjp = row_kernels(&POINCARE_MOBIUS_BIAS, &POINCARE_MOBIUS_BIAS_VJP)
poincare_tangent_bias, poincare_tangent_bias_vjp = row_kernels(&POINCARE_TANGENT_BIAS, &POINCARE_TANGENT_BIAS_VJP)
poincare_planes, poincare_planes_vjp = row_kernels(&POINCARE_PLANES, &POINCARE_PLANES_VJP)
poincare_fc, poincare_fc_vjp = row_kernels(&POINCARE_FC, &POINCARE_FC_VJP)
lorentz_log0_factor, lorentz_log0_factor_vjp = row_kernels(&LORENTZ_LOG0_FACTOR, &LORENTZ_LOG0_FACTOR_VJP)
lorentz_mobius_bias, lorentz_mobius_bias_vjp = row_kernels(&LORENTZ_MOBIUS_BIAS, &LORENTZ_MOBIUS_BIAS_VJP)
lorentz_tangent_bias, lorentz_tangent_bias_vjp = row_kernels(&LORENTZ_TANGENT_BIAS, &LORENTZ_TANGENT_BIAS_VJP)

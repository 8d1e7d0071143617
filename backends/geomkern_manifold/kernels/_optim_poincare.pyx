"""Steps of the Riemannian optimisers in the Poincaré ball, in place: compiled kernels
(derivations in optim_poincare.h)."""

from geomkern.kernels.rows cimport gk_row_kernel
from geomkern.kernels.steps cimport overwrite

cdef extern from "optim_poincare.h":
    const gk_row_kernel POINCARE_INSIDE
    const gk_row_kernel POINCARE_SGD_STEP
    const gk_row_kernel POINCARE_MOMENTUM_STEP
    const gk_row_kernel POINCARE_ADAM_STEP


def poincare_sgd_step(x, b, g, sign, decay, lr, keep, share, ahead, c):
    """Move x by one step of gradient descent, and with it the momentum buffer b, which may be None."""
    if b is None:
        overwrite(&POINCARE_SGD_STEP, &POINCARE_INSIDE, (x, g), (sign, decay, lr, c))
    else:
        overwrite(
            &POINCARE_MOMENTUM_STEP, &POINCARE_INSIDE, (x, b, g), (sign, decay, lr, keep, share, ahead, c)
        )


def poincare_adam_step(x, m, v, vmax, g, sign, decay, beta1, beta2, rate, root, eps, c):
    """Move x by one step of Adam, and with it the means m and v and the largest v, which may be None."""
    overwrite(
        &POINCARE_ADAM_STEP, &POINCARE_INSIDE, (x, m, g),
        (v, 0.0 if vmax is None else vmax, sign, decay, beta1, beta2, rate, root, eps, c),
    )

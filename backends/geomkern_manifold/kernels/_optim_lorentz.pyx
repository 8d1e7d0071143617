"""Steps of the Riemannian optimisers in Lorentz's model, in place: compiled kernels
(derivations in optim_lorentz.h)."""

from geomkern.kernels.rows cimport gk_row_kernel
from geomkern.kernels.steps cimport overwrite

cdef extern from "optim_lorentz.h":
    const gk_row_kernel LORENTZ_SGD_STEP
    const gk_row_kernel LORENTZ_MOMENTUM_STEP
    const gk_row_kernel LORENTZ_ADAM_STEP


def lorentz_sgd_step(x, b, g, sign, decay, lr, keep, share, ahead, c):
    """Move x by one step of gradient descent, and with it the momentum buffer b, which may be None."""
    if b is None:
        overwrite(&LORENTZ_SGD_STEP, NULL, (x, g), (sign, decay, lr, c))
    else:
        overwrite(
            &LORENTZ_MOMENTUM_STEP, NULL, (x, b, g), (sign, decay, lr, keep, share, ahead, c)
        )


def lorentz_adam_step(x, m, v, vmax, g, sign, decay, beta1, beta2, rate, root, eps, c):
    """Move x by one step of Adam, and with it the means m and v and the largest v, which may be None."""
    overwrite(
        &LORENTZ_ADAM_STEP, NULL, (x, m, g),
        (v, 0.0 if vmax is None else vmax, sign, decay, beta1, beta2, rate, root, eps, c),
    )

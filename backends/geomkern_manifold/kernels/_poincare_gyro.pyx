"""Gyrovector operations of the Poincaré ball: compiled kernels (derivations in poincare_gyro.h)."""

from geomkern.kernels.rows cimport gk_row_kernel, run, run_vjp

cdef extern from "poincare_gyro.h":
    const gk_row_kernel POINCARE_MOBIUS_ADD
    const gk_row_kernel POINCARE_MOBIUS_ADD_VJP
    const gk_row_kernel POINCARE_SCALAR_MUL
    const gk_row_kernel POINCARE_SCALAR_MUL_VJP
    const gk_row_kernel POINCARE_GYRATION
    const gk_row_kernel POINCARE_GYRATION_VJP
    const gk_row_kernel POINCARE_TRANSP
    const gk_row_kernel POINCARE_TRANSP_VJP


def poincare_mobius_add(x, y, c, out=None):
    """Return x + y (Möbius addition)."""
    return run(&POINCARE_MOBIUS_ADD, (x, y), (c,), out)


def poincare_mobius_add_vjp(g, x, y, c, tuple wanted):
    """Return the gradients in x, y, c that are wanted, for the upstream gradient g."""
    return run_vjp(&POINCARE_MOBIUS_ADD_VJP, (g, x, y), (c,), wanted)


def poincare_mobius_scalar_mul(r, x, c, out=None):
    """Return r times x (Möbius)."""
    return run(&POINCARE_SCALAR_MUL, (x,), (r, c), out)


def poincare_mobius_scalar_mul_vjp(g, r, x, c, tuple wanted):
    """Return the gradients in r, x, c that are wanted, for the upstream gradient g."""
    of_x, of_r, of_c = run_vjp(&POINCARE_SCALAR_MUL_VJP, (g, x), (r, c), (wanted[1], wanted[0], wanted[2]))
    return of_r, of_x, of_c


def poincare_gyration(u, v, w, c, out=None):
    """Return gyr[u, v]w."""
    return run(&POINCARE_GYRATION, (u, v, w), (c,), out)


def poincare_gyration_vjp(g, u, v, w, c, tuple wanted):
    """Return the gradients in u, v, w, c that are wanted, for the upstream gradient g."""
    return run_vjp(&POINCARE_GYRATION_VJP, (g, u, v, w), (c,), wanted)


def poincare_transp(x, y, v, c, out=None):
    """Return the parallel transport of v from x to y."""
    return run(&POINCARE_TRANSP, (x, y, v), (c,), out)


def poincare_transp_vjp(g, x, y, v, c, tuple wanted):
    """Return the gradients in x, y, v, c that are wanted, for the upstream gradient g."""
    return run_vjp(&POINCARE_TRANSP_VJP, (g, x, y, v), (c,), wanted)

"""Exponential and logarithmic maps, geodesics and projection of the Poincaré ball: compiled kernels
(derivations in poincare_maps.h)."""

from geomkern.kernels.rows cimport gk_row_kernel, run, run_vjp

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


def poincare_expmap0(v, c, out=None):
    """Return exp_0(v)."""
    return run(&POINCARE_EXPMAP0, (v,), (c,), out)


def poincare_expmap0_vjp(g, v, c, tuple wanted):
    """Return the gradients in v, c that are wanted, for the upstream gradient g."""
    return run_vjp(&POINCARE_EXPMAP0_VJP, (g, v), (c,), wanted)


def poincare_logmap0(y, c, out=None):
    """Return log_0(y)."""
    return run(&POINCARE_LOGMAP0, (y,), (c,), out)


def poincare_logmap0_vjp(g, y, c, tuple wanted):
    """Return the gradients in y, c that are wanted, for the upstream gradient g."""
    return run_vjp(&POINCARE_LOGMAP0_VJP, (g, y), (c,), wanted)


def poincare_expmap(x, v, c, out=None):
    """Return exp_x(v)."""
    return run(&POINCARE_EXPMAP, (x, v), (c,), out)


def poincare_expmap_vjp(g, x, v, c, tuple wanted):
    """Return the gradients in x, v, c that are wanted, for the upstream gradient g."""
    return run_vjp(&POINCARE_EXPMAP_VJP, (g, x, v), (c,), wanted)


def poincare_logmap(x, y, c, out=None):
    """Return log_x(y)."""
    return run(&POINCARE_LOGMAP, (x, y), (c,), out)


def poincare_logmap_vjp(g, x, y, c, tuple wanted):
    """Return the gradients in x, y, c that are wanted, for the upstream gradient g."""
    return run_vjp(&POINCARE_LOGMAP_VJP, (g, x, y), (c,), wanted)


def poincare_geodesic(t, x, y, c, out=None):
    """Return the point at time t of the geodesic from x (t = 0) to y (t = 1)."""
    return run(&POINCARE_GEODESIC, (x, y), (t, c), out)


def poincare_geodesic_vjp(g, t, x, y, c, tuple wanted):
    """Return the gradients in t, x, y, c that are wanted, for the upstream gradient g."""
    order = (wanted[1], wanted[2], wanted[0], wanted[3])
    of_x, of_y, of_t, of_c = run_vjp(&POINCARE_GEODESIC_VJP, (g, x, y), (t, c), order)
    return of_t, of_x, of_y, of_c


def poincare_projx(x, c, eps=0.0, out=None):
    """Return x where sqrt(c)|x| < 1 - eps, elsewhere x of that length (eps = 0: the last point inside)."""
    return run(&POINCARE_PROJX, (x,), (eps, c), out)


def poincare_projx_vjp(g, x, c, eps, tuple wanted):
    """Return the gradients in x, c that are wanted, for the upstream gradient g."""
    return run_vjp(&POINCARE_PROJX_VJP, (g, x), (eps, c), wanted)

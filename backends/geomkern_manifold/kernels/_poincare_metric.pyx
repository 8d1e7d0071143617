"""Distances, norms and metric factors of the Poincaré ball: compiled kernels (derivations in poincare_metric.h)."""

from geomkern.kernels.rows cimport gk_row_kernel, run, run_vjp

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


def poincare_dist(x, y, c, out=None):
    """Return d(x, y)."""
    return run(&POINCARE_DIST, (x, y), (c,), out)


def poincare_dist_vjp(g, x, y, c, tuple wanted):
    """Return the gradients in x, y, c that are wanted, for the upstream gradient g."""
    return run_vjp(&POINCARE_DIST_VJP, (x, y), (g, c), wanted)


def poincare_dist0(x, c, out=None):
    """Return d(0, x)."""
    return run(&POINCARE_DIST0, (x,), (c,), out)


def poincare_dist0_vjp(g, x, c, tuple wanted):
    """Return the gradients in x, c that are wanted, for the upstream gradient g."""
    return run_vjp(&POINCARE_DIST0_VJP, (x,), (g, c), wanted)


def poincare_lambda_x(x, c, out=None):
    """Return the conformal factor at x."""
    return run(&POINCARE_LAMBDA_X, (x,), (c,), out)


def poincare_lambda_x_vjp(g, x, c, tuple wanted):
    """Return the gradients in x, c that are wanted, for the upstream gradient g."""
    return run_vjp(&POINCARE_LAMBDA_X_VJP, (x,), (g, c), wanted)


def poincare_inner(x, u, v, c, out=None):
    """Return the Riemannian inner product of u and v at x."""
    return run(&POINCARE_INNER, (x, u, v), (c,), out)


def poincare_inner_vjp(g, x, u, v, c, tuple wanted):
    """Return the gradients in x, u, v, c that are wanted, for the upstream gradient g."""
    return run_vjp(&POINCARE_INNER_VJP, (x, u, v), (g, c), wanted)


def poincare_norm(x, u, c, out=None):
    """Return the Riemannian norm of u at x."""
    return run(&POINCARE_NORM, (x, u), (c,), out)


def poincare_norm_vjp(g, x, u, c, tuple wanted):
    """Return the gradients in x, u, c that are wanted, for the upstream gradient g."""
    return run_vjp(&POINCARE_NORM_VJP, (x, u), (g, c), wanted)


def poincare_egrad2rgrad(x, u, c, out=None):
    """Return the Riemannian gradient of the Euclidean gradient u at x."""
    return run(&POINCARE_EGRAD2RGRAD, (x, u), (c,), out)


def poincare_egrad2rgrad_vjp(g, x, u, c, tuple wanted):
    """Return the gradients in x, u, c that are wanted, for the upstream gradient g."""
    return run_vjp(&POINCARE_EGRAD2RGRAD_VJP, (g, x, u), (c,), wanted)

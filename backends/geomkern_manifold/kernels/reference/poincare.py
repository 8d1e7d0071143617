"""The Poincaré ball of curvature -c (Ungar 2008; Ganea, Bécigneul and Hofmann 2018), gradients derived by hand.

Backward kernels take the upstream gradient first and `wanted`, one flag a result, last; they return gradients of the
broadcast shape, for the tape to sum.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Gradients = tuple[Any, ...]


def _dot(u: Array, v: Array) -> Array:
    return (u * v).sum(-1, keepdims=True)


def _points(c: ArrayLike, *vectors: ArrayLike) -> tuple[Array, ...]:
    """Return c with an axis for the coordinates, then the vectors, all in float64."""
    return np.asarray(c, np.float64)[..., None], *(np.asarray(v, np.float64) for v in vectors)


def _select(gradients: tuple[Array, ...], wanted: tuple[bool, ...]) -> Gradients:
    return tuple(g if want else None for g, want in zip(gradients, wanted, strict=True))


def _divide(a: Array, b: Array, at_zero: float) -> Array:
    """a/b, and `at_zero` where b is zero."""
    return np.where(b == 0, at_zero, a / np.where(b == 0, 1.0, b))


def _tanhc(z: Array) -> Array:
    return _divide(np.tanh(z), z, 1.0)


def _artanhc(z: Array) -> Array:
    return _divide(np.arctanh(z), z, 1.0)


def _d_tanhc(z: Array) -> Array:
    """The derivative of tanh(z)/z in z^2; by its series where the difference cancels."""
    q = z * z
    series = -1 / 3 + q * (4 / 15 + q * (-17 / 105 + q * 248 / 2835))
    return np.where(q < 1e-4, series, _divide(1 / np.cosh(np.minimum(z, 350.0)) ** 2 - _tanhc(z), 2 * q, 0.0))


def _d_artanhc(z: Array) -> Array:
    """The derivative of artanh(z)/z in z^2; by its series where the difference cancels."""
    q = z * z
    series = 1 / 3 + q * (2 / 5 + q * (3 / 7 + q * 4 / 9))
    return np.where(q < 1e-4, series, _divide(1 / (1 - q) - _artanhc(z), 2 * q, 0.0))


def _length(v: Array) -> Array:
    return np.sqrt(_dot(v, v))


# ---- gyrovector operations -------------------------------------------------------------------------------------------


def poincare_mobius_add(x: ArrayLike, y: ArrayLike, c: ArrayLike, out: Array | None = None) -> Array:
    """Möbius addition (Ungar 2008)."""
    c, x, y = _points(c, x, y)
    xx, yy, xy = _dot(x, x), _dot(y, y), _dot(x, y)
    result = ((1 + 2 * c * xy + c * yy) * x + (1 - c * xx) * y) / (1 + 2 * c * xy + c * c * xx * yy)
    return _into(out, result)


def poincare_mobius_add_vjp(
    g: ArrayLike, x: ArrayLike, y: ArrayLike, c: ArrayLike, wanted: tuple[bool, ...]
) -> Gradients:
    """Gradients of :func:`poincare_mobius_add` in x, y, c, with A and D the factor of x and the denominator."""
    c, g, x, y = _points(c, g, x, y)
    xx, yy, xy, gx, gy = _dot(x, x), _dot(y, y), _dot(x, y), _dot(g, x), _dot(g, y)
    A, B, D = 1 + 2 * c * xy + c * yy, 1 - c * xx, 1 + 2 * c * xy + c * c * xx * yy
    go = (A * gx + B * gy) / D
    of_x = (A * g + 2 * c * gx * y - 2 * c * gy * x) / D - go / D * (2 * c * y + 2 * c * c * yy * x)
    of_y = (B * g + 2 * c * gx * (x + y)) / D - go / D * (2 * c * x + 2 * c * c * xx * y)
    of_c = (gx * (2 * xy + yy) - gy * xx) / D - go / D * (2 * xy + 2 * c * xx * yy)
    return _select((of_x, of_y, of_c[..., 0]), wanted)


def poincare_mobius_scalar_mul(r: ArrayLike, x: ArrayLike, c: ArrayLike, out: Array | None = None) -> Array:
    """R times the geodesic from the origin to x: tanh(r artanh(sqrt(c)|x|)) x/(sqrt(c)|x|)."""
    c, r, x = *_points(c), *_points(r, x)
    nu = np.sqrt(c) * _length(x)
    reach = r * np.arctanh(nu)
    return _into(out, r * _artanhc(nu) * _tanhc(reach) * x)


def poincare_mobius_scalar_mul_vjp(
    g: ArrayLike, r: ArrayLike, x: ArrayLike, c: ArrayLike, wanted: tuple[bool, ...]
) -> Gradients:
    """Gradients in r, x, c."""
    c, (r, g, x) = _points(c)[0], _points(r, g, x)
    nu2 = c * _dot(x, x)
    nu = np.sqrt(nu2)
    Z, dZ, reach = _artanhc(nu), _d_artanhc(nu), r * np.arctanh(nu)
    T, dT, p = _tanhc(reach), _d_tanhc(np.abs(reach)), _dot(g, x)
    of_nu2 = p * r * (dZ * T + Z * dT * r * r * (Z * Z + 2 * nu2 * Z * dZ))
    of_r = p * Z / np.cosh(reach) ** 2
    return _select((of_r[..., 0], r * Z * T * g + 2 * c * of_nu2 * x, (of_nu2 * _dot(x, x))[..., 0]), wanted)


def _gyration_terms(u: Array, v: Array, w: Array, c: Array) -> tuple[Array, ...]:
    uu, vv, uv, uw, vw = _dot(u, u), _dot(v, v), _dot(u, v), _dot(u, w), _dot(v, w)
    A = -c * c * uw * vv + c * vw + 2 * c * c * uv * vw
    B = -c * c * vw * uu - c * uw
    return uu, vv, uv, uw, vw, A, B, 1 + 2 * c * uv + c * c * uu * vv


def poincare_gyration(u: ArrayLike, v: ArrayLike, w: ArrayLike, c: ArrayLike, out: Array | None = None) -> Array:
    """gyr[u, v]w = -(u + v) + (u + (v + w)), the rotation by which Möbius addition fails to associate."""
    c, u, v, w = _points(c, u, v, w)
    *_, A, B, D = _gyration_terms(u, v, w, c)
    return _into(out, w + 2 * (A * u + B * v) / D)


def poincare_gyration_vjp(
    g: ArrayLike, u: ArrayLike, v: ArrayLike, w: ArrayLike, c: ArrayLike, wanted: tuple[bool, ...]
) -> Gradients:
    """Gradients in u, v, w, c by the chain rule on the terms above."""
    c, g, u, v, w = _points(c, g, u, v, w)
    uu, vv, uv, uw, vw, A, B, D = _gyration_terms(u, v, w, c)
    gu, gv = _dot(g, u), _dot(g, v)
    of_A, of_B, of_D = 2 * gu / D, 2 * gv / D, -2 * (A * gu + B * gv) / D**2
    of_uw = -c * c * vv * of_A - c * of_B
    of_vw = (c + 2 * c * c * uv) * of_A - c * c * uu * of_B
    of_uv = 2 * c * c * vw * of_A + 2 * c * of_D
    of_uu, of_vv = -c * c * vw * of_B + c * c * vv * of_D, -c * c * uw * of_A + c * c * uu * of_D
    of_c = (
        (-2 * c * uw * vv + vw + 4 * c * uv * vw) * of_A
        + (-2 * c * vw * uu - uw) * of_B
        + (2 * uv + 2 * c * uu * vv) * of_D
    )
    return _select(
        (
            2 * A * g / D + of_uw * w + of_uv * v + 2 * of_uu * u,
            2 * B * g / D + of_vw * w + of_uv * u + 2 * of_vv * v,
            g + of_uw * u + of_vw * v,
            of_c[..., 0],
        ),
        wanted,
    )


def poincare_transp(x: ArrayLike, y: ArrayLike, v: ArrayLike, c: ArrayLike, out: Array | None = None) -> Array:
    """Parallel transport of v from x to y: (lambda_x/lambda_y) gyr[y, -x]v."""
    c, x, y, v = _points(c, x, y, v)
    return _into(out, (1 - c * _dot(y, y)) / (1 - c * _dot(x, x)) * poincare_gyration(y, -x, v, c[..., 0]))


def poincare_transp_vjp(
    g: ArrayLike, x: ArrayLike, y: ArrayLike, v: ArrayLike, c: ArrayLike, wanted: tuple[bool, ...]
) -> Gradients:
    """Gradients in x, y, v, c."""
    c, g, x, y, v = _points(c, g, x, y, v)
    xx, yy = _dot(x, x), _dot(y, y)
    a, b = 1 - c * xx, 1 - c * yy
    of_y, of_x, of_v, of_c = poincare_gyration_vjp(b / a * g, y, -x, v, c[..., 0], (True,) * 4)
    ratio = _dot(g, poincare_gyration(y, -x, v, c[..., 0]))
    return _select(
        (
            -of_x + ratio * b / a**2 * 2 * c * x,
            of_y - ratio / a * 2 * c * y,
            of_v,
            of_c + (ratio * (b * xx / a**2 - yy / a))[..., 0],
        ),
        wanted,
    )


# ---- exponential and logarithmic maps --------------------------------------------------------------------------------


def poincare_expmap0(v: ArrayLike, c: ArrayLike, out: Array | None = None) -> Array:
    """tanh(sqrt(c)|v|) v/(sqrt(c)|v|)."""
    c, v = _points(c, v)
    return _into(out, _tanhc(np.sqrt(c) * _length(v)) * v)


def poincare_expmap0_vjp(g: ArrayLike, v: ArrayLike, c: ArrayLike, wanted: tuple[bool, ...]) -> Gradients:
    """Gradients in v, c."""
    c, g, v = _points(c, g, v)
    z = np.sqrt(c) * _length(v)
    slope = _dot(g, v) * _d_tanhc(z)
    return _select((_tanhc(z) * g + 2 * c * slope * v, (slope * _dot(v, v))[..., 0]), wanted)


def poincare_logmap0(y: ArrayLike, c: ArrayLike, out: Array | None = None) -> Array:
    """artanh(sqrt(c)|y|) y/(sqrt(c)|y|)."""
    c, y = _points(c, y)
    return _into(out, _artanhc(np.sqrt(c) * _length(y)) * y)


def poincare_logmap0_vjp(g: ArrayLike, y: ArrayLike, c: ArrayLike, wanted: tuple[bool, ...]) -> Gradients:
    """Gradients in y, c."""
    c, g, y = _points(c, g, y)
    z = np.sqrt(c) * _length(y)
    slope = _dot(g, y) * _d_artanhc(z)
    return _select((_artanhc(z) * g + 2 * c * slope * y, (slope * _dot(y, y))[..., 0]), wanted)


def poincare_expmap(x: ArrayLike, v: ArrayLike, c: ArrayLike, out: Array | None = None) -> Array:
    """X + tanh(sqrt(c) lambda_x |v|/2) v/(sqrt(c)|v|), the sum being Möbius addition."""
    c, x, v = _points(c, x, v)
    a = 1 - c * _dot(x, x)
    w = _tanhc(np.sqrt(c) * _length(v) / a) * v / a
    return poincare_mobius_add(x, w, c[..., 0], out)


def poincare_expmap_vjp(g: ArrayLike, x: ArrayLike, v: ArrayLike, c: ArrayLike, wanted: tuple[bool, ...]) -> Gradients:
    """Gradients in x, v, c: those of the Möbius sum, then those of w = T v/a."""
    c, g, x, v = _points(c, g, x, v)
    a, vv = 1 - c * _dot(x, x), _dot(v, v)
    z = np.sqrt(c * vv) / a
    T, dT = _tanhc(z), _d_tanhc(z)
    of_x, of_w, of_c = poincare_mobius_add_vjp(g, x, T * v / a, c[..., 0], (True,) * 3)
    p = _dot(of_w, v)
    of_a = -p * T / a**2 - p / a * dT * 2 * z * z / a
    of_x = of_x - 2 * c * of_a * x
    of_v = T / a * of_w + p / a * dT * 2 * c / a**2 * v
    return _select((of_x, of_v, of_c + (p / a * dT * vv / a**2 - of_a * _dot(x, x))[..., 0]), wanted)


def poincare_logmap(x: ArrayLike, y: ArrayLike, c: ArrayLike, out: Array | None = None) -> Array:
    """(2/(sqrt(c) lambda_x)) artanh(sqrt(c)|w|) w/|w| with w = -x + y."""
    c, x, y = _points(c, x, y)
    w = poincare_mobius_add(-x, y, c[..., 0])
    return _into(out, (1 - c * _dot(x, x)) * _artanhc(np.sqrt(c) * _length(w)) * w)


def poincare_logmap_vjp(g: ArrayLike, x: ArrayLike, y: ArrayLike, c: ArrayLike, wanted: tuple[bool, ...]) -> Gradients:
    """Gradients in x, y, c."""
    c, g, x, y = _points(c, g, x, y)
    w = poincare_mobius_add(-x, y, c[..., 0])
    a, ww = 1 - c * _dot(x, x), _dot(w, w)
    z = np.sqrt(c * ww)
    L, dL, p = _artanhc(z), _d_artanhc(z), _dot(g, w)
    of_x, of_y, of_c = poincare_mobius_add_vjp(a * (L * g + 2 * c * p * dL * w), -x, y, c[..., 0], (True,) * 3)
    of_c = of_c + (a * p * dL * ww - p * L * _dot(x, x))[..., 0]
    return _select((-of_x - 2 * c * p * L * x, of_y, of_c), wanted)


def poincare_geodesic(t: ArrayLike, x: ArrayLike, y: ArrayLike, c: ArrayLike, out: Array | None = None) -> Array:
    """X + t * (-x + y) in gyrovector operations: at x for t = 0, at y for t = 1, at constant speed."""
    return poincare_mobius_add(
        x, poincare_mobius_scalar_mul(t, poincare_mobius_add(-np.asarray(x, np.float64), y, c), c), c, out
    )


def poincare_geodesic_vjp(
    g: ArrayLike, t: ArrayLike, x: ArrayLike, y: ArrayLike, c: ArrayLike, wanted: tuple[bool, ...]
) -> Gradients:
    """Gradients in t, x, y, c, through the three operations in turn."""
    minus = -np.asarray(x, np.float64)
    w = poincare_mobius_add(minus, y, c)
    of_x, of_s, of_c = poincare_mobius_add_vjp(g, x, poincare_mobius_scalar_mul(t, w, c), c, (True,) * 3)
    of_t, of_w, more_c = poincare_mobius_scalar_mul_vjp(of_s, t, w, c, (True,) * 3)
    of_minus, of_y, most_c = poincare_mobius_add_vjp(of_w, minus, y, c, (True,) * 3)
    return _select((of_t, of_x - of_minus, of_y, of_c + more_c + most_c), wanted)


def poincare_projx(x: ArrayLike, c: ArrayLike, eps: ArrayLike = 0.0, out: Array | None = None) -> Array:
    """X where sqrt(c)|x| < 1 - eps; elsewhere x scaled to that length, or, for eps = 0, just inside the ball."""
    c, x = _points(c, x)
    eps = np.asarray(eps, np.float64)[..., None]
    length = np.sqrt(c) * _length(x)
    most = np.where(eps > 0, 1 - eps, 1 - 2**-53)
    return _into(out, np.where(length > most, _divide(most, length, 1.0), 1.0) * x)


def poincare_projx_vjp(g: ArrayLike, x: ArrayLike, c: ArrayLike, eps: ArrayLike, wanted: tuple[bool, ...]) -> Gradients:
    """Gradients in x, c: the identity inside, the derivative of (1 - eps) x/(sqrt(c)|x|) outside."""
    c, g, x = _points(c, g, x)
    eps = np.asarray(eps, np.float64)[..., None]
    length, p = np.sqrt(c) * _length(x), _dot(g, x)
    outside = np.where(eps > 0, length > 1 - eps, length >= 1)
    scale = _divide(1 - eps, length, 1.0)
    of_x = np.where(outside, scale * (g - _divide(p, _dot(x, x), 0.0) * x), g)
    return _select((of_x, np.where(outside, -0.5 * scale * p / c, 0.0)[..., 0]), wanted)


# ---- metric ----------------------------------------------------------------------------------------------------------


def poincare_dist(x: ArrayLike, y: ArrayLike, c: ArrayLike, out: Array | None = None) -> Array:
    """2/sqrt(c) asinh(sqrt(c)|x - y|/sqrt((1 - c|x|^2)(1 - c|y|^2)))."""
    c, x, y = _points(c, x, y)
    a, b = 1 - c * _dot(x, x), 1 - c * _dot(y, y)
    return _into(out, (2 / np.sqrt(c) * np.arcsinh(np.sqrt(c) * _length(x - y) / np.sqrt(a * b)))[..., 0])


def poincare_dist_vjp(g: ArrayLike, x: ArrayLike, y: ArrayLike, c: ArrayLike, wanted: tuple[bool, ...]) -> Gradients:
    """Gradients in x, y, c; zero at x = y."""
    c, g, x, y = *_points(c), *_points(g, x, y)
    xx, yy, dd = _dot(x, x), _dot(y, y), _dot(x - y, x - y)
    a, b = 1 - c * xx, 1 - c * yy
    E = c * dd / (a * b)
    slope = _divide(g, np.sqrt(c * E * (1 + E)), 0.0)
    of_x = slope * 2 * c / (a * b) * ((x - y) + c * dd / a * x)
    of_y = slope * 2 * c / (a * b) * ((y - x) + c * dd / b * y)
    of_c = slope * E * (1 / c + xx / a + yy / b) - g * np.arcsinh(np.sqrt(E)) / c**1.5
    return _select((of_x, of_y, of_c[..., 0]), wanted)


def poincare_dist0(x: ArrayLike, c: ArrayLike, out: Array | None = None) -> Array:
    """2/sqrt(c) artanh(sqrt(c)|x|)."""
    c, x = _points(c, x)
    return _into(out, (2 / np.sqrt(c) * np.arctanh(np.sqrt(c) * _length(x)))[..., 0])


def poincare_dist0_vjp(g: ArrayLike, x: ArrayLike, c: ArrayLike, wanted: tuple[bool, ...]) -> Gradients:
    """Gradients in x, c; zero at x = 0."""
    c, g, x = *_points(c), *_points(g, x)
    n = _length(x)
    of_x = _divide(2 * g / (1 - c * n * n), n, 0.0) * x
    return _select((of_x, (2 * g * n**3 * _d_artanhc(np.sqrt(c) * n))[..., 0]), wanted)


def poincare_pairwise_dist(x: ArrayLike, y: ArrayLike, c: float) -> Array:
    """Distances of every row of x from every row of y."""
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    return poincare_dist(x[..., :, None, :], y[..., None, :, :], c)


def poincare_pairwise_dist_vjp(
    g: ArrayLike, x: ArrayLike, y: ArrayLike, c: float, wanted: tuple[bool, ...]
) -> Gradients:
    """Gradients in x, y, c."""
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    of_x, of_y, of_c = poincare_dist_vjp(g, x[..., :, None, :], y[..., None, :, :], c, (True,) * 3)
    return _select((of_x.sum(-2), of_y.sum(-3), of_c.sum()), wanted)


def poincare_lambda_x(x: ArrayLike, c: ArrayLike, out: Array | None = None) -> Array:
    """The conformal factor 2/(1 - c|x|^2)."""
    c, x = _points(c, x)
    return _into(out, (2 / (1 - c * _dot(x, x)))[..., 0])


def poincare_lambda_x_vjp(g: ArrayLike, x: ArrayLike, c: ArrayLike, wanted: tuple[bool, ...]) -> Gradients:
    """Gradients in x, c."""
    c, g, x = *_points(c), *_points(g, x)
    slope = 2 * g / (1 - c * _dot(x, x)) ** 2
    return _select((2 * c * slope * x, (slope * _dot(x, x))[..., 0]), wanted)


def poincare_inner(x: ArrayLike, u: ArrayLike, v: ArrayLike, c: ArrayLike, out: Array | None = None) -> Array:
    """lambda_x^2 <u, v>."""
    c, x, u, v = _points(c, x, u, v)
    return _into(out, (4 * _dot(u, v) / (1 - c * _dot(x, x)) ** 2)[..., 0])


def poincare_inner_vjp(
    g: ArrayLike, x: ArrayLike, u: ArrayLike, v: ArrayLike, c: ArrayLike, wanted: tuple[bool, ...]
) -> Gradients:
    """Gradients in x, u, v, c."""
    c, g, x, u, v = *_points(c), *_points(g, x, u, v)
    a = 1 - c * _dot(x, x)
    slope = 8 * g * _dot(u, v) / a**3
    return _select((2 * c * slope * x, 4 * g / a**2 * v, 4 * g / a**2 * u, (slope * _dot(x, x))[..., 0]), wanted)


def poincare_norm(x: ArrayLike, u: ArrayLike, c: ArrayLike, out: Array | None = None) -> Array:
    """lambda_x |u|."""
    c, x, u = _points(c, x, u)
    return _into(out, (2 * _length(u) / (1 - c * _dot(x, x)))[..., 0])


def poincare_norm_vjp(g: ArrayLike, x: ArrayLike, u: ArrayLike, c: ArrayLike, wanted: tuple[bool, ...]) -> Gradients:
    """Gradients in x, u, c; zero in u at u = 0."""
    c, g, x, u = *_points(c), *_points(g, x, u)
    a, n = 1 - c * _dot(x, x), _length(u)
    slope = 2 * g * n / a**2
    return _select((2 * c * slope * x, _divide(2 * g / a, n, 0.0) * u, (slope * _dot(x, x))[..., 0]), wanted)


def poincare_egrad2rgrad(x: ArrayLike, u: ArrayLike, c: ArrayLike, out: Array | None = None) -> Array:
    """u/lambda_x^2."""
    c, x, u = _points(c, x, u)
    return _into(out, (1 - c * _dot(x, x)) ** 2 / 4 * u)


def poincare_egrad2rgrad_vjp(
    g: ArrayLike, x: ArrayLike, u: ArrayLike, c: ArrayLike, wanted: tuple[bool, ...]
) -> Gradients:
    """Gradients in x, u, c."""
    c, g, x, u = _points(c, g, x, u)
    a = 1 - c * _dot(x, x)
    slope = a / 2 * _dot(g, u)
    return _select((-2 * c * slope * x, a * a / 4 * g, -(slope * _dot(x, x))[..., 0]), wanted)


def _into(out: Array | None, result: Array) -> Array:
    if out is None:
        return result
    out[...] = result
    return out

"""The spaces of constant curvature and their charts, to the precision that mpmath is set to.

The space of curvature k, of either sign or none, is the quadric through 0 in R^(1+d)

    { (p, z) : |z|^2 + k p^2 = 2 p }      with      <u, v> = u_z.v_z + k u_p v_p.

It is the hyperboloid (k = -c < 0) or the sphere (k > 0) of "radius" 1/sqrt|k|, moved so that the origin of the space is
0: with W = 1 - k p, W/sqrt|k| is the time (the height over the equator) and z are the spatial coordinates. At k = 0 it
is a paraboloid, which projects isometrically on z. All that follows is analytic in k: nothing is special about k = 0.
xi = (W, -k z) is the inner normal at (p, z), scaled such that <xi, xi> = k. With the squared chord q = <Y - X, Y - X>
and sin_k(r) = sin(sqrt(k) r)/sqrt(k) = sinh(sqrt(c) r)/sqrt(c):

    distance      q = 4 sin_k(d/2)^2
    exponential   X + 2 sin_k(n/2)^2 xi_X + sin_k(n) V/n, where n = |V|
    logarithm     d/sin_k(d) (Y - X - q/2 xi_X)
    transport     V + <Y - X, V> (xi_X + xi_Y)/(2 - k q/2)

Charts, by name, with the parameter c that their functions take (k = -c unless said otherwise):

    "poincare"       x = z/(1 + W), c|x|^2 < 1
    "stereographic"  the same with c = k of either sign or 0; at k = 0 the metric is 4|dx|^2
    "lorentz"        x = z: the spatial coordinates; a tangent vector is its spatial part
    "klein"          x = z/W, c|x|^2 < 1
    "half_space"     x = (s, y) with y > 0 last, metric |dx|^2/(c y^2), the origin at (0, ..., 0, 1); see below
    "polar"          x in R^d, |x| the distance from the origin and x/|x| the direction
    "sphere"         the 1 + d coordinates (W/sqrt(c), z), of length 1/sqrt(c), k = +c; origin (1/sqrt(c), 0, ..., 0)
    "euclidean"      x = z, k = 0 whatever c

Half-space. In units b = sqrt(c) x of the ball, the Cayley map and its inverse are

    s = 2 b'/D,  y = (1 - |b|^2)/D,       D = |b'|^2 + (1 - b_d)^2
    b' = 2 s/E,  b_d = (|x|^2 - 1)/E,     E = |s|^2 + (1 + y)^2

where ' drops the last coordinate. It is the inversion at the ideal point (0, ..., 0, 1) of the ball with the radius
sqrt(2), followed by y -> -y. So it keeps the orientation, its derivative at the origin is 2 sqrt(c) times the identity,
the ideal point (0, ..., 0, 1) becomes infinity and (0, ..., 0, -1) becomes 0. c enters only here and in the metric.
In the ambient space 1/y = W - sqrt(c) z_d and s/y = sqrt(c) z'.

Points of the sphere, where hardly a stored vector lies, are projected radially to it, and vectors orthogonally to the
tangent space; so compare gradients there after the same projection.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import mpmath
from mpmath import mp, mpf


class Vector(NamedTuple):
    """A point of the ambient space, or a vector in it."""

    p: mpf
    z: list


class Tangent(NamedTuple):
    """A tangent vector and its foot."""

    at: Vector
    v: Vector


# ---- scalars and the ambient space -----------------------------------------------------------------------------------


def number(value) -> mpf:
    return value if isinstance(value, mpf) else mpf(float(value))


def root(value: mpf) -> mpf:
    if value < 0:
        raise ArithmeticError(f"square root of {mpmath.nstr(value)}")
    return mp.sqrt(value)


def reciprocal(value: mpf) -> mpf:
    """1/value for what is positive at every point of a chart."""
    if value <= 0:
        raise ArithmeticError(f"a point outside its chart: {mpmath.nstr(value)} where a positive number is needed")
    return 1 / value


def sin_k(k: mpf, r: mpf) -> mpf:
    if k == 0:
        return r
    scale = mp.sqrt(abs(k))
    return (mp.sin if k > 0 else mp.sinh)(scale * r) / scale


def cos_k(k: mpf, r: mpf) -> mpf:
    return (mp.cos if k > 0 else mp.cosh)(mp.sqrt(abs(k)) * r)


def arcsin_k(k: mpf, s: mpf) -> mpf:
    if k == 0:
        return s
    scale = mp.sqrt(abs(k))
    return (mp.asin(max(min(scale * s, 1), -1)) if k > 0 else mp.asinh(scale * s)) / scale


def dot(u: Sequence, v: Sequence) -> mpf:
    return mp.fdot(u, v)


def combine(*terms: tuple[mpf, Vector]) -> Vector:
    """The linear combination of vectors."""
    weights, vectors = zip(*terms, strict=True)
    z = [mp.fdot(weights, column) for column in zip(*(v.z for v in vectors), strict=True)]
    return Vector(mp.fdot(weights, [v.p for v in vectors]), z)


def form(k: mpf, u: Vector, v: Vector) -> mpf:
    return dot(u.z, v.z) + k * u.p * v.p


def minus(x: Vector, y: Vector) -> Vector:
    return combine((1, x), (-1, y))


def height(k: mpf, x: Vector) -> mpf:
    return 1 - k * x.p


def normal(k: mpf, x: Vector) -> Vector:
    return Vector(height(k, x), [-k * z for z in x.z])


def origin(like: Vector) -> Vector:
    return Vector(mpf(0), [mpf(0)] * len(like.z))


def shift(k: mpf, a: Vector, v: Vector) -> Vector:
    """The linear part of the translation that takes the origin to `a` along their geodesic.

    It takes the normal at the origin to that at a, and leaves alone what is orthogonal to both.
    Points are vectors from the origin, so the translation of x is a + shift(a, x).
    """
    w, xi = height(k, a), normal(k, a)
    share = v.p - dot(a.z, v.z) / (1 + w)
    return combine((1, v), (-share, Vector(mpf(1), [mpf(0)] * len(a.z))), (2 * v.p - share, xi))


def opposite(x: Vector) -> Vector:
    return Vector(x.p, [-z for z in x.z])


def opening(k: mpf, x: Vector, y: Vector) -> mpf:
    """2 - k q/2, which is 0 at the antipode."""
    away = minus(y, x)
    value = 2 - k * form(k, away, away) / 2
    if value < mpf(10) ** (-mp.dps // 3):
        raise ArithmeticError("no single geodesic leads to the antipode")
    return value


def distance(k: mpf, x: Vector, y: Vector) -> mpf:
    away = minus(y, x)
    return 2 * arcsin_k(k, root(form(k, away, away)) / 2)


# ---- charts: coordinates to the ambient space and back, and the differentials of both --------------------------------


class Stereographic:
    """x = z/(1 + W), so that W = (1 - k|x|^2)/(1 + k|x|^2)."""

    def lift(k, x):
        D, xx = reciprocal(1 + k * dot(x, x)), dot(x, x)
        return Vector(2 * xx * D, [2 * v * D for v in x])

    def push(k, x, v):
        D, xv = reciprocal(1 + k * dot(x, x)), dot(x, v)
        return Vector(4 * xv * D**2, [2 * b * D - 4 * k * xv * D**2 * a for a, b in zip(x, v, strict=True)])

    def drop(k, X):
        return [z / (2 - k * X.p) for z in X.z]

    def pull(k, X, V):
        D = 2 - k * X.p
        return [v / D + k * V.p * z / D**2 for z, v in zip(X.z, V.z, strict=True)]


class Lorentz:
    """x = z, so that W = sqrt(1 - k|x|^2) and, for tangent vectors, W v_p = <x, v>."""

    def lift(k, x):
        xx = dot(x, x)
        return Vector(xx / (1 + root(1 - k * xx)), list(x))

    def push(k, x, v):
        return Vector(dot(x, v) / root(1 - k * dot(x, x)), list(v))

    def drop(k, X):
        return X.z

    def pull(k, X, V):
        return V.z


class Klein:
    """x = z/W, so that W = 1/sqrt(1 + k|x|^2)."""

    def lift(k, x):
        xx = dot(x, x)
        W = root(reciprocal(1 + k * xx))
        return Vector(W * W * xx / (1 + W), [W * v for v in x])

    def push(k, x, v):
        W, xv = root(reciprocal(1 + k * dot(x, x))), dot(x, v)
        return Vector(W**3 * xv, [W * b - k * W**3 * xv * a for a, b in zip(x, v, strict=True)])

    def drop(k, X):
        return [z / height(k, X) for z in X.z]

    def pull(k, X, V):
        W = height(k, X)
        return [v / W + k * V.p * z / W**2 for z, v in zip(X.z, V.z, strict=True)]


class HalfSpace:
    """1/y = W - sqrt(c) z_d and s = sqrt(c) y z'."""

    def lift(k, x):
        *s, y = x
        r, xx, u = mp.sqrt(-k), dot(x, x), reciprocal(y)
        return Vector((dot(s, s) + (y - 1) ** 2) * u / (-2 * k), [*(v * u / r for v in s), (xx - 1) * u / (2 * r)])

    def push(k, x, v):
        X = HalfSpace.lift(k, x)
        *ds, dy = v
        y = x[-1]
        r, xv, rate = mp.sqrt(-k), dot(x, v), dy / y
        z = [b / (r * y) - rate * z for b, z in zip(ds, X.z, strict=False)]
        return Vector((xv - dy) / (-k * y) - rate * X.p, [*z, xv / (r * y) - rate * X.z[-1]])

    def drop(k, X):
        r = mp.sqrt(-k)
        y = reciprocal(height(k, X) - r * X.z[-1])
        return [*(r * y * z for z in X.z[:-1]), y]

    def pull(k, X, V):
        *s, y = HalfSpace.drop(k, X)
        r = mp.sqrt(-k)
        dy = y * y * (k * V.p + r * V.z[-1])
        return [*(r * y * v + dy / y * b for b, v in zip(s, V.z, strict=False)), dy]


class Polar:
    """z = sin_k(r) u and p = 2 sin_k(r/2)^2 for x = r u."""

    def lift(k, x):
        r = root(dot(x, x))
        ratio = sin_k(k, r) / r if r else mpf(1)
        return Vector(2 * sin_k(k, r / 2) ** 2, [ratio * v for v in x])

    def push(k, x, v):
        r = root(dot(x, x))
        if not r:
            return Vector(mpf(0), list(v))
        S, C, dr = sin_k(k, r), cos_k(k, r), dot(x, v) / r
        return Vector(S * dr, [S / r * b + (C - S / r) * dr * a / r for a, b in zip(x, v, strict=True)])

    def drop(k, X):
        r = distance(k, origin(X), X)
        ratio = r / sin_k(k, r) if r else mpf(1)
        return [ratio * z for z in X.z]

    def pull(k, X, V):
        r = distance(k, origin(X), X)
        if not r:
            return V.z
        S = sin_k(k, r)
        zv = dot(X.z, V.z) / (S * S * height(k, X))  # dr/S
        return [r / S * v + (1 - r / S * height(k, X)) * zv * z for z, v in zip(X.z, V.z, strict=True)]


class Sphere:
    """(W/sqrt(k), z)."""

    def lift(k, x):
        scale = mp.sqrt(k * dot(x, x))
        return Vector((1 - mp.sqrt(k) * x[0] / scale) / k, [v / scale for v in x[1:]])

    def push(k, x, v):
        ratio = dot(x, v) / dot(x, x)
        first, *z = (b - ratio * a for a, b in zip(x, v, strict=True))
        return Vector(-first / mp.sqrt(k), z)

    def drop(k, X):
        return [height(k, X) / mp.sqrt(k), *X.z]

    def pull(k, X, V):
        return [-mp.sqrt(k) * V.p, *V.z]


class Chart(NamedTuple):
    """Maps, the sign of k in terms of the parameter, and the coordinates beyond the dimension."""

    maps: Any
    sign: int
    extra: int = 0


CHARTS = {
    "poincare": Chart(Stereographic, -1),
    "lorentz": Chart(Lorentz, -1),
    "klein": Chart(Klein, -1),
    "half_space": Chart(HalfSpace, -1),
    "polar": Chart(Polar, -1),
    "stereographic": Chart(Stereographic, 1),
    "sphere": Chart(Sphere, 1, extra=1),
    "euclidean": Chart(Polar, 0),
}
HYPERBOLIC = tuple(name for name, chart in CHARTS.items() if chart.sign < 0)


def dual(maps: Any, k: mpf, x: list, g: list) -> Vector:
    """The tangent vector V with <V, U> = g.pull(U) for every U.

    On tangent vectors, for which W u_p = <z, u_z>, the functional l = g.pull is m.u_z with m = l_z + l_p z/W, and the
    metric is the matrix 1 + k zz'/W^2, whose inverse is 1 - k zz'. So V_z = m - k <z, m> z, without the quotients:
    """
    X, zero = maps.lift(k, x), [mpf(0)] * len(maps.lift(k, x).z)
    along = dot(g, maps.pull(k, X, Vector(mpf(1), zero)))
    units = ([*zero[:i], mpf(1), *zero[i + 1 :]] for i in range(len(zero)))
    across = [dot(g, maps.pull(k, X, Vector(mpf(0), unit))) for unit in units]
    share, W = dot(X.z, across), height(k, X)
    return Vector(
        W * share + along * dot(X.z, X.z), [m + (along * W - k * share) * z for m, z in zip(across, X.z, strict=True)]
    )

"""Every operation in every chart of constant-curvature geometry, to any precision: what the kernels are measured by.

`oracle_space` has the ambient space, the charts, their names and the conventions. An operation is written here once,
for points of the ambient space, and `dist(chart, x, y, c)` lifts x and y there and brings the result back: a number, or
a list of them in the coordinates of the chart, or of another one named by `target`: `convert(chart, x, c, target=...)`
is the identity. `rows` does it for whole arrays, `gradient` differentiates in every argument.

Stored coordinates are taken as exact. The precision is doubled until two evaluations agree to `AGREE` digits, so no
operation, radius or cancellation needs a thought about digits. Where the exact result is zero the result is 0; where
there is none (a logarithm at the antipode, a point outside its chart), ArithmeticError.
"""

from collections.abc import Callable, Sequence
from itertools import starmap
from typing import Any

import mpmath
import numpy as np
from mpmath import mp, mpf
from oracle_space import (
    CHARTS,
    HYPERBOLIC,
    Tangent,
    Vector,
    arcsin_k,
    combine,
    distance,
    dot,
    dual,
    form,
    height,
    minus,
    normal,
    opening,
    opposite,
    origin,
    root,
    shift,
    sin_k,
)

__all__ = ["CHARTS", "HYPERBOLIC", "OPERATIONS", "gradient", "relative_error", "rows"]

FIRST, LAST, AGREE = 100, 60_000, 30  # decimal digits
OPERATIONS: dict[str, Callable] = {}
AXES = {"point": 1, "vector": 1, "covector": 1, "numbers": 1, "scalar": 0, "matrix": 2, "points": 2}


# ---- precision -------------------------------------------------------------------------------------------------------


def settled(a: list, b: list, digits: int) -> list | None:
    """Return b if a, found with half the digits, agrees with it.

    Components that are nothing beside the largest need not agree; what only shrinks as the digits grow is zero.
    """
    size = max(map(abs, b), default=mpf(0))
    if all(abs(v - w) <= abs(w) * mpf(10) ** -AGREE + size * mpf(10) ** -60 for v, w in zip(a, b, strict=True)):
        return b
    if digits > 400 and max(size, *map(abs, a)) < mpf(10) ** (-digits // 8):
        return [mpf(0)] * len(b)
    return None


def settle(evaluate: Callable[[], list[list]]) -> list[list]:
    """Evaluate lists of numbers with more and more digits until each of them settles."""
    last, digits, failure = None, FIRST, ArithmeticError("does not settle")
    while digits < LAST:
        with mp.workdps(digits):
            try:
                parts = evaluate()
            except ArithmeticError as error:
                last, failure = None, error
            else:
                found = [settled(a, b, digits) for a, b in zip(last, parts, strict=True)] if last else [None]
                if None not in found:
                    return found
                last = parts
        digits *= 2
    raise failure


# ---- from an operation of the ambient space to one of each chart -----------------------------------------------------


def exact(value: Any) -> Any:
    """Return numbers as mpf, arrays as lists of them."""
    if isinstance(value, mpf):
        return value
    return [exact(v) for v in value] if isinstance(value, list | tuple) or np.ndim(value) else mpf(float(value))


def lifted(chart: str, k: mpf, kind: str, value: Any, args: Sequence) -> Any:
    """Return an argument as its kind says; a vector's kind names the argument that is its foot, or the origin."""
    maps, extra = CHARTS[chart].maps, CHARTS[chart].extra
    kind, _, foot = kind.partition("@")
    if kind == "point":
        return maps.lift(k, value)
    if kind == "points":
        return [maps.lift(k, row) for row in value]
    if kind in ("vector", "covector"):
        x = maps.drop(k, Vector(mpf(0), [mpf(0)] * (len(value) - extra))) if foot == "origin" else args[int(foot)]
        return Tangent(maps.lift(k, x), maps.push(k, x, value) if kind == "vector" else dual(maps, k, x, value))
    return value


def evaluate(op: Callable, chart: str, args: Sequence, target: str | None) -> list:
    """Return the result as a list, with the digits that mpmath is set to."""
    *args, c = args
    k = CHARTS[chart].sign * c
    maps = CHARTS[target or chart].maps
    result = op.ambient(k, *(lifted(chart, k, kind, v, args) for kind, v in zip(op.kinds, args, strict=True)))
    if isinstance(result, Tangent):
        return maps.pull(k, *result)
    return maps.drop(k, result) if isinstance(result, Vector) else [result]


def operation(*kinds: str) -> Callable:
    """Make f(chart, *args, c, target=None) of a function of k and the ambient arguments."""

    def decorate(ambient: Callable) -> Callable:
        def public(chart: str, *args: Any, target: str | None = None) -> Any:
            args = checked(public, chart, args)
            (result,) = settle(lambda: [evaluate(public, chart, args, target)])
            return result[0] if public.scalar else result

        public.__name__, public.__doc__, public.scalar = (
            ambient.__name__,
            ambient.__doc__,
            ambient.__annotations__["return"] is mpf,
        )
        public.kinds, public.ambient = kinds, ambient
        OPERATIONS[ambient.__name__] = public
        return public

    return decorate


def checked(op: Callable, chart: str, args: Sequence) -> list:
    args = [exact(v) for v in args]
    if len(args) != len(op.kinds) + 1:
        raise TypeError(f"{op.__name__} takes {', '.join(op.kinds)} and c, not {len(args)} arguments")
    if chart in (*HYPERBOLIC, "sphere") and args[-1] <= 0:
        raise ValueError(f"{chart} needs c > 0, not {args[-1]}")
    return args


# ---- operations ------------------------------------------------------------------------------------------------------


@operation("point")
def convert(k, x) -> Vector:
    """The point itself, for another chart."""
    return x


@operation("point", "vector@0")
def convert_tangent(k, x, v) -> Tangent:
    """The tangent vector itself, for another chart."""
    return v


@operation("point", "vector@0", "vector@0")
def inner(k, x, u, v) -> mpf:
    return form(k, u.v, v.v)


@operation("point", "vector@0")
def norm(k, x, v) -> mpf:
    return root(form(k, v.v, v.v))


@operation("point", "covector@0")
def egrad2rgrad(k, x, g) -> Tangent:
    """The vector whose inner product with any other is that of the coordinates with g."""
    return g


@operation("point")
def lambda_x(k, x) -> mpf:
    """The conformal factor of the ball and of its k-stereographic kin at the point: 1 + W."""
    return 1 + height(k, x)


@operation("point", "point")
def dist(k, x, y) -> mpf:
    return distance(k, x, y)


@operation("point")
def dist0(k, x) -> mpf:
    return distance(k, origin(x), x)


@operation("point", "vector@0")
def expmap(k, x, v) -> Vector:
    n = root(form(k, v.v, v.v))
    ratio = sin_k(k, n) / n if n else mpf(1)
    return combine((1, x), (2 * sin_k(k, n / 2) ** 2, normal(k, x)), (ratio, v.v))


@operation("point", "vector@0")
def expmap_transp(k, x, v) -> Tangent:
    """The velocity with which the exponential map arrives."""
    return transp.ambient(k, x, expmap.ambient(k, x, v), v)


@operation("vector@origin")
def expmap0(k, v) -> Vector:
    return expmap.ambient(k, v.at, v)


@operation("point", "point")
def logmap(k, x, y) -> Tangent:
    away, d = minus(y, x), distance(k, x, y)
    opening(k, x, y)  # is positive
    ratio = d / sin_k(k, d) if d else mpf(1)
    return Tangent(x, combine((ratio, away), (-ratio / 2 * form(k, away, away), normal(k, x))))


@operation("point")
def logmap0(k, y) -> Tangent:
    return logmap.ambient(k, origin(y), y)


@operation("scalar", "point", "point")
def geodesic(k, t, x, y) -> Vector:
    return expmap.ambient(k, x, times(t, logmap.ambient(k, x, y)))


@operation("scalar", "point", "vector@1")
def geodesic_unit(k, t, x, u) -> Vector:
    """The point at arc length t in the direction of u, whatever its length."""
    return expmap.ambient(k, x, times(t / root(form(k, u.v, u.v)), u))


@operation("point", "point", "vector@0")
def transp(k, x, y, v) -> Tangent:
    away = minus(y, x)
    share = form(k, away, v.v) / opening(k, x, y)
    return Tangent(y, combine((1, v.v), (share, normal(k, x)), (share, normal(k, y))))


@operation("point", "vector@origin")
def transp0(k, y, v) -> Tangent:
    return transp.ambient(k, v.at, y, v)


@operation("point", "vector@0")
def transp0back(k, x, v) -> Tangent:
    return transp.ambient(k, x, origin(x), v)


@operation("point", "point")
def mobius_add(k, x, y) -> Vector:
    """The translation by x of y, which is exp_x of log_0 y transported; in the Klein chart, Einstein addition.

    It is the boost that takes the origin to x; `recenter` is its inverse.
    """
    return combine((1, x), (1, shift(k, x, y)))


@operation("point", "point", "vector@1")
def boost_tangent(k, x, y, v) -> Tangent:
    """The image of v, at y, under the translation by x."""
    return Tangent(mobius_add.ambient(k, x, y), shift(k, x, v.v))


@operation("point", "point")
def recenter(k, x, y) -> Vector:
    """The image of y under the translation that takes x to the origin."""
    return mobius_add.ambient(k, opposite(x), y)


@operation("point", "point")
def mobius_sub(k, x, y) -> Vector:
    return mobius_add.ambient(k, x, opposite(y))


@operation("point")
def mobius_neg(k, x) -> Vector:
    return opposite(x)


@operation("point", "point", "vector@origin")
def gyration(k, x, y, v) -> Tangent:
    """The rotation -(x + y) + (x + (y + v)) of a tangent vector at the origin.

    In all charts but the half-space the origin is 0 and a rotation is linear in the coordinates: v may be a point.
    """
    return Tangent(v.at, rotation(k, x, y, v.v))


@operation("point", "point")
def mobius_coadd(k, x, y) -> Vector:
    return mobius_add.ambient(k, x, rotation(k, x, opposite(y), y))


@operation("scalar", "point")
def mobius_scalar_mul(k, r, x) -> Vector:
    return expmap0.ambient(k, times(r, logmap0.ambient(k, x)))


@operation("matrix", "point")
def mobius_matvec(k, m, x) -> Vector:
    """The exponential of m times the logarithm, both at the origin, where all charts have the same axes."""
    z = [dot(row, logmap0.ambient(k, x).v.z) for row in m]
    image = Vector(mpf(0), z)
    return expmap0.ambient(k, Tangent(origin(image), image))


@operation("numbers", "point")
def mobius_pointwise_mul(k, w, x) -> Vector:
    return mobius_matvec.ambient(k, [[w[i] if i == j else mpf(0) for j in range(len(w))] for i in range(len(w))], x)


@operation("numbers", "point")
def busemann(k, p, x) -> mpf:
    """The limit of d(x, y) - d(0, y) for y to infinity in the direction p (of any length) of the ball; k < 0.

    log(W - sqrt(c) <z, p>)/sqrt(c), which is log(|p - sqrt(c) x|^2/(1 - c|x|^2))/sqrt(c) in the ball.
    """
    r = root(-k)
    level = height(k, x) - r * dot(x.z, p) / root(dot(p, p))
    if level <= 0:
        raise ArithmeticError("a difference without digits")
    return mp.log(level) / r


@operation("point", "point", "vector@1")
def dist2plane(k, x, p, a) -> mpf:
    """The signed distance of x from the totally geodesic plane through p with the normal a (of any length)."""
    return arcsin_k(k, form(k, minus(x, p), a.v) / root(form(k, a.v, a.v)))


@operation("points", "numbers")
def einstein_midpoint(k, x, w) -> Vector:
    """The weighted sum of ambient vectors, scaled back to the space: sum w W x/sum w W in the Klein chart."""
    W, z = dot(w, [height(k, row) for row in x]), [dot(w, column) for column in zip(*(row.z for row in x), strict=True)]
    scale = 1 / root(W * W + k * dot(z, z))
    W, z = W * scale, [v * scale for v in z]
    if W < 0 and k <= 0:
        raise ArithmeticError("weights with a negative sum have no midpoint")
    return Vector((1 - W) / k if W < 0 else dot(z, z) / (1 + W), z)


def times(t: mpf, v: Tangent) -> Tangent:
    return Tangent(v.at, combine((t, v.v)))


def rotation(k: mpf, x: Vector, y: Vector, v: Vector) -> Vector:
    return shift(k, opposite(mobius_add.ambient(k, x, y)), shift(k, x, shift(k, y, v)))


# ---- gradients, arrays, errors ---------------------------------------------------------------------------------------


def flat(value: Any) -> list:
    return [w for v in value for w in flat(v)] if isinstance(value, list) else [value]


def shaped(like: Any, numbers: Any) -> Any:
    return [shaped(v, numbers) for v in like] if isinstance(like, list) else next(numbers)


def gradient(op: str, chart: str, args: Sequence, g: Any = 1, target: str | None = None) -> list:
    """Return the derivatives of <g, op(chart, *args)> in every argument, the last of which is c, shaped as they are.

    By central differences. The step is 10^(-D/3) of an argument's largest number when it is done with D digits, so that
    truncation and cancellation cost the same; a step too large shows, as any error does, in two precisions that differ.
    Derivatives at kinks are those of symmetric differences: zero for the distance at x = y.
    """
    function = OPERATIONS[op]
    args, g = checked(function, chart, args), flat(exact(g))

    def of(index: int) -> list:
        numbers = flat(args[index])
        step = mpf(10) ** (-mp.dps // 3) * (max(map(abs, numbers)) or 1)

        def value(i: int, h: mpf) -> mpf:
            moved = [*numbers[:i], numbers[i] + h, *numbers[i + 1 :]]
            shifted = [*args[:index], shaped(args[index], iter(moved)), *args[index + 1 :]]
            return dot(g, evaluate(function, chart, shifted, target))

        return [(value(i, step) - value(i, -step)) / (2 * step) for i in range(len(numbers))]

    parts = settle(lambda: [of(i) for i in range(len(args))])
    return list(starmap(lambda arg, part: shaped(arg, iter(part)), zip(args, parts, strict=True)))


def rows(op: str, chart: str, *arrays: Any, c: Any, target: str | None = None) -> np.ndarray:
    """Apply an operation along the last axes of arrays whose leading axes broadcast; correctly rounded to float64."""
    function = OPERATIONS[op]
    arrays = [np.asarray(a) for a in (*arrays, c)]
    axes = [AXES[kind.partition("@")[0]] for kind in function.kinds] + [0]
    lead = np.broadcast_shapes(*(a.shape[: a.ndim - n] for a, n in zip(arrays, axes, strict=True)))
    arrays = [np.broadcast_to(a, lead + a.shape[a.ndim - n :]) for a, n in zip(arrays, axes, strict=True)]
    results = [function(chart, *(a[i] for a in arrays), target=target) for i in np.ndindex(lead)]
    out = np.array([[float(v) for v in flat(r)] for r in results])
    return out.reshape(lead if function.scalar else (*lead, -1))


def relative_error(got: Any, want: Any, elementwise: bool = False) -> float:
    """Return |got - want|/|want| of numbers or vectors of mpf; elementwise, the largest over the components.

    It is 0 where both are 0 and inf where only `want` is; divide by np.finfo(dtype).eps for units in the last place.
    """
    with mp.workdps(60):
        got, want = flat(exact(got)), flat(exact(want))
        if elementwise:
            return max(relative_error(v, w) for v, w in zip(got, want, strict=True))
        error = mpmath.norm([v - w for v, w in zip(got, want, strict=True)])
        size = mpmath.norm(want)
        return float(error / size) if size else (0.0 if error == 0 else float("inf"))

"""Flat space; the last operand, which holds the other models' curvature, does nothing."""

from typing import Any

from ._common import dot, kernels, length, numbers


def _number(result: Any, *unused: Any) -> Any:
    """A result that is NaN where an operand is that it does not depend on."""
    return result + 0.0 * sum(x.sum(-1) for x in unused)


def _dist(x: Any, y: Any, c: Any) -> Any:
    """|y - x|."""
    return length(y - x)[..., 0] + 0.0 * c


def _dist0(x: Any, c: Any) -> Any:
    """|x|."""
    return length(x)[..., 0] + 0.0 * c


def _inner(x: Any, u: Any, v: Any, c: Any) -> Any:
    """<u, v>."""
    return _number(dot(u, v)[..., 0], x) + 0.0 * c


def _norm(x: Any, u: Any, c: Any) -> Any:
    """|u|."""
    return _number(length(u)[..., 0], x) + 0.0 * c


def _row(result: Any, c: Any, *unused: Any) -> Any:
    return result + 0.0 * (numbers(c)[0] + sum(unused))


def _egrad2rgrad(x: Any, u: Any, c: Any) -> Any:
    """U itself."""
    return _row(u, c, x)


def _expmap(x: Any, v: Any, c: Any) -> Any:
    """X + v."""
    return _row(x + v, c)


def _logmap(x: Any, y: Any, c: Any) -> Any:
    """Y - x."""
    return _row(y - x, c)


def _expmap0(v: Any, c: Any) -> Any:
    """V itself."""
    return _row(v, c)


def _logmap0(y: Any, c: Any) -> Any:
    """Y itself."""
    return _row(y, c)


def _geodesic(x: Any, y: Any, t: Any, c: Any) -> Any:
    """(1 - t) x + t y."""
    (t,) = numbers(t)
    return _row((1 - t) * x + t * y, c)


def _transp(x: Any, y: Any, v: Any, c: Any) -> Any:
    """V itself."""
    return _row(v, c, x, y)


euclidean_dist, euclidean_dist_vjp = kernels(_dist)
euclidean_dist0, euclidean_dist0_vjp = kernels(_dist0)
euclidean_inner, euclidean_inner_vjp = kernels(_inner)
euclidean_norm, euclidean_norm_vjp = kernels(_norm)
euclidean_egrad2rgrad, euclidean_egrad2rgrad_vjp = kernels(_egrad2rgrad)
euclidean_expmap, euclidean_expmap_vjp = kernels(_expmap)
euclidean_logmap, euclidean_logmap_vjp = kernels(_logmap)
euclidean_expmap0, euclidean_expmap0_vjp = kernels(_expmap0)
euclidean_logmap0, euclidean_logmap0_vjp = kernels(_logmap0)
euclidean_geodesic, euclidean_geodesic_vjp = kernels(_geodesic)
euclidean_transp, euclidean_transp_vjp = kernels(_transp)

__all__ = [name for name in globals() if name.startswith("euclidean_")]

"""The definition of every kernel, in float64."""

import numpy as np

__all__ = ["angle", "angle_vjp"]


def angle(x, y):
    """Return the angle between x and y, from its sine and its cosine."""
    x, y = _unit(x), _unit(y)
    cosine = np.sum(x * y, -1, keepdims=True)
    return np.arctan2(np.linalg.norm(y - cosine * x, axis=-1), cosine[..., 0])


def angle_vjp(g, x, y, wanted):
    """Return the gradients in x and y: one turns x towards or away from y, and does not change its length."""
    g = np.asarray(g, np.float64)[..., None]
    return (
        -g * _towards(x, y) / np.linalg.norm(x, axis=-1, keepdims=True) if wanted[0] else None,
        -g * _towards(y, x) / np.linalg.norm(y, axis=-1, keepdims=True) if wanted[1] else None,
    )


def _unit(x):
    x = np.asarray(x, np.float64)
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def _towards(x, y):
    """Return the unit tangent at x that points to y; zero where they are parallel and there is no such direction."""
    x, y = _unit(x), _unit(y)
    across = y - np.sum(x * y, -1, keepdims=True) * x
    length = np.linalg.norm(across, axis=-1, keepdims=True)
    return np.divide(across, length, out=np.zeros_like(across), where=length != 0)

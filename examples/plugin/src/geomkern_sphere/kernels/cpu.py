"""The kernels that run: contiguous float32 or float64 in, the same type out."""

import numpy as np

__all__ = ["angle", "angle_vjp"]


def angle(x, y):
    """Return the angle between x and y, as accurate as their digits allow.

    The arc cosine of the inner product loses half the digits near 0 and near pi; the half angle is the arc tangent of
    a ratio of lengths and loses none (Kahan 2006, "How futile are mindless assessments of roundoff").
    """
    x, y = x / _length(x), y / _length(y)
    return 2 * np.arctan2(_length(x - y)[..., 0], _length(x + y)[..., 0])


def angle_vjp(g, x, y, wanted):
    """Return the gradients in x and y, where wanted; zero where they are parallel."""
    length_x, length_y = _length(x), _length(y)
    x, y = x / length_x, y / length_y
    apart, together = _length(x - y), _length(x + y)
    sine, cosine = apart * together / 2, 1 - apart * apart / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.where(sine == 0, 0, -g[..., None] / sine)
    return (
        slope / length_x * (y - cosine * x) if wanted[0] else None,
        slope / length_y * (x - cosine * y) if wanted[1] else None,
    )


def _length(x):
    return np.sqrt(np.vecdot(x, x))[..., None]

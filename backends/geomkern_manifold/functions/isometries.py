"""Translations of hyperbolic space: the isometries that move the origin along a geodesic through it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geomkern import Tensor

from .arrays import number
from .conversions import convert
from .kernel import kernel_function

if TYPE_CHECKING:
    from ..manifolds.hyperbolic import HyperbolicManifold

__all__ = ["boost_matrix", "recentre", "translate"]


def translate(space: HyperbolicManifold, x: Any, by: Any) -> Any:
    """Return the image of x under the translation that takes the origin to `by`; see `HyperbolicManifold.translate`."""
    if space.model == "poincare":
        return space._operate("mobius_add", by, x)
    return convert_back(space, boost(space, convert(x, space, "lorentz"), convert(by, space, "lorentz")))


def recentre(space: HyperbolicManifold, x: Any, centre: Any) -> Any:
    """Return the image of x under the translation from `centre` to the origin; see `HyperbolicManifold.recentre`."""
    if space.model == "poincare":
        return space._operate("mobius_add", -number(centre), x)
    return convert_back(space, boost(space, convert(x, space, "lorentz"), -number(convert(centre, space, "lorentz"))))


def boost_matrix(space: HyperbolicManifold, by: Any) -> Any:
    """Return the Lorentz boost that takes the origin to `by`; see `HyperbolicManifold.boost_matrix`."""
    b = number(convert(by, space, "lorentz"))
    c = space.c if isinstance(space.c, Tensor) else np.asarray(space.c, np.result_type(b.dtype, np.float32))
    c = c[..., None] if c.ndim else c
    step = c**0.5 * b
    time = (1 + (step * step).sum(-1, keepdims=True)) ** 0.5
    outer = step[..., :, None] * (step / (1 + time))[..., None, :]
    top = np.concatenate([time, step], axis=-1)[..., None, :]
    below = np.concatenate([step[..., None], outer + np.eye(b.shape[-1], dtype=b.dtype)], axis=-1)
    return np.concatenate([top, below], axis=-2)


def boost(space: HyperbolicManifold, x: Any, by: Any) -> Any:
    return kernel_function("lorentz_translate")(x, by, space.c)


def convert_back(space: HyperbolicManifold, x: Any) -> Any:
    """Return points of Lorentz's model in the space's own."""
    if space.model == "lorentz":
        return x
    return kernel_function(f"lorentz_to_{space.model}")(x, space.c)

"""What the Riemannian optimisers share: the gradient on the manifold, and the step along it."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from geomkern import Tensor


def fixed_manifold(parameter: Tensor) -> Any:
    """Return the manifold of a parameter, or None, with a curvature that no step is recorded for."""
    manifold = getattr(parameter, "manifold", None)
    return None if manifold is None else manifold.detach()


def riemannian_gradient(
    manifold: Any, values: np.ndarray, gradient: np.ndarray, group: Mapping[str, Any], decay: float
) -> np.ndarray:
    """Return the Riemannian gradient of what is to be minimised, weight decay included."""
    flat = -gradient if group["maximize"] else gradient
    if decay:
        flat = flat + values.dtype.type(decay) * values
    return manifold.egrad2rgrad(values, flat)


def moved(manifold: Any, values: np.ndarray, direction: np.ndarray, lr: float, retraction: bool) -> np.ndarray:
    """Return the points one step against `direction`, along geodesics or by retraction."""
    step = values.dtype.type(-lr) * direction
    return manifold.retr(values, step) if retraction else manifold.expmap(values, step)

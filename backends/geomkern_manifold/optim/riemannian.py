"""What the Riemannian optimisers share: the gradient on the manifold, the step along it, and where curvatures learn."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from geomkern import Tensor, backends
from geomkern.optim import Optimizer

__all__ = ["Riemannian", "fixed_manifold", "fused_step", "moved", "riemannian_gradient"]


class Riemannian(Optimizer):
    """The mixin of optimisers that follow manifolds.

    A step that moves a learnable curvature may leave points outside: a ball of larger c is smaller. So after each step
    the points of such manifolds are projected back.
    """

    follows_manifolds = True

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move every parameter that has a gradient; see :meth:`geomkern.optim.Optimizer.step`."""
        loss = super().step(closure)
        for parameter in self._parameters():
            manifold = getattr(parameter, "manifold", None)
            fixed = fixed_manifold(parameter)
            if fixed is not manifold:
                inside = fixed.projx(parameter.data)
                if not np.array_equal(inside, parameter.data, equal_nan=True):
                    parameter.data[...] = inside
                    parameter._touched()
        return loss


def fixed_manifold(parameter: Tensor) -> Any:
    """Return the manifold of a parameter, or None, with a curvature that no step is recorded for."""
    manifold = getattr(parameter, "manifold", None)
    return None if manifold is None else manifold.detach()


def fused_step(manifold: Any, name: str) -> Callable[..., None] | None:
    """Return the kernel that takes a whole step on a manifold, or None where a step is composed of its methods."""
    model = getattr(manifold, "model", None)
    return getattr(backends.kernels("manifold"), f"{model}_{name}_step", None)


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

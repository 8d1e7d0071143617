"""Riemannian Adam."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from geomkern import Tensor
from geomkern.optim import Adam

from .riemannian import Riemannian, fixed_manifold, fused_step, moved, riemannian_gradient

__all__ = ["RiemannianAdam"]


class RiemannianAdam(Riemannian, Adam):
    r"""Adam that follows the manifold of each parameter; flat parameters move as in Adam.

    On a manifold the first moment is a tangent vector that is transported with the point, and the second one a number
    for each point, the mean of :math:`|g|_x^2`.

    Parameters
    ----------
    params : iterable of Tensor, or iterable of dict
        The parameters, or groups of them with options of their own.
    lr, betas, eps, weight_decay, amsgrad, decoupled, maximize
        As in :class:`geomkern.optim.Adam`. Decoupled weight decay scales points towards the origin.
    retraction : bool
        Whether to move by the manifold's first-order retraction in place of its exponential map.

    Raises
    ------
    DomainError
        If an option is out of range.

    References
    ----------
    Bécigneul, G., Ganea, O. (2019). Riemannian adaptive optimization methods. *ICLR*.

    Examples
    --------
    >>> import geomkern as gk
    >>> from geomkern_manifold import PoincareBall, RiemannianAdam
    >>> ball = PoincareBall()
    >>> x = gk.nn.Parameter([0.9, 0.0], manifold=ball)
    >>> optimizer = RiemannianAdam([x], lr=0.1)
    >>> for _ in range(200):
    ...     optimizer.zero_grad()
    ...     (ball.dist0(x) ** 2).backward()
    ...     optimizer.step()
    >>> bool(ball.dist0(x.numpy()) < 0.05)
    True
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        decoupled: bool = False,
        maximize: bool = False,
        retraction: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, decoupled=decoupled, maximize=maximize)
        self.retraction = retraction

    def state_shape(self, name: str, parameter: Tensor) -> tuple[int, ...]:
        """Return the shape that an array of the state has: one second moment a point."""
        if name.endswith("exp_avg_sq") and getattr(parameter, "manifold", None) is not None:
            return (*parameter.shape[:-1], 1)
        return super().state_shape(name, parameter)

    def update(
        self,
        parameter: Tensor,
        values: np.ndarray,
        gradient: np.ndarray,
        state: dict[str, Any],
        group: Mapping[str, Any],
    ) -> None:
        """Move one parameter by one step."""
        manifold = fixed_manifold(parameter)
        if manifold is None:
            return super().update(parameter, values, gradient, state, group)
        coupled = 0.0 if group["decoupled"] else group["weight_decay"]
        kernel = None if self.retraction or coupled != group["weight_decay"] else fused_step(manifold, "adam")
        if kernel is not None:
            return self._fused(kernel, manifold.curvature, values, gradient, state, group)
        direction = riemannian_gradient(manifold, values, gradient, group, coupled)
        beta1, beta2 = group["betas"]
        step = state.get("step", 0) + 1
        mean = (1 - beta1) * direction
        square = (1 - beta2) * manifold.inner(values, direction, keepdim=True)
        if state:
            mean += beta1 * state["exp_avg"]
            square += beta2 * state["exp_avg_sq"]
        largest = square
        if group["amsgrad"]:
            largest = np.maximum(square, state.get("max_exp_avg_sq", square))
        start = values
        if group["decoupled"] and group["weight_decay"]:
            start = values * (1 - group["lr"] * group["weight_decay"])
            mean = manifold.transp(values, start, mean)
        direction = mean / (1 - beta1**step) / (np.sqrt(largest / (1 - beta2**step)) + group["eps"])
        arrived = moved(manifold, start, direction, group["lr"], self.retraction)
        state.update(step=step, exp_avg=manifold.transp(start, arrived, mean), exp_avg_sq=square)
        if group["amsgrad"]:
            state["max_exp_avg_sq"] = largest
        values[...] = arrived
        return None

    def _fused(
        self,
        kernel: Callable[..., None],
        curvature: Any,
        values: np.ndarray,
        gradient: np.ndarray,
        state: dict[str, Any],
        group: Mapping[str, Any],
    ) -> None:
        """Take the same step by one kernel."""
        step, squares = state.get("step", 0) + 1, (*values.shape[:-1], 1)
        mean = state["exp_avg"] if state else np.zeros_like(values)
        square = state["exp_avg_sq"] if state else np.zeros(squares, values.dtype)
        largest = None
        if group["amsgrad"]:
            largest = state.get("max_exp_avg_sq", np.zeros(squares, values.dtype))
        beta1, beta2 = group["betas"]
        # A single point is given an axis before it, for its second moment to be an array that can be written.
        kernel(
            np.atleast_2d(values),
            np.atleast_2d(mean),
            *(moment if moment is None else np.atleast_2d(moment)[..., 0] for moment in (square, largest)),
            np.atleast_2d(gradient),
            -1.0 if group["maximize"] else 1.0,
            group["weight_decay"],
            beta1,
            beta2,
            group["lr"] / (1 - beta1**step),
            (1 - beta2**step) ** 0.5,
            group["eps"],
            curvature,
        )
        state.update(step=step, exp_avg=mean, exp_avg_sq=square)
        if largest is not None:
            state["max_exp_avg_sq"] = largest

"""Riemannian stochastic gradient descent."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from geomkern import Tensor
from geomkern.optim import SGD

from .riemannian import Riemannian, fixed_manifold, fused_step, moved, riemannian_gradient

__all__ = ["RiemannianSGD"]


class RiemannianSGD(Riemannian, SGD):
    r"""Stochastic gradient descent that follows the manifold of each parameter; flat parameters move as in SGD.

    With the Riemannian gradient :math:`g` at the point :math:`x` and the buffer :math:`b`,

    .. math::

        b \gets \mu b + (1 - \text{dampening}) g, \qquad x' = \exp_x(-\text{lr}\, b), \qquad b \gets P_{x \to x'} b

    Parameters
    ----------
    params : iterable of Tensor, or iterable of dict
        The parameters, or groups of them with options of their own.
    lr, momentum, dampening, weight_decay, nesterov, maximize
        As in :class:`geomkern.optim.SGD`.
    retraction : bool
        Whether to move by the manifold's first-order retraction in place of its exponential map.

    Raises
    ------
    DomainError
        If an option is out of range.

    References
    ----------
    Bonnabel, S. (2013). Stochastic gradient descent on Riemannian manifolds. *IEEE Transactions on Automatic Control*.

    Examples
    --------
    >>> import geomkern as gk
    >>> from geomkern_manifold import PoincareBall, RiemannianSGD
    >>> ball = PoincareBall()
    >>> x = gk.nn.Parameter([0.9, 0.0], manifold=ball)
    >>> optimizer = RiemannianSGD([x], lr=0.5)
    >>> for _ in range(20):
    ...     optimizer.zero_grad()
    ...     (ball.dist0(x) ** 2).backward()
    ...     optimizer.step()
    >>> bool(ball.dist0(x.numpy()) < 1e-3)
    True
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        retraction: bool = False,
    ) -> None:
        super().__init__(params, lr, momentum, dampening, weight_decay, nesterov, maximize=maximize)
        self.retraction = retraction

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
        kernel = None if self.retraction else fused_step(manifold, "sgd")
        if kernel is not None:
            return self._fused(kernel, manifold.curvature, values, gradient, state, group)
        direction = riemannian_gradient(manifold, values, gradient, group, group["weight_decay"])
        momentum, buffer = group["momentum"], None
        if momentum:
            buffer = direction
            if "momentum_buffer" in state:
                buffer = momentum * state["momentum_buffer"] + (1 - group["dampening"]) * direction
            direction = direction + momentum * buffer if group["nesterov"] else buffer
        arrived = moved(manifold, values, direction, group["lr"], self.retraction)
        if buffer is not None:
            state["momentum_buffer"] = manifold.transp(values, arrived, buffer)
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
        momentum, buffer, share = group["momentum"], None, 1.0
        if momentum:
            buffer = state.get("momentum_buffer")
            if buffer is None:
                buffer = np.zeros_like(values)
            else:
                share -= group["dampening"]
        sign, ahead = -1.0 if group["maximize"] else 1.0, momentum if group["nesterov"] else 0.0
        kernel(values, buffer, gradient, sign, group["weight_decay"], group["lr"], momentum, share, ahead, curvature)
        if buffer is not None:
            state["momentum_buffer"] = buffer

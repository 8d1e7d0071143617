"""Stochastic gradient descent."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from ..errors import DomainError
from ..kernels import _optim
from ..tensor import Tensor
from .optimizer import Optimizer, check_range

__all__ = ["SGD"]


class SGD(Optimizer):
    r"""Stochastic gradient descent with momentum.

    With the gradient :math:`g` (plus `weight_decay` times the parameter :math:`p`), the buffer :math:`b` and the
    momentum :math:`\mu`,

    .. math:: b \gets \mu b + (1 - \text{dampening}) g, \qquad p \gets p - \text{lr}\, b,

    where :math:`b = g` at the first step, and :math:`g + \mu b` takes the place of :math:`b` for Nesterov's momentum.

    Parameters
    ----------
    params : iterable of Tensor, or iterable of dict
        The parameters, or groups of them with options of their own.
    lr : float
        Learning rate.
    momentum : float
        Share of the buffer that is kept at each step, in [0, inf).
    dampening : float
        Share of each gradient, after the first, that is kept out of the buffer.
    weight_decay : float
        Factor of the parameter that is added to its gradient.
    nesterov : bool
        Whether to look ahead; needs momentum and no dampening.
    maximize : bool
        Whether to climb instead.

    Raises
    ------
    DomainError
        If an option is out of range, or as :class:`Optimizer` says.

    See Also
    --------
    Optimizer : how to write one of your own, on manifolds too.

    References
    ----------
    Sutskever, Martens, Dahl and Hinton (2013), On the importance of initialization and momentum in deep learning.

    Examples
    --------
    >>> import geomkern as gk
    >>> x = gk.nn.Parameter([4.0])
    >>> optimizer = gk.optim.SGD([x], lr=0.25)
    >>> for _ in range(3):
    ...     optimizer.zero_grad()
    ...     (x * x).sum().backward()
    ...     optimizer.step()
    >>> x.numpy()
    array([0.5], dtype=float32)
    """

    state_names: ClassVar[Mapping[str, bool]] = {"momentum_buffer": False}

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
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "momentum": momentum,
                "dampening": dampening,
                "weight_decay": weight_decay,
                "nesterov": nesterov,
                "maximize": maximize,
            },
        )

    def check_options(self, options: Mapping[str, Any]) -> None:
        """Raise DomainError where an option is out of range."""
        check_range(self._name, options, ("lr", "momentum", "weight_decay"))
        if options["nesterov"] and (options["momentum"] == 0 or options["dampening"] != 0):
            raise DomainError(
                f"{self._name} needs momentum and no dampening for nesterov=True, "
                f"not momentum={options['momentum']!r} and dampening={options['dampening']!r}"
            )

    def update(
        self,
        parameter: Tensor,
        values: np.ndarray,
        gradient: np.ndarray,
        state: dict[str, Any],
        group: Mapping[str, Any],
    ) -> None:
        """Move one parameter by one step; see :meth:`Optimizer.update`."""
        buffer = state.get("momentum_buffer") if group["momentum"] else None
        first = buffer is None
        if group["momentum"] and first:
            buffer = np.zeros_like(values)
        _optim.sgd(
            values,
            gradient,
            buffer,
            lr=group["lr"],
            momentum=group["momentum"],
            dampening=group["dampening"],
            nesterov=group["nesterov"],
            weight_decay=group["weight_decay"],
            maximize=group["maximize"],
            first=first,
        )
        if buffer is not None:
            state["momentum_buffer"] = buffer

"""Adam, AdamW and AMSGrad."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from ..kernels import _optim
from ..tensor import Tensor
from .optimizer import Optimizer, check_range

__all__ = ["Adam"]


class Adam(Optimizer):
    r"""Adam, and its variants AdamW and AMSGrad.

    With the gradient :math:`g` at step :math:`t`,

    .. math::

        m \gets \beta_1 m + (1 - \beta_1) g, \qquad v \gets \beta_2 v + (1 - \beta_2) g^2, \qquad
        p \gets p - \text{lr}\, \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \varepsilon}.

    Parameters
    ----------
    params : iterable of Tensor, or iterable of dict
        The parameters, or groups of them with options of their own.
    lr : float
        Learning rate.
    betas : tuple of two floats
        What the means of the gradient and of its square keep at each step, in [0, 1).
    eps : float
        Added to the denominator.
    weight_decay : float
        Factor of the parameter that is added to its gradient or, if `decoupled`, factor of `lr` by which the
        parameter shrinks at each step.
    amsgrad : bool
        Whether the largest mean of squares so far stands in the denominator.
    decoupled : bool
        Whether weight decay leaves the means alone, as in AdamW.
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
    Kingma and Ba (2015), Adam: a method for stochastic optimization. Loshchilov and Hutter (2019), Decoupled weight
    decay regularization. Reddi, Kale and Kumar (2018), On the convergence of Adam and beyond.

    Examples
    --------
    >>> import geomkern as gk
    >>> x = gk.nn.Parameter([4.0, -4.0])
    >>> optimizer = gk.optim.Adam([x], lr=0.5)
    >>> (x * x).sum().backward()
    >>> optimizer.step()
    >>> x.numpy()
    array([ 3.5, -3.5], dtype=float32)
    """

    state_names: ClassVar[Mapping[str, bool]] = {
        "step": True,
        "exp_avg": True,
        "exp_avg_sq": True,
        "max_exp_avg_sq": False,
    }

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
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "betas": betas,
                "eps": eps,
                "weight_decay": weight_decay,
                "amsgrad": amsgrad,
                "decoupled": decoupled,
                "maximize": maximize,
            },
        )

    def check_options(self, options: Mapping[str, Any]) -> None:
        """Raise DomainError where an option is out of range."""
        check_range(self._name, options, ("lr", "eps", "weight_decay"))
        beta1, beta2 = options["betas"]
        check_range(self._name, {"betas[0]": beta1, "betas[1]": beta2}, ("betas[0]", "betas[1]"), below=1.0)

    def update(
        self,
        parameter: Tensor,
        values: np.ndarray,
        gradient: np.ndarray,
        state: dict[str, Any],
        group: Mapping[str, Any],
    ) -> None:
        """Move one parameter by one step; see :meth:`Optimizer.update`."""
        if not state:
            state.update(step=0, exp_avg=np.zeros_like(values), exp_avg_sq=np.zeros_like(values))
        if group["amsgrad"] and "max_exp_avg_sq" not in state:
            state["max_exp_avg_sq"] = np.zeros_like(values)
        beta1, beta2 = group["betas"]
        _optim.adam(
            values,
            gradient,
            state["exp_avg"],
            state["exp_avg_sq"],
            state["max_exp_avg_sq"] if group["amsgrad"] else None,
            step=state["step"] + 1,
            lr=group["lr"],
            beta1=beta1,
            beta2=beta2,
            eps=group["eps"],
            weight_decay=group["weight_decay"],
            decoupled=group["decoupled"],
            maximize=group["maximize"],
        )
        state["step"] += 1

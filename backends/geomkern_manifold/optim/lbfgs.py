"""Riemannian L-BFGS."""

import math
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from geomkern import Tensor
from geomkern.autograd import enable_grad
from geomkern.errors import ConvergenceWarning, DomainError
from geomkern.optim.optimizer import check_range

from .line_search import Trial, wolfe
from .riemannian import Riemannian, fixed_manifold

__all__ = ["RiemannianLBFGS"]

Vector = list[np.ndarray]  # one array for each parameter


class RiemannianLBFGS(Riemannian):
    r"""The limited-memory method of Broyden, Fletcher, Goldfarb and Shanno on manifolds and flat parameters together.

    It minimises a function that does not change from call to call, to the precision of its gradients, in few
    evaluations. The pairs of steps and differences of gradients that stand for the Hessian are tangent vectors, which
    are transported along with the point; each step ends where the strong Wolfe conditions hold along the geodesic.

    Parameters
    ----------
    params : iterable of Tensor
        The parameters, in one group.
    max_iter : int
        The most iterations of one call of :meth:`step`.
    tolerance : float
        The length of the gradient, :math:`\sqrt{\sum |g|_x^2}`, at which to stop.
    history : int
        How many pairs are kept.
    max_trials : int
        The most evaluations of one line search.

    Attributes
    ----------
    iterations : int
        Of the last call of :meth:`step`.
    residual : float
        The length of the gradient where that ended.
    converged : bool
        Whether this is within the tolerance.

    Raises
    ------
    DomainError
        If an option is out of range, there are several groups, or a manifold has a curvature that learns.

    References
    ----------
    Huang, W., Gallivan, K. A., Absil, P.-A. (2015). A Broyden class of quasi-Newton methods for Riemannian
    optimization. *SIAM Journal on Optimization*. Nocedal, J., Wright, S. J. (2006). *Numerical Optimization*.

    Examples
    --------
    >>> import geomkern as gk
    >>> from geomkern_manifold import PoincareBall, RiemannianLBFGS
    >>> ball, data = PoincareBall(), [[0.5, 0.0], [0.0, 0.5], [0.5, 0.5]]
    >>> mean = gk.nn.Parameter([0.0, 0.0], manifold=ball)
    >>> optimizer = RiemannianLBFGS([mean])
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = (ball.dist(mean, data) ** 2).sum()
    ...     loss.backward()
    ...     return loss
    >>> loss = optimizer.step(closure)
    >>> optimizer.converged
    True
    """

    def __init__(
        self,
        params: Iterable[Any],
        max_iter: int = 100,
        tolerance: float = 1e-5,
        history: int = 10,
        max_trials: int = 25,
    ) -> None:
        options = {"max_iter": max_iter, "tolerance": tolerance, "history": history, "max_trials": max_trials}
        super().__init__(params, options)
        self.iterations, self.residual, self.converged = 0, math.inf, False

    def check_options(self, options: Mapping[str, Any]) -> None:
        """Raise DomainError where an option is out of range."""
        check_range(self._name, options, ("max_iter", "tolerance", "history"))
        if options["max_trials"] < 1:
            raise DomainError(f"{self._name} needs max_trials of at least 1, not {options['max_trials']}")
        if self.param_groups:
            raise DomainError(f"{self._name} needs all parameters in one group")

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Minimise.

        Parameters
        ----------
        closure : callable
            Clears the gradients, computes the loss and its gradients, and returns it.

        Returns
        -------
        object
            What `closure` returned where the minimisation began.

        Raises
        ------
        DomainError
            If there is no closure, or it returns no finite number at the start; nothing has been moved then.

        Warns
        -----
        ConvergenceWarning
            If the gradient is still longer than the tolerance, with the number of iterations and that length.
        """
        if closure is None:
            raise DomainError(f"{self._name} needs a closure that computes the loss anew")
        options, space = self.param_groups[0], _Space(self._name, self._parameters())

        def evaluate() -> tuple[Any, float, Vector]:
            with enable_grad():
                loss = closure()
            return loss, float(loss), space.gradient()

        point = space.point()
        first, value, gradient = evaluate()
        if not math.isfinite(value):
            raise DomainError(f"{self._name} needs a finite loss to begin with, not {value}")
        noise = 4 * float(np.finfo(first.dtype if isinstance(first, Tensor | np.ndarray) else float).eps)
        memory: deque[tuple[Vector, Vector]] = deque(maxlen=int(options["history"]))
        self.iterations = 0
        while True:
            self.residual = math.sqrt(max(space.inner(point, gradient, gradient), 0.0))
            self.converged = self.residual <= options["tolerance"]
            if self.converged or self.iterations >= options["max_iter"]:
                break
            direction = _quasi_newton(space, point, gradient, memory)
            slope = space.inner(point, direction, gradient)
            if not slope < 0:
                memory.clear()
                direction, slope = [-g for g in gradient], -(self.residual**2)

            def along(time: float, point: Vector = point, direction: Vector = direction) -> Trial:
                there = space.moved(point, direction, time)
                try:
                    space.place(there)
                    _, value, gradient = evaluate()
                except BaseException:
                    space.place(point)
                    raise
                onward = space.carried(point, there, direction)
                return Trial(time, value, space.inner(there, onward, gradient), (there, gradient, onward))

            time = 1.0 if memory else min(1.0, 1.0 / self.residual)
            trial = wolfe(along, Trial(0.0, value, slope), time, noise * abs(value), options["max_trials"])
            if trial is None and not memory:
                break
            if trial is None:
                memory.clear()
                continue
            there, arrived, onward = trial.found
            memory = _transported(space, point, there, memory)
            step = [trial.time * v for v in onward]
            change = [g - old for g, old in zip(arrived, space.carried(point, there, gradient), strict=True)]
            if space.inner(there, step, change) > 1e-10 * space.inner(there, change, change):
                memory.append((step, change))
            point, value, gradient = there, trial.value, arrived
            self.iterations += 1
        space.place(point)
        if not self.converged:
            warnings.warn(
                f"{self._name} stopped after {self.iterations} iterations with a gradient of length "
                f"{self.residual:.3g}, which is more than the tolerance {options['tolerance']:g}",
                ConvergenceWarning,
                stacklevel=2,
            )
        return first


def _quasi_newton(space: "_Space", point: Vector, gradient: Vector, memory: deque[tuple[Vector, Vector]]) -> Vector:
    """Return minus the approximate inverse Hessian times the gradient (Nocedal and Wright, algorithm 7.4)."""
    direction, weights = [-g for g in gradient], []
    for step, change in reversed(memory):
        weight = space.inner(point, step, direction) / space.inner(point, step, change)
        direction = [v - weight * y for v, y in zip(direction, change, strict=True)]
        weights.append(weight)
    if memory:
        step, change = memory[-1]
        scale = space.inner(point, step, change) / space.inner(point, change, change)
        direction = [scale * v for v in direction]
    for (step, change), weight in zip(memory, reversed(weights), strict=True):
        weight -= space.inner(point, change, direction) / space.inner(point, step, change)
        direction = [v + weight * s for v, s in zip(direction, step, strict=True)]
    return direction


def _transported(
    space: "_Space", point: Vector, there: Vector, memory: deque[tuple[Vector, Vector]]
) -> deque[tuple[Vector, Vector]]:
    """Return the pairs in the tangent space of the next point."""
    pairs = ((space.carried(point, there, step), space.carried(point, there, change)) for step, change in memory)
    return deque(pairs, memory.maxlen)


class _Space:
    """The product of the spaces of all parameters that have a gradient, in the arithmetic of vectors of arrays."""

    def __init__(self, name: str, parameters: list[Tensor]) -> None:
        for parameter in parameters:
            manifold = getattr(parameter, "manifold", None)
            if getattr(getattr(manifold, "curvature", None), "requires_grad", False):
                raise DomainError(f"{name} needs curvatures that do not learn, unlike that of {manifold!r}")
        self.parameters = parameters
        self.manifolds = [fixed_manifold(parameter) for parameter in parameters]

    def point(self) -> Vector:
        return [parameter.data.copy() for parameter in self.parameters]

    def place(self, point: Vector) -> None:
        for parameter, values in zip(self.parameters, point, strict=True):
            parameter.data[...] = values
            parameter._touched()

    def gradient(self) -> Vector:
        found = []
        for parameter, manifold in zip(self.parameters, self.manifolds, strict=True):
            flat = np.zeros_like(parameter.data) if parameter.grad is None else np.array(parameter.grad.data)
            found.append(flat if manifold is None else manifold.egrad2rgrad(parameter.data, flat))
        return found

    def inner(self, point: Vector, u: Vector, v: Vector) -> float:
        products = (
            p * q if manifold is None else manifold.inner(x, p, q)
            for manifold, x, p, q in zip(self.manifolds, point, u, v, strict=True)
        )
        return sum(float(np.sum(product, dtype=np.float64)) for product in products)

    def moved(self, point: Vector, direction: Vector, time: float) -> Vector:
        return [
            x + time * v if manifold is None else manifold.expmap(x, time * v)
            for manifold, x, v in zip(self.manifolds, point, direction, strict=True)
        ]

    def carried(self, point: Vector, there: Vector, vector: Vector) -> Vector:
        return [
            v if manifold is None else manifold.transp(x, y, v)
            for manifold, x, y, v in zip(self.manifolds, point, there, vector, strict=True)
        ]

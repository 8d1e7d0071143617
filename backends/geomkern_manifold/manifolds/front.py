"""One name for all models of hyperbolic space."""

from __future__ import annotations

from typing import Any

from geomkern.errors import DomainError

from .half_space import HalfSpace
from .hyperbolic import HyperbolicManifold
from .klein import Klein
from .lorentz import Lorentz
from .poincare import PoincareBall
from .polar import Polar

__all__ = ["Hyperbolic"]

MODELS: dict[str, type[HyperbolicManifold]] = {m.model: m for m in (PoincareBall, Lorentz, Klein, HalfSpace, Polar)}


def Hyperbolic(dim: int | None = None, c: Any = 1.0, model: str = "poincare") -> HyperbolicManifold:
    """Return hyperbolic space of a dimension and of curvature -c, in one of its models.

    Parameters
    ----------
    dim : int or None
        The dimension. Points with another number of coordinates are refused; with None any number is welcome.
    c : float, array_like or Tensor
        Minus the curvature, positive.
    model : str
        "poincare", "lorentz", "klein", "half_space" or "polar".

    Returns
    -------
    PoincareBall, Lorentz, Klein, HalfSpace or Polar

    Raises
    ------
    DomainError
        If there is no such model, the dimension is less than one, or c is not positive and finite.

    Notes
    -----
    Which model? The ball is the common choice, and its geodesics and angles look right in pictures; it has room for
    distances up to about 37/sqrt(c) from the origin in float64 and 17/sqrt(c) in float32. Lorentz's model reaches
    709/sqrt(c) and 88/sqrt(c), the polar chart every distance. In Klein's model geodesics are straight and means are
    simple, but it ends at 19/sqrt(c) and 9/sqrt(c).

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import Hyperbolic
    >>> space = Hyperbolic(2, c=0.5, model="lorentz")
    >>> space
    Lorentz(c=0.5, dim=2)
    >>> x = np.array([3.0, 4.0])
    >>> ball = Hyperbolic(2, c=0.5)
    >>> bool(np.isclose(space.dist0(x), ball.dist0(space.convert(x, ball))))
    True
    """
    if model not in MODELS:
        raise DomainError(f"Hyperbolic needs one of the models {', '.join(MODELS)}, not {model!r}")
    return MODELS[model](c, dim=dim)

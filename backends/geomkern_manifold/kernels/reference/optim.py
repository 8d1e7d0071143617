"""Steps of the Riemannian optimisers, composed of the kernels of a model (Bonnabel 2013; Bécigneul and Ganea 2019)."""

import sys
from typing import Any

import numpy as np

from ._common import Array

__all__ = ["lorentz_adam_step", "lorentz_sgd_step", "poincare_adam_step", "poincare_sgd_step"]


def _sgd_step(model: str) -> Any:
    def step(
        x: Array,
        b: Array | None,
        g: Array,
        sign: float,
        decay: float,
        lr: float,
        keep: float,
        share: float,
        ahead: float,
        c: Any,
    ) -> None:
        """Move x by one step of gradient descent, and with it the momentum buffer b, which may be None."""
        h = _operation(model, "egrad2rgrad")(x, sign * g + decay * x, c)
        buffer = h if b is None else keep * b + share * h
        direction = h + ahead * buffer if ahead else buffer
        y = _operation(model, "expmap")(x, -lr * direction, c)
        if b is not None:
            b[...] = _operation(model, "transp")(x, y, buffer, c)
        x[...] = y

    return step


def _adam_step(model: str) -> Any:
    def step(
        x: Array,
        m: Array,
        v: Array,
        vmax: Array | None,
        g: Array,
        sign: float,
        decay: float,
        beta1: float,
        beta2: float,
        rate: float,
        root: float,
        eps: float,
        c: Any,
    ) -> None:
        """Move x by one step of Adam, and with it the means m and v and the largest v, which may be None."""
        h = _operation(model, "egrad2rgrad")(x, sign * g + decay * x, c)
        mean = beta1 * m + (1 - beta1) * h
        v[...] = beta2 * v + (1 - beta2) * _operation(model, "inner")(x, h, h, c)
        if vmax is not None:
            vmax[...] = np.maximum(vmax, v)
        k = rate / (np.sqrt(v if vmax is None else vmax) / root + eps)
        y = _operation(model, "expmap")(x, -k[..., None] * mean, c)
        m[...] = _operation(model, "transp")(x, y, mean, c)
        x[...] = y

    return step


def _operation(model: str, name: str) -> Any:
    """Return another reference kernel of the model."""
    return getattr(sys.modules[__package__], f"{model}_{name}")


poincare_sgd_step, poincare_adam_step = _sgd_step("poincare"), _adam_step("poincare")
lorentz_sgd_step, lorentz_adam_step = _sgd_step("lorentz"), _adam_step("lorentz")

"""The parameters of the estimator: by name, as scikit-learn's tools expect them, and checked before training."""

import importlib
import inspect
import math
import os
from collections.abc import Callable, Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Self

from geomkern.errors import DomainError

from .geometry import factors
from .start import INITS

__all__ = ["DTYPES", "LOSSES", "MONITORS", "SCHEDULES", "Parameters", "callbacks"]

LOSSES = ("softmax", "link", "stress", "cones")
SCHEDULES = ("linear", "cosine", "constant")
DTYPES = ("float32", "float64")
MONITORS = ("loss", "map")

CHOICES = {"loss": LOSSES, "schedule": SCHEDULES, "dtype": DTYPES, "init": INITS, "monitor": MONITORS}
WHOLE = {"dim": 1, "epochs": 1, "negatives": 1, "burn_in": 0, "evaluate_every": 1, "patience": 1}
POSITIVE = ("lr", "margin", "radius", "temperature")
OPTIONAL = ("patience", "margin", "radius", "temperature")
NOT_STORED = ("rng", "callback", "warm_start", "checkpoint")


class Parameters:
    """What a model is told before it is fitted; subclasses have the constructor."""

    @classmethod
    def _names(cls) -> list[str]:
        return list(inspect.signature(cls).parameters)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters by name; `deep` is there for scikit-learn."""
        return {name: getattr(self, name) for name in self._names()}

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name and return the model.

        Raises
        ------
        DomainError
            If there is no parameter of that name.
        """
        for name, value in params.items():
            if name not in self._names():
                raise DomainError(f"{type(self).__name__} has no parameter {name!r}; it has {', '.join(self._names())}")
            setattr(self, name, value)
        return self

    def __sklearn_tags__(self) -> Any:
        """Return what scikit-learn wants to know, for which alone this is here."""
        utils: Any = importlib.import_module("sklearn.utils")
        return utils.Tags(
            estimator_type=None,
            target_tags=utils.TargetTags(required=False),
            input_tags=utils.InputTags(two_d_array=True, string=True),
        )

    def __repr__(self) -> str:
        changed = {
            name: getattr(self, name)
            for name, parameter in inspect.signature(type(self)).parameters.items()
            if getattr(self, name) is not parameter.default and getattr(self, name) != parameter.default
        }
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in changed.items())})"

    def check_parameters(self) -> None:
        """Raise DomainError if a parameter is out of its range; :meth:`fit` does so first."""
        given = self.get_params()
        for name, choices in CHOICES.items():
            if given[name] not in choices:
                raise DomainError(f"{name} must be one of {', '.join(choices)}, not {given[name]!r}")
        for name, least in WHOLE.items():
            value = given[name]
            if value is None and name in OPTIONAL:
                continue
            if not isinstance(value, Integral) or not least <= int(value) < 2**31:
                raise DomainError(f"{name} must be a whole number, at least {least}, not {value!r}")
        for name in POSITIVE:
            value = given[name]
            if value is None and name in OPTIONAL:
                continue
            if not isinstance(value, Real) or not 0 < float(value) < math.inf:
                raise DomainError(f"{name} must be a positive finite number, not {value!r}")
        if not isinstance(given["dampening"], Real) or not 0 <= float(given["dampening"]) <= 1:
            raise DomainError(f"dampening must be a number between 0 and 1, not {given['dampening']!r}")
        if (given["radius"] is None) != (given["temperature"] is None):
            raise DomainError("radius and temperature are given together or not at all")
        parts = factors(given["manifold"], given["dim"])
        callbacks(given["callback"])
        _check_checkpoint(given["checkpoint"], given["checkpoint_every"])
        if given["loss"] == "cones" and parts != (("poincare", given["dim"]),):
            raise DomainError(f"loss='cones' is of the Poincaré ball, and needs manifold='poincare', "
                              f"not {given['manifold']!r}")  # fmt: skip


def callbacks(given: Callable[..., object] | Sequence[Callable[..., object]] | None) -> list[Callable[..., object]]:
    """Return callbacks as a list, or raise DomainError if one cannot be called."""
    found = [given] if callable(given) else [] if given is None else list(given)
    for callback in found:
        if not callable(callback):
            raise DomainError(f"callback must be something to call, or a sequence of such things, not {callback!r}")
    return found


def _check_checkpoint(path: str | os.PathLike[str] | None, every: float) -> None:
    if path is not None and Path(path).suffix.lower() != ".npz":
        raise DomainError(f"checkpoint must be the name of an .npz file, not {os.fspath(path)!r}")
    if not isinstance(every, Real) or not float(every) >= 0:
        raise DomainError(f"checkpoint_every must be a number of seconds, not {every!r}")

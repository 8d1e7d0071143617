"""What every backend must do."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .. import backends
from ..errors import BackendUnavailable
from ._errors import ConformanceError, demand
from ._function import check_function
from ._kernels import KernelCase, check_kernels
from ._layer import check_layer

__all__ = ["BackendCases", "check_backend"]


@dataclass(frozen=True)
class BackendCases:
    """What to try a backend with.

    Attributes
    ----------
    functions : sequence of (callable, args) or (callable, args, options)
        Calls for :func:`check_function`; the options are its own.
    layers : mapping of str to (arguments, inputs)
        For each layer that the backend declares, what to create it with and what to call it with.
    kernels : mapping of str to sequence of KernelCase
        For each kernel the calls to make on every device.
    """

    functions: Sequence[tuple[Any, ...]] = ()
    layers: Mapping[str, tuple[tuple[Any, ...], tuple[Any, ...]]] = field(default_factory=dict)
    kernels: Mapping[str, Sequence[KernelCase]] = field(default_factory=dict)


def check_backend(name: str, cases: BackendCases) -> None:
    """Check a backend: its manifest, and with the cases its functions, its layers and all its kernel sets.

    Parameters
    ----------
    name : str
        The name of an installed or registered backend.
    cases : BackendCases
        What to try it with. Every layer and every kernel needs a case.

    Raises
    ------
    ConformanceError
        If a rule is broken.
    """
    try:
        backend = backends.get(name)
    except BackendUnavailable as error:
        raise ConformanceError(str(error)) from error
    demand(backend.name == name, f"the backend {name!r} calls itself {backend.name!r}")
    demand(bool(backend.summary), f"the backend {name!r} has no summary")
    for verb, path in backend.commands.items():
        module = importlib.import_module(path)
        for needed in ("add_arguments", "run"):
            demand(hasattr(module, needed), f"{path}, the command {verb!r} of {name!r}, has no {needed}")

    if backend.kernels:
        demand(backends.REFERENCE in backend.kernels, f"the backend {name!r} has kernels but no reference for them")
        reference = importlib.import_module(backend.kernels[backends.REFERENCE])
        for device, path in backend.kernels.items():
            if device != backends.REFERENCE:
                check_kernels(importlib.import_module(path), reference, cases.kernels)

    untested = sorted(set(backend.layers) - set(cases.layers))
    demand(not untested, f"there is no case for the layers {', '.join(untested)} of {name!r}")
    for layer, (arguments, inputs) in cases.layers.items():
        check_layer(_factory(f"{name}.{layer}", arguments), *inputs)
    for function, arguments, *options in cases.functions:
        check_function(function, *arguments, **(options[0] if options else {}))


def _factory(path: str, arguments: tuple[Any, ...]) -> Callable[[], Any]:
    return lambda: backends.create(path, *arguments)

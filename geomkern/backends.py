"""Backends: what plug-ins declare, how they are found, and which kernels serve whom.

A package declares a backend by an entry point in the group ``geomkern.backends`` that leads to a :class:`Backend`. It
may bring a kernel set for somebody else's backend by one in ``geomkern.kernels``, named ``"<backend>.<device>"``, that
leads to a module. Nothing is imported before it is asked for.
"""

from __future__ import annotations

import importlib
import inspect
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from . import _entrypoints
from .config import config
from .errors import BackendUnavailable, DeviceError

__all__ = ["Backend", "Status", "create", "get", "kernels", "list", "refresh", "register"]

REFERENCE = "reference"


@dataclass(frozen=True)
class Backend:
    """What a plug-in brings, as data.

    Attributes
    ----------
    name : str
        The name of its entry point.
    summary : str
        One line for people.
    layers : mapping of str to str
        Layer name to ``"module:name"``, imported when the layer is created.
    kernels : mapping of str to str
        Device name to the module with its kernels. ``"reference"`` is the readable definition in NumPy, which also
        serves a device that lacks a kernel.
    cuda_sources : str or None
        The package that holds the ``.cu`` files.
    commands : mapping of str to str
        Command-line verb to the module that has ``add_arguments(parser)`` and ``run(args)``.
    """

    name: str
    summary: str
    layers: Mapping[str, str] = field(default_factory=dict)
    kernels: Mapping[str, str] = field(default_factory=dict)
    cuda_sources: str | None = None
    commands: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Status:
    """One line of :func:`list`: a backend, and why it cannot be used if it cannot."""

    name: str
    available: bool
    summary: str
    reason: str = ""


CORE = Backend(
    name="core",
    summary="The core's own operations",
    kernels={"cpu": "geomkern.kernels.cpu", REFERENCE: "geomkern.kernels.reference"},
)

_registered: dict[str, Backend] = {}
_loaded: dict[str, Backend | str] = {}

# Kernel sets by (backend, device); the tape looks here first. The same object for the life of the process.
resolved: dict[tuple[str | None, str], ModuleType] = {}


def register(backend: Backend) -> None:
    """Add a backend to this process without an entry point, as a notebook or a test would.

    Examples
    --------
    >>> import geomkern as gk
    >>> gk.backends.register(gk.backends.Backend("mine", "An experiment"))
    >>> gk.backends.get("mine").summary
    'An experiment'
    >>> gk.backends.refresh(registered=True)
    """
    _registered[backend.name] = backend
    _forget_kernels(backend.name)


def refresh(registered: bool = False) -> None:
    """Read the installed packages anew, and forget every backend that was loaded.

    Parameters
    ----------
    registered : bool
        Forget the backends that :func:`register` added, too.
    """
    _entrypoints.forget()
    _loaded.clear()
    resolved.clear()
    if registered:
        _registered.clear()


def list() -> tuple[Status, ...]:
    """Return the status of every backend that is installed or registered, by name.

    Each one is loaded, to say whether it can be; one that cannot is listed with its reason.

    Examples
    --------
    >>> import geomkern as gk
    >>> [status.name for status in gk.backends.list() if status.name == "manifold"]
    ['manifold']
    """
    found = []
    for name in sorted({*_registered, *_entrypoints.declared("geomkern.backends")}):
        backend = _load(name)
        if isinstance(backend, Backend):
            found.append(Status(name, True, backend.summary))
        else:
            found.append(Status(name, False, "", backend))
    return tuple(found)


def get(name: str) -> Backend:
    """Return a backend by name.

    Raises
    ------
    BackendUnavailable
        If no installed package declares it, or it fails to load.
    """
    if name not in _registered and name not in _entrypoints.declared("geomkern.backends"):
        known = ", ".join(sorted({*_registered, *_entrypoints.declared("geomkern.backends")})) or "none"
        raise BackendUnavailable(f"there is no backend {name!r}; installed are: {known}")
    backend = _load(name)
    if isinstance(backend, str):
        raise BackendUnavailable(f"the backend {name!r} does not load: {backend}")
    return backend


def create(path: str, *args: Any, **options: Any) -> Any:
    """Create a layer that a backend declares.

    Parameters
    ----------
    path : str
        ``"<backend>.<layer>"``, such as ``"manifold.PoincareLinear"``.
    *args, **options
        Passed to the layer.

    Raises
    ------
    BackendUnavailable
        If the backend or the layer is not there, or does not load.
    """
    name, _, layer = path.partition(".")
    backend = get(name)
    if layer not in backend.layers:
        known = ", ".join(sorted(backend.layers)) or "none"
        raise BackendUnavailable(f"the backend {name!r} has no layer {layer!r}; its layers are: {known}")
    module, _, attribute = backend.layers[layer].partition(":")
    try:
        factory = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise BackendUnavailable(f"the layer {path!r} does not load: {error}") from error
    return factory(*args, **options)


def kernels(backend: str | None = None, device: str = "cpu") -> ModuleType:
    """Return the kernel set that serves a backend on a device.

    A kernel that the device lacks and ``reference`` has is served by ``reference``; ``config.on_fallback`` says whether
    that is silent, warned about, or an error.

    Parameters
    ----------
    backend : str or None
        The name of a backend; None is the core.
    device : str
        The name of a device, or ``"reference"``.

    Raises
    ------
    BackendUnavailable
        If the backend is not there, or a kernel module does not load.
    DeviceError
        If the backend has no kernels at all for the device, nor a reference.
    """
    key = (backend, device)
    if key not in resolved:
        resolved[key] = _resolve(CORE if backend is None else get(backend), device)
    return resolved[key]


def _forget_kernels(name: str) -> None:
    for key in [key for key in resolved if key[0] == name]:
        del resolved[key]


def _load(name: str) -> Backend | str:
    """Return a backend, or the reason why there is none."""
    if name in _registered:
        return _registered[name]
    if name not in _loaded:
        try:
            backend = _entrypoints.declared("geomkern.backends")[name].load()
        except Exception as error:  # a stranger's package may fail in any way; its reason is shown, not raised
            _loaded[name] = f"{type(error).__name__}: {error}"
        else:
            is_backend = isinstance(backend, Backend)
            _loaded[name] = backend if is_backend else f"its entry point leads to {backend!r}, which is no Backend"
    return _loaded[name]


def _import(path: str, backend: Backend, device: str) -> ModuleType:
    try:
        return importlib.import_module(path)
    except Exception as error:
        raise BackendUnavailable(
            f"the {device} kernels of the backend {backend.name!r} do not load: {type(error).__name__}: {error}"
        ) from error


def _resolve(backend: Backend, device: str) -> ModuleType:
    """Find the module for a device, and fill what it lacks from the reference."""
    module = None
    if device in backend.kernels:
        module = _import(backend.kernels[device], backend, device)
    else:
        point = _entrypoints.declared("geomkern.kernels").get(f"{backend.name}.{device}")
        if point is not None:
            module = _import(point.value, backend, device)
    if device == REFERENCE and module is not None:
        return module
    if REFERENCE not in backend.kernels:
        if module is None:
            raise DeviceError(f"the backend {backend.name!r} has no kernels for the device {device!r}")
        return module
    reference = _import(backend.kernels[REFERENCE], backend, REFERENCE)
    present = {} if module is None else vars(module)
    missing = [name for name in public_functions(reference) if name not in present]
    if not missing:
        assert module is not None or not public_functions(reference)
        return module if module is not None else reference
    filled = ModuleType(f"{backend.name}.{device}", f"The {device} kernels of {backend.name}, completed by reference.")
    vars(filled).update({name: value for name, value in present.items() if not name.startswith("__")})
    for name in missing:
        vars(filled)[name] = _Fallback(getattr(reference, name), f"{backend.name}.{name}", device)
    return filled


class _Fallback:
    """A reference kernel in the place of one that a device lacks; it says so at its first call."""

    def __init__(self, function: Any, name: str, device: str) -> None:
        self.function = function
        self.message = f"the device {device!r} has no kernel {name}; the reference in NumPy serves in its place"
        self.warned = False
        self.__name__ = function.__name__
        self.__doc__ = function.__doc__
        self.__signature__ = inspect.signature(function)

    def __call__(self, *args: Any, **options: Any) -> Any:
        if config.on_fallback == "raise":
            raise DeviceError(self.message)
        if config.on_fallback == "warn" and not self.warned:
            self.warned = True
            warnings.warn(self.message, RuntimeWarning, stacklevel=2)
        return self.function(*args, **options)


def public_functions(module: ModuleType) -> dict[str, Any]:
    """Return the kernels of a module by name: its public callables that are no classes, or what ``__all__`` lists."""
    names = getattr(module, "__all__", None)
    if names is None:
        names = [
            name
            for name, value in vars(module).items()
            if not name.startswith("_")
            and callable(value)
            and not isinstance(value, type)
            and getattr(value, "__module__", module.__name__) == module.__name__
        ]
    return {name: getattr(module, name) for name in names}

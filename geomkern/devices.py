"""Devices: where arrays live, and which array type stands for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import _entrypoints
from .errors import DeviceError

__all__ = ["Device", "cpu", "get", "list", "of"]


@dataclass(frozen=True)
class Device:
    """A place for arrays.

    Attributes
    ----------
    name : str
        What users and kernel sets call it.
    array_type : type
        The type of its arrays.
    asarray : callable
        Brings a NumPy array to the device.
    numpy : callable
        Brings an array of the device to NumPy.

    Examples
    --------
    >>> import geomkern as gk
    >>> gk.devices.get("cpu")
    Device('cpu')
    """

    name: str
    array_type: type
    asarray: Callable[[np.ndarray], Any] = field(compare=False)
    numpy: Callable[[Any], np.ndarray] = field(compare=False)

    def __repr__(self) -> str:
        return f"Device({self.name!r})"

    def __str__(self) -> str:
        return self.name


cpu = Device("cpu", np.ndarray, asarray=np.asarray, numpy=np.asarray)

_loaded: dict[str, Device] = {"cpu": cpu}


def list() -> tuple[str, ...]:
    """Return the names of the devices that installed packages declare.

    Examples
    --------
    >>> import geomkern as gk
    >>> "cpu" in gk.devices.list()
    True
    """
    return tuple(sorted({*_loaded, *_entrypoints.declared("geomkern.devices")}))


def get(name: str) -> Device:
    """Return a device by name.

    Raises
    ------
    DeviceError
        If no package declares it, or it fails to load.
    """
    if name not in _loaded:
        points = _entrypoints.declared("geomkern.devices")
        if name not in points:
            raise DeviceError(f"there is no device {name!r}; known are {', '.join(list())}")
        try:
            loaded = points[name].load()
            device = loaded if isinstance(loaded, Device) else loaded()
        except Exception as error:
            raise DeviceError(f"the device {name!r} does not load: {type(error).__name__}: {error}") from error
        if not isinstance(device, Device):
            raise DeviceError(f"the entry point of the device {name!r} is no geomkern.devices.Device but {device!r}")
        _loaded[name] = device
    return _loaded[name]


def of(array: object) -> Device:
    """Return the device that an array lives on.

    Raises
    ------
    DeviceError
        If it is no array of a device in use.
    """
    for device in _loaded.values():
        if isinstance(array, device.array_type):
            return device
    raise DeviceError(f"{type(array).__name__} is not an array of a device in use ({', '.join(_loaded)})")

"""Switching the recording of operations on and off."""

from __future__ import annotations

import inspect
from contextlib import ContextDecorator
from typing import Any

from ._tape import set_grad_enabled

__all__ = ["enable_grad", "no_grad"]


class _Mode(ContextDecorator):
    enabled: bool

    def __init__(self) -> None:
        self._before: list[bool] = []

    def __enter__(self) -> None:
        self._before.append(set_grad_enabled(self.enabled))

    def __call__(self, function: Any) -> Any:
        if inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function):
            name = type(self).__name__
            raise TypeError(
                f"{name} cannot decorate {function.__name__}, whose body runs later; use a with block in it"
            )
        return super().__call__(function)

    def __exit__(self, *_: Any) -> None:
        set_grad_enabled(self._before.pop())


class no_grad(_Mode):
    """Record nothing in this thread, inside a ``with`` block or a decorated function.

    Examples
    --------
    >>> import geomkern as gk
    >>> x = gk.tensor([1.0], requires_grad=True)
    >>> with gk.no_grad():
    ...     y = x * 2
    >>> y.requires_grad
    False
    """

    enabled = False


class enable_grad(_Mode):
    """Record in this thread again, inside a block of :class:`no_grad`.

    Examples
    --------
    >>> import geomkern as gk
    >>> x = gk.tensor([1.0], requires_grad=True)
    >>> with gk.no_grad(), gk.enable_grad():
    ...     y = x * 2
    >>> y.requires_grad
    True
    """

    enabled = True

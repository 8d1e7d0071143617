"""The settings of a process: threads, default data type, seed, and what happens when a device lacks a kernel."""

from __future__ import annotations

import os

import numpy as np

from .errors import DomainError, DTypeError
from .kernels import openmp

__all__ = ["Config", "config", "get_num_threads", "manual_seed", "set_default_dtype", "set_num_threads"]

FLOATS = (np.dtype(np.float32), np.dtype(np.float64))
ON_FALLBACK = ("ignore", "warn", "raise")


class Config:
    """The settings, as attributes that check what they are given.

    Attributes
    ----------
    default_dtype : numpy.dtype
        The floating type of tensors made from Python numbers and of new parameters: float32 at first. Arrays keep
        their own.
    on_fallback : {"ignore", "warn", "raise"}
        What happens when a device lacks a kernel and the ``reference`` kernel serves in its place.
    serial_threshold : float
        The work, in nanoseconds of serial time, that each further thread must have.

    Examples
    --------
    >>> import geomkern as gk
    >>> gk.config.on_fallback
    'warn'
    """

    def __init__(self) -> None:
        self._default_dtype = np.dtype(np.float32)
        self._on_fallback = "warn"
        self._generator: np.random.Generator | None = None

    @property
    def default_dtype(self) -> np.dtype:
        """The floating type of what is made from Python numbers."""
        return self._default_dtype

    @default_dtype.setter
    def default_dtype(self, dtype: object) -> None:
        wanted = np.dtype(dtype)  # type: ignore[call-overload]
        if wanted not in FLOATS:
            raise DTypeError(f"default_dtype must be float32 or float64, not {wanted}")
        self._default_dtype = wanted

    @property
    def on_fallback(self) -> str:
        """What happens when the ``reference`` kernel serves for a device."""
        return self._on_fallback

    @on_fallback.setter
    def on_fallback(self, action: str) -> None:
        if action not in ON_FALLBACK:
            raise DomainError(f"on_fallback must be one of {', '.join(ON_FALLBACK)}, not {action!r}")
        self._on_fallback = action

    @property
    def serial_threshold(self) -> float:
        """The work that each further thread must have, in nanoseconds."""
        return openmp.get_serial_threshold()

    @serial_threshold.setter
    def serial_threshold(self, nanoseconds: float) -> None:
        if not nanoseconds > 0:
            raise DomainError(f"serial_threshold must be a positive number of nanoseconds, not {nanoseconds}")
        openmp.set_serial_threshold(nanoseconds)

    def generator(self, rng: int | np.random.Generator | None = None) -> np.random.Generator:
        """Return the random generator that an ``rng`` argument stands for.

        Parameters
        ----------
        rng : int, numpy.random.Generator or None
            A seed, a generator, or None for the default generator that :func:`manual_seed` seeds.
        """
        if isinstance(rng, np.random.Generator):
            return rng
        if rng is not None:
            return np.random.default_rng(rng)
        if self._generator is None:
            self._generator = np.random.default_rng()
        return self._generator

    def manual_seed(self, seed: int) -> None:
        """Seed the default generator."""
        self._generator = np.random.default_rng(seed)


config = Config()


def manual_seed(seed: int) -> None:
    """Seed the generator that serves every call without an ``rng`` of its own.

    Examples
    --------
    >>> import geomkern as gk
    >>> gk.manual_seed(0)
    """
    config.manual_seed(seed)


def set_default_dtype(dtype: object) -> None:
    """Set the floating type of tensors made from Python numbers and of new parameters.

    Examples
    --------
    >>> import geomkern as gk
    >>> gk.set_default_dtype("float32")
    """
    config.default_dtype = dtype


def get_num_threads() -> int:
    """Return the largest number of threads that a kernel called from this thread will use."""
    return openmp.get_num_threads()


def set_num_threads(n: int) -> None:
    """Set the largest number of threads that a kernel called from this thread will use.

    The setting is OpenMP's own, so ``OMP_NUM_THREADS`` gives its first value, threadpoolctl can limit it, and, as
    everywhere in OpenMP, it belongs to the calling thread. ``GEOMKERN_NUM_THREADS`` overrides ``OMP_NUM_THREADS``.

    Raises
    ------
    DomainError
        If `n` is less than one.

    Examples
    --------
    >>> import geomkern as gk
    >>> gk.set_num_threads(2)
    >>> gk.get_num_threads()
    2
    """
    if n < 1:
        raise DomainError(f"set_num_threads needs at least one thread, not {n}")
    openmp.set_num_threads(n)


def _threads_from_environment() -> None:
    text = os.environ.get("GEOMKERN_NUM_THREADS")
    if text is None:
        return
    if not text.isdecimal() or int(text) < 1:
        raise DomainError(f"GEOMKERN_NUM_THREADS must be a whole number of threads, at least one, not {text!r}")
    set_num_threads(int(text))


_threads_from_environment()

"""The exception tree. Every error that geomkern raises on purpose derives from :class:`GeomkernError`."""

__all__ = [
    "AutogradError",
    "BackendUnavailable",
    "ConvergenceWarning",
    "DTypeError",
    "DeviceError",
    "DomainError",
    "FormatError",
    "GeomkernError",
    "ShapeError",
]


class GeomkernError(Exception):
    """Base of all errors raised by geomkern and its backends."""


class ShapeError(GeomkernError, ValueError):
    """An array has a shape that the operation cannot use."""


class DTypeError(GeomkernError, TypeError):
    """An array has a data type that the operation cannot use."""


class DomainError(GeomkernError, ValueError):
    """A value lies outside the set on which the operation is defined."""


class AutogradError(GeomkernError, RuntimeError):
    """The tape cannot do what was asked, such as a second backward pass over released arrays."""


class DeviceError(GeomkernError, RuntimeError):
    """A device or its kernel set cannot serve the call."""


class BackendUnavailable(GeomkernError, ImportError):
    """A backend, or an optional dependency, is not installed or fails to load."""


class ConvergenceWarning(UserWarning):
    """An iteration stopped before it converged; it says after how many steps, and with what residual."""


class FormatError(GeomkernError, ValueError):
    """A file or a stored state is not in the form that the reader needs."""

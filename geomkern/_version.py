"""The version, in one place: the build, the package and the documentation all read it here."""

__version__ = "0.1.0"

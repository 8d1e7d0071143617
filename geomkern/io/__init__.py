"""Reading and writing: whole files or none, and states as safetensors."""

from .files import atomic_path
from .state import load, save

__all__ = ["atomic_path", "load", "save"]

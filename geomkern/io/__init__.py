"""Reading and writing: whole files or none, and states as safetensors."""

from .files import atomic_path

__all__ = ["atomic_path"]

"""Differentiable functions of arrays and tensors, one module a family."""

from . import _bind, elementwise, linalg, reductions, shape
from . import softmax as _softmax
from .elementwise import *  # noqa: F403
from .linalg import *  # noqa: F403
from .reductions import *  # noqa: F403
from .shape import *  # noqa: F403
from .softmax import *  # noqa: F403

_bind.bind()

__all__ = [*elementwise.__all__, *linalg.__all__, *reductions.__all__, *shape.__all__, *_softmax.__all__]

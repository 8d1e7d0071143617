"""Recurrence on gyrovector spaces."""

from __future__ import annotations

from typing import Any

import numpy as np

from geomkern.config import config
from geomkern.errors import DomainError, DTypeError
from geomkern.nn import Parameter
from geomkern.ops.elementwise import sigmoid, tanh

from ..manifolds.gyro import GyrovectorSpace
from .base import ManifoldLayer

__all__ = ["HyperbolicGRUCell"]


class HyperbolicGRUCell(ManifoldLayer):
    r"""A gated recurrent unit whose state is a point.

    .. math::

        r &= \sigma \log_0\bigl(W_r \otimes h \oplus U_r \otimes x \oplus b_r\bigr) \\
        z &= \sigma \log_0\bigl(W_z \otimes h \oplus U_z \otimes x \oplus b_z\bigr) \\
        \tilde h &= \varphi^\otimes\bigl((W_h \operatorname{diag}(r)) \otimes h \oplus U_h \otimes x \oplus b_h\bigr) \\
        h' &= h \oplus \operatorname{diag}(z) \otimes (\ominus h \oplus \tilde h)

    Parameters
    ----------
    input_size, hidden_size : int
        Coordinates of the inputs and of the state.
    manifold : GyrovectorSpace or float
        Where both live; a number is the c of a :class:`PoincareBall`.
    nonlinearity : callable
        The function :math:`\varphi`, applied in the tangent space at the origin. Tanh if not given; the identity keeps
        the candidate as it is, which the authors prefer.
    dtype : dtype, optional
        Type of the parameters; the default type if None.
    rng : int, numpy.random.Generator or None
        Draws the initial values.

    Attributes
    ----------
    weight_ih : Parameter, shape (3, hidden_size, input_size)
        The matrices U for r, z and the candidate.
    weight_hh : Parameter, shape (3, hidden_size, hidden_size)
        The matrices W.
    bias : Parameter, shape (3, hidden_size)
        Points of the manifold, at first the origin.

    Raises
    ------
    DomainError
        If a size is less than one.
    DTypeError
        If the manifold has no Möbius addition.

    References
    ----------
    Ganea, O., Bécigneul, G., Hofmann, T. (2018). Hyperbolic neural networks. *NeurIPS*.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern_manifold import PoincareBall
    >>> from geomkern_manifold.layers import HyperbolicGRUCell
    >>> ball = PoincareBall()
    >>> cell = HyperbolicGRUCell(4, 3, ball, rng=0)
    >>> state = cell(ball.random(5, 4, rng=0))
    >>> cell(ball.random(5, 4, rng=1), state).shape
    (5, 3)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        manifold: GyrovectorSpace | float = 1.0,
        nonlinearity: Any = tanh,
        *,
        dtype: Any = None,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        super().__init__(manifold)
        if input_size < 1 or hidden_size < 1:
            raise DomainError(f"HyperbolicGRUCell needs sizes of at least 1, not {input_size} and {hidden_size}")
        if not isinstance(self.manifold, GyrovectorSpace):
            raise DTypeError(f"HyperbolicGRUCell needs a manifold with Möbius addition, not {manifold!r}")
        self.input_size, self.hidden_size, self.nonlinearity = input_size, hidden_size, nonlinearity
        dtype, generator, bound = dtype or config.default_dtype, config.generator(rng), hidden_size**-0.5
        self.weight_ih = Parameter(generator.uniform(-bound, bound, (3, hidden_size, input_size)).astype(dtype))
        self.weight_hh = Parameter(generator.uniform(-bound, bound, (3, hidden_size, hidden_size)).astype(dtype))
        self.bias = Parameter(np.zeros((3, hidden_size), dtype), manifold=self.manifold)

    def forward(self, x: Any, h: Any = None) -> Any:
        """Take one step.

        Parameters
        ----------
        x : array_like or Tensor, shape (..., input_size)
            Points.
        h : array_like or Tensor, shape (..., hidden_size), optional
            The state; the origin if None.

        Returns
        -------
        ndarray or Tensor, shape (..., hidden_size)
        """
        space = self.manifold
        if h is None:
            h = space.origin(*np.shape(x)[:-1], self.hidden_size, dtype=self.weight_hh.dtype)
        reset = sigmoid(space.logmap0(self._combined(0, h, x)))
        update = sigmoid(space.logmap0(self._combined(1, h, x)))
        candidate = self._combined(2, space.mobius_pointwise_mul(reset, h), x)
        candidate = space.mobius_fn_apply(self.nonlinearity, candidate)
        step = space.mobius_pointwise_mul(update, space.mobius_add(space.mobius_neg(h), candidate))
        return space.mobius_add(h, step)

    def _combined(self, gate: int, h: Any, x: Any) -> Any:
        space = self.manifold
        of_h = space.mobius_matvec(self.weight_hh[gate], h)
        of_x = space.mobius_matvec(self.weight_ih[gate], x)
        return space.mobius_add(space.mobius_add(of_h, of_x), self.bias[gate])

    def extra_repr(self) -> str:
        """Return what the repr says of this layer."""
        return f"{self.input_size}, {self.hidden_size}, {self.manifold}"

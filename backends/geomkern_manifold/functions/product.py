"""One operation of several models at once, on the parts of the coordinates."""

from typing import Any

import numpy as np

from geomkern.autograd import Function

__all__ = ["Product"]


class Product(Function):
    """The differentiable kernel ``product``.

    Inputs are the vectors, the numbers that all parts share, and the curvature of each part.
    """

    backend = "manifold"

    @staticmethod
    def forward(
        ctx: Any, *inputs: Any, operation: str, models: tuple[str, ...], widths: tuple[int, ...], vectors: int
    ) -> np.ndarray:
        """Run the operation on each part of the vectors."""
        ctx.save_for_backward(*inputs)
        ctx.what, ctx.vectors = (operation, models, widths), vectors
        return ctx.kernels.product(*ctx.what, *_sorted(inputs, vectors, len(models)))

    @staticmethod
    def backward(ctx: Any, grad: np.ndarray) -> tuple[Any, ...]:
        """Return the gradients of all inputs."""
        parts = len(ctx.what[1])
        vectors, numbers, curvatures = _sorted(ctx.saved, ctx.vectors, parts)
        needs = ctx.needs_input_grad
        wanted = (*needs[:-parts], any(needs[-parts:]))
        *gradients, of_curvatures = ctx.kernels.product_vjp(grad, *ctx.what, vectors, numbers, curvatures, wanted)
        for k in range(len(vectors), len(gradients)):
            gradients[k] = None if gradients[k] is None else gradients[k].sum(0)
        return (*gradients, *(of_curvatures[k] if needs[k - parts] else None for k in range(parts)))


def _sorted(inputs: tuple[Any, ...], vectors: int, parts: int) -> tuple[tuple[Any, ...], ...]:
    """Return the vectors, the shared numbers and the curvatures among the inputs."""
    return inputs[:vectors], inputs[vectors:-parts], inputs[-parts:]

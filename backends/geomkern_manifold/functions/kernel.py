"""From a kernel and its backward to a differentiable operation."""

import functools
from collections.abc import Callable
from typing import Any

from geomkern.autograd import Function

__all__ = ["kernel_function"]


@functools.cache
def kernel_function(kernel: str) -> Callable[..., Any]:
    """Return the operation whose forward is the kernel of that name, and whose backward the kernel ``<name>_vjp``."""
    kernel_vjp = f"{kernel}_vjp"

    def forward(ctx: Any, *inputs: Any) -> Any:
        ctx.save_for_backward(*inputs)
        return getattr(ctx.kernels, kernel)(*inputs)

    def backward(ctx: Any, grad: Any) -> Any:
        return getattr(ctx.kernels, kernel_vjp)(grad, *ctx.saved, ctx.needs_input_grad)

    name = "".join(word.capitalize() for word in kernel.split("_"))
    namespace = {
        "__doc__": f"The differentiable kernel ``{kernel}``.",
        "backend": "manifold",
        "forward": staticmethod(forward),
        "backward": staticmethod(backward),
    }
    operation: type[Function] = type(name, (Function,), namespace)
    return operation.apply

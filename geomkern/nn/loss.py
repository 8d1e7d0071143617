"""Losses, as functions and as layers."""

from typing import Any

import numpy as np

from ..autograd import Function
from ..errors import DomainError, DTypeError, ShapeError
from ..tensor import Tensor
from .layer import Layer

__all__ = ["CrossEntropyLoss", "MSELoss", "cross_entropy", "mse_loss"]

REDUCTIONS = ("mean", "sum", "none")


def _check_reduction(operation: str, reduction: str) -> None:
    if reduction not in REDUCTIONS:
        raise DomainError(f"{operation} needs a reduction of {', '.join(REDUCTIONS)}, not {reduction!r}")


def _floats(operation: str, x: Any) -> np.ndarray:
    """Return an array of float32 or float64; integers become float64."""
    x = np.asarray(x)
    if x.dtype.kind in "biu":
        return x.astype(np.float64)
    if x.dtype not in (np.float32, np.float64):
        raise DTypeError(f"{operation} needs float32 or float64, not {x.dtype}")
    return x


class MeanSquaredError(Function):
    """The difference is all that the way back needs."""

    @staticmethod
    def forward(ctx: Any, x: np.ndarray, target: np.ndarray, *, reduction: str) -> np.ndarray:
        if np.shape(x) != np.shape(target):
            raise ShapeError(f"mse_loss needs x and target of one shape, not {np.shape(x)} and {np.shape(target)}")
        difference = _floats("mse_loss", x) - _floats("mse_loss", target)
        ctx.save_for_backward(difference)
        ctx.scale = 2.0 / max(difference.size, 1) if reduction == "mean" else 2.0
        squares = difference * difference
        if reduction == "none":
            return squares
        total = ctx.kernels.sum(squares.ravel(), (0,))[()]
        with np.errstate(invalid="ignore"):  # the mean of nothing is NaN
            return total / total.dtype.type(squares.size) if reduction == "mean" else total

    @staticmethod
    def backward(ctx: Any, grad: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        (difference,) = ctx.saved
        towards_x = difference * (grad * ctx.scale)
        return towards_x, -towards_x


def mse_loss(x: Any, target: Any, reduction: str = "mean") -> Any:
    """Return the squared differences, or their mean or sum.

    Parameters
    ----------
    x, target : array_like or Tensor, of one shape
        What is compared. Broadcasting is refused: it hides a forgotten axis.
    reduction : {"mean", "sum", "none"}
        What is returned.

    Raises
    ------
    ShapeError
        If the shapes differ.

    Examples
    --------
    >>> import numpy as np
    >>> import geomkern as gk
    >>> float(gk.nn.functional.mse_loss(np.array([1.0, 2.0]), np.array([1.0, 4.0])))
    2.0
    """
    _check_reduction("mse_loss", reduction)
    return MeanSquaredError.apply(x, target, reduction=reduction)


class MSELoss(Layer):
    """The mean squared error; see :func:`mse_loss`.

    Examples
    --------
    >>> import numpy as np
    >>> import geomkern as gk
    >>> float(gk.nn.MSELoss(reduction="sum")(np.array([1.0, 2.0]), np.array([1.0, 4.0])))
    4.0
    """

    def __init__(self, reduction: str = "mean") -> None:
        _check_reduction("MSELoss", reduction)
        self.reduction = reduction

    def forward(self, x: Any, target: Any) -> Any:
        """Compare `x` with `target`."""
        return mse_loss(x, target, self.reduction)


class CrossEntropy(Function):
    r"""Log-softmax and negative log-likelihood at once. For scores :math:`x` of class :math:`y`,

    .. math:: l = \sum_c q_c (s - x_c), \qquad s = \log \sum_c e^{x_c}, \qquad
        q_c = (1 - \epsilon) w_y [c = y] + \epsilon w_c / C,

    with class weights :math:`w` and label smoothing :math:`\epsilon`, so that with the softmax :math:`p`

    .. math:: \partial l / \partial x_c = p_c \sum_k q_k - q_c.

    The largest score is subtracted first, so that nothing overflows and every term of the loss is non-negative.
    """

    @staticmethod
    def forward(
        ctx: Any,
        x: np.ndarray,
        target: np.ndarray,
        weight: np.ndarray | None,
        *,
        ignore_index: int,
        reduction: str,
        label_smoothing: float,
    ) -> np.ndarray:
        x, target = _floats("cross_entropy", x), np.asarray(target)
        _check_classes(x, target, weight, ignore_index)
        classes = x.shape[-1]
        scores, labels = x.reshape(target.size, classes), target.reshape(target.size)
        kept = labels != ignore_index
        labels = np.where(kept, labels, 0)
        here = np.arange(len(labels)), labels
        weight = np.ones(classes, x.dtype) if weight is None else np.asarray(weight, x.dtype)
        sharp = (1.0 - label_smoothing) * weight[labels]
        smooth = (label_smoothing / classes) * weight
        with np.errstate(invalid="ignore", divide="ignore"):  # infinite scores, and the mean of nothing
            e = scores - scores.max(axis=1, keepdims=True)
            losses = -sharp * e[here]
            if label_smoothing:
                losses -= e @ smooth
            np.exp(e, out=e)
            total = ctx.kernels.sum(e, (1,))
            losses += (sharp + smooth.sum()) * np.log(total)
            losses[~kept] = 0.0
            norm = x.dtype.type(1.0)
            if reduction == "mean":
                norm = ctx.kernels.sum(np.where(kept, weight[labels], 0), (0,))
            if any(ctx.needs_input_grad):
                ctx.save_for_backward(e, total, sharp, smooth)
                ctx.shape, ctx.here, ctx.kept, ctx.norm = x.shape, here, kept, norm
            return losses.reshape(target.shape) if reduction == "none" else ctx.kernels.sum(losses, (0,)) / norm

    @staticmethod
    def backward(ctx: Any, grad: np.ndarray) -> tuple[np.ndarray, None, None]:
        e, total, sharp, smooth = ctx.saved
        out = np.empty(ctx.shape, e.dtype)
        rows = out.reshape(e.shape)
        with np.errstate(invalid="ignore", divide="ignore"):
            factor = np.ravel(grad) / ctx.norm
            np.multiply(e, (factor * (sharp + smooth.sum()) / total)[:, None], out=rows)
            if smooth.any():
                rows -= factor[:, None] * smooth
            rows[ctx.here] -= factor * sharp
        rows[~ctx.kept] = 0.0
        return out, None, None


def _check_classes(x: np.ndarray, target: np.ndarray, weight: np.ndarray | None, ignore_index: int) -> None:
    if x.ndim < 1 or x.shape[-1] < 1 or target.shape != x.shape[:-1]:
        raise ShapeError(
            f"cross_entropy needs scores (..., classes) and a target of shape (...), not {x.shape} and {target.shape}"
        )
    if target.dtype.kind not in "iu":
        raise DTypeError(f"cross_entropy needs a target of integer classes, not {target.dtype}")
    classes = x.shape[-1]
    if weight is not None and np.shape(weight) != (classes,):
        raise ShapeError(f"cross_entropy needs a weight of shape {(classes,)}, not {np.shape(weight)}")
    outside = target[(target != ignore_index) & ((target < 0) | (target >= classes))]
    if outside.size:
        raise DomainError(
            f"cross_entropy needs classes from 0 to {classes - 1} or ignore_index={ignore_index}, not {outside[0]}"
        )


def cross_entropy(
    x: Any,
    target: Any,
    weight: Any = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    r"""Return the cross-entropy between the softmax of scores and the true classes.

    Parameters
    ----------
    x : array_like or Tensor, shape (..., classes)
        Scores (logits); classes are on the last axis, whatever the leading axes.
    target : array_like or Tensor of int, shape (...)
        The true classes.
    weight : array_like or Tensor, shape (classes,), optional
        The weight of each class; a constant, it has no gradient.
    ignore_index : int
        A target that does not count.
    reduction : {"mean", "sum", "none"}
        What is returned. The mean is over the weights of the targets that count, and NaN if there are none.
    label_smoothing : float
        Share of the target, in [0, 1], that is spread evenly over all classes.

    Raises
    ------
    ShapeError
        If the shapes do not match.
    DTypeError
        If the target does not hold integers.
    DomainError
        If a target is no class, or an option is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> import geomkern as gk
    >>> scores = np.array([[0.0, 0.0], [1e4, -1e4]])
    >>> gk.nn.functional.cross_entropy(scores, np.array([0, 0]), reduction="none").round(4)
    array([0.6931, 0.    ])
    """
    _check_reduction("cross_entropy", reduction)
    if not 0.0 <= label_smoothing <= 1.0:
        raise DomainError(f"cross_entropy needs label_smoothing in [0, 1], not {label_smoothing!r}")
    return CrossEntropy.apply(
        x, target, weight, ignore_index=ignore_index, reduction=reduction, label_smoothing=label_smoothing
    )


class CrossEntropyLoss(Layer):
    """The cross-entropy of scores and true classes; see :func:`cross_entropy`.

    Attributes
    ----------
    weight : Tensor, shape (classes,), or None
        A buffer: the weight of each class.

    Examples
    --------
    >>> import numpy as np
    >>> import geomkern as gk
    >>> loss = gk.nn.CrossEntropyLoss(label_smoothing=0.1)
    >>> round(float(loss(np.array([[2.0, 0.0]]), np.array([0]))), 4)
    0.2269
    """

    weight: Tensor | None

    def __init__(
        self,
        weight: Any = None,
        *,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        _check_reduction("CrossEntropyLoss", reduction)
        if not 0.0 <= label_smoothing <= 1.0:
            raise DomainError(f"CrossEntropyLoss needs label_smoothing in [0, 1], not {label_smoothing!r}")
        self.register_buffer("weight", weight)
        self.ignore_index = ignore_index
        self.reduction = reduction
        self.label_smoothing = label_smoothing

    def forward(self, x: Any, target: Any) -> Any:
        """Compare the scores `x` with the classes `target`."""
        return cross_entropy(
            x,
            target,
            None if self.weight is None else self.weight.data,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )

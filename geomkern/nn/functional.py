"""The layers as functions without state: arrays in, arrays out; any tensor in, tensor out."""

from ..ops.elementwise import relu, tanh
from ..ops.softmax import log_softmax, softmax
from .embedding import embedding
from .linear import linear
from .loss import cross_entropy, mse_loss

__all__ = ["cross_entropy", "embedding", "linear", "log_softmax", "mse_loss", "relu", "softmax", "tanh"]

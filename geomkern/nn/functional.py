"""The layers as functions without state: arrays in, arrays out; any tensor in, tensor out."""

from ..ops import log_softmax, relu, softmax, tanh
from .embedding import embedding
from .linear import linear
from .loss import cross_entropy, mse_loss

__all__ = ["cross_entropy", "embedding", "linear", "log_softmax", "mse_loss", "relu", "softmax", "tanh"]

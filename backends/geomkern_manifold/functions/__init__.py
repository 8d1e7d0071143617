"""Differentiable functions of the Poincaré ball: arrays in, arrays out; tensors in, tensors out."""

from .gyro import gyration, mobius_add, mobius_matvec, mobius_scalar_mul, mobius_sub, transp
from .maps import expmap, expmap0, geodesic, logmap, logmap0, projx
from .metric import dist, dist0, egrad2rgrad, inner, lambda_x, norm, pairwise_dist

__all__ = [
    "dist",
    "dist0",
    "egrad2rgrad",
    "expmap",
    "expmap0",
    "geodesic",
    "gyration",
    "inner",
    "lambda_x",
    "logmap",
    "logmap0",
    "mobius_add",
    "mobius_matvec",
    "mobius_scalar_mul",
    "mobius_sub",
    "norm",
    "pairwise_dist",
    "projx",
    "transp",
]

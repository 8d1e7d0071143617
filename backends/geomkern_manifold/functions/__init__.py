"""Differentiable operations on points: arrays in, arrays out; tensors in, tensors out.

Those of one model are methods of its manifold; here is what makes them from kernels, and what is made of them.
"""

"""Benchmarks for asv: one file a kernel family. The names of the parameters are the columns of asv's tables."""

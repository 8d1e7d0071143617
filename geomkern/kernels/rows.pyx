"""Row kernels as Python callables.

A *row kernel* (``gk_rows.h``) is one C function and a description of its operands; :func:`row_kernels` turns a pair of
them, forward and backward, into callables.
"""

from .calls cimport run, run_vjp

import inspect


cdef class RowKernel:
    """A row kernel as a callable: the upstream gradient if it is a backward one, then the vectors, then the numbers.

    A forward kernel has one result, and takes `out`. A backward one returns the gradients of all its other operands, in
    their order, or None where the flag in `wanted`, its last operand, is not set.
    """

    def __init__(self):
        raise TypeError("row kernels are made by row_kernels")

    def __repr__(self):
        return f"RowKernel({self.__name__}{self.__signature__})"

    def __call__(self, *operands, out=None):
        cdef const gk_row_kernel *table = self.table
        cdef int vectors = table.n_vectors, count = vectors + table.n_scalars
        if self.backward:
            if len(operands) != count + 1:
                raise TypeError(f"{self.__name__} takes {self.__signature__}, not {len(operands)} operands")
            if self.number_first:  # the upstream gradient is a number of each row
                return run_vjp(table, operands[1:vectors + 1], operands[:1] + operands[vectors + 1:count],
                               operands[count])
            return run_vjp(table, operands[:vectors], operands[vectors:count], operands[count])
        if len(operands) == count + 1 and out is None:
            out = operands[count]
        elif len(operands) != count:
            raise TypeError(f"{self.__name__} takes {self.__signature__}, not {len(operands)} operands")
        return run(table, operands[:vectors], operands[vectors:count], out)


cdef RowKernel _row_kernel(const gk_row_kernel *table, bint backward):
    cdef RowKernel kernel = RowKernel.__new__(RowKernel)
    cdef list names = [table.vectors[k].decode() for k in range(table.n_vectors)]
    names += [table.scalars[k].decode() for k in range(table.n_scalars)]
    kernel.table, kernel.backward, kernel.__name__ = table, backward, table.name.decode()
    kernel.number_first = backward and table.vectors[0] != b"g"
    if kernel.number_first:
        names.remove("g")
        names.insert(0, "g")
    parameters = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in names]
    if backward:
        parameters.append(inspect.Parameter("wanted", inspect.Parameter.POSITIONAL_OR_KEYWORD))
    else:
        parameters.append(inspect.Parameter("out", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None))
    kernel.__signature__ = inspect.Signature(parameters)
    return kernel


cdef tuple row_kernels(const gk_row_kernel *forward, const gk_row_kernel *backward):
    """Return the callables of a kernel and its backward kernel."""
    return _row_kernel(forward, False), _row_kernel(backward, True)

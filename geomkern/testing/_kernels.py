"""What every kernel set must do."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np

from ..backends import public_functions
from ._errors import ConformanceError, compare, demand

__all__ = ["KernelCase", "check_kernels"]


@dataclass(frozen=True)
class KernelCase:
    """One call of a kernel.

    Attributes
    ----------
    args : tuple
        Its arguments; arrays are copied for each call, and compared afterwards, for kernels that write into them.
    options : mapping
        Its keyword arguments.
    rtol, atol : float
        The tolerance against the reference.
    """

    args: tuple[Any, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    rtol: float = 1e-12
    atol: float = 0.0


def check_kernels(kernels: ModuleType, reference: ModuleType, cases: Mapping[str, Sequence[KernelCase]]) -> None:
    """Check a kernel set against the reference.

    Both have the same public functions with the same signatures; every function has a case; the results agree, and so
    does what the function wrote into its arguments.

    Parameters
    ----------
    kernels, reference : module
        The public functions are those in ``__all__``, or those without an underscore that are defined there.
    cases : mapping of str to sequence of KernelCase
        For each kernel the calls to make.

    Raises
    ------
    ConformanceError
        If a rule is broken.

    Examples
    --------
    >>> import numpy as np
    >>> from geomkern import testing
    >>> from geomkern.kernels import cpu, reference
    >>> x, index, rows = np.ones((3, 2)), np.array([0, 2]), np.ones((2, 2))
    >>> cases = {"sum": [testing.KernelCase((x, (0,)))], "scatter_add": [testing.KernelCase((x, index, rows))]}
    >>> testing.check_kernels(cpu, reference, cases)
    """
    ours, theirs = public_functions(kernels), public_functions(reference)
    for extra, of, lacking in (
        (set(ours) - set(theirs), kernels, reference),
        (set(theirs) - set(ours), reference, kernels),
    ):
        demand(not extra, f"{of.__name__} has {', '.join(sorted(extra))}, which {lacking.__name__} lacks")
    untested = sorted(set(theirs) - set(cases))
    demand(not untested, f"there is no case for {', '.join(untested)}")
    unknown = sorted(set(cases) - set(theirs))
    demand(not unknown, f"there are cases for {', '.join(unknown)}, which {reference.__name__} lacks")
    for name in sorted(theirs):
        _same_signature(name, ours[name], theirs[name])
        demand(len(cases[name]) > 0, f"there is no case for {name}")
        for number, case in enumerate(cases[name]):
            _same_result(f"{name}, case {number}", ours[name], theirs[name], case)


def _same_signature(name: str, ours: Any, theirs: Any) -> None:
    try:
        signatures = [
            [(p.name, p.kind, p.default) for p in inspect.signature(function).parameters.values()]
            for function in (ours, theirs)
        ]
    except ValueError as error:
        raise ConformanceError(f"{name} does not tell its signature; build it with binding=True: {error}") from error
    demand(
        signatures[0] == signatures[1],
        f"the signatures of {name} differ: {inspect.signature(ours)} and {inspect.signature(theirs)}",
    )


def _same_result(what: str, ours: Any, theirs: Any, case: KernelCase) -> None:
    calls = [(copy.deepcopy(case.args), copy.deepcopy(dict(case.options))) for _ in range(2)]
    got, expected = ours(*calls[0][0], **calls[0][1]), theirs(*calls[1][0], **calls[1][1])
    pairs = [("the result", got, expected)]
    pairs += [
        (f"argument {i} after the call", x, y) for i, (x, y) in enumerate(zip(calls[0][0], calls[1][0], strict=True))
    ]
    pairs += [(f"argument {key!r} after the call", x, calls[1][1][key]) for key, x in calls[0][1].items()]
    for label, left, right in pairs:
        _same(f"{what}: {label}", left, right, case)


def _same(what: str, got: Any, expected: Any, case: KernelCase) -> None:
    if isinstance(expected, (tuple, list)):
        demand(
            isinstance(got, (tuple, list)) and len(got) == len(expected),
            f"{what} has not {len(expected)} parts: {got!r}",
        )
        for i, (left, right) in enumerate(zip(got, expected, strict=True)):
            _same(f"{what}, part {i}", left, right, case)
    elif isinstance(expected, (np.ndarray, np.generic, float)):
        demand(
            np.asarray(got).dtype == np.asarray(expected).dtype,
            f"{what} is {np.asarray(got).dtype}, expected {np.asarray(expected).dtype}",
        )
        compare(got, expected, case.rtol, case.atol, what)
    elif expected is None or isinstance(expected, (int, str)):
        demand(got == expected, f"{what} is {got!r}, expected {expected!r}")

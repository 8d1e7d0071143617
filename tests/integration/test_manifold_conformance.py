"""geomkern's conformance kit on the backend ``manifold``: all its functions, layers and kernels."""

import inspect

import numpy as np
import pytest

from geomkern.testing import BackendCases, KernelCase, check_backend, check_function
from geomkern_manifold import functions
from geomkern_manifold.kernels import reference

N, D = 6, 3
MATRICES = ("mobius_matvec", "pairwise_dist")  # their first axes are not those of one batch


def operands(seed, rows=N, columns=D):
    """Return a value for every name that a function or kernel gives its operands."""
    rng = np.random.default_rng(seed)
    vectors = {name: rng.uniform(-1, 1, (rows, columns)) / columns**0.5 for name in ("x", "y", "u", "v", "w")}
    return {
        **vectors,
        "m": rng.uniform(-1, 1, (2, columns)),
        "c": np.array(0.7),
        "t": rng.uniform(-1, 2, rows),
        "r": rng.uniform(-1, 2, rows),
        "eps": 0.4,
    }


def kernel_case(name, seed, rows, columns):
    values = operands(seed, rows, columns)
    names = [parameter for parameter in inspect.signature(getattr(reference, name)).parameters if parameter != "out"]
    if name.startswith("pairwise_dist"):
        values["c"] = float(values["c"])
    if name.endswith("_vjp"):
        inputs = [parameter for parameter in names if parameter not in ("g", "wanted")]
        result = getattr(reference, name.removesuffix("_vjp"))(*(values[parameter] for parameter in inputs))
        values["g"] = np.random.default_rng(seed + 1).standard_normal(result.shape)
        values["wanted"] = tuple(True for parameter in inputs if parameter != "eps")
    return KernelCase(tuple(values[parameter] for parameter in names), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", functions.__all__)
def test_function(name):
    function = getattr(functions, name)
    values = operands(seed=0) | {"t": np.array([0.3]), "r": np.array([1.7])}
    parameters = [value for value in inspect.signature(function).parameters if value != "eps"]
    check_function(function, *(values[value] for value in parameters), batched=name not in MATRICES)


def test_backend():
    names = [name for name, value in vars(reference).items() if inspect.isfunction(value) and not name.startswith("_")]
    shapes = [(1, 1), (N, D), (33, 17), (0, D)]
    cases = BackendCases(
        layers={"PoincareLinear": ((D, 4), (operands(seed=0)["x"],))},
        kernels={name: [kernel_case(name, seed, *shape) for seed, shape in enumerate(shapes)] for name in names},
    )
    check_backend("manifold", cases)

"""geomkern's conformance kit on the backend ``manifold``: all its layers and kernels."""

import inspect

import numpy as np
import scipy.sparse

from geomkern.testing import BackendCases, KernelCase, check_backend
from geomkern_manifold.kernels import reference

N, D = 6, 3


def operands(seed, rows=N, columns=D):
    """Return a value for every name that a function or kernel gives its operands."""
    rng = np.random.default_rng(seed)
    names = ("x", "y", "p", "by", "u", "v", "w", "a", "h", "b", "gain", "shift", "reach")
    vectors = {name: rng.uniform(-1, 1, (rows, columns)) / columns**0.5 for name in names}
    return {
        **vectors,
        "c": np.array(0.7),
        "k": np.array(-0.7),
        "t": rng.uniform(-1, 2, rows),
        "r": rng.uniform(-1, 2, rows),
        "lam": rng.uniform(2, 4, rows),
        "eps": 0.4,
    }


def kernel_case(name, seed, rows, columns):
    values = operands(seed, rows, columns)
    if name.startswith("sphere"):
        # the sphere, and near one another, so that no two are antipodal
        for point in "xyv":
            values[point] = values[point] * 0.3 + np.eye(1, columns)
            values[point] /= np.linalg.norm(values[point], axis=-1, keepdims=True) * 0.7**0.5
    names = [parameter for parameter in inspect.signature(getattr(reference, name)).parameters if parameter != "out"]
    if name.endswith("_step"):  # of an optimiser: vectors and numbers of the state, then options
        rng = np.random.default_rng(seed + 1)
        values |= {vector: rng.standard_normal((rows, columns)) for vector in ("b", "m", "g")}
        values |= {number: rng.uniform(0.1, 1.0, rows) for number in ("v", "vmax")}
        values |= {option: rng.uniform(0.1, 0.9) for option in names if option not in values}
    if "pairwise_dist" in name:
        values["c"] = float(values["c"])
    if name.startswith("half_space"):
        for point in ("x", "y", "p"):
            values[point][..., -1] = np.abs(values[point][..., -1]) + 0.1
    if name.endswith("_vjp"):
        inputs = [parameter for parameter in names if parameter not in ("g", "wanted")]
        result = getattr(reference, name.removesuffix("_vjp"))(*(values[parameter] for parameter in inputs))
        values["g"] = np.random.default_rng(seed + 1).standard_normal(result.shape)
        values["wanted"] = (True,) * len(inputs)
    return KernelCase(tuple(values[parameter] for parameter in names), rtol=1e-10, atol=1e-12)


def product_cases(backward):
    """Return calls of the kernel ``product``, of vectors and of numbers, for parts of two and three coordinates."""
    cases = []
    for operation, vectors, numbers in (("dist", ("x", "y"), ()), ("geodesic", ("x", "y"), ("t",))):
        values = operands(seed=7, columns=5)
        inputs = (
            tuple(values[name] for name in vectors),
            tuple(values[name] for name in numbers),
            (0.7, np.full(N, 0.4)),
        )
        args = (operation, ("poincare", "poincare"), (2, 3), *inputs)
        if backward:
            upstream = np.random.default_rng(8).standard_normal(reference.product(*args).shape)
            args = (upstream, *args, (True,) * (len(vectors) + len(numbers) + 1))
        cases.append(KernelCase(args, rtol=1e-10, atol=1e-12))
    return cases


def mean_cases(name):
    """Return calls of a kernel of sets of points, with one curvature and with one for each set."""
    cases = []
    for seed, (n, d) in enumerate([(1, 1), (N, D), (40, 17), (33, 2)]):
        rng = np.random.default_rng(seed)
        x, w, g = rng.uniform(-0.7, 0.7, (4, n, d)) / d**0.5, rng.uniform(0, 1, (4, n)), rng.standard_normal((4, d))
        if name == "karcher_mean":
            cases += [(x, w, np.full(4, 1.3), sign, 1e-14, 100) for sign in (1, 0, -1)]
        elif name == "karcher_solve":
            cases += [(g, x, w, np.full(4, 1.3), sign) for sign in (1, 0, -1)]
        else:
            backward = name.endswith("_vjp")
            each = [(x, w, 0.7), (x[0], w, np.full((4, 1), 0.7)), (x, w[0], np.full((4, 1), 0.7))]
            cases += [(g, *case, (True,) * 3) if backward else case for case in each]
    return [KernelCase(case, rtol=1e-10, atol=1e-12) for case in cases]


def is_of_sets(name):
    return "einstein_midpoint" in name or name.startswith("karcher_")


def layer_cases():
    """Return for each layer the arguments that create it, and what it is called with."""
    x, y, wide = operands(seed=0)["x"], operands(seed=1)["x"], operands(seed=0, columns=4)["x"]
    path = scipy.sparse.diags_array([1.0, 1.0], offsets=[-1, 1], shape=(N, N))
    return {
        "AnchorGeodesicActivation": ((D, 2), (x,)),
        "BusemannFeatures": ((D, 4), (x,)),
        "DynamicCurvature": ((D,), (x,)),
        "FromManifold": ((), (x,)),
        "GeodesicInterp": ((), (x, y)),
        "HyperButterfly": ((4,), (wide,)),
        "HyperbolicAttention": ((D,), (x,)),
        "HyperbolicBatchNorm": ((D,), (x,)),
        "HyperbolicGRUCell": ((D, 4), (x,)),
        "HyperbolicGraphConv": ((D, 4), (x, path)),
        "HyperbolicLinear": ((D, 4), (x,)),
        "HyperbolicMLR": ((D, 4), (x,)),
        "LorentzLinear": ((D, 4), (x,)),
        "PoincareFC": ((D, 4), (x,)),
        "PoincareLinear": ((D, 4), (x,)),
        "TangentActivation": ((), (x,)),
        "ToManifold": ((), (x,)),
        "UnidirectionalMLR": ((D, 4), (x,)),
    }


def test_backend():
    shapes = [(1, 1), (N, D), (33, 17), (0, D)]
    cases = BackendCases(
        layers=layer_cases(),
        kernels={
            name: mean_cases(name)
            if is_of_sets(name)
            else [kernel_case(name, seed, *shape) for seed, shape in enumerate(shapes)]
            for name in reference.__all__
            if not name.startswith("product")
        }
        | {"product": product_cases(backward=False), "product_vjp": product_cases(backward=True)},
    )
    check_backend("manifold", cases)

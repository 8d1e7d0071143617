"""The conformance kit finds what is wrong, names it, and lets pass what is right."""

import types

import numpy as np
import pytest

import geomkern as gk
from geomkern.kernels import cpu, reference
from geomkern.testing import (
    BackendCases,
    ConformanceError,
    KernelCase,
    check_backend,
    check_function,
    check_kernels,
    check_layer,
)

X = np.array([[0.5, 1.0, -2.0], [1.5, -0.5, 0.25]])


def op(forward=lambda x: x**2, backward=lambda g, out, x: 2 * x * g):
    return gk.custom_op("op", forward, backward)


@pytest.mark.parametrize(
    ("function", "args"),
    [
        (gk.tanh, (X,)),
        (gk.mul, (X, X + 1)),
        (gk.add, (X, np.array(2.0))),
        (gk.matmul, (X, np.ones((3, 2)))),
        (gk.softmax, (X,)),
        (lambda x: gk.sum(x, axis=-1), (X,)),
        (lambda x: gk.mean(x, axis=-1, keepdims=True), (X,)),
        (lambda x: gk.max(x, axis=-1), (X,)),
        (lambda x: gk.getitem(x, (..., [0, 0, 1])), (X,)),
        (lambda x: (gk.sin(x), gk.cos(x)), (X,)),
    ],
)
def test_right_functions_pass(function, args):
    check_function(function, *args, batched=function is not gk.matmul)


def along_memory(x):
    """Reads on in memory, whatever the strides say."""
    return np.lib.stride_tricks.as_strided(x, x.shape, np.empty(x.shape, x.dtype).strides) * 1.0


def depends_on_threads(x):
    return x * (1 + 1e-9 * (gk.get_num_threads() > 1))


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (op(backward=lambda g, out, x: 3 * x * g), "op: gradcheck: argument 0 .* has a wrong gradient"),
        (op(lambda x: (x**2).astype(np.float64)), "op of float32 returned float64"),
        (op(lambda x: x.astype(np.float32) ** 2), "op of float64 returned float32"),
        (lambda x: gk.tensor(x), "of arrays returned Tensor, not an array"),
        (lambda x: np.asarray(x), "of tensors returned ndarray, not a tensor"),
        (op(along_memory, lambda g, out, x: g), "op of non-contiguous input"),
        (op(depends_on_threads, lambda g, out, x: g), "op: 2 threads give other bits than one thread"),
    ],
)
def test_wrong_functions_are_found(function, message):
    with pytest.raises(ConformanceError, match=message):
        check_function(function, X)


def test_a_function_that_fails_on_an_empty_batch():
    def forward(x):
        if not x.size:
            raise ValueError("nothing to do")
        return x**2

    with pytest.raises(ConformanceError, match="op of an empty batch: ValueError: nothing to do"):
        check_function(op(forward), X)


def test_a_function_that_does_not_broadcast():
    def forward(x, y):
        return x * (y if y.ndim < 3 else y[:1])

    with pytest.raises(ConformanceError, match="with a further leading axis on argument 1: the shape is"):
        check_function(op(forward, lambda g, out, x, y: (g * y, g * x)), X, X)


def test_a_float32_that_is_too_far_from_float64():
    with pytest.raises(ConformanceError, match="op in float32 against float64"):
        check_function(op(lambda x: x**2 + (0.01 if x.dtype == np.float32 else 0)), X)


def test_arguments_without_floats():
    with pytest.raises(ConformanceError, match="needs an argument that is an array of floats"):
        check_function(gk.exp, 1.0)


class Affine:
    """A layer that knows how to do wrong what a layer can do wrong."""

    def __init__(self, fault=""):
        self.fault = fault
        rng = np.random.default_rng()
        self.weight = gk.tensor(rng.normal(size=(3, 2)), dtype=np.float32, requires_grad=True)
        self.bias = gk.tensor(rng.normal(size=2), dtype=np.float32, requires_grad=True)

    def __call__(self, x):
        bias = self.bias.detach() if self.fault == "constant bias" else self.bias
        weight = self.weight
        if self.fault == "wrong gradient":
            weight = gk.custom_op("wrong", lambda w: w * 1.0, lambda g, out, w: 2 * g)(weight)
        return x @ weight + bias

    def named_parameters(self):
        return [("weight", self.weight), ("bias", self.bias)]

    def state_dict(self):
        state = {name: parameter.data.copy() for name, parameter in self.named_parameters()}
        if self.fault == "short state":
            del state["bias"]
        return state

    def load_state_dict(self, state):
        for name, parameter in self.named_parameters():
            if name in state:
                parameter.data = state[name] * (2 if self.fault == "wrong load" else 1)
            elif self.fault != "lenient load":
                raise KeyError(f"the state lacks {name}")

    def __getstate__(self):
        if self.fault == "no pickle":
            raise TypeError("not this one")
        return self.__dict__


def test_a_right_layer_passes():
    check_layer(Affine, X)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("constant bias", "Affine: parameter 'bias' got no gradient"),
        ("wrong gradient", "Affine: the gradient of parameter 'weight' against central differences: 6 of 6 elements"),
        ("short state", "Affine: state_dict lacks bias"),
        ("wrong load", "Affine: a second layer with the same state_dict"),
        ("lenient load", "Affine: load_state_dict accepts a state that lacks 'weight'"),
        ("no pickle", "Affine cannot be pickled: TypeError: not this one"),
    ],
)
def test_wrong_layers_are_found(fault, message):
    with pytest.raises(ConformanceError, match=message):
        check_layer(lambda: Affine(fault), X)


def cases():
    rng = np.random.default_rng(0)
    found = []
    for dtype, rtol in ((np.float32, 2e-7), (np.float64, 1e-13)):
        for shape in ((7,), (1, 1), (3, 5), (5000, 3), (2, 4097, 70), (2, 3, 4, 5), (0, 3), (3, 0)):
            x = rng.uniform(0.5, 1, shape).astype(dtype)
            axes = [(), tuple(range(x.ndim)), (0,), (x.ndim - 1,)] + ([(0, 2), (1,)] if x.ndim > 2 else [])
            found += [KernelCase((x, a), rtol=rtol) for a in axes]
            found += [KernelCase((x.T, a), rtol=rtol) for a in axes[:3]]
    found += [KernelCase((np.arange(6).reshape(2, 3), (1,)))]
    scatter = [
        KernelCase(
            (rng.normal(size=(4, 3)).astype(d), rng.integers(-4, 4, s), rng.normal(size=(*s, 3)).astype(d)), rtol=r
        )
        for d, r in ((np.float32, 1e-5), (np.float64, 1e-13))
        for s in ((0,), (1,), (20,), (5, 6))
    ]
    scatter.append(KernelCase((np.zeros(4), np.array([1, 1, 2]), np.ones(3))))
    return {"sum": found, "scatter_add": scatter}


def test_the_cores_own_kernels():
    check_kernels(cpu, reference, cases())


def test_the_sum_has_the_same_bits_for_any_number_of_threads_and_in_any_place():
    x = np.random.default_rng(0).normal(size=(64, 5000)).astype(np.float32)
    before = gk.get_num_threads()
    found = []
    for count in (1, 2, 3):
        gk.set_num_threads(count)
        found.append([gk.sum(x, axis=0).tobytes(), gk.sum(x, axis=1).tobytes()])
    gk.set_num_threads(before)
    assert found[0] == found[1] == found[2]
    assert gk.sum(x[7:9], axis=1).tobytes() == gk.sum(x, axis=1)[7:9].tobytes()
    assert gk.sum(x[:, 100:200], axis=0).tobytes() == gk.sum(x, axis=0)[100:200].tobytes()


def kernel_module(name, **functions):
    module = types.ModuleType(name)
    for key, function in functions.items():
        function.__module__ = name
        setattr(module, key, function)
    return module


@pytest.mark.parametrize(
    ("ours", "message"),
    [
        ({}, "theirs has double, which ours lacks"),
        ({"double": lambda x, times=2: x * times, "more": lambda x: x}, "ours has more, which theirs lacks"),
        ({"double": lambda x: x * 2}, "the signatures of double differ"),
        ({"double": lambda x, times=2: x * times + 1e-3}, "double, case 0: the result: 6 of 6 elements differ; at "),
        ({"double": lambda x, times=2: (x * times).astype(np.float32)}, "double, case 0: the result is float32"),
        ({"double": lambda x, times=2: (x * times)[:1]}, r"the shape is \(1, 3\), expected \(2, 3\)"),
        ({"double": lambda x, times=2: np.multiply(x, times, out=x)}, "argument 0 after the call"),
    ],
)
def test_wrong_kernels_are_found(ours, message):
    theirs = kernel_module("theirs", double=lambda x, times=2: x * times)
    with pytest.raises(ConformanceError, match=message):
        check_kernels(kernel_module("ours", **ours), theirs, {"double": [KernelCase((X,))]})


def test_kernels_without_cases():
    module = kernel_module("module", double=lambda x: 2 * x)
    with pytest.raises(ConformanceError, match="there is no case for double"):
        check_kernels(module, module, {})
    with pytest.raises(ConformanceError, match="there are cases for treble, which module lacks"):
        check_kernels(module, module, {"double": [KernelCase((X,))], "treble": []})


@pytest.fixture
def registered():
    yield lambda **parts: gk.backends.register(gk.backends.Backend("trial", "A trial", **parts))
    gk.backends.refresh(registered=True)


def test_check_backend(registered):
    registered(
        layers={"Affine": f"{__name__}:Affine"},
        kernels={"cpu": "geomkern.kernels.cpu", "reference": "geomkern.kernels.reference"},
    )
    right = BackendCases(
        functions=[(gk.tanh, (X,)), (gk.matmul, (X, np.ones((3, 2))), {"batched": False})],
        layers={"Affine": ((), (X,))},
        kernels=cases(),
    )
    check_backend("trial", right)
    with pytest.raises(ConformanceError, match="there is no case for the layers Affine of 'trial'"):
        check_backend("trial", BackendCases(kernels=cases()))
    with pytest.raises(ConformanceError, match="there is no case for scatter_add, sum"):
        check_backend("trial", BackendCases())
    with pytest.raises(ConformanceError, match="Affine: state_dict lacks bias"):
        check_backend("trial", BackendCases(kernels=cases(), layers={"Affine": (("short state",), (X,))}))


def test_check_backend_of_what_is_not_there(registered):
    with pytest.raises(ConformanceError, match="there is no backend 'nowhere'"):
        check_backend("nowhere", BackendCases())
    registered(kernels={"cpu": "geomkern.kernels.cpu"})
    with pytest.raises(ConformanceError, match="the backend 'trial' has kernels but no reference for them"):
        check_backend("trial", BackendCases())
    registered(commands={"verb": "geomkern.errors"})
    with pytest.raises(ConformanceError, match=r"geomkern.errors, the command 'verb' of 'trial', has no add_arguments"):
        check_backend("trial", BackendCases())

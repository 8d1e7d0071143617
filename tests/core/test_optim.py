"""The optimisers' steps against plain NumPy transcriptions of their algorithms."""

import numpy as np
import pytest

import geomkern as gk
from geomkern.errors import AutogradError, DomainError, DTypeError, ShapeError
from geomkern.kernels import _optim
from geomkern.nn import Parameter
from geomkern.optim import SGD, Adam

SGD_OPTIONS = [
    {"lr": 0.1},
    {"lr": 0.05, "momentum": 0.9},
    {"lr": 0.05, "momentum": 0.9, "dampening": 0.3},
    {"lr": 0.05, "momentum": 0.9, "nesterov": True},
    {"lr": 0.05, "weight_decay": 0.2},
    {"lr": 0.05, "momentum": 0.7, "weight_decay": 0.2, "nesterov": True},
    {"lr": 0.001, "momentum": 0.5, "maximize": True, "weight_decay": 0.1},
]
ADAM_OPTIONS = [
    {"lr": 0.1},
    {"lr": 0.1, "betas": (0.5, 0.7)},
    {"lr": 0.1, "eps": 0.3},
    {"lr": 0.1, "amsgrad": True, "betas": (0.9, 0.6)},
    {"lr": 0.1, "weight_decay": 0.2},
    {"lr": 0.1, "weight_decay": 0.2, "decoupled": True},
    {"lr": 0.01, "maximize": True, "weight_decay": 0.1, "amsgrad": True, "decoupled": True},
]
CASES = [(SGD, options) for options in SGD_OPTIONS] + [(Adam, options) for options in ADAM_OPTIONS]


def sgd_oracle(p, gradient_of, steps, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False):
    """Sutskever et al. (2013) in the form that PyTorch documents, one line of it a line."""
    b = None
    for _ in range(steps):
        g = gradient_of(p)
        if maximize:
            g = -g
        g = g + weight_decay * p
        if momentum:
            b = g if b is None else momentum * b + (1 - dampening) * g
            g = g + momentum * b if nesterov else b
        p = p - lr * g
    return p


def adam_oracle(
    p, gradient_of, steps, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False, decoupled=False,
    maximize=False,
):  # fmt: skip
    """Algorithm 1 of Kingma and Ba (2015), with the two kinds of weight decay and the maximum of Reddi et al."""
    m, v, top = np.zeros_like(p), np.zeros_like(p), np.zeros_like(p)
    for t in range(1, steps + 1):
        g = -gradient_of(p) if maximize else gradient_of(p)
        if decoupled:
            p = p - lr * weight_decay * p
        else:
            g = g + weight_decay * p
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        top = np.maximum(top, v)
        unbiased = (top if amsgrad else v) / (1 - betas[1] ** t)
        p = p - lr * m / (1 - betas[0] ** t) / (np.sqrt(unbiased) + eps)
    return p


ORACLES = {SGD: sgd_oracle, Adam: adam_oracle}


class Bowl:
    """A quadratic with its minimum away from zero, whose gradient is known without a tape."""

    def __init__(self, shape=(3, 4), seed=0):
        rng = np.random.default_rng(seed)
        self.start = rng.normal(size=shape)
        self.slope = rng.uniform(0.2, 2.0, size=shape)
        self.centre = rng.normal(size=shape)

    def gradient(self, p):
        return (self.slope * (p - self.centre)).astype(p.dtype)

    def parameter(self, dtype=np.float64):
        return Parameter(self.start.astype(dtype))

    def descend(self, optimizer, parameter, steps):
        for _ in range(steps):
            parameter.grad = gk.as_tensor(self.gradient(parameter.data))
            optimizer.step()
        return parameter.data


@pytest.mark.parametrize(("kind", "options"), CASES)
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-5), (np.float64, 1e-12)])
def test_fifty_steps_match_the_transcription(kind, options, dtype, tolerance):
    bowl = Bowl()
    parameter = bowl.parameter(dtype)
    moved = bowl.descend(kind([parameter], **options), parameter, 50)
    wanted = ORACLES[kind](bowl.start.astype(dtype), bowl.gradient, 50, **options)
    assert moved.dtype == dtype
    np.testing.assert_allclose(moved, wanted, rtol=tolerance, atol=tolerance)


def test_first_step_of_adam_is_the_learning_rate():
    p = Parameter(np.array([1.0, -2.0, 3.0]))
    p.grad = gk.as_tensor(np.array([5.0, -1e-3, 0.0]))
    Adam([p], lr=0.25).step()
    np.testing.assert_allclose(p.data, [0.75, -1.75, 3.0], rtol=1e-5)


def test_sgd_by_hand():
    p = Parameter(np.array([1.0]))
    optimizer = SGD([p], lr=0.5, momentum=0.5)
    for wanted in (0.5, -0.25, -1.125):  # gradients 1, so that the buffer goes 1, 1.5, 1.75
        p.grad = gk.as_tensor(np.array([1.0]))
        optimizer.step()
        assert p.data[0] == wanted


@pytest.mark.parametrize(
    ("kind", "base", "option"),
    [
        (SGD, {}, {"lr": 0.02}),
        (SGD, {}, {"momentum": 0.5}),
        (SGD, {"momentum": 0.5}, {"dampening": 0.5}),
        (SGD, {"momentum": 0.5}, {"nesterov": True}),
        (SGD, {}, {"weight_decay": 0.5}),
        (SGD, {}, {"maximize": True}),
        (Adam, {}, {"lr": 0.02}),
        (Adam, {}, {"betas": (0.5, 0.999)}),
        (Adam, {}, {"betas": (0.9, 0.5)}),
        (Adam, {}, {"eps": 0.1}),
        (Adam, {}, {"weight_decay": 0.5}),
        (Adam, {"betas": (0.9, 0.5)}, {"amsgrad": True}),
        (Adam, {"weight_decay": 0.5}, {"decoupled": True}),
        (Adam, {}, {"maximize": True}),
    ],
)
def test_every_option_changes_the_result(kind, base, option):
    bowl = Bowl()
    results = []
    for options in (base, {**base, **option}):
        parameter = bowl.parameter()
        results.append(bowl.descend(kind([parameter], **{"lr": 0.01, **options}), parameter, 10))
    assert not np.allclose(*results, rtol=1e-6)


@pytest.mark.parametrize(("kind", "options"), [(SGD, {"momentum": 0.9}), (Adam, {}), (Adam, {"amsgrad": True})])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_results_do_not_depend_on_threads_or_position(kind, options, dtype, few_nanoseconds):
    bowl = Bowl(shape=100_003)
    results = []
    for threads in (1, 2, 3):
        gk.set_num_threads(threads)
        parameter = bowl.parameter(dtype)
        results.append(bowl.descend(kind([parameter], lr=0.1, **options), parameter, 3))
    assert np.array_equal(results[0], results[1])
    assert np.array_equal(results[0], results[2])
    part = slice(7, 70_000)
    alone = Parameter(bowl.start[part].astype(dtype))
    optimizer = kind([alone], lr=0.1, **options)
    for _ in range(3):
        alone.grad = gk.as_tensor((bowl.slope[part] * (alone.data - bowl.centre[part])).astype(dtype))
        optimizer.step()
    assert np.array_equal(alone.data, results[0][part])


@pytest.fixture
def few_nanoseconds():
    """Let small work use several threads, and put the settings back."""
    threads, threshold = gk.get_num_threads(), gk.config.serial_threshold
    gk.config.serial_threshold = 1.0
    yield
    gk.config.serial_threshold = threshold
    gk.set_num_threads(threads)


@pytest.mark.parametrize("kind", [SGD, Adam])
def test_parameters_and_gradients_of_any_layout(kind):
    bowl = Bowl(shape=(6, 4))
    plain = bowl.parameter()
    wanted = bowl.descend(kind([plain], lr=0.1), plain, 5)
    memory = np.zeros((12, 8))
    views = [memory[::2, ::2], np.asfortranarray(bowl.start), np.zeros((6, 4))[::-1]]
    for view in views:
        view[...] = bowl.start
        parameter = Parameter(view)
        assert np.array_equal(bowl.descend(kind([parameter], lr=0.1), parameter, 5), wanted)
        assert parameter.data is view
    assert not memory[1::2].any()
    assert not memory[:, 1::2].any()
    across = bowl.parameter()
    optimizer = kind([across], lr=0.1)
    for _ in range(5):
        across.grad = gk.as_tensor(np.asfortranarray(bowl.gradient(across.data)))
        optimizer.step()
    assert np.array_equal(across.data, wanted)


@pytest.mark.parametrize("kind", [SGD, Adam])
@pytest.mark.parametrize("shape", [(), (0, 3), (1,)])
def test_small_shapes(kind, shape):
    parameter = Parameter(np.ones(shape))
    parameter.grad = gk.as_tensor(np.ones(shape))
    kind([parameter], lr=0.5).step()
    assert parameter.shape == shape
    np.testing.assert_allclose(parameter.data, np.full(shape, 0.5))


@pytest.mark.parametrize("kind", [SGD, Adam])
def test_parameters_without_gradient_stay(kind):
    moving, staying = Parameter(np.ones(2)), Parameter(np.ones(2))
    moving.grad = gk.as_tensor(np.ones(2))
    optimizer = kind([staying, moving], lr=0.5, weight_decay=0.1)
    optimizer.step()
    assert staying.data.tolist() == [1.0, 1.0]
    assert moving.data[0] < 1.0
    assert staying not in optimizer.state


@pytest.mark.parametrize(("kind", "options"), CASES)
def test_nan_and_inf_stay_where_they_are(kind, options):
    parameter = Parameter(np.ones(4))
    optimizer = kind([parameter], **options)
    for _ in range(2):
        parameter.grad = gk.as_tensor(np.array([np.nan, 1.0, np.inf, 0.5]))
        optimizer.step()
    assert np.isnan(parameter.data[0])
    assert not np.isfinite(parameter.data[2])
    assert np.isfinite(parameter.data[[1, 3]]).all()


def test_an_infinite_parameter_leaves_the_state_finite_without_weight_decay():
    parameter = Parameter(np.array([np.inf]))
    parameter.grad = gk.as_tensor(np.array([1.0]))
    optimizer = SGD([parameter], lr=0.1, momentum=0.9)
    optimizer.step()
    assert parameter.data[0] == np.inf
    assert optimizer.state[parameter]["momentum_buffer"][0] == 1.0


def test_a_step_counts_as_a_write():
    parameter = Parameter(np.ones(2))
    loss = (parameter * parameter).sum()
    parameter.grad = gk.as_tensor(np.ones(2))
    SGD([parameter], lr=0.5).step()
    with pytest.raises(AutogradError, match="written in place"):
        loss.backward()


@pytest.mark.parametrize("kind", [SGD, Adam])
def test_a_read_only_parameter_is_refused_and_nothing_is_remembered(kind):
    values = np.ones(3)
    values.flags.writeable = False
    parameter = Parameter(values)
    parameter.grad = gk.as_tensor(np.ones(3))
    optimizer = kind([parameter], lr=0.5)
    with pytest.raises(DomainError, match="read-only"):
        optimizer.step()
    assert not optimizer.state


def test_training_on_the_tape_reaches_the_minimum():
    x = gk.tensor([3.0, -2.0], requires_grad=True)
    for optimizer in (SGD([x], lr=0.1, momentum=0.5), Adam([x], lr=0.1)):
        x.data[...] = [3.0, -2.0]
        for _ in range(200):
            optimizer.zero_grad()
            ((x - 1.0) ** 2).sum().backward()
            optimizer.step()
        np.testing.assert_allclose(x.data, 1.0, atol=1e-3)


# -------------------------------------------------------------------------------------------------------- the kernels


@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_kernels_check_every_array_before_they_write(count):
    def run(arrays):
        if count <= 3:
            _optim.sgd(*arrays, lr=0.1, momentum=0.9)
        else:
            _optim.adam(*arrays, step=1, lr=0.1)

    backward = np.ones(8)[::2]
    for wrong, error in [(np.ones(4, np.float32), DTypeError), (np.ones(5), ShapeError), (backward, ShapeError)]:
        arrays = [np.ones(4) for _ in range(count)]
        arrays[-1] = wrong
        with pytest.raises(error):
            run(arrays)
        assert arrays[0].tolist() == [1.0] * 4
    with pytest.raises(DTypeError, match="float32 or float64"):
        run([np.ones(4, np.float16) for _ in range(count)])

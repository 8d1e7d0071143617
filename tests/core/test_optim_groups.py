"""Everything around an optimiser's step: groups, options, the state, and how a manifold is followed."""

import copy
import pickle

import numpy as np
import pytest

import geomkern as gk
from geomkern.errors import DomainError, DTypeError, FormatError
from geomkern.nn import Parameter
from geomkern.optim import SGD, Adam, Optimizer

CASES = [
    (SGD, {"lr": 0.1}),
    (SGD, {"lr": 0.05, "momentum": 0.7, "weight_decay": 0.2, "nesterov": True}),
    (SGD, {"lr": 0.05, "momentum": 0.7, "dampening": 0.2}),
    (Adam, {"lr": 0.1}),
    (Adam, {"lr": 0.1, "betas": (0.5, 0.7), "amsgrad": True}),
    (Adam, {"lr": 0.1, "weight_decay": 0.2, "decoupled": True}),
]


def descend(optimizer, parameter, steps):
    """Move a parameter down a quadratic with its minimum away from zero."""
    slope = np.linspace(0.2, 2.0, parameter.size, dtype=parameter.dtype).reshape(parameter.shape)
    for _ in range(steps):
        parameter.grad = gk.as_tensor(slope * (parameter.data - 1))
        optimizer.step()
    return parameter.data


def parameter_of(dtype=np.float64):
    return Parameter(np.random.default_rng(0).normal(size=(3, 4)).astype(dtype))


# ------------------------------------------------------------------------------------------------- groups and options


def test_groups_have_options_of_their_own():
    one, other = Parameter(np.ones(2)), Parameter(np.ones(2))
    optimizer = SGD([{"params": [one]}, {"params": other, "lr": 0.25}], lr=0.5)
    third = Parameter(np.ones(2))
    optimizer.add_param_group({"params": [third], "lr": 0.125, "weight_decay": 1.0})
    for parameter in (one, other, third):
        parameter.grad = gk.as_tensor(np.ones(2))
    optimizer.step()
    assert (one.data[0], other.data[0], third.data[0]) == (0.5, 0.75, 0.75)
    optimizer.param_groups[0]["lr"] = 1.0
    optimizer.step()
    assert one.data[0] == -0.5


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        (SGD, {"lr": -1.0}, "lr"),
        (SGD, {"lr": float("nan")}, "lr"),
        (SGD, {"lr": float("inf")}, "lr"),
        (SGD, {"momentum": -0.1}, "momentum"),
        (SGD, {"weight_decay": -0.1}, "weight_decay"),
        (SGD, {"nesterov": True}, "momentum and no dampening"),
        (SGD, {"nesterov": True, "momentum": 0.9, "dampening": 0.1}, "momentum and no dampening"),
        (Adam, {"lr": -1.0}, "lr"),
        (Adam, {"betas": (1.0, 0.9)}, r"betas\[0\]"),
        (Adam, {"betas": (0.9, -0.1)}, r"betas\[1\]"),
        (Adam, {"eps": -1e-8}, "eps"),
        (Adam, {"weight_decay": -0.1}, "weight_decay"),
    ],
)
def test_options_out_of_range_are_refused(kind, options, message):
    with pytest.raises(DomainError, match=f"{kind.__name__} needs {message}"):
        kind([Parameter(np.ones(2))], **options)


def test_parameters_that_cannot_be_optimised_are_refused():
    p = Parameter(np.ones(2))
    with pytest.raises(DomainError, match="at least one parameter"):
        SGD([])
    with pytest.raises(DTypeError, match="not one tensor"):
        SGD(p)
    with pytest.raises(DTypeError, match="not ndarray"):
        SGD([np.ones(2)])
    with pytest.raises(DTypeError, match="not a set"):
        SGD([{"params": {p}}])
    with pytest.raises(DomainError, match="twice"):
        SGD([p, p])
    with pytest.raises(DomainError, match="twice"):
        SGD([{"params": [p]}, {"params": [p]}])
    with pytest.raises(DomainError, match="leaf"):
        SGD([p * 2.0])
    with pytest.raises(DomainError, match="no option 'momentun'"):
        SGD([{"params": [p], "momentun": 0.9}])
    with pytest.raises(DomainError, match='"params"'):
        SGD([{"lr": 0.9}])


def test_a_refused_group_changes_nothing():
    optimizer = SGD([Parameter(np.ones(2))])
    with pytest.raises(DomainError):
        optimizer.add_param_group({"params": [Parameter(np.ones(2))], "lr": -1.0})
    assert len(optimizer.param_groups) == 1


def test_closure_is_called_with_gradients_on():
    x = Parameter(np.array([2.0]))
    optimizer = SGD([x], lr=0.25)

    def closure():
        optimizer.zero_grad()
        loss = (x * x).sum()
        loss.backward()
        return loss

    with gk.no_grad():
        loss = optimizer.step(closure)
    assert loss.item() == 4.0
    assert x.data[0] == 1.0
    assert optimizer.step() is None


def test_zero_grad():
    x = Parameter(np.ones(2))
    optimizer = SGD([x])
    x.grad = gk.as_tensor(np.ones(2))
    optimizer.zero_grad(set_to_none=False)
    assert x.grad.data.tolist() == [0.0, 0.0]
    optimizer.zero_grad()
    assert x.grad is None
    optimizer.zero_grad(set_to_none=False)
    assert x.grad is None


def test_repr_shows_the_options():
    assert repr(SGD([Parameter(np.ones(2))], lr=0.5)) == (
        "SGD(\n  (0): 1 parameters, lr=0.5, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False, "
        "maximize=False\n)"
    )


# --------------------------------------------------------------------------------------------------------- the state


@pytest.mark.parametrize(("kind", "options"), CASES)
@pytest.mark.parametrize("through", ["state_dict", "pickle", "deepcopy"])
def test_resumed_training_has_the_same_bits(kind, options, through):
    straight = parameter_of(np.float32)
    wanted = descend(kind([straight], **options), straight, 20)
    parameter = parameter_of(np.float32)
    optimizer = kind([parameter], **options)
    descend(optimizer, parameter, 8)
    if through == "state_dict":
        resumed = Parameter(parameter.data.copy())
        again = kind([resumed], lr=99.0)
        again.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    else:
        again = pickle.loads(pickle.dumps(optimizer)) if through == "pickle" else copy.deepcopy(optimizer)
        resumed = again.param_groups[0]["params"][0]
    assert resumed is not parameter
    assert np.array_equal(descend(again, resumed, 12), wanted)


def test_state_dict_has_the_usual_shape():
    first, second = Parameter(np.ones(2)), Parameter(np.ones(3))
    optimizer = Adam([{"params": [first]}, {"params": [second], "lr": 0.5}])
    second.grad = gk.as_tensor(np.ones(3))
    optimizer.step()
    state = optimizer.state_dict()
    assert [group["params"] for group in state["param_groups"]] == [[0], [1]]
    assert [group["lr"] for group in state["param_groups"]] == [1e-3, 0.5]
    assert list(state["state"]) == [1]
    assert state["state"][1]["step"] == 1
    assert isinstance(state["state"][1]["exp_avg"], gk.Tensor)
    np.testing.assert_allclose(state["state"][1]["exp_avg"].data, 0.1)
    np.testing.assert_allclose(state["state"][1]["exp_avg_sq"].data, 0.001)


def test_a_loaded_state_is_a_copy():
    p, q = Parameter(np.ones(2)), Parameter(np.ones(2))
    source, target = SGD([p], momentum=0.9), SGD([q], momentum=0.9)
    p.grad = gk.as_tensor(np.ones(2))
    source.step()
    target.load_state_dict(source.state_dict())
    source.step()
    assert target.state[q]["momentum_buffer"].tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("spoil", "error", "message"),
    [
        (lambda s: s.pop("state"), FormatError, "needs a state with"),
        (lambda s: s["param_groups"].append(s["param_groups"][0]), FormatError, "has groups of"),
        (lambda s: s["param_groups"][0].update(params=[0, 1]), FormatError, "has groups of"),
        (lambda s: s["param_groups"][0].pop("eps"), FormatError, "needs the options eps"),
        (lambda s: s["param_groups"][0].update(lr=-1.0), DomainError, "needs lr"),
        (lambda s: s["state"].update({7: s["state"][0]}), FormatError, "not of \\[7\\]"),
        (lambda s: s["state"][0].pop("exp_avg"), FormatError, "exp_avg is missing"),
        (lambda s: s["state"][0].update(momentum_buffer=np.ones(2)), FormatError, "momentum_buffer"),
        (lambda s: s["state"][0].update(exp_avg_sq=np.ones(5)), FormatError, "exp_avg_sq of shape"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(spoil, error, message):
    parameter = parameter_of()
    optimizer = Adam([parameter], lr=0.1)
    descend(optimizer, parameter, 3)
    state = copy.deepcopy(optimizer.state_dict())
    other = parameter_of()
    target = Adam([other], lr=0.2)
    spoil(state)
    with pytest.raises(error, match=message):
        target.load_state_dict(state)
    assert not target.state
    assert target.param_groups[0]["lr"] == 0.2


def test_keys_of_others_ride_along_in_the_groups():
    optimizer = SGD([Parameter(np.ones(2))], lr=0.1)
    state = optimizer.state_dict()
    state["param_groups"][0]["initial_lr"] = 0.7
    optimizer.load_state_dict(state)
    assert optimizer.param_groups[0]["initial_lr"] == 0.7


# ------------------------------------------------------------------------------------------------- extending, manifolds


class Line:
    """A manifold of the simplest kind: it takes steps of half the length."""

    def egrad2rgrad(self, x, gradient):
        return gradient / 2

    def retr(self, x, step):
        return x + step

    def projx(self, x):
        return x

    def __repr__(self):
        return "Line()"


class LineSGD(SGD):
    follows_manifolds = True

    def update(self, parameter, values, gradient, state, group):
        manifold = getattr(parameter, "manifold", None)
        if manifold is None:
            super().update(parameter, values, gradient, state, group)
        else:
            values[...] = manifold.retr(values, -group["lr"] * manifold.egrad2rgrad(values, gradient))


@pytest.mark.parametrize("kind", [SGD, Adam])
def test_a_manifold_needs_an_optimiser_that_follows_it(kind):
    with pytest.raises(DomainError, match=r"would leave Line\(\).*an optimiser that follows its manifold"):
        kind([Parameter(np.ones(2), manifold=Line())])


def test_an_extension_moves_on_the_manifold_and_leaves_the_rest_to_the_parent():
    flat = Parameter(np.ones(4))
    curved = Parameter(np.ones(8)[::2], manifold=Line())
    optimizer = LineSGD([flat, curved], lr=0.5)
    for parameter in (flat, curved):
        parameter.grad = gk.as_tensor(np.ones(4))
    optimizer.step()
    assert flat.data.tolist() == [0.5] * 4
    assert curved.data.tolist() == [0.75] * 4


def test_the_base_alone_cannot_step():
    p = Parameter(np.ones(2))
    p.grad = gk.as_tensor(np.ones(2))
    with pytest.raises(NotImplementedError):
        Optimizer([p], {}).step()

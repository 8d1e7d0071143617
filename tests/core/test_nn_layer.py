"""What every layer can do: walk over its parts, give and take its state, run on arrays."""

import copy
import pickle

import numpy as np
import pytest

import geomkern as gk
from geomkern import nn
from geomkern.errors import AutogradError, BackendUnavailable, DomainError, DTypeError, FormatError


class Block(nn.Layer):
    """A parameter, two buffers and two sub-layers, one of which is there twice."""

    def __init__(self, rng=0):
        self.first = nn.Linear(3, 4, rng=rng)
        self.scale = nn.Parameter(np.full(4, 2.0, np.float32))
        self.register_buffer("mean", np.arange(4.0))
        self.register_buffer("scratch", np.zeros(2), persistent=False)
        self.register_buffer("absent", None)
        self.second = nn.Sequential(nn.Linear(4, 4, bias=False, rng=rng), nn.Tanh())
        self.again = self.first

    def forward(self, x):
        return self.second(self.first(x).relu() * self.scale)


KEYS = ["scale", "mean", "first.weight", "first.bias", "second.0.weight", "again.weight", "again.bias"]


def test_walks_name_everything_once():
    block = Block()
    assert [name for name, _ in block.named_parameters()] == ["scale", "first.weight", "first.bias", "second.0.weight"]
    assert [name for name, _ in block.named_parameters(recurse=False)] == ["scale"]
    assert [name for name, _ in block.named_parameters("net", recurse=False)] == ["net.scale"]
    assert [name for name, _ in block.named_buffers()] == ["mean", "scratch"]
    assert [name for name, _ in block.named_buffers("net")] == ["net.mean", "net.scratch"]
    assert list(nn.Sequential(block).buffers(recurse=False)) == []
    assert [name for name, _ in block.named_layers()] == ["", "first", "second", "second.0", "second.1"]
    assert [name for name, _ in block.named_layers("net")][:2] == ["net", "net.first"]
    assert [name for name, _ in block.named_children()] == ["first", "second"]
    assert list(block.children()) == [block.first, block.second]
    assert len(list(block.layers())) == 5
    assert sum(p.size for p in block.parameters()) == 4 + 12 + 4 + 16
    assert all(isinstance(p, nn.Parameter) for p in block.parameters())
    assert [b.shape for b in block.buffers()] == [(4,), (2,)]


def test_shared_parameter_is_counted_once_and_gets_both_gradients():
    tied = nn.Parameter(np.array([3.0]))

    class Twice(nn.Layer):
        def __init__(self):
            self.a, self.b = tied, tied

        def forward(self, x):
            return self.a * self.b * x

    layer = Twice()
    assert list(layer.parameters()) == [tied]
    layer(np.array([2.0])).sum().backward()
    assert tied.grad.data[0] == 12.0
    assert list(layer.state_dict()) == ["a", "b"]


def test_repr_is_indented():
    assert repr(Block()) == (
        "Block(\n"
        "  (first): Linear(in_features=3, out_features=4, bias=True)\n"
        "  (second): Sequential(\n"
        "    (0): Linear(in_features=4, out_features=4, bias=False)\n"
        "    (1): Tanh()\n"
        "  )\n"
        "  (again): Linear(in_features=3, out_features=4, bias=True)\n"
        ")"
    )


def test_train_eval_and_apply():
    block, met = Block(), []
    assert block.training
    assert block.eval() is block
    assert not any(layer.training for layer in block.layers())
    block.train()
    assert all(layer.training for layer in block.layers())
    assert block.apply(lambda layer: met.append(type(layer).__name__)) is block
    assert met == ["Linear", "Linear", "Tanh", "Sequential", "Block"]


def test_requires_grad_and_zero_grad():
    block = Block()
    assert block.requires_grad_(False) is block
    assert not any(p.requires_grad for p in block.parameters())
    block.requires_grad_()
    block(np.ones((2, 3))).sum().backward()
    assert all(p.grad is not None for p in block.parameters())
    block.zero_grad(set_to_none=False)
    assert not any(p.grad.data.any() for p in block.parameters())
    block.zero_grad()
    assert all(p.grad is None for p in block.parameters())


def test_a_parameter_is_not_replaced_by_an_array_unseen():
    layer = nn.Linear(2, 2)
    with pytest.raises(DTypeError, match=r"Linear\.weight is a parameter"):
        layer.weight = np.ones((2, 2))
    layer.weight = nn.Parameter(np.ones((2, 2)))
    layer.bias = None
    assert [name for name, _ in layer.named_parameters()] == ["weight"]
    assert layer(np.ones(2)).tolist() == [2.0, 2.0]


def test_buffers():
    block = Block()
    assert isinstance(block.mean, gk.Tensor)
    assert not block.mean.requires_grad
    block.mean = np.ones(4)
    assert isinstance(block.mean, gk.Tensor)
    assert "mean" in block.state_dict()
    del block.mean
    assert "mean" not in block.state_dict()
    for name, message in [("", "not empty"), ("a.b", "no dot"), ("first", "new name"), ("forward", "new name")]:
        with pytest.raises(DomainError, match=message):
            block.register_buffer(name, np.ones(1))
    assert not nn.Layer._buffers


# --------------------------------------------------------------------------------------------------------- the state


def test_state_dict_round_trip():
    source, target = Block(rng=1), Block(rng=2)
    source.mean = np.full(4, 7.0)
    state = source.state_dict()
    assert list(state) == KEYS
    assert not any(value.requires_grad for value in state.values())
    assert state["scale"].data is source.scale.data
    held = target.scale
    assert target.load_state_dict(state) == ([], [])
    assert target.scale is held
    assert held.requires_grad
    for name, value in target.state_dict().items():
        assert np.array_equal(value, state[name])
        assert not np.shares_memory(value.data, state[name].data)
    x = np.ones((2, 3), np.float32)
    assert np.array_equal(source(x).data, target(x).data)


def test_state_of_arrays_is_cast():
    layer = nn.Linear(2, 1)
    layer.load_state_dict({"weight": np.array([[1.0, 2.0]]), "bias": [3]})
    assert layer.weight.dtype == np.float32
    assert layer(np.ones(2, np.float32)).tolist() == [6.0]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda s: s.pop("scale"), "missing: scale$"),
        (lambda s: s.update(other=np.ones(1)), "unexpected: other$"),
        (lambda s: s.update(scale=np.ones(5)), r"misshapen: scale float64 \(5,\) for float32 \(4,\)$"),
        (lambda s: s.update(scale=np.ones(4, complex)), "misshapen: scale complex128"),
        (
            lambda s: (s.pop("mean"), s.update(x=np.ones(1), y=np.ones(1), scale=np.ones(()))),
            r"missing: mean; unexpected: x, y; misshapen: scale float64 \(\) for",
        ),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(spoil, message):
    state = {name: value.data.copy() for name, value in Block(rng=1).state_dict().items()}
    target = Block(rng=2)
    before = copy.deepcopy(target.state_dict())
    spoil(state)
    with pytest.raises(FormatError, match=f"the state does not fit Block: {message}"):
        target.load_state_dict(state)
    assert all(np.array_equal(value, before[name]) for name, value in target.state_dict().items())


def test_a_lenient_load_reports_what_it_passed_over():
    target = Block()
    keys = target.load_state_dict({"scale": np.zeros(4), "other": np.ones(1)}, strict=False)
    assert keys.missing_keys == KEYS[1:]
    assert keys.unexpected_keys == ["other"]
    assert target.scale.data.tolist() == [0.0] * 4
    with pytest.raises(FormatError, match="misshapen"):
        target.load_state_dict({"scale": np.zeros(5)}, strict=False)


def test_loading_counts_as_a_write():
    layer = nn.Linear(2, 2)
    loss = (layer.weight * layer.weight).sum()
    layer.load_state_dict(layer.state_dict())
    with pytest.raises(AutogradError, match="written in place"):
        loss.backward()


def test_state_goes_through_a_file(tmp_path):
    source, target = Block(rng=1), Block(rng=2)
    gk.save(source.state_dict(), tmp_path / "block.safetensors")
    target.load_state_dict(gk.load(tmp_path / "block.safetensors"))
    assert np.array_equal(target.scale.data, source.scale.data)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer))])
def test_copies_stand_alone_and_keep_what_is_shared(duplicate):
    net = nn.Sequential(Block().eval(), nn.ReLU())
    twin = duplicate(net)
    x = np.ones((2, 3), np.float32)
    assert np.array_equal(net(x).data, twin(x).data)
    assert twin[0].again is twin[0].first
    assert not twin[0].training
    assert list(twin.state_dict()) == list(net.state_dict())
    twin[0].scale.data[...] = 0.0
    assert net[0].scale.data.all()
    twin[0].register_buffer("new", np.ones(1))
    assert "0.new" not in net.state_dict()


# -------------------------------------------------------------------------------------------------- arrays and tensors


def test_arrays_come_back_as_arrays_only_when_nothing_is_recorded():
    block, x = Block(), np.ones((2, 3), np.float32)
    assert isinstance(block(x), gk.Tensor)
    assert block(x).requires_grad
    with gk.no_grad():
        plain, wrapped = block(x), block(gk.as_tensor(x))
    assert isinstance(plain, np.ndarray)
    assert isinstance(wrapped, gk.Tensor)
    assert not wrapped.requires_grad
    assert np.array_equal(plain, wrapped.data)
    assert np.array_equal(plain, block(x).data)


def test_several_outputs_and_keywords_without_recording():
    class Pair(nn.Layer):
        def forward(self, x, *, shift, flag):
            assert isinstance(x, gk.Tensor)
            assert isinstance(shift, gk.Tensor)
            return x + shift, [x.relu()], flag

    with gk.no_grad():
        total, (positive,), flag = Pair()(np.array([-1.0]), shift=np.array([2.0]), flag=True)
    assert (type(total), type(positive)) == (np.ndarray, np.ndarray)
    assert (total.tolist(), positive.tolist(), flag) == ([1.0], [0.0], True)


def test_a_layer_without_forward_says_so():
    with pytest.raises(NotImplementedError, match="Layer needs a method forward"):
        nn.Layer()(np.ones(2))


# ------------------------------------------------------------------------------------------- parameters, containers


def test_parameter_makes_a_leaf_on_the_same_memory():
    values = np.ones(3)
    parameter = nn.Parameter(values)
    assert parameter.is_leaf
    assert parameter.requires_grad
    assert parameter.data is values
    assert nn.Parameter([1.0]).dtype == np.float32
    assert nn.Parameter(gk.as_tensor(values)).data is values
    assert not nn.Parameter(values, requires_grad=False).requires_grad
    assert type(parameter * 2.0) is gk.Tensor
    with pytest.raises(AutogradError):
        nn.Parameter(np.arange(3))


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))])
def test_parameter_keeps_its_manifold(duplicate):
    parameter = nn.Parameter(np.ones(3), manifold={"curvature": 1.0}, requires_grad=False)
    twin = duplicate(parameter)
    assert type(twin) is nn.Parameter
    assert twin.manifold == parameter.manifold
    assert not twin.requires_grad
    assert np.array_equal(twin.data, parameter.data)


def test_one_manifold_of_two_parameters_stays_one():
    manifold = {"curvature": 1.0}
    layer = nn.Layer()
    layer.a, layer.b = (nn.Parameter(np.ones(2), manifold=manifold) for _ in range(2))
    twin = copy.deepcopy(layer)
    assert twin.a.manifold is twin.b.manifold
    assert twin.a.manifold is not manifold


def test_sequential_is_a_sequence():
    layers = [nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1)]
    net = nn.Sequential(*layers)
    assert len(net) == 3
    assert list(net) == layers
    assert net[0] is layers[0]
    assert net[-1] is layers[2]
    assert isinstance(net[1:], nn.Sequential)
    assert list(net[1:]) == layers[1:]
    x = gk.tensor([1.0, 2.0])
    assert nn.Sequential()(x) is x
    assert net(x).tolist() == layers[2](layers[1](layers[0](x))).tolist()
    relu = nn.ReLU()
    assert len(nn.Sequential(relu, relu)) == 2
    with pytest.raises(IndexError):
        net[3]
    with pytest.raises(DTypeError, match="Sequential needs layers, not function"):
        nn.Sequential(lambda x: x)


def test_create():
    layer = nn.create("Linear", 3, 2, bias=False)
    assert isinstance(layer, nn.Linear)
    assert layer.bias is None
    for name in nn.LAYERS:
        assert nn.LAYERS[name] is getattr(nn, name)
    with pytest.raises(DomainError, match="not 'Liner'"):
        nn.create("Liner", 3, 2)
    with pytest.raises(BackendUnavailable, match="nobody"):
        nn.create("nobody.Linear", 3, 2)


def test_create_asks_the_backend():
    backend = gk.backends.Backend("pocket", "for this test", layers={"Dense": "geomkern.nn:Linear"})
    gk.backends.register(backend)
    assert nn.create("pocket.Dense", 3, 2).out_features == 2

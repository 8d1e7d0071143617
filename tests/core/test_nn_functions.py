"""The layers' numbers and gradients: by hand, against plain NumPy, and against central differences."""

import math

import numpy as np
import pytest

import geomkern as gk
from geomkern import nn
from geomkern.errors import AutogradError, DomainError, DTypeError, ShapeError
from geomkern.nn import functional as F
from geomkern.nn import init

RNG = np.random.default_rng(7)


def check_parameters(layer, loss):
    """Compare every parameter's gradient with central differences of the loss, a number of the layer alone."""
    layer.zero_grad()
    loss().backward()
    for name, parameter in layer.named_parameters():
        assert parameter.grad is not None, name
        wanted = np.empty(parameter.shape)
        for index in np.ndindex(parameter.shape):
            value = parameter.data[index]
            ends = []
            for step in (1e-6, -1e-6):
                parameter.data[index] = value + step
                ends.append(loss().item())
            parameter.data[index] = value
            wanted[index] = (ends[0] - ends[1]) / 2e-6
        np.testing.assert_allclose(parameter.grad.data, wanted, rtol=1e-6, atol=1e-8, err_msg=name)


# ----------------------------------------------------------------------------------------------------------- linear


def test_linear_by_hand():
    weight, bias = np.array([[1.0, 2.0], [3.0, 4.0], [0.0, -1.0]]), np.array([10.0, 20.0, 30.0])
    assert F.linear(np.array([1.0, 1.0]), weight, bias).tolist() == [13.0, 27.0, 29.0]
    assert F.linear([[1.0, 1.0]], weight).tolist() == [[3.0, 7.0, -1.0]]


@pytest.mark.parametrize("shape", [(3,), (5, 3), (2, 4, 3), (0, 3), (2, 0, 3), (1, 1, 1, 3)])
@pytest.mark.parametrize("bias", [True, False])
def test_linear_for_any_leading_axes(shape, bias):
    layer = nn.Linear(3, 2, bias, dtype=np.float64, rng=0)
    x = RNG.normal(size=shape)
    wanted = np.einsum("...i,oi->...o", x, layer.weight.data) + (layer.bias.data if bias else 0.0)
    out = layer(x)
    assert out.shape == (*shape[:-1], 2)
    np.testing.assert_allclose(out.data, wanted, rtol=1e-14, atol=1e-14)
    factor = RNG.normal(size=wanted.shape)
    check_parameters(layer, lambda: (layer(x) * factor).sum())
    leaf = gk.tensor(x, requires_grad=True)
    (layer(leaf) * factor).sum().backward()
    np.testing.assert_allclose(leaf.grad.data, factor @ layer.weight.data, rtol=1e-14, atol=1e-14)


@pytest.mark.parametrize("sizes", [(0, 2), (3, 0)])
def test_linear_without_features(sizes):
    layer = nn.Linear(*sizes)
    out = layer(np.ones((4, sizes[0]), np.float32))
    out.sum().backward()
    assert out.shape == (4, sizes[1])
    assert layer.weight.grad.shape == layer.weight.shape


def test_linear_on_views():
    layer = nn.Linear(3, 2, dtype=np.float64)
    x = RNG.normal(size=(6, 8))[::2, 1:7:2]
    np.testing.assert_array_equal(layer(x).data, layer(x.copy()).data)
    layer.weight = nn.Parameter(np.asfortranarray(layer.weight.data))
    np.testing.assert_allclose(layer(x).data, x @ layer.weight.data.T + layer.bias.data, rtol=1e-14)


def test_linear_keeps_types():
    x32, x64 = np.ones((2, 3), np.float32), np.ones((2, 3))
    single, double = nn.Linear(3, 2), nn.Linear(3, 2, dtype=np.float64)
    assert single(x32).dtype == np.float32
    assert double(x64).dtype == np.float64
    mixed = single(x64)
    assert mixed.dtype == np.float64
    mixed.sum().backward()
    assert single.weight.grad.dtype == np.float32
    assert F.linear(x32, x32, np.ones(2)).dtype == np.float64
    assert F.linear([[1, 2]], [[3, 4]]).dtype.kind == "i"


def test_linear_starts_between_its_bounds():
    layer = nn.Linear(16, 5000, rng=3)
    for parameter in layer.parameters():
        assert abs(parameter.data).max() <= 0.25
        assert abs(parameter.data).max() > 0.2499
        assert abs(parameter.data.mean()) < 0.01
    assert np.array_equal(nn.Linear(16, 5000, rng=3).weight.data, layer.weight.data)
    assert not np.array_equal(nn.Linear(16, 5000, rng=4).weight.data, layer.weight.data)
    gk.manual_seed(5)
    first = nn.Linear(4, 4)
    assert not np.array_equal(first.weight.data, nn.Linear(4, 4).weight.data)
    gk.manual_seed(5)
    assert np.array_equal(first.weight.data, nn.Linear(4, 4).weight.data)


def test_linear_refuses_what_does_not_fit():
    with pytest.raises(ShapeError, match=r"linear needs x \(..., in\).*not \(2, 4\) and \(2, 3\)"):
        nn.Linear(3, 2)(np.ones((2, 4)))
    with pytest.raises(ShapeError, match="linear needs x"):
        F.linear(1.0, np.ones((2, 3)))
    with pytest.raises(ShapeError, match="bias"):
        F.linear(np.ones(3), np.ones((2, 3)), np.ones(3))
    with pytest.raises(DomainError, match="Linear needs features"):
        nn.Linear(-1, 2)


# -------------------------------------------------------------------------------------------------------- embedding


def test_embedding_takes_rows_and_adds_up_what_comes_back():
    table = nn.Embedding(4, 2, dtype=np.float64, rng=0)
    indices = np.array([[1, 3], [1, 0]])
    out = table(indices)
    assert np.array_equal(out.data, table.weight.data[indices])
    factor = RNG.normal(size=out.shape)
    check_parameters(table, lambda: (table(indices) * factor).sum())
    (table(indices) * factor).sum().backward()  # added to what is there
    np.testing.assert_allclose(table.weight.grad.data[1], 2 * (factor[0, 0] + factor[1, 0]), rtol=1e-14)
    assert not table.weight.grad.data[2].any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_embedding_gradients_do_not_depend_on_threads(dtype):
    indices = RNG.integers(0, 50, size=3000)
    gradient = RNG.normal(size=(3000, 7)).astype(dtype)
    threads, threshold = gk.get_num_threads(), gk.config.serial_threshold
    results = []
    try:
        gk.config.serial_threshold = 1.0
        for n in (1, 2, 3):
            gk.set_num_threads(n)
            weight = gk.tensor(np.zeros((50, 7), dtype), requires_grad=True)
            F.embedding(indices, weight).backward(gradient)
            results.append(weight.grad.data)
    finally:
        gk.config.serial_threshold = threshold
        gk.set_num_threads(threads)
    wanted = np.zeros((50, 7), dtype)
    np.add.at(wanted, indices, gradient)
    for result in results:
        assert np.array_equal(result, wanted)


@pytest.mark.parametrize("padding", [2, -2])
def test_padding_is_zero_and_stays(padding):
    table = nn.Embedding(4, 3, padding_idx=padding)
    assert table.padding_idx == 2
    assert not table.weight.data[2].any()
    assert table.weight.data[[0, 1, 3]].all()
    table(np.array([2, 1, 2])).sum().backward()
    assert table.weight.grad.data.sum(axis=1).tolist() == [0.0, 3.0, 0.0, 0.0]
    assert repr(table) == "Embedding(4, 3, padding_idx=2)"


@pytest.mark.parametrize("shape", [(), (0,), (2, 0), (2, 1, 3)])
def test_embedding_of_any_shape_of_indices(shape):
    table = nn.Embedding(4, 3)
    out = table(np.zeros(shape, int))
    assert out.shape == (*shape, 3)
    out.sum().backward()
    assert table.weight.grad.data[0].tolist() == [float(math.prod(shape))] * 3


def test_embedding_starts_normal_or_near_the_origin_of_a_manifold():
    class Box:
        def projx(self, x):
            return np.clip(x, -5e-4, 5e-4)

    flat = nn.Embedding(1000, 20, rng=0).weight
    assert (flat.dtype, flat.manifold) == (np.float32, None)
    assert abs(flat.data.std() - 1.0) < 0.02
    box = Box()
    curved = nn.Embedding(1000, 20, padding_idx=0, manifold=box, dtype=np.float64, rng=0).weight
    assert (curved.dtype, curved.manifold) == (np.float64, box)
    assert abs(curved.data).max() == 5e-4
    assert not curved.data[0].any()
    assert np.array_equal(nn.Embedding(5, 2, rng=1).weight.data, nn.Embedding(5, 2, rng=1).weight.data)


def test_embedding_on_arrays_and_tensors():
    weight = np.arange(6.0).reshape(3, 2)
    assert isinstance(F.embedding([2, 0], weight), np.ndarray)
    assert F.embedding(gk.tensor([2, 0]), weight).tolist() == [[4.0, 5.0], [0.0, 1.0]]
    table = nn.Embedding(3, 2)
    with gk.no_grad():
        assert isinstance(table(np.array([1])), np.ndarray)


def test_embedding_refuses_what_does_not_fit():
    weight = np.ones((3, 2))
    for indices in ([3], [-1]):
        with pytest.raises(DomainError, match="indices from 0 to 2"):
            F.embedding(indices, weight)
    with pytest.raises(DTypeError, match="integer indices, not float64"):
        F.embedding([1.0], weight)
    with pytest.raises(ShapeError, match="embedding needs a weight"):
        F.embedding([1], np.ones(3))
    with pytest.raises(DomainError, match="padding_idx"):
        nn.Embedding(3, 2, padding_idx=3)
    with pytest.raises(DomainError, match="sizes"):
        nn.Embedding(-3, 2)


# ------------------------------------------------------------------------------------------------------- activations


@pytest.mark.parametrize(("layer", "function"), [(nn.ReLU(), lambda x: x * (x > 0)), (nn.Tanh(), np.tanh)])
def test_activations(layer, function):
    x = RNG.normal(size=(3, 4))
    out = layer(x)
    assert isinstance(out, np.ndarray)
    np.testing.assert_allclose(out, function(x), rtol=1e-14)
    assert isinstance(layer(gk.tensor(x)), gk.Tensor)
    assert repr(layer) == f"{type(layer).__name__}()"


def test_a_deep_net_against_central_differences():
    net = nn.Sequential(
        nn.Linear(3, 5, dtype=np.float64, rng=0), nn.Tanh(), nn.Linear(5, 4, dtype=np.float64, rng=1), nn.ReLU(),
        nn.Linear(4, 3, dtype=np.float64, rng=2),
    )  # fmt: skip
    x, y = RNG.normal(size=(6, 3)), RNG.integers(0, 3, size=6)
    check_parameters(net, lambda: nn.CrossEntropyLoss()(net(x), y))


# ----------------------------------------------------------------------------------------------------- initial values


@pytest.mark.parametrize(
    ("fill", "std"),
    [
        (lambda t, rng: init.uniform_(t, -2.0, 4.0, rng=rng), math.sqrt(3.0)),
        (lambda t, rng: init.normal_(t, 1.0, 0.5, rng=rng), 0.5),
        (lambda t, rng: init.xavier_uniform_(t, 2.0, rng=rng), 2 * math.sqrt(2 / (5 * 300 + 5 * 200))),
        (lambda t, rng: init.xavier_normal_(t, 2.0, rng=rng), 2 * math.sqrt(2 / (5 * 300 + 5 * 200))),
        (lambda t, rng: init.kaiming_uniform_(t, 0.5, rng=rng), math.sqrt(2 / 1.25 / (5 * 200))),
        (lambda t, rng: init.kaiming_normal_(t, 0.5, rng=rng), math.sqrt(2 / 1.25 / (5 * 200))),
    ],
)
def test_initial_values_have_their_spread_and_repeat(fill, std):
    tensor = gk.tensor(np.zeros((300, 200, 5), np.float32))
    assert fill(tensor, 0) is tensor
    assert abs(tensor.data.std() / std - 1) < 0.01
    first = tensor.data.copy()
    assert np.array_equal(fill(tensor, 0), first)
    assert not np.array_equal(fill(tensor, 1), first)


def test_filling_counts_as_a_write():
    tensor = nn.Parameter(np.ones(2))
    loss = (tensor * tensor).sum()
    init.zeros_(tensor)
    with pytest.raises(AutogradError, match="written in place"):
        loss.backward()


def test_initial_constants_and_bounds():
    tensor = nn.Parameter(np.zeros((3, 2)))
    assert init.constant_(tensor, 2.5).data.tolist() == [[2.5] * 2] * 3
    assert init.ones_(tensor).data.all()
    assert not init.zeros_(tensor).data.any()
    uniform = init.uniform_(gk.tensor(np.zeros(10_000)), -2.0, 4.0, rng=0).data
    assert (uniform.min() >= -2.0, uniform.max() < 4.0, uniform.max() > 3.9) == (True, True, True)
    with pytest.raises(ShapeError, match="kaiming_uniform_ needs a weight of at least two axes"):
        init.kaiming_uniform_(gk.tensor([1.0]))

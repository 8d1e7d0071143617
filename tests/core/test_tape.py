"""The tape: accumulation, release, versions, views, hooks, modes, deep graphs, threads."""

import gc
import threading
import weakref

import numpy as np
import pytest

import geomkern as gk
from geomkern.errors import AutogradError, DTypeError, ShapeError


def leaf(values, dtype=np.float64):
    return gk.tensor(np.array(values, dtype), requires_grad=True)


def test_gradients_accumulate_and_zero_grad_forgets():
    x = leaf([1.0, 2.0])
    (x * x).sum().backward()
    (x * x).sum().backward()
    assert x.grad.tolist() == [4, 8]
    x.zero_grad()
    assert x.grad is None


def test_a_tensor_used_many_times():
    x = leaf([2.0])
    y = x * x
    ((y + y) * y + x).sum().backward()
    assert x.grad.tolist() == [4 * 2 * 4 * 2.0 * 2 / 2 + 1]  # d(2 x^4 + x) = 8 x^3 + 1


def test_a_gradient_that_two_operations_share_is_not_added_to_in_place():
    x, w = leaf([1.0]), leaf([1.0])
    y, u = x * 1, w * 1
    ((y + u) + y).backward()
    assert (x.grad.item(), w.grad.item()) == (2, 1)


def test_gradients_share_memory_with_nothing():
    x, y, g = leaf([1.0, 2.0]), leaf([1.0, 2.0]), np.ones(2)
    (x + y).backward(g)
    assert not np.shares_memory(x.grad.data, y.grad.data)
    assert not np.shares_memory(x.grad.data, g)
    x.zero_grad()
    x.reshape(2, 1).sum(axis=1).backward(g)
    x.grad.data[0] = 7
    assert g.tolist() == [1, 1]


def test_a_gradient_that_backward_keeps_is_not_taken_over():
    kept = np.ones(2)

    class Constant(gk.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x + 1

        @staticmethod
        def backward(ctx, grad):
            return kept

    x = leaf([1.0, 2.0])
    Constant.apply(x).backward(np.ones(2))
    Constant.apply(x).backward(np.ones(2))
    assert kept.tolist() == [1, 1]
    assert x.grad.tolist() == [2, 2]


def test_backward_without_gradient_needs_one_element():
    with pytest.raises(AutogradError, match=r"backward of a tensor of shape \(2,\) needs a gradient"):
        (leaf([1.0, 2.0]) * 2).backward()
    x = leaf([[3.0]])
    (x * 2).backward()
    assert x.grad.tolist() == [[2]]


def test_backward_with_a_gradient_of_another_shape():
    with pytest.raises(ShapeError, match=r"of shape \(2,\) got a gradient of shape \(3,\)"):
        (leaf([1.0, 2.0]) * 2).backward(np.ones(3))


def test_backward_without_a_graph():
    with pytest.raises(AutogradError, match="no recorded operation made"):
        gk.tensor([1.0]).backward()


def test_backward_of_a_leaf():
    x = leaf([1.0])
    x.backward()
    assert x.grad.tolist() == [1]


@pytest.mark.parametrize("f", [lambda x: x * x, lambda x: x + x, lambda x: x.sum(), lambda x: gk.exp(x)])
def test_second_backward(f):
    x = leaf([3.0])
    y = f(x)
    y.backward(np.ones(y.shape))
    before = x.grad.tolist()
    with pytest.raises(AutogradError, match=r"backward has already gone through \w+.*retain_graph=True"):
        y.backward(np.ones(y.shape))
    assert x.grad.tolist() == before


def test_retain_graph():
    x = leaf([3.0])
    y = x * x
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.tolist() == [12]


def test_a_failing_pass_touches_no_gradient():
    x, y = leaf([1.0]), leaf([1.0])
    h = gk.exp(x)
    h.backward(retain_graph=False)
    x.zero_grad()
    with pytest.raises(AutogradError, match="already"):
        (h * y).backward()
    assert x.grad is None
    assert y.grad is None


def test_saved_arrays_are_released():
    x = leaf(np.ones(1000))
    inner = gk.exp(x)
    probe = weakref.ref(inner.data)
    out = (inner * 2).sum()
    del inner
    gc.collect()
    assert probe() is not None
    out.backward()
    assert probe() is None


def test_intermediate_arrays_that_no_rule_needs_are_not_kept():
    x = leaf(np.ones(1000))
    inner = x + 1
    probe = weakref.ref(inner.data)
    out = inner + 1
    del inner
    assert probe() is None
    assert out.requires_grad


def test_a_saved_input_written_in_place_is_detected():
    x, w = leaf([1.0, 2.0]), gk.tensor(np.array([3.0, 4.0]))
    y = x * w
    w += 1
    with pytest.raises(AutogradError, match="an array that mul needs for its gradient has been written in place"):
        y.sum().backward()
    assert x.grad is None


def test_a_saved_output_written_in_place_is_detected():
    x = leaf([1.0, 2.0])
    y = gk.exp(x)
    y *= 2
    with pytest.raises(AutogradError, match="exp needs for its gradient"):
        y.sum().backward()


def test_a_saved_array_written_through_a_view_is_detected():
    x, w = leaf([1.0, 2.0]), gk.tensor(np.array([3.0, 4.0]))
    y = x * w
    w[:1] += 1
    with pytest.raises(AutogradError, match="written in place"):
        y.sum().backward()


def test_a_write_that_no_rule_minds_is_no_error():
    x, w = leaf([1.0, 2.0]), gk.tensor(np.array([3.0, 4.0]))
    y = x + w
    w += 1
    y.sum().backward()
    assert x.grad.tolist() == [1, 1]


def test_version_check_of_a_function_that_saves_a_view():
    class Product(gk.autograd.Function):
        @staticmethod
        def forward(ctx, x, w):
            ctx.save_for_backward(w[:])
            return x * w

        @staticmethod
        def backward(ctx, grad):
            (w,) = ctx.saved
            return grad * w, None

    x, w = leaf([1.0, 2.0]), gk.tensor(np.array([3.0, 4.0]))
    y = Product.apply(x, w)
    w[0] = 9
    with pytest.raises(AutogradError, match="Product needs"):
        y.sum().backward()


def test_in_place_arithmetic_on_the_tape():
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    y = x * 2
    y += w
    y *= 3
    y -= 1
    y /= 2
    assert y.tolist() == [(2 + 3) * 3 / 2 - 0.5, (4 + 4) * 3 / 2 - 0.5]
    y.sum().backward()
    assert x.grad.tolist() == [3, 3]
    assert w.grad.tolist() == [1.5, 1.5]


def test_in_place_makes_a_constant_part_of_the_graph():
    buffer, x = gk.tensor(np.zeros(2)), leaf([1.0, 2.0])
    buffer += x * x
    buffer.sum().backward()
    assert x.grad.tolist() == [2, 4]


def test_in_place_on_a_leaf():
    x = leaf([1.0, 2.0])
    with pytest.raises(AutogradError, match="a leaf tensor that requires a gradient cannot be written in place"):
        x += 1
    with pytest.raises(AutogradError, match="a leaf tensor"):
        x[0] = 1
    with gk.no_grad():
        x += 1
        x[0] = 5
    assert x.tolist() == [5, 3]
    assert x.is_leaf


def test_in_place_on_a_view():
    y = leaf([1.0, 2.0]) * 2
    view = y[:1]
    with pytest.raises(AutogradError, match="a view on the tape cannot be written in place"):
        view += 1


def test_a_view_of_what_was_written_since():
    y = leaf([1.0, 2.0]) * 2
    view = y[:1]
    y *= 3
    assert view.tolist() == [6]
    with pytest.raises(AutogradError, match="this tensor is a view of one that was written in place"):
        view * 2
    assert (y[:1] * 2).tolist() == [12]


def test_in_place_cannot_change_shape_or_kind():
    x = gk.tensor(np.ones(2))
    with pytest.raises(ShapeError, match=r"add in place cannot turn shape \(2,\) into \(3, 2\)"):
        x += np.ones((3, 2))
    i = gk.tensor([1, 2])
    with pytest.raises(DTypeError, match="mul in place cannot write float64 into int64"):
        i *= 1.5
    assert i.tolist() == [1, 2]


def test_setitem_on_the_tape():
    x, w = leaf([1.0, 2.0, 3.0]), leaf([5.0])
    y = x * 2
    y[1:2] = w
    (y * gk.tensor([1.0, 10.0, 100.0])).sum().backward()
    assert x.grad.tolist() == [2, 0, 200]
    assert w.grad.tolist() == [10]


def test_no_grad_as_context_decorator_and_nested():
    x = leaf([1.0])
    off = gk.no_grad()
    with off:
        assert not (x * 2).requires_grad
        with gk.enable_grad():
            assert (x * 2).requires_grad
        with off:
            assert not gk.is_grad_enabled()
        assert not gk.is_grad_enabled()
    assert (x * 2).requires_grad

    @gk.no_grad()
    def f():
        return x * 2

    assert not f().requires_grad
    assert gk.is_grad_enabled()


def test_the_mode_cannot_decorate_what_runs_later():
    def generator():
        yield

    with pytest.raises(TypeError, match="no_grad cannot decorate generator, whose body runs later"):
        gk.no_grad()(generator)


def test_the_mode_survives_errors():
    with pytest.raises(ZeroDivisionError), gk.no_grad():
        raise ZeroDivisionError
    assert gk.is_grad_enabled()


def test_the_mode_belongs_to_the_thread():
    seen = []
    with gk.no_grad():
        thread = threading.Thread(target=lambda: seen.append(gk.is_grad_enabled()))
        thread.start()
        thread.join()
    assert seen == [True]


@pytest.mark.parametrize("length", [100_000])
def test_a_deep_chain_does_not_recurse(length):
    x = leaf([1.0])
    y = x
    for _ in range(length):
        y = y + 1
    y.backward()
    assert x.grad.tolist() == [1]


def test_a_deep_chain_that_is_dropped_does_not_recurse():
    x = leaf([1.0])
    y = x
    for _ in range(100_000):
        y = y * 1
    z = x
    for _ in range(50_000):
        z = z.reshape(1)
    del y, z
    gc.collect()
    assert (x * 2).requires_grad


def test_a_wide_graph_visits_each_node_once():
    x = leaf([1.0])
    y = x
    for _ in range(60):
        y = y + y
    y.backward()
    assert x.grad.tolist() == [2.0**60]


def test_graphs_are_freed_without_the_collector():
    gc.disable()
    try:
        x = leaf([1.0])
        y = gk.exp(x * 2).sum()
        probe = weakref.ref(y)
        y.backward()
        del y
        assert probe() is None
    finally:
        gc.enable()


def test_hooks_of_intermediates_and_leaves():
    x = leaf([1.0, 2.0])
    seen = []
    y = x * 3
    y.register_hook(lambda g: seen.append(g.tolist()))
    remove = y.register_hook(lambda g: g * 10)
    x.register_hook(lambda g: seen.append(g.tolist()))
    (y * y + x).sum().backward(retain_graph=True)
    assert seen == [[6, 12], [181, 361]]
    assert x.grad.tolist() == [181, 361]
    remove()
    x.zero_grad()
    (y * y).sum().backward()
    assert x.grad.tolist() == [18, 36]


def test_a_hook_needs_a_gradient():
    with pytest.raises(AutogradError, match="register_hook needs a tensor that requires a gradient"):
        gk.tensor([1.0]).register_hook(print)


def test_retain_grad():
    x = leaf([1.0, 2.0])
    y = x * 3
    y.retain_grad()
    (y * y).sum().backward()
    assert y.grad.tolist() == [6, 12]
    assert (x * 3).grad is None


def test_a_pass_inside_a_pass_over_the_same_graph():
    x = leaf([1.0])
    y = x * 2
    y.register_hook(lambda g: y.backward(np.ones(1), retain_graph=True))
    with pytest.raises(AutogradError, match="another backward pass is under way"):
        y.backward()


def test_backward_through_a_graph_inside_a_backward():
    class Twice(gk.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return 2 * x

        @staticmethod
        def backward(ctx, grad):
            (x,) = ctx.saved
            with gk.enable_grad():
                inner = gk.tensor(x, requires_grad=True)
                (inner * 2).backward(grad)
            return inner.grad

    x = leaf([1.0])
    Twice.apply(x * 3).backward()
    assert x.grad.tolist() == [6]


def test_only_floats_can_require_a_gradient():
    with pytest.raises(AutogradError, match="only float32 and float64 tensors can require a gradient, not int64"):
        gk.tensor([1, 2], requires_grad=True)
    with pytest.raises(AutogradError, match="not float16"):
        gk.tensor(np.ones(2, np.float16)).requires_grad_()


def test_requires_grad_of_an_intermediate_stays():
    y = leaf([1.0]) * 2
    with pytest.raises(AutogradError, match="use detach"):
        y.requires_grad = False


def test_detach_shares_memory_and_leaves_the_tape():
    x = leaf([1.0, 2.0])
    y = (x * 2).detach()
    assert not y.requires_grad
    assert y.is_leaf
    assert np.shares_memory(x.detach().data, x.data)


def test_a_write_through_a_detached_tensor_is_seen():
    x, w = leaf([1.0]), leaf([2.0])
    y = x * w
    other = w.detach()
    other += 1
    with pytest.raises(AutogradError, match="written in place"):
        y.backward()


def test_grad_fn_names_the_operation():
    x = leaf([1.0])
    assert repr((x + x).grad_fn) == "<add>"
    assert (x.sum()).grad_fn.name == "Sum"
    assert x.grad_fn is None
    first, second = (x * gk.tensor([1.0])).grad_fn.next_functions
    assert first is x
    assert second is None


def test_a_gradient_set_by_hand_must_fit():
    x = leaf([1.0, 2.0])
    with pytest.raises(ShapeError, match="a gradient needs its tensor's shape and type"):
        x.grad = gk.tensor(np.ones(3))
    with pytest.raises(DTypeError, match="a gradient is a tensor, a RowGradient or None"):
        x.grad = np.ones(2)
    x.grad = gk.tensor(np.ones(2))
    assert x.grad.tolist() == [1, 1]

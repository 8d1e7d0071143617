"""Function and its context: arrays, tensors, several outputs, saved arrays, kernels, and wrong backwards."""

import types

import numpy as np
import pytest

import geomkern as gk
from geomkern.errors import AutogradError, ShapeError

X = np.array([1.0, 2.0, 3.0])


class Scale(gk.autograd.Function):
    @staticmethod
    def forward(ctx, x, y, *, power=1):
        ctx.save_for_backward(x, y)
        ctx.power = power
        return x * y**power

    @staticmethod
    def backward(ctx, grad):
        x, y = ctx.saved
        needs = ctx.needs_input_grad
        gx = grad * y**ctx.power if needs[0] else None
        gy = grad * x * ctx.power * y ** (ctx.power - 1) if needs[1] else None
        return gx, gy


class SinCos(gk.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        s, c = np.sin(x), np.cos(x)
        ctx.save_for_backward(s, c)
        return s, c, np.argsort(x)

    @staticmethod
    def backward(ctx, gs, gc, _):
        s, c = ctx.saved
        return gs * c - gc * s


class Probe(gk.autograd.Function):
    seen: tuple = ()

    @staticmethod
    def forward(ctx, *inputs):
        Probe.seen = inputs
        return np.asarray(inputs[0])

    @staticmethod
    def backward(ctx, grad):
        return (grad,) + (None,) * (len(ctx.needs_input_grad) - 1)


def test_arrays_in_what_forward_returned_out():
    out = Scale.apply(X, 2.0, power=2)
    assert type(out) is np.ndarray
    assert out.tolist() == [4, 8, 12]
    assert isinstance(SinCos.apply(X), tuple)


def test_gradients_are_summed_over_broadcast_axes():
    x = gk.tensor(np.ones((4, 3)), requires_grad=True)
    y = gk.tensor(X, requires_grad=True)
    out = Scale.apply(x, y, power=2)
    out.backward(np.ones((4, 3)))
    assert x.grad.shape == (4, 3)
    assert y.grad.tolist() == [8, 16, 24]
    assert gk.gradcheck(lambda a, b: Scale.apply(a, b, power=2), np.ones((4, 1)), X)


def test_gradients_are_cast_to_the_type_of_the_input():
    x = gk.tensor(X.astype(np.float32), requires_grad=True)
    out = Scale.apply(x, X)
    assert out.dtype == np.float64
    out.sum().backward()
    assert x.grad.dtype == np.float32


def test_what_forward_receives():
    t = gk.tensor(X)
    Probe.apply(t, X, [1.0, 2.0], 2.5, 3, np.float32(1.5), True)
    tensor, array, listed, *scalars = Probe.seen
    assert tensor is t.data
    assert array is X
    assert listed.dtype == np.float64
    assert [type(value) for value in scalars] == [float, int, float, bool]


def test_several_outputs():
    x = gk.tensor(X, requires_grad=True)
    s, c, order = SinCos.apply(x)
    assert (s.requires_grad, c.requires_grad, order.requires_grad) == (True, True, False)
    (s * 2 + c * 3).sum().backward()
    np.testing.assert_allclose(x.grad.data, 2 * np.cos(X) - 3 * np.sin(X))


def test_an_output_that_nobody_used_gets_zeros():
    x = gk.tensor(X, requires_grad=True)
    SinCos.apply(x)[1].sum().backward()
    np.testing.assert_allclose(x.grad.data, -np.sin(X))


def test_an_output_used_twice():
    x = gk.tensor(X, requires_grad=True)
    s, c, _ = SinCos.apply(x)
    (s * s + s + c).sum().backward()
    np.testing.assert_allclose(x.grad.data, 2 * np.sin(X) * np.cos(X) + np.cos(X) - np.sin(X))


def test_needs_input_grad():
    seen = []

    class Seen(Scale):
        @staticmethod
        def forward(ctx, x, y):
            seen.append(ctx.needs_input_grad)
            return x * y

    x = gk.tensor(X, requires_grad=True)
    Seen.apply(x, X)
    Seen.apply(X, x)
    Seen.apply(X, X)
    with gk.no_grad():
        Seen.apply(x, x)
    assert seen == [(True, False), (False, True), (False, False), (False, False)]


def test_saved_arrays_are_gone_after_the_pass():
    x = gk.tensor(X, requires_grad=True)
    out = Scale.apply(x, 2.0)
    context = out.grad_fn
    assert context.saved[0] is x.data
    out.sum().backward()
    with pytest.raises(AutogradError, match="backward has already gone through Scale"):
        _ = context.saved


def test_a_backward_of_too_few_gradients():
    class Forgetful(Scale):
        @staticmethod
        def backward(ctx, grad):
            return grad

    with pytest.raises(AutogradError, match=r"Forgetful\.backward returned 1 gradients for 2 inputs"):
        Forgetful.apply(gk.tensor(X, requires_grad=True), 2.0).sum().backward()


def test_a_gradient_of_another_shape():
    class Wrong(Scale):
        @staticmethod
        def backward(ctx, grad):
            return np.ones(5), None

    with pytest.raises(ShapeError, match=r"the gradient that Wrong returned for input 0 has shape \(5,\).*\(3,\)"):
        Wrong.apply(gk.tensor(X, requires_grad=True), 2.0).sum().backward()


def test_a_function_without_methods():
    class Empty(gk.autograd.Function):
        pass

    with pytest.raises(NotImplementedError, match="a Function needs a static method forward"):
        Empty.apply(X)


def test_an_identity_is_a_view():
    x = gk.tensor(X)
    w = gk.tensor(X, requires_grad=True)
    y = Probe.apply(x)
    z = w * y
    x += 1
    with pytest.raises(AutogradError, match="written in place"):
        z.sum().backward()


def test_kernels_are_those_of_the_backend():
    module = types.ModuleType("kernels")
    gk.backends.resolved["mine", "cpu"] = module

    class Mine(gk.autograd.Function):
        backend = "mine"

        @staticmethod
        def forward(ctx, x):
            assert ctx.kernels is module
            return x

    Mine.apply(X)
    del gk.backends.resolved["mine", "cpu"]
    with pytest.raises(gk.errors.BackendUnavailable, match="there is no backend 'mine'"):
        Mine.apply(X)


def test_an_error_of_forward_leaves_no_trace():
    x = gk.tensor(X, requires_grad=True)
    with pytest.raises(ValueError, match="broadcast"):
        Scale.apply(x, np.ones(4))
    Scale.apply(x, 2.0).sum().backward()
    assert x.grad.tolist() == [2, 2, 2]


def test_custom_op():
    cube = gk.custom_op("cube", lambda x: x**3, lambda g, out, x: 3 * x**2 * g)
    assert cube(X).tolist() == [1, 8, 27]
    out = cube(gk.tensor(X, requires_grad=True))
    assert repr(out.grad_fn) == "<cube>"
    assert gk.gradcheck(cube, X)
    assert cube.__name__ == "cube"


def test_custom_op_with_several_outputs_and_options():
    polar = gk.custom_op(
        "polar",
        lambda r, a, scale=1.0: (scale * r * np.cos(a), scale * r * np.sin(a)),
        lambda g, out, r, a, scale=1.0: (
            scale * (g[0] * np.cos(a) + g[1] * np.sin(a)),
            g[1] * out[0] - g[0] * out[1],
        ),
    )
    assert gk.gradcheck(lambda r, a: polar(r, a, scale=2.0), np.array([1.0, 2.0]), np.array([0.3]))

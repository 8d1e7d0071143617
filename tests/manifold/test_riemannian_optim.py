"""The Riemannian optimisers against transcriptions of their papers on the reference kernels; what they guarantee."""

import pickle

import numpy as np
import pytest
from samples import directions, points

import geomkern as gk
from geomkern.errors import DomainError
from geomkern_manifold import HyperbolicMLR, PoincareBall, RiemannianAdam, RiemannianSGD
from geomkern_manifold.kernels import reference

STEPS = 12


def targets(n=5, d=3, c=0.8):
    return points(np.random.default_rng(9), n, d, c, np.float64, 0.6)


def euclidean_gradient(x, t, c):
    """The gradient of the sum of squared distances of each point from its target, times a weight that changes."""
    weight = 1 + 0.5 * np.sin(t)
    distance = reference.poincare_dist(x, targets(*x.shape, c), c)
    return reference.poincare_dist_vjp(2 * weight * distance, x, targets(*x.shape, c), c, (True, False, False))[0]


def bonnabel(
    x, c, *, lr, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False, maximize=False, retraction=False
):
    """Bonnabel (2013), algorithm 1, with a momentum that is transported along each step."""
    buffer, path = None, []
    for t in range(STEPS):
        gradient = euclidean_gradient(x, t, c) * (-1 if maximize else 1) + weight_decay * x
        h = gradient / reference.poincare_lambda_x(x, c)[:, None] ** 2
        buffer = h if buffer is None else momentum * buffer + (1 - dampening) * h
        step = -lr * (h + momentum * buffer if nesterov else buffer if momentum else h)
        y = x + step if retraction else reference.poincare_expmap(x, step, c)
        buffer = reference.poincare_transp(x, y, buffer, c)
        x = y
        path.append(x)
    return path


def becigneul_ganea(
    x, c, *, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, amsgrad=False, decoupled=False, maximize=False,
    retraction=False,
):  # fmt: skip
    """Bécigneul and Ganea (2019), figure 1(a), each point one factor of the product; bias correction as in Adam."""
    tau, v, v_hat, path = np.zeros_like(x), np.zeros(len(x)), np.zeros(len(x)), []
    for t in range(STEPS):
        gradient = euclidean_gradient(x, t, c) * (-1 if maximize else 1) + (0 if decoupled else weight_decay) * x
        g = gradient / reference.poincare_lambda_x(x, c)[:, None] ** 2
        m = betas[0] * tau + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * reference.poincare_norm(x, g, c) ** 2
        v_hat = np.maximum(v_hat, v) if amsgrad else v
        if decoupled:
            shrunk = x * (1 - lr * weight_decay)
            m, x = reference.poincare_transp(x, shrunk, m, c), shrunk
        corrected = m / (1 - betas[0] ** (t + 1)), v_hat / (1 - betas[1] ** (t + 1))
        step = -lr * corrected[0] / (np.sqrt(corrected[1]) + eps)[:, None]
        y = x + step if retraction else reference.poincare_expmap(x, step, c)
        tau = reference.poincare_transp(x, y, m, c)
        x = y
        path.append(x)
    return path


SGD_OPTIONS = [
    {"lr": 0.05},
    {"lr": 0.3},
    {"lr": 0.05, "momentum": 0.9},
    {"lr": 0.05, "momentum": 0.9, "dampening": 0.4},
    {"lr": 0.05, "momentum": 0.8, "nesterov": True},
    {"lr": 0.05, "weight_decay": 0.3},
    {"lr": 0.02, "maximize": True},
    {"lr": 0.05, "momentum": 0.9, "retraction": True},
    {"lr": 0.02, "momentum": 0.7, "dampening": 0.2, "weight_decay": 0.1, "maximize": True, "retraction": True},
]
ADAM_OPTIONS = [
    {"lr": 0.1},
    {"lr": 0.1, "betas": (0.7, 0.9)},
    {"lr": 0.1, "eps": 0.1},
    {"lr": 0.1, "weight_decay": 0.3},
    {"lr": 0.1, "weight_decay": 0.3, "decoupled": True},
    {"lr": 0.1, "betas": (0.5, 0.6), "amsgrad": True},
    {"lr": 0.05, "maximize": True},
    {"lr": 0.1, "retraction": True},
]
CASES = [(RiemannianSGD, bonnabel, options) for options in SGD_OPTIONS]
CASES += [(RiemannianAdam, becigneul_ganea, options) for options in ADAM_OPTIONS]


def step(optimizer, parameter, gradient):
    parameter.grad = gk.tensor(gradient)
    optimizer.step()


def path_of(kind, options, start, c, dtype=np.float64):
    x = gk.nn.Parameter(start.astype(dtype), manifold=PoincareBall(c))
    optimizer, path = kind([x], **options), []
    for t in range(STEPS):
        step(optimizer, x, euclidean_gradient(x.data.astype(np.float64), t, c).astype(dtype))
        path.append(x.data.copy())
    return path


@pytest.mark.parametrize(("kind", "definition", "options"), CASES)
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 2e-5)])
def test_follows_the_paper_step_for_step(kind, definition, options, dtype, tolerance):
    for n, d, c in ((5, 3, 0.8), (3, 20, 2.5)):
        start = points(np.random.default_rng(10), n, d, c, np.float64, 0.5)
        path = path_of(kind, options, start, c, dtype)
        assert path[0].dtype == dtype
        for found, expected in zip(path, definition(start, c, **options), strict=True):
            assert np.allclose(found, expected, rtol=0, atol=tolerance / np.sqrt(c))


@pytest.mark.parametrize("definition", [bonnabel, becigneul_ganea])
def test_every_option_changes_the_path(definition):
    kind, options = {bonnabel: (RiemannianSGD, SGD_OPTIONS), becigneul_ganea: (RiemannianAdam, ADAM_OPTIONS)}[
        definition
    ]
    start = points(np.random.default_rng(10), 5, 3, 0.8, np.float64, 0.5)
    ends = [path_of(kind, option, start, 0.8)[-1] for option in options]
    for i, end in enumerate(ends):
        assert all(np.abs(end - other).max() > 1e-4 for other in ends[:i]), options[i]


@pytest.mark.parametrize("kind", [RiemannianSGD, RiemannianAdam])
def test_a_point_without_axes_before_it(kind):
    ball, start = PoincareBall(), np.array([0.3, -0.2])
    row, rows = gk.nn.Parameter(start.copy(), ball), gk.nn.Parameter(start[None].copy(), ball)
    optimizers = [kind([x], lr=0.1) for x in (row, rows)]
    for _ in range(3):
        for optimizer, x in zip(optimizers, (row, rows), strict=True):
            optimizer.zero_grad()
            (ball.dist0(x) ** 2).sum().backward()
            optimizer.step()
    assert np.array_equal(row.data, rows.data[0])


@pytest.mark.parametrize("retraction", [False, True])
@pytest.mark.parametrize(
    ("kind", "options", "steps"),
    [
        (RiemannianSGD, {"lr": 0.2}, 100),
        (RiemannianSGD, {"lr": 0.05, "momentum": 0.8}, 200),
        (RiemannianAdam, {"lr": 0.02}, 600),
        (RiemannianAdam, {"lr": 0.02, "amsgrad": True}, 600),
    ],
)
def test_converges_to_the_frechet_mean(kind, options, steps, retraction):
    """At the mean m of points x_i the vectors log_m x_i add up to nothing."""
    ball = PoincareBall(0.7)
    data = points(np.random.default_rng(11), 12, 4, 0.7, np.float64, 0.9)
    mean = gk.nn.Parameter(np.zeros(4) + 0.1, ball)
    optimizer = kind([mean], **options, retraction=retraction)
    for _ in range(steps):
        optimizer.zero_grad()
        (ball.dist(mean, data) ** 2).mean().backward()
        optimizer.step()
    assert np.linalg.norm(ball.logmap(mean.data, data).mean(0)) < 1e-5


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("retraction", [False, True])
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (RiemannianSGD, {"lr": 1e3}),
        (RiemannianSGD, {"lr": 10.0, "momentum": 0.9, "nesterov": True}),
        (RiemannianAdam, {"lr": 50.0}),
        (RiemannianAdam, {"lr": 5.0, "amsgrad": True, "weight_decay": 0.1, "decoupled": True}),
    ],
)
@pytest.mark.parametrize("c", [1.0, 0.013, 57.0])
def test_never_leaves_the_ball(kind, options, retraction, dtype, c):
    rng = np.random.default_rng(12)
    ball = PoincareBall(c)
    edge = ball.projx((directions(rng, 60, 5) * 2 / np.sqrt(c)).astype(dtype))
    x = gk.nn.Parameter(edge, ball)
    others = points(rng, 60, 5, c, dtype)
    optimizer = kind([x], **options, retraction=retraction)
    for _ in range(20):
        optimizer.zero_grad()
        ball.dist(x, others).sum().backward()
        assert np.isfinite(x.grad.data).all()
        optimizer.step()
        assert x.dtype == dtype
        assert np.isfinite(ball.dist0(x.data)).all()  # which raises for a point outside


@pytest.mark.parametrize(
    ("kind", "flat", "options"),
    [
        (RiemannianSGD, gk.optim.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
        (RiemannianAdam, gk.optim.Adam, {"lr": 0.1, "amsgrad": True, "weight_decay": 0.1}),
    ],
)
def test_flat_parameters_move_as_ever(kind, flat, options):
    rng = np.random.default_rng(13)
    start, gradients = rng.standard_normal((4, 3)), rng.standard_normal((5, 4, 3))
    mixed, alone = gk.nn.Parameter(start.copy()), gk.nn.Parameter(start.copy())
    point = gk.nn.Parameter(0.1 * start, manifold=PoincareBall())
    together, expected = kind([mixed, point], **options), flat([alone], **options)
    only = kind([lonely := gk.nn.Parameter(0.1 * start, manifold=PoincareBall())], **options)
    for gradient in gradients:
        mixed.grad = alone.grad = point.grad = lonely.grad = gk.tensor(gradient)
        for optimizer in (together, expected, only):
            optimizer.step()
    assert np.array_equal(mixed.data, alone.data)
    assert np.array_equal(point.data, lonely.data)


def test_a_flat_optimiser_refuses_a_manifold():
    with pytest.raises(DomainError, match="needs an optimiser that follows its manifold"):
        gk.optim.SGD([gk.nn.Parameter([0.1], manifold=PoincareBall())])


@pytest.mark.parametrize("through", [lambda state: state, lambda state: pickle.loads(pickle.dumps(state))])
@pytest.mark.parametrize(("kind", "options"), [case[::2] for case in CASES])
def test_goes_on_from_a_state_with_the_same_bits(kind, options, through):
    options = {name: value for name, value in options.items() if name != "retraction"}
    rng = np.random.default_rng(14)
    start, gradients = points(rng, 5, 3, 0.8, np.float32, 0.5), rng.standard_normal((8, 5, 3)).astype(np.float32)
    ball = PoincareBall(0.8)
    x = gk.nn.Parameter(start.copy(), ball)
    optimizer = kind([x], **options)
    for gradient in gradients[:4]:
        step(optimizer, x, gradient)
    y = gk.nn.Parameter(x.data.copy(), ball)
    other = kind([y], lr=7.0)
    other.load_state_dict(through(optimizer.state_dict()))
    for gradient in gradients[4:]:
        step(optimizer, x, gradient)
        step(other, y, gradient)
    assert np.array_equal(x.data, y.data)
    for name, value in optimizer.state[x].items():
        assert np.array_equal(value, other.state[y][name])


@pytest.mark.parametrize(("kind", "options"), [case[::2] for case in CASES])
def test_nan_gradients_reach_their_points_and_no_others(kind, options):
    start = points(np.random.default_rng(15), 4, 3, 1.0, np.float64, 0.5)
    x = gk.nn.Parameter(start.copy(), PoincareBall())
    optimizer = kind([x], **options)
    gradient = np.ones((4, 3))
    gradient[2, 1] = np.nan
    step(optimizer, x, gradient)
    assert np.isnan(x.data[2]).all() or (options.get("retraction") and np.isnan(x.data[2, 1]))
    assert np.isfinite(np.delete(x.data, 2, 0)).all()


@pytest.mark.parametrize("kind", [RiemannianSGD, RiemannianAdam])
def test_a_point_without_gradient_stays(kind):
    start = points(np.random.default_rng(16), 3, 2, 1.0, np.float32)
    x, y = (gk.nn.Parameter(start.copy(), PoincareBall()) for _ in range(2))
    optimizer = kind([x, y], lr=0.1, weight_decay=0.1)
    step(optimizer, x, np.zeros_like(start))
    assert np.array_equal(y.data, start)
    assert np.all(x.data != start)  # weight decay alone
    before = y.data.copy()
    optimizer = kind([y], lr=0.1)
    step(optimizer, y, np.zeros_like(start))
    assert np.allclose(y.data, before, rtol=4e-7)


@pytest.mark.parametrize(
    ("kind", "options"),
    [(RiemannianSGD, {"momentum": 0.9}), (RiemannianAdam, {"amsgrad": True}), (RiemannianAdam, {"retraction": True})],
)
def test_a_learnable_curvature_stays_out_of_the_steps(kind, options):
    """The state is made of arrays, and c moves by its own gradient only."""
    layer = HyperbolicMLR(3, 2, PoincareBall(gk.nn.Parameter(0.7)), rng=0)
    optimizer = kind(layer.parameters(), lr=0.01, **options)
    x = np.full((4, 3), 0.1, np.float32)
    for _ in range(3):
        optimizer.zero_grad()
        (layer(x) ** 2).sum().backward()
        optimizer.step()
    state = optimizer.state[layer.bias]
    assert all(isinstance(value, np.ndarray | int) for value in state.values())
    assert layer.c.data != np.float32(0.7)
    fixed = gk.nn.Parameter(layer.bias.data.copy(), PoincareBall(float(layer.c.data)))
    other = kind([fixed], lr=0.01, **options)
    other.load_state_dict({**other.state_dict(), "state": {0: state}})
    gradient = np.array([[0.3, -0.2, 0.1], [0.0, 0.5, -0.4]], np.float32)
    layer.zero_grad()
    step(optimizer, layer.bias, gradient)
    step(other, fixed, gradient)
    assert np.array_equal(layer.bias.data, fixed.data)


@pytest.mark.parametrize("kind", [RiemannianSGD, RiemannianAdam])
def test_bad_options(kind):
    x = gk.nn.Parameter([0.1], manifold=PoincareBall())
    with pytest.raises(DomainError, match=f"{kind.__name__} needs lr finite and not negative, not -1"):
        kind([x], lr=-1)
    with pytest.raises(DomainError, match=kind.__name__):
        kind([])
    outside = gk.nn.Parameter([2.0], manifold=PoincareBall())
    with pytest.raises(DomainError, match="lies outside the ball"):
        step(kind([outside]), outside, np.ones(1, np.float32))

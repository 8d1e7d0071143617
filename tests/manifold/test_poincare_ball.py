"""The ball as an object: its curvature, what it takes and returns, its gradients, its samples and its errors."""

import copy
import pickle

import numpy as np
import pytest
from samples import directions, points
from scipy import stats

import geomkern as gk
from geomkern.errors import DomainError, DTypeError, ShapeError
from geomkern_manifold import PoincareBall

# Every differentiable method, called with points x, y and a vector v of three coordinates and a number t.
METHODS = {
    "dist": lambda ball, x, y, v, t: ball.dist(x, y),
    "dist_keepdim": lambda ball, x, y, v, t: ball.dist(x, y, keepdim=True),
    "dist0": lambda ball, x, y, v, t: ball.dist0(x),
    "dist0_keepdim": lambda ball, x, y, v, t: ball.dist0(x, keepdim=True),
    "expmap": lambda ball, x, y, v, t: ball.expmap(x, v),
    "logmap": lambda ball, x, y, v, t: ball.logmap(x, y),
    "expmap0": lambda ball, x, y, v, t: ball.expmap0(v),
    "logmap0": lambda ball, x, y, v, t: ball.logmap0(y),
    "geodesic": lambda ball, x, y, v, t: ball.geodesic(t, x, y),
    "transp": lambda ball, x, y, v, t: ball.transp(x, y, v),
    "retr": lambda ball, x, y, v, t: ball.retr(x, v),
    "mobius_add": lambda ball, x, y, v, t: ball.mobius_add(x, y),
    "mobius_sub": lambda ball, x, y, v, t: ball.mobius_sub(x, y),
    "mobius_neg": lambda ball, x, y, v, t: ball.mobius_neg(x),
    "mobius_scalar_mul": lambda ball, x, y, v, t: ball.mobius_scalar_mul(t, x),
    "mobius_matvec": lambda ball, x, y, v, t: ball.mobius_matvec(MATRIX, x),
    "gyration": lambda ball, x, y, v, t: ball.gyration(x, y, v),
    "lambda_x": lambda ball, x, y, v, t: ball.lambda_x(x),
    "inner": lambda ball, x, y, v, t: ball.inner(x, v, y),
    "inner_keepdim": lambda ball, x, y, v, t: ball.inner(x, v, keepdim=True),
    "norm": lambda ball, x, y, v, t: ball.norm(x, v),
    "egrad2rgrad": lambda ball, x, y, v, t: ball.egrad2rgrad(x, v),
    "projx": lambda ball, x, y, v, t: ball.projx(2 * x, eps=0.01),
    "proju": lambda ball, x, y, v, t: ball.proju(x, v),
}
MATRIX = [[0.4, -0.3, 0.2], [0.1, 0.8, -0.5]]
NUMBERS = {"dist", "dist0", "lambda_x", "inner", "norm"}


def arguments(dtype=np.float64, n=4):
    rng = np.random.default_rng(0)
    x, y, v = (points(rng, n, 3, 2.0, dtype, 0.7) for _ in range(3))
    return x, y, v, rng.uniform(-1, 2, n).astype(dtype)


class TestCurvature:
    @pytest.mark.parametrize("c", [1.0, 0.1, 1, np.float32(0.3), np.float64(0.1), np.array(0.7), np.array([0.1, 2.0])])
    def test_is_kept_as_it_is_given(self, c):
        before = np.array(c)
        ball = PoincareBall(c)
        assert ball.c is c
        ball.expmap0(np.ones((2, 3)))
        ball.random(2, 3, rng=0)
        assert np.array_equal(c, before)

    def test_a_learnable_one_is_the_same_tensor_with_the_same_bits(self):
        c = gk.tensor(0.1, requires_grad=True)
        ball = PoincareBall(c)
        ball.dist0(gk.tensor([0.3, 0.4])).backward()
        assert ball.c is c
        assert c.data == np.float32(0.1)
        assert c.grad is not None

    def test_a_list_becomes_one_curvature_for_each_point(self):
        assert np.array_equal(PoincareBall([1, 2]).c, np.array([1.0, 2.0]))
        assert PoincareBall((1, 2)).c.dtype == np.float64

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_forms_of_one_number_give_the_same_bits(self, dtype):
        x, y, *_ = arguments(dtype)
        expected = PoincareBall(0.5).dist(x, y)
        for c in (np.array(0.5), np.float64(0.5), np.full(4, 0.5, dtype), gk.tensor(0.5)):
            assert np.array_equal(np.asarray(PoincareBall(c).dist(x, y)), expected)

    def test_of_each_row(self):
        x, y, v, t = arguments()
        curvatures = np.array([0.1, 0.5, 1.0, 2.0])
        for method, call in METHODS.items():
            together = call(PoincareBall(curvatures), x, y, v, t)
            for i, c in enumerate(curvatures):
                one = call(PoincareBall(float(c)), x[i], y[i], v[i], t[i])
                assert np.allclose(together[i], one, rtol=1e-14, atol=0), method

    @pytest.mark.parametrize("c", [0, 0.0, -1.0, np.nan, np.inf, [1.0, 0.0], np.array([1.0, -2.0])])
    def test_must_be_positive_and_finite(self, c):
        with pytest.raises(DomainError, match=r"PoincareBall has curvature -c with c > 0 and finite, but c is"):
            PoincareBall(c)

    @pytest.mark.parametrize("c", [None, "1.0", 1j, ["a"], True])
    def test_must_be_a_number(self, c):
        with pytest.raises(DTypeError, match="PoincareBall needs a real number or an array of them for c, not"):
            PoincareBall(c)

    def test_one_that_learnt_to_be_negative_is_an_error(self):
        c = gk.nn.Parameter(1.0)
        ball = PoincareBall(c)
        c.data[...] = -0.5
        with pytest.raises(DomainError, match=r"dist0: c must be positive, but is -0\.5; Stereographic"):
            ball.dist0(np.zeros(2))

    def test_detached_ball_has_the_same_curvature_off_the_tape(self):
        c = gk.nn.Parameter(0.5)
        fixed = PoincareBall(c).detach()
        assert isinstance(fixed.dist0(np.zeros(2)), np.ndarray | np.generic)
        c.data[...] = 2.0
        assert fixed.c == 2.0
        ball = PoincareBall(0.5)
        assert ball.detach() is ball


class TestGradients:
    @pytest.mark.parametrize("method", METHODS)
    @pytest.mark.parametrize("c", [np.array(0.8), np.array([0.3, 0.8, 1.1, 1.9])])
    def test_of_every_method_in_every_operand_and_c(self, method, c):
        x, y, v, t = arguments()

        def function(c, x, y, v, t):
            used = METHODS[method](PoincareBall(c), x, y, v, t)
            return used + 0 * (c.sum() + x.sum() + y.sum() + v.sum() + t.sum())

        assert gk.gradcheck(function, c, x, y, v, t)

    def test_of_pairwise_distances(self):
        x, y, *_ = arguments()
        assert gk.gradcheck(lambda c, x, y: PoincareBall(c).pairwise_dist(x, y), np.array(0.8), x, y)
        # The diagonal is not differentiable, and its subgradient is taken to be zero.
        mask = 1 - np.eye(4)
        assert gk.gradcheck(lambda c, x: PoincareBall(c).pairwise_dist(x) * mask, np.array(0.8), x)

    def test_of_the_matrix(self):
        x, *_ = arguments()
        assert gk.gradcheck(lambda m, x: PoincareBall(0.8).mobius_matvec(m, x), np.array(MATRIX), x)

    def test_reach_a_curvature_alone(self):
        c = gk.nn.Parameter(np.array(0.8))
        x, y, *_ = arguments()
        out = PoincareBall(c).dist(x, y).sum()
        out.backward()
        h = 1e-6
        expected = (PoincareBall(0.8 + h).dist(x, y).sum() - PoincareBall(0.8 - h).dist(x, y).sum()) / (2 * h)
        assert np.isclose(c.grad.item(), expected)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @pytest.mark.parametrize("method", METHODS)
    def test_are_finite_where_points_coincide_vanish_or_touch_the_boundary(self, method, dtype):
        """Roots and quotients of zero, and 1 - c|x|^2 of a few roundings, make NaN of the textbooks' formulas."""
        ball = PoincareBall(1.0)
        zero, inside = np.zeros(3, dtype), np.array([0.3, 0.4, 0.0], dtype)
        edge = ball.projx(np.array([0.6, 0.8, 0.0], dtype) * 2)
        for x, y, v in (
            (zero, zero, zero), (inside, inside, zero), (inside, -inside, zero), (zero, inside, zero),
            (edge, edge, zero), (edge, -edge, inside), (edge, inside, edge), (zero, edge, edge), (edge, zero, inside),
        ):  # fmt: skip
            for t in (0.0, 1.0, -2.0):
                c = gk.tensor(np.array(1.0, dtype), requires_grad=True)
                operands = [gk.tensor(value, requires_grad=True) for value in (x, y, v, np.array(t, dtype))]
                out = METHODS[method](PoincareBall(c), *operands)
                assert np.isfinite(out.data).all(), (x, y, v, t)
                out.sum().backward()
                for operand in (c, *operands):
                    assert operand.grad is None or np.isfinite(operand.grad.data).all(), (x, y, v, t)

    def test_subgradients_are_zero(self):
        x = gk.tensor(np.array([0.3, 0.4]), requires_grad=True)
        PoincareBall().dist(x, x.data).backward()
        assert np.all(x.grad.data == 0)
        zero = gk.tensor(np.zeros(2), requires_grad=True)
        PoincareBall().dist0(zero).backward()
        assert np.all(zero.grad.data == 0)


class TestKinds:
    @pytest.mark.parametrize("method", METHODS)
    def test_arrays_give_arrays_and_lists_do_too(self, method):
        call, ball, operands = METHODS[method], PoincareBall(0.5), arguments()
        out = call(ball, *operands)
        assert isinstance(out, np.ndarray)
        if method != "projx":  # which the table calls with twice its operand
            lists = [operand.tolist() for operand in operands]
            assert np.array_equal(call(ball, *lists), out)
            nested = [tuple(map(tuple, x)) if np.ndim(x) > 1 else tuple(x) for x in lists]
            assert np.array_equal(call(ball, *nested), out)

    @pytest.mark.parametrize("method", METHODS)
    def test_tensors_give_tensors_on_the_tape(self, method):
        call, operands = METHODS[method], arguments()
        expected = call(PoincareBall(0.5), *operands)
        out = call(PoincareBall(0.5), *(gk.tensor(operand, requires_grad=True) for operand in operands))
        assert isinstance(out, gk.Tensor)
        assert out.requires_grad
        assert np.array_equal(out.data, expected)
        by_curvature = call(PoincareBall(gk.tensor(0.5, requires_grad=True)), *operands)
        if method not in ("mobius_neg", "proju"):
            assert by_curvature.requires_grad
            assert np.array_equal(by_curvature.data, expected)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @pytest.mark.parametrize("method", METHODS)
    def test_data_types_are_kept(self, method, dtype):
        operands = arguments(dtype)
        if method == "mobius_matvec":
            matrix = np.array(MATRIX, dtype)
            assert PoincareBall(0.5).mobius_matvec(matrix, operands[0]).dtype == dtype
            return
        for c in (0.5, np.array(0.5), np.float64(0.5), np.full(4, 0.5, dtype)):
            assert METHODS[method](PoincareBall(c), *operands).dtype == dtype
        leaves = [gk.tensor(operand, requires_grad=True) for operand in operands]
        c = gk.tensor(np.array(0.5, np.float64), requires_grad=True)
        out = METHODS[method](PoincareBall(c), *leaves)
        assert out.dtype == dtype
        out.sum().backward()
        assert all(leaf.grad is None or leaf.grad.dtype == dtype for leaf in leaves)
        assert c.grad is None or c.grad.dtype == np.float64

    @pytest.mark.parametrize("method", METHODS)
    def test_shapes(self, method):
        out = METHODS[method](PoincareBall(0.5), *arguments())
        last = {"mobius_matvec": (2,)}.get(method, (3,))
        assert out.shape == (4, *((1,) if "keepdim" in method else () if method in NUMBERS else last))
        row = METHODS[method](PoincareBall(0.5), *(operand[0] for operand in arguments()))
        assert np.shape(row) == out.shape[1:]
        none = METHODS[method](PoincareBall(0.5), *(operand[:0] for operand in arguments()))
        assert none.shape == (0, *out.shape[1:])

    def test_no_grad_and_inputs_are_left_alone(self):
        operands = arguments()
        before = [operand.copy() for operand in operands]
        for call in METHODS.values():
            with gk.no_grad():
                assert not call(PoincareBall(0.5), *map(gk.tensor, operands)).requires_grad
            call(PoincareBall(0.5), *operands)
        assert all(map(np.array_equal, operands, before))


class TestObject:
    def test_equality(self):
        assert PoincareBall(0.5) == PoincareBall(0.5)
        assert PoincareBall(0.5) != PoincareBall(0.6)
        assert PoincareBall(0.5) != 0.5
        assert PoincareBall(np.array([1.0, 2.0])) == PoincareBall([1, 2])
        assert PoincareBall(np.ones(2)) != PoincareBall(np.ones(3))
        assert PoincareBall(gk.tensor(0.5)) == PoincareBall(gk.nn.Parameter(0.5))
        assert len({PoincareBall(0.5), PoincareBall(0.5), PoincareBall(0.6)}) == 2

    def test_representation(self):
        assert repr(PoincareBall(0.5)) == "PoincareBall(c=0.5)"
        assert repr(PoincareBall([1, 2])) == "PoincareBall(c=[1. 2.])"
        assert repr(PoincareBall(gk.tensor(0.5))) == "PoincareBall(c=tensor(0.5))"

    @pytest.mark.parametrize("clone", [copy.deepcopy, lambda ball: pickle.loads(pickle.dumps(ball))])
    @pytest.mark.parametrize("c", [0.1, np.array([0.1, 2.0]), gk.tensor(0.1, requires_grad=True)])
    def test_copies(self, clone, c):
        ball = PoincareBall(c)
        other = clone(ball)
        assert other == ball
        assert type(other.c) is type(c)
        assert getattr(other.c, "requires_grad", False) == getattr(c, "requires_grad", False)


class TestSimpleOperations:
    def test_negative_and_difference(self):
        x, y, *_ = arguments()
        ball = PoincareBall(0.5)
        assert np.array_equal(ball.mobius_neg(x), -x)
        assert np.array_equal(ball.mobius_sub(x, y), ball.mobius_add(x, -y))

    def test_retraction_is_the_sum_pulled_inside(self):
        ball = PoincareBall(0.25)
        assert np.array_equal(ball.retr([0.5, 0.0], [0.25, 1.0]), [0.75, 1.0])
        far = ball.retr(np.zeros(2), np.array([30.0, 40.0]))
        assert np.allclose(far, [1.2, 1.6], rtol=1e-15)
        assert np.isfinite(ball.dist0(far))

    def test_retraction_agrees_with_the_exponential_to_first_order(self):
        x, _, v, _ = arguments()
        ball = PoincareBall(0.5)
        errors = [np.abs(ball.retr(x, h * v) - ball.expmap(x, h * v)).max() for h in (1e-3, 1e-4)]
        assert errors[1] < errors[0] / 80

    def test_every_vector_is_tangent(self):
        x, _, v, _ = arguments()
        assert PoincareBall().proju(x, v) is v

    def test_distances_of_one_set_from_itself(self):
        x, y, *_ = arguments()
        ball = PoincareBall(0.5)
        assert np.array_equal(ball.pairwise_dist(x), ball.pairwise_dist(x, x))
        assert np.allclose(ball.pairwise_dist(x, y), ball.dist(x[:, None], y), rtol=1e-15, atol=0)

    def test_length_of_a_vector_with_itself(self):
        x, _, v, _ = arguments()
        assert np.array_equal(PoincareBall(0.5).inner(x, v), PoincareBall(0.5).inner(x, v, v))


class TestBoundary:
    """What libraries that clamp get wrong: they stop at distance 6 in float32 and 12 in float64."""

    @pytest.mark.parametrize(("dtype", "length"), [(np.float32, 7.5), (np.float64, 10.0), (np.float64, 17.0)])
    def test_the_exponential_arrives_where_it_should(self, dtype, length):
        v = np.array([length, 0.0], dtype)
        arrived = float(PoincareBall().dist0(PoincareBall().expmap0(v)))
        assert abs(arrived - 2 * length) < 4 * np.finfo(dtype).eps * np.cosh(length) ** 2

    def test_gradients_beyond_a_clamp(self):
        x = gk.tensor(np.array([1 - 1e-9, 0.0]), requires_grad=True)
        PoincareBall().dist0(x).backward()
        assert np.isclose(x.grad.data[0], 2 / (1 - x.data[0] ** 2), rtol=1e-7)

    def test_far_pairs_are_told_apart(self):
        angle = np.linspace(0, np.pi, 8)[:, None]
        x = (1 - 1e-12) * np.hstack([np.cos(angle), np.sin(angle)])
        distance = PoincareBall().pairwise_dist(x)[0, 1:]
        assert np.all(np.diff(distance) > 0)
        assert distance[0] > 50


class TestRandom:
    @pytest.mark.parametrize("size", [(3,), (5, 2), (2, 3, 4), (0, 3)])
    def test_shape_and_type(self, size):
        assert PoincareBall().random(*size, rng=0).shape == size
        assert PoincareBall().random(*size, rng=0).dtype == np.float32
        assert PoincareBall().random(*size, rng=0, dtype=np.float64).dtype == np.float64
        assert PoincareBall().random(*size, rng=0, dtype="float64").dtype == np.float64

    def test_a_seed_repeats(self):
        ball = PoincareBall()
        assert np.array_equal(ball.random(5, 2, rng=3), ball.random(5, 2, rng=3))
        assert not np.array_equal(ball.random(5, 2, rng=3), ball.random(5, 2, rng=4))
        rng = np.random.default_rng(3)
        assert np.array_equal(ball.random(5, 2, rng=rng), ball.random(5, 2, rng=3))
        assert not np.array_equal(ball.random(5, 2, rng=rng), ball.random(5, 2, rng=3))
        gk.manual_seed(7)
        first = ball.random(5, 2)
        gk.manual_seed(7)
        assert np.array_equal(ball.random(5, 2), first)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @pytest.mark.parametrize("c", [1.0, np.array([0.01, 0.3, 100.0]), gk.nn.Parameter(0.5)])
    def test_lies_inside_however_wide(self, c, dtype):
        ball = PoincareBall(c)
        for std in (0.0, 1.0, 100.0):
            x = ball.random(200, 3, 2, std=std, rng=0, dtype=dtype)
            assert x.dtype == dtype
            assert np.isfinite(np.asarray(ball.dist0(x))).all()

    @pytest.mark.parametrize("c", [0.01, 1.0, 100.0])
    def test_distance_from_the_origin_is_chi_distributed(self, c):
        d, std = 3, 0.7
        ball = PoincareBall(c)
        x = ball.random(20_000, d, std=std, rng=0, dtype=np.float64)
        assert stats.kstest(ball.dist0(x) / std, stats.chi(d).cdf).pvalue > 0.01
        assert np.all(np.abs(x.mean(0)) < 5 * x.std() / np.sqrt(len(x)))

    def test_bad_arguments(self):
        with pytest.raises(ShapeError, match="random needs the shape of the result"):
            PoincareBall().random()
        with pytest.raises(DomainError, match="random needs a standard deviation std that is not negative, not -1"):
            PoincareBall().random(3, std=-1)
        with pytest.raises(DomainError, match="not nan"):
            PoincareBall().random(3, std=np.nan)


OUTSIDE = np.array([[0.1, 0.0, 0.0], [0.0, 1.5, 0.0]])
TAKES_POINTS = {
    name: call for name, call in METHODS.items() if name not in ("expmap0", "retr", "mobius_neg", "projx", "proju")
}


class TestErrors:
    @pytest.mark.parametrize("method", TAKES_POINTS)
    def test_a_point_outside_is_named_with_its_index(self, method):
        inside = np.zeros((2, 3))
        with pytest.raises(DomainError, match=r"\w+: \w\[1\] lies outside the ball: c\|\w\|\^2 is 2\.25") as caught:
            TAKES_POINTS[method](PoincareBall(), OUTSIDE, OUTSIDE, inside, np.ones(2))
        assert "projx" in str(caught.value)

    def test_pairwise_point_outside(self):
        with pytest.raises(DomainError, match=r"x\[1\] lies outside the ball"):
            PoincareBall().pairwise_dist(OUTSIDE)

    @pytest.mark.parametrize(
        "method", ["dist", "expmap", "logmap", "geodesic", "mobius_add", "gyration", "transp", "inner", "norm", "retr"]
    )
    def test_lengths_that_differ(self, method):
        with pytest.raises(ShapeError, match=method.replace("retr", "proju")):
            METHODS[method](PoincareBall(), np.zeros((4, 3)), np.zeros((4, 2)), np.zeros((4, 2)), 0.5)

    def test_shapes_that_do_not_broadcast(self):
        with pytest.raises(ShapeError, match=r"dist: the shapes x \(2, 3\), y \(4, 3\)"):
            PoincareBall().dist(np.zeros((2, 3)), np.zeros((4, 3)))
        with pytest.raises(ShapeError, match=r"c \(3,\)"):
            PoincareBall([1, 2, 3]).dist0(np.zeros((2, 3)))
        with pytest.raises(ShapeError, match="one c"):
            PoincareBall([1, 2]).pairwise_dist(np.zeros((2, 3)))
        with pytest.raises(ShapeError, match="mobius_matvec needs a matrix"):
            PoincareBall().mobius_matvec(np.zeros((2, 4)), np.zeros((2, 3)))

    @pytest.mark.parametrize("eps", [-0.1, 1.0, np.nan])
    def test_margin_of_the_projection(self, eps):
        with pytest.raises(DomainError, match=r"projx needs eps in \[0, 1\)"):
            PoincareBall().projx(np.zeros(3), eps=eps)

    def test_margin_is_relative_to_the_radius(self):
        for c in (0.01, 1.0, 100.0):
            x = directions(np.random.default_rng(0), 5, 3) / np.sqrt(c)
            pulled = PoincareBall(c).projx(x, eps=0.25)
            assert np.allclose(np.linalg.norm(pulled, axis=-1) * np.sqrt(c), 0.75, rtol=1e-15)
            assert np.array_equal(PoincareBall(c).projx(0.7 * x, eps=0.25), 0.7 * x)

    @pytest.mark.parametrize("method", METHODS)
    def test_nan_stays_nan(self, method):
        x, y, v, t = arguments()
        for value in (x, y, v):
            value[2] = np.nan
        out = METHODS[method](PoincareBall(0.5), x, y, v, t)
        assert np.isnan(out[2]).all()
        assert np.isfinite(np.delete(out, 2, 0)).all()

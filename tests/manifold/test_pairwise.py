"""All distances between two sets of points, in three models: accuracy, bits, gradients, errors."""

import mpmath
import numpy as np
import pytest
from mpmath import mp, mpf

import geomkern as gk
from geomkern.errors import DomainError, DTypeError, ShapeError
from geomkern_manifold.kernels import cpu, reference

MODELS = ("klein", "lorentz", "poincare")
DTYPES = (np.float32, np.float64)
# the largest distances from the origin, times sqrt(c), that the coordinates of each model can tell from the boundary
FARTHEST = {
    ("klein", np.float32): 7, ("klein", np.float64): 14, ("lorentz", np.float32): 28, ("lorentz", np.float64): 28,
    ("poincare", np.float32): 14, ("poincare", np.float64): 28,
}  # fmt: skip
BOUND = {np.float32: 4.8e-7, np.float64: 9e-16}  # four units in the last place


def dist(model, x, y, c):
    """The distance by the textbook's formula, to the precision of mpmath."""
    xx, yy, xy = mp.fdot(x, x), mp.fdot(y, y), mp.fdot(x, y)
    if model == "poincare":
        cosh = 1 + 2 * c * (xx + yy - 2 * xy) / ((1 - c * xx) * (1 - c * yy))
    elif model == "lorentz":
        cosh = c * (mp.sqrt(1 / c + xx) * mp.sqrt(1 / c + yy) - xy)
    else:
        cosh = (1 - c * xy) / mp.sqrt((1 - c * xx) * (1 - c * yy))
    return mp.acosh(max(cosh, mpf(1))) / mp.sqrt(c)


def exact(row):
    return [mpf(float(v)) for v in row]


def at(model, directions, r, c):
    """Points at the distances r/sqrt(c) from the origin."""
    length = {"poincare": lambda r: np.tanh(r / 2), "lorentz": np.sinh, "klein": np.tanh}[model](np.asarray(r))
    return directions * length[..., None] / np.sqrt(c)


def directions(rng, n, d):
    u = rng.standard_normal((n, d))
    return u / np.linalg.norm(u, axis=-1, keepdims=True)


def sample(model, rng, n, d, c=1.0, dtype=np.float64, farthest=2.5):
    return at(model, directions(rng, n, d), rng.uniform(0.05, farthest, n), c).astype(dtype)


def pairwise(model):
    return getattr(cpu, f"{model}_pairwise_dist")


def pairwise_vjp(model):
    return getattr(cpu, f"{model}_pairwise_dist_vjp")


@pytest.fixture
def threads():
    before = gk.get_num_threads()
    yield gk.set_num_threads
    gk.set_num_threads(before)


class TestAccuracy:
    @pytest.mark.parametrize("dtype", DTYPES)
    @pytest.mark.parametrize("model", MODELS)
    @pytest.mark.parametrize(("d", "c"), [(1, 1.0), (2, 0.013), (10, 1.0), (64, 7.3)])
    def test_near_far_and_at_the_boundary(self, model, d, c, dtype):
        rng = np.random.default_rng(d)
        farthest = FARTHEST[model, dtype]
        for radius in (1e-12, 1e-3, 1.0, 0.6 * farthest, farthest):
            u, r = directions(rng, 6, d), rng.uniform(0.9, 1.0, 6) * radius
            x = at(model, u, r, c).astype(dtype)
            partners = [-x, sample(model, rng, 6, d, c, dtype), 0 * x]
            for near in (1e-2, 1e-6):  # sideways and outwards
                v = u + near / np.sinh(r)[:, None] * directions(rng, 6, d)
                v /= np.linalg.norm(v, axis=-1, keepdims=True)
                partners.append(at(model, v, np.minimum(r * (1 + near / 2), farthest), c).astype(dtype))
            y = np.concatenate(partners)
            found = pairwise(model)(x, y, c)
            assert found.dtype == dtype
            with mpmath.workdps(90):
                for i in range(6):
                    for j in range(i, len(y), 6):
                        truth = dist(model, exact(x[i]), exact(y[j]), mpf(c))
                        assert abs(found[i, j] - truth) <= BOUND[dtype] * truth, (radius, i, j)

    @pytest.mark.parametrize("model", ["klein", "poincare"])
    def test_last_points_of_the_ball(self, model):
        x = np.array([[1 - 1e-12, 0.0], [0.6 * (1 - 1e-12), 0.8 * (1 - 1e-12)], [-(1 - 2**-53), 0.0]])
        found = pairwise(model)(x, x, 1.0)
        with mpmath.workdps(90):
            for i, j in ((0, 1), (0, 2), (1, 2)):
                truth = dist(model, exact(x[i]), exact(x[j]), mpf(1))
                assert abs(found[i, j] - truth) <= BOUND[np.float64] * truth

    @pytest.mark.parametrize("dtype", DTYPES)
    def test_extreme_coordinates(self, dtype):
        """Squares of these underflow or overflow."""
        large, small = (1e30, 1e-30) if dtype == np.float32 else (1e160, 1e-140)
        x = np.array([[large, 0.0], [0.0, -2 * large], [small, 0.0], [0.0, 2 * small], [2 * large, 0]], dtype)
        found = pairwise("lorentz")(x, x, 1.0)
        with mpmath.workdps(700):
            for i in range(5):
                for j in range(i + 1, 5):
                    truth = dist("lorentz", exact(x[i]), exact(x[j]), mpf(1))
                    assert abs(found[i, j] - truth) <= BOUND[dtype] * truth, (i, j)

    @pytest.mark.parametrize("model", MODELS)
    def test_nan_stays_with_its_point(self, model):
        x = sample(model, np.random.default_rng(0), 40, 3)
        x[17, 1] = np.nan
        found = pairwise(model)(x, x, 1.0)
        assert np.isnan(found[17]).all()
        assert np.isnan(found[:, 17]).all()
        assert np.isfinite(np.delete(np.delete(found, 17, 0), 17, 1)).all()

    @pytest.mark.parametrize("model", MODELS)
    def test_models_agree(self, model):
        """One configuration in three models, and away from the boundary the plain formulas."""
        u = directions(np.random.default_rng(3), 50, 4)
        r = np.random.default_rng(4).uniform(0, 3, 50)
        points, in_ball = at(model, u, r, 0.4), at("poincare", u, r, 0.4)
        found = pairwise(model)(points, points[::-1], 0.4)
        assert np.allclose(found, reference.poincare_pairwise_dist(in_ball, in_ball[::-1], 0.4), rtol=1e-12)
        plain = getattr(reference, f"{model}_pairwise_dist")(points, points[::-1], 0.4)
        assert np.allclose(found, plain, rtol=1e-11)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("model", MODELS)
class TestBits:
    @pytest.mark.parametrize("d", [1, 5, 16, 40])
    def test_one_set_is_two_equal_sets(self, model, dtype, d):
        for n in (1, 15, 16, 33, 64):  # odd and even circles of blocks
            x = sample(model, np.random.default_rng(n), n, d, dtype=dtype)
            x[n // 2 :][:3] = x[:3][: len(x[n // 2 :])]
            found = pairwise(model)(x, x, 1.0)
            assert np.array_equal(found, pairwise(model)(x, x.copy(), 1.0))
            assert np.array_equal(found, found.T)
            assert np.all(np.diag(found) == 0)

    def test_threads_slices_and_batches(self, model, dtype, threads):
        rng = np.random.default_rng(5)
        x = sample(model, rng, 3 * 130, 9, dtype=dtype).reshape(3, 130, 9)
        y = sample(model, rng, 211, 9, dtype=dtype)
        y[:40] = x[1, :40] * dtype(1 + 1e-6)  # near pairs, for the precise form
        g = rng.standard_normal((3, 130, 211))
        results = []
        for n in (1, 2, 3):
            threads(n)
            results.append([pairwise(model)(x, y, 0.5), *pairwise_vjp(model)(g, x, y, 0.5, (True,) * 3)])
        for other in results[1:]:
            assert all(np.array_equal(a, b) for a, b in zip(results[0], other, strict=True))
        assert np.array_equal(pairwise(model)(x[1, 7:99], y[5:], 0.5), results[0][0][1, 7:99, 5:])
        assert np.array_equal(pairwise(model)(np.asfortranarray(x[2])[::2], y[::-3], 0.5), results[0][0][2, ::2, ::-3])


@pytest.mark.parametrize("model", MODELS)
class TestGradients:
    def test_central_differences(self, model):
        rng = np.random.default_rng(6)
        x, y = sample(model, rng, 4, 3, 0.7), sample(model, rng, 5, 3, 0.7)
        g = rng.standard_normal((4, 5))
        found = pairwise_vjp(model)(g, x, y, 0.7, (True,) * 3)

        def slope(function, value, step=1e-6):
            out = np.empty(np.shape(value))
            for index in np.ndindex(np.shape(value)):
                ends = [np.array(value, float) for _ in range(2)]
                ends[0][index] += step
                ends[1][index] -= step
                out[index] = (g * (function(ends[0]) - function(ends[1]))).sum() / (2 * step)
            return out

        assert np.allclose(found[0], slope(lambda v: pairwise(model)(v, y, 0.7), x), rtol=1e-7, atol=1e-8)
        assert np.allclose(found[1], slope(lambda v: pairwise(model)(x, v, 0.7), y), rtol=1e-7, atol=1e-8)
        assert np.allclose(found[2], slope(lambda v: pairwise(model)(x, y, v), 0.7), rtol=1e-7, atol=1e-8)

    @pytest.mark.parametrize("near", [1.0, 1e-2, 1e-5])
    def test_near_and_far_out(self, model, near):
        """Against mpmath: neighbours close to the boundary, where the plain formulas have no digit left."""
        rng = np.random.default_rng(7)
        for radius in (0.0, 1e-4, 1.0, FARTHEST[model, np.float64] - 4.0):
            u = directions(rng, 1, 3)
            v = u + directions(rng, 1, 3) * near / max(np.sinh(radius), 0.1)
            v /= np.linalg.norm(v)
            points = [at(model, w, [r], 0.7)[0] for w, r in ((u, radius), (v, radius + near * min(radius + 0.1, 1)))]
            of_x, of_y, of_c = pairwise_vjp(model)(np.ones((1, 1)), points[0][None], points[1][None], 0.7, (True,) * 3)
            with mpmath.workdps(100):
                inputs = [*exact(points[0]), *exact(points[1]), mpf(0.7)]
                step, truth = mpf(10) ** -45, []
                for k in range(7):
                    up, down = ([v + s * step * (i == k) for i, v in enumerate(inputs)] for s in (1, -1))
                    ends = [dist(model, v[:3], v[3:6], v[6]) for v in (up, down)]
                    truth.append((ends[0] - ends[1]) / (2 * step))
                truth = np.array(truth, float)
            for gradient, oracle in ((of_x[0], truth[:3]), (of_y[0], truth[3:6]), (of_c, truth[6])):
                assert np.linalg.norm(gradient - oracle) <= 4e-15 * np.linalg.norm(oracle), radius

    def test_points_that_coincide_have_none(self, model):
        x = sample(model, np.random.default_rng(8), 20, 3)
        of_x, of_y, of_c = pairwise_vjp(model)(np.eye(20), x, x, 1.0, (True,) * 3)
        assert not of_x.any()
        assert not of_y.any()
        assert of_c == 0

    def test_only_what_is_wanted(self, model):
        x = sample(model, np.random.default_rng(9), 20, 3, dtype=np.float32)
        of_x, of_y, of_c = pairwise_vjp(model)(np.ones((20, 20)), x, x, 1.0, (True, False, False))
        assert of_x.dtype == np.float32
        assert of_y is None
        assert of_c is None


class TestErrors:
    @pytest.mark.parametrize("model", MODELS)
    def test_shapes(self, model):
        for x, y in ((np.zeros(3), np.zeros((2, 3))), (np.zeros((2, 3)), np.zeros((2, 4)))):
            with pytest.raises(ShapeError, match=f"{model}_pairwise_dist needs x"):
                pairwise(model)(x, y, 1.0)
        with pytest.raises(ShapeError, match="do not broadcast"):
            pairwise(model)(np.zeros((2, 4, 3)), np.zeros((3, 4, 3)), 1.0)
        with pytest.raises(ShapeError, match="one c"):
            pairwise(model)(np.zeros((2, 3)), np.zeros((2, 3)), np.ones(2))
        assert pairwise(model)(np.zeros((0, 3)), np.zeros((4, 3)), 1.0).shape == (0, 4)

    @pytest.mark.parametrize("c", [0.0, -1.0, np.inf, np.nan])
    def test_curvature(self, c):
        with pytest.raises(DomainError, match="c > 0"):
            pairwise("lorentz")(np.zeros((2, 3)), np.zeros((2, 3)), c)

    def test_numbers(self):
        with pytest.raises(DTypeError, match="x has dtype complex128"):
            pairwise("klein")(np.zeros((2, 3), complex), np.zeros((2, 3)), 1.0)

    @pytest.mark.parametrize("model", ["klein", "poincare"])
    def test_the_first_point_outside_is_named(self, model):
        y = np.zeros((40, 2))
        y[[19, 30]] = [1.5, 0], [2.0, 0]
        with pytest.raises(DomainError, match=r"y\[19\] lies outside the ball: c\|y\|\^2 is 2\.25, .*projx"):
            pairwise(model)(np.zeros((2, 2)), y, 1.0)
        with pytest.raises(DomainError, match=r"x\[0\] lies outside"):
            pairwise(model)(np.array([[1.0, 0.0]]), np.zeros((2, 2)), 1.0)

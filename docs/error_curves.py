"""Draw how wrong distances become near the boundary of the ball: here and in other libraries, against mpmath.

The libraries are geoopt, HypLL, geomstats and gensim; one that is not installed is left out, and said to be::

    pip install torch geoopt hypll geomstats gensim
    python docs/error_curves.py
"""

import importlib
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import mpmath
import numpy as np

from geomkern_manifold import PoincareBall

np.trapz = np.trapezoid  # noqa: NPY201 - geomstats 2.8 imports a name that NumPy 2.4 has dropped
PATH = Path(__file__).parent / "_static" / "error_curves.png"
PAIRS, D = 60, 10
GAPS = {np.float64: np.logspace(-1, -12, 12), np.float32: np.logspace(-1, -6, 11)}
mpmath.mp.dps = 60


def here(x, y):
    return PoincareBall().dist(x, y)


def arcosh(x, y):
    """Nickel and Kiela's formula as it stands."""
    delta, a, b = ((x - y) ** 2).sum(-1), 1 - (x**2).sum(-1), 1 - (y**2).sum(-1)
    return np.arccosh(1 + 2 * delta / (a * b))


def geoopt():
    import geoopt
    import torch

    def dist(x, y):
        ball = geoopt.PoincareBall(c=torch.tensor(1.0, dtype=torch.from_numpy(x).dtype))
        ball.isp_c.data.fill_(float(np.log(np.expm1(1.0))))
        return ball.dist(torch.from_numpy(x), torch.from_numpy(y)).detach().numpy()

    return dist


def hypll():
    import torch
    from hypll.manifolds.poincare_ball.math import diffgeom

    return lambda x, y: diffgeom.dist(torch.from_numpy(x), torch.from_numpy(y), c=torch.tensor(1.0)).numpy()


def geomstats():
    from geomstats.geometry.poincare_ball import PoincareBall as Theirs

    metric = Theirs(D).metric
    return lambda x, y: metric.dist(x, y)


def gensim():
    from gensim.models.poincare import PoincareKeyedVectors

    return lambda x, y: np.array([PoincareKeyedVectors.vector_distance(p, q) for p, q in zip(x, y, strict=True)])


def libraries():
    """Return the distance of every library that is installed."""
    found = {"geomkern": here, "arcosh formula": arcosh}
    for make in (geoopt, hypll, geomstats, gensim):
        try:
            importlib.import_module(make.__name__)
            found[make.__name__] = make()
        except (ImportError, AttributeError) as error:
            print(f"{make.__name__} is left out: {error}")
    return found


def pairs(gap, near, dtype, rng):
    """Return points at distance `gap` from the boundary, 0.1 apart in the metric if near, else in any directions."""
    u, w = (v / np.linalg.norm(v, axis=-1, keepdims=True) for v in rng.standard_normal((2, PAIRS, D)))
    x = (u * (1 - gap)).astype(dtype)
    y = (x + w * 0.1 * gap).astype(dtype) if near else (w * (1 - gap)).astype(dtype)
    keep = [i for i in range(PAIRS) if exact(x[i], y[i]) is not None]
    return x[keep], y[keep]


def exact(x, y):
    """Return the distance of the points as they are stored, or None where one of them is not inside."""
    x, y = ([mpmath.mpf(float(v)) for v in p] for p in (x, y))
    a, b = (1 - mpmath.fsum(v * v for v in p) for p in (x, y))
    if a <= 0 or b <= 0:
        return None
    return 2 * mpmath.asinh(mpmath.sqrt(mpmath.fsum((p - q) ** 2 for p, q in zip(x, y, strict=True)) / (a * b)))


def worst(dist, x, y):
    """Return the largest relative error; what is no number counts as all wrong."""
    with np.errstate(all="ignore"):
        computed = np.asarray(dist(x, y), np.float64)
    errors = [
        float(abs(mpmath.mpf(float(d)) - true) / true) if np.isfinite(d) else np.inf
        for d, true in zip(computed, map(exact, x, y), strict=True)
    ]
    return min(max(errors), 1e3)


def main():
    found = libraries()
    fig, axes = plt.subplots(2, 2, figsize=(10, 7.5), sharey=True, layout="constrained")
    for row, dtype in enumerate(GAPS):
        for column, near in enumerate((False, True)):
            ax, rng = axes[row, column], np.random.default_rng(0)
            curves = {name: [] for name in found}
            for gap in GAPS[dtype]:
                x, y = pairs(gap, near, dtype, rng)
                for name, dist in found.items():
                    curves[name].append(worst(dist, x, y))
            kind = f"{np.dtype(dtype).name}, points {'0.1 apart' if near else 'in any directions'}"
            for name, errors in curves.items():
                ours = name == "geomkern"
                ax.loglog(GAPS[dtype], errors, label=name, lw=2.6 if ours else 1.3, color="black" if ours else None)
                print(f"{kind:32} {name:15}", *(f"{e:.0e}" for e in errors))
            ax.axhline(np.finfo(dtype).eps, color="gray", lw=0.8, ls=":")
            ax.invert_xaxis()
            ax.set(title=kind, xlabel="distance from the boundary, $1 - |x|$", ylim=(1e-17, 2e3))
            ax.grid(alpha=0.3)
        axes[row, 0].set_ylabel("largest relative error")
    axes[1, 0].legend(loc="lower left", fontsize=9)
    fig.savefig(PATH, dpi=100)
    print(f"wrote {PATH}")


if __name__ == "__main__":
    main()

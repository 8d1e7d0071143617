"""Write geoopt_values.json: what geoopt computes where it is right, which test_geoopt_parity.py compares with.

Run it where geoopt and torch are installed::

    python tests/manifold/data/make_geoopt_values.py
"""

import json
from pathlib import Path

import geoopt
import numpy as np
import torch

torch.set_default_dtype(torch.float64)
PATH = Path(__file__).with_name("geoopt_values.json")
N, D = 6, 3


def gyro_operations(m, x, y, v, w, t):
    return {
        "dist": m.dist(x, y), "dist0": m.dist0(x), "expmap": m.expmap(x, v), "logmap": m.logmap(x, y),
        "expmap0": m.expmap0(v), "logmap0": m.logmap0(x), "mobius_add": m.mobius_add(x, y),
        "mobius_sub": m.mobius_sub(x, y), "mobius_coadd": m.mobius_coadd(x, y), "mobius_cosub": m.mobius_cosub(x, y),
        "mobius_scalar_mul": m.mobius_scalar_mul(t[:, None], x), "gyration": m.gyration(x, y, v),
        "mobius_pointwise_mul": m.mobius_pointwise_mul(w, x), "geodesic": m.geodesic(t[:, None], x, y),
        "geodesic_unit": m.geodesic_unit(t[:, None], x, v), "transp": m.transp(x, y, v), "transp0": m.transp0(x, v),
        "transp0back": m.transp0back(x, v), "inner": m.inner(x, v, w, keepdim=True)[..., 0], "norm": m.norm(x, v),
        "egrad2rgrad": m.egrad2rgrad(x, v), "lambda_x": m.lambda_x(x),
        "weighted_midpoint": m.weighted_midpoint(x, weights=t.abs()),
        "dist2plane": m.dist2plane(x, y, v), "dist2plane_signed": m.dist2plane(x, y, v, signed=True),
    }  # fmt: skip


def lorentz_operations(m, x, y, v, w, t):
    return {
        "dist": m.dist(x, y), "dist0": m.dist0(x), "expmap": m.expmap(x, v)[..., 1:], "logmap": m.logmap(x, y)[..., 1:],
        "geodesic_unit": m.geodesic_unit(t[:, None], x, v / m.norm(v, keepdim=True))[..., 1:],
        "transp": m.transp(x, y, v)[..., 1:], "inner": m.inner(x, v, w, keepdim=True)[..., 0], "norm": m.norm(v),
    }  # fmt: skip


def sphere_operations(m, x, y, v, w, t):
    return {
        "dist": m.dist(x, y), "expmap": m.expmap(x, v), "logmap": m.logmap(x, y),
        "inner": m.inner(x, v, w, keepdim=True)[..., 0], "norm": m.norm(x, v),
        "egrad2rgrad": m.egrad2rgrad(x, y), "proju": m.proju(x, y),
        "retr": m.retr(x, v),
    }  # fmt: skip


def numbers(values):
    return {name: value.detach().numpy().tolist() for name, value in values.items()}


def case(model, c, operations, manifold, x, y, v, w, t, stored=lambda a: a):
    inputs = {"x": stored(x), "y": stored(y), "v": stored(v), "w": stored(w), "t": t}
    return {"model": model, "c": c, "inputs": numbers(inputs), "results": numbers(operations(manifold, x, y, v, w, t))}


def main():
    rng, cases = np.random.default_rng(0), []
    for k in (-1.0, -0.3, 0.6):
        x, y = (torch.from_numpy(rng.uniform(-0.4, 0.4, (N, D)) / np.sqrt(abs(k))) for _ in range(2))
        v, w = (torch.from_numpy(rng.uniform(-0.3, 0.3, (N, D))) for _ in range(2))
        t = torch.from_numpy(rng.uniform(0.2, 1.5, N))
        manifold = geoopt.Stereographic(k=torch.tensor(k, dtype=torch.float64))
        cases.append(case("stereographic", k, gyro_operations, manifold, x, y, v, w, t))
    for c in (1.0, 0.25):
        manifold = geoopt.Lorentz(k=torch.tensor(1 / c, dtype=torch.float64))
        x, y = (manifold.projx(torch.from_numpy(rng.uniform(-1.5, 1.5, (N, D + 1)))) for _ in range(2))
        v, w = (manifold.proju(x, torch.from_numpy(rng.uniform(-1, 1, (N, D + 1)))) for _ in range(2))
        t = torch.from_numpy(rng.uniform(0.2, 1.5, N))
        cases.append(case("lorentz", c, lorentz_operations, manifold, x, y, v, w, t, lambda a: a[..., 1:]))
    manifold = geoopt.Sphere()
    x, y = (manifold.projx(torch.from_numpy(rng.standard_normal((N, D)))) for _ in range(2))
    v, w = (manifold.proju(x, torch.from_numpy(rng.uniform(-1, 1, (N, D)))) for _ in range(2))
    cases.append(case("sphere", 1.0, sphere_operations, manifold, x, y, v, w, torch.zeros(N)))
    PATH.write_text(json.dumps({"geoopt": geoopt.__version__, "torch": torch.__version__, "cases": cases}, indent=1))
    print(f"wrote {PATH}: {len(cases)} cases")


if __name__ == "__main__":
    main()

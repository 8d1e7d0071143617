"""What geoopt computes inside its range, stored by data/make_geoopt_values.py, is what the manifolds here compute."""

import json
from pathlib import Path

import numpy as np
import pytest

from geomkern_manifold import Lorentz, PoincareBall, Sphere, Stereographic

STORED = json.loads(Path(__file__).with_name("data").joinpath("geoopt_values.json").read_text())
CALLS = {
    "dist": lambda m, x, y, v, w, t: m.dist(x, y),
    "dist0": lambda m, x, y, v, w, t: m.dist0(x),
    "expmap": lambda m, x, y, v, w, t: m.expmap(x, v),
    "logmap": lambda m, x, y, v, w, t: m.logmap(x, y),
    "expmap0": lambda m, x, y, v, w, t: m.expmap0(v),
    "logmap0": lambda m, x, y, v, w, t: m.logmap0(x),
    "mobius_add": lambda m, x, y, v, w, t: m.mobius_add(x, y),
    "mobius_sub": lambda m, x, y, v, w, t: m.mobius_sub(x, y),
    "mobius_coadd": lambda m, x, y, v, w, t: m.mobius_coadd(x, y),
    "mobius_cosub": lambda m, x, y, v, w, t: m.mobius_cosub(x, y),
    "mobius_scalar_mul": lambda m, x, y, v, w, t: m.mobius_scalar_mul(t, x),
    "mobius_pointwise_mul": lambda m, x, y, v, w, t: m.mobius_pointwise_mul(w, x),
    "gyration": lambda m, x, y, v, w, t: m.gyration(x, y, v),
    "geodesic": lambda m, x, y, v, w, t: m.geodesic(t, x, y),
    "geodesic_unit": lambda m, x, y, v, w, t: m.geodesic_unit(t, x, v),
    "transp": lambda m, x, y, v, w, t: m.transp(x, y, v),
    "transp0": lambda m, x, y, v, w, t: m.transp0(x, v),
    "transp0back": lambda m, x, y, v, w, t: m.transp0back(x, v),
    "inner": lambda m, x, y, v, w, t: m.inner(x, v, w),
    "norm": lambda m, x, y, v, w, t: m.norm(x, v),
    "egrad2rgrad": lambda m, x, y, v, w, t: m.egrad2rgrad(x, y if m.model == "sphere" else v),
    "lambda_x": lambda m, x, y, v, w, t: m.lambda_x(x),
    "weighted_midpoint": lambda m, x, y, v, w, t: m.weighted_midpoint(x, np.abs(t)),
    "dist2plane": lambda m, x, y, v, w, t: m.dist2plane(x, y, v),
    "dist2plane_signed": lambda m, x, y, v, w, t: m.dist2plane(x, y, v, signed=True),
    "proju": lambda m, x, y, v, w, t: m.proju(x, y),
    "retr": lambda m, x, y, v, w, t: m.retr(x, v),
}


def manifolds(case):
    """Yield the manifolds that a case of geoopt's is about."""
    model, c = case["model"], case["c"]
    if model == "stereographic":
        yield Stereographic(c)
        if c < 0:
            yield PoincareBall(-c)
    else:
        yield {"lorentz": Lorentz, "sphere": Sphere}[model](c)


@pytest.mark.parametrize("case", STORED["cases"], ids=lambda case: f"{case['model']} {case['c']}")
@pytest.mark.parametrize("operation", CALLS)
def test_parity(case, operation):
    inputs = [np.array(case["inputs"][name]) for name in ("x", "y", "v", "w", "t")]
    for manifold in manifolds(case):
        if operation not in case["results"] or ("dist2plane" in operation and not isinstance(manifold, PoincareBall)):
            continue
        found = CALLS[operation](manifold, *inputs)
        assert np.allclose(found, case["results"][operation], rtol=1e-9, atol=1e-11), manifold

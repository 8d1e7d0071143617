"""Step for step where geoopt goes: its points after four steps, for the options that it has.

The numbers are those of geoopt 0.5 in float64, with PoincareBallExact for exponential maps and PoincareBall for
retractions. In one thing geoopt is wrong, and was corrected for the comparison: it begins the momentum buffer with the
Euclidean gradient, which is no tangent vector of the right length and stands in the buffer, times the momentum, beside
the Riemannian one. Here, as in PyTorch and in Bonnabel's algorithm with momentum, the first buffer is the first
gradient.
"""

import numpy as np
import pytest

import geomkern as gk
from geomkern_manifold import PoincareBall, RiemannianAdam, RiemannianSGD

START = np.array([[0.3, -0.2, 0.1], [0.5, 0.4, -0.3]])
TARGET = np.array([[-0.4, 0.1, 0.2], [0.2, -0.5, 0.1]])

ENDS = [
    (
        RiemannianSGD,
        False,
        {"lr": 0.3},
        [[-0.002478155224694, -0.071891401874, 0.1462609589727], [0.4379580554131, 0.194407533952, -0.2107885297883]],
    ),
    (
        RiemannianSGD,
        False,
        {"lr": 0.3, "weight_decay": 0.2},
        [[-0.01037085752933, -0.06544477110157, 0.1412603997325], [0.425937727645, 0.1822952678973, -0.2027443318475]],
    ),
    (
        RiemannianSGD,
        False,
        {"lr": 0.1, "momentum": 0.9},
        [[0.05091575143503, -0.0967872531742, 0.1426587549134], [0.4613739356613, 0.2534442900378, -0.2382727418997]],
    ),
    (
        RiemannianSGD,
        False,
        {"lr": 0.1, "momentum": 0.8, "nesterov": True},
        [[0.018303010916, -0.08244385683091, 0.1465847027458], [0.4517049193436, 0.2239015466563, -0.2252021553333]],
    ),
    (
        RiemannianSGD,
        False,
        {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1},
        [[0.09268279837613, -0.1125955107227, 0.1325082230693], [0.4649184937815, 0.2810049777436, -0.248641157175]],
    ),
    (
        RiemannianAdam,
        False,
        {"lr": 0.1},
        [[0.1328310414794, -0.1297916052086, 0.1267521689378], [0.4689225320893, 0.2915757041436, -0.2534994120776]],
    ),
    (
        RiemannianAdam,
        False,
        {"lr": 0.1, "betas": (0.7, 0.9), "weight_decay": 0.1},
        [[0.1334240922997, -0.1290069719225, 0.1245898515453], [0.4663049578281, 0.2922084092672, -0.2528377890317]],
    ),
    (
        RiemannianAdam,
        False,
        {"lr": 0.1, "betas": (0.5, 0.6), "amsgrad": True},
        [[0.1330119140214, -0.1294940120998, 0.1259761101783], [0.4677340466091, 0.2919010641702, -0.2532117035931]],
    ),
    (
        RiemannianSGD,
        True,
        {"lr": 0.3},
        [[0.00123126778635, -0.07195625762272, 0.1426812474591], [0.4349647429161, 0.2048942287484, -0.2132863238882]],
    ),
    (
        RiemannianSGD,
        True,
        {"lr": 0.3, "weight_decay": 0.2},
        [
            [-0.006527571337444, -0.06563174955071, 0.1377910704389],
            [0.4233981840959, 0.1942694087148, -0.2058891976036],
        ],
    ),
    (
        RiemannianSGD,
        True,
        {"lr": 0.1, "momentum": 0.9},
        [[0.0544737960738, -0.09672697592389, 0.138980155774], [0.4585012641374, 0.2602256215967, -0.239575628578]],
    ),
    (
        RiemannianSGD,
        True,
        {"lr": 0.1, "momentum": 0.8, "nesterov": True},
        [[0.02188660011788, -0.08233056563542, 0.142774531153], [0.4484158669906, 0.2323931496429, -0.2269363388778]],
    ),
    (
        RiemannianSGD,
        True,
        {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1},
        [[0.09546183414768, -0.112761474027, 0.1300611139063], [0.4633257957639, 0.2856099589548, -0.2496452515729]],
    ),
    (
        RiemannianAdam,
        True,
        {"lr": 0.1},
        [[0.1347993301121, -0.1300284769792, 0.1252576238463], [0.467768203739, 0.2950527373894, -0.2542736470428]],
    ),
    (
        RiemannianAdam,
        True,
        {"lr": 0.1, "betas": (0.7, 0.9), "weight_decay": 0.1},
        [[0.1354014860668, -0.1292880031484, 0.12317452023], [0.4653373360456, 0.2957279500337, -0.2536884286931]],
    ),
    (
        RiemannianAdam,
        True,
        {"lr": 0.1, "betas": (0.5, 0.6), "amsgrad": True},
        [[0.1349834105156, -0.1297624584081, 0.1245415063005], [0.4667189829715, 0.2953754665592, -0.2540314831769]],
    ),
]


@pytest.mark.parametrize(("kind", "retraction", "options", "end"), ENDS)
def test_four_steps(kind, retraction, options, end):
    x = gk.nn.Parameter(START.copy(), PoincareBall(0.9))
    optimizer = kind([x], retraction=retraction, **options)
    for _ in range(4):
        x.grad = gk.tensor(2 * (x.data - TARGET))
        optimizer.step()
    assert np.allclose(x.data, end, rtol=0, atol=2e-12)

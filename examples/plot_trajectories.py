"""
Watch gradient descent
======================

Points of one class come together and those of different classes keep their distance: their ways under Riemannian
gradient descent, in three models of the plane.
"""

# %%
# The classes are mixed at the beginning.
import matplotlib.pyplot as plt
import numpy as np

import geomkern as gk
from geomkern_manifold import PoincareBall, RiemannianSGD, plot

ball = PoincareBall(c=1.0)
label = np.arange(60) % 5
points = gk.nn.Parameter(ball.random(60, 2, std=0.7, dtype=np.float64, rng=0), manifold=ball)
i, j = np.triu_indices(60, 1)
alike = label[i] == label[j]

# %%
# The loss takes distances of the plane, and the optimiser moves the points along its geodesics; both find the manifold
# with the parameter. A copy of the points is kept after each step.
optimizer = RiemannianSGD([points], lr=1.0, momentum=0.7)
history, losses = [points.numpy().copy()], []
for _ in range(150):
    optimizer.zero_grad()
    distance = ball.dist(points[i], points[j])
    loss = (gk.where(alike, distance, gk.maximum(2.2 - distance, 0.0)) ** 2).mean()
    loss.backward()
    optimizer.step()
    history.append(points.numpy().copy())
    losses.append(loss.item())
print(f"loss {losses[0]:.3f} -> {losses[-1]:.3f}")

# %%
# The lines fade into the past. Steps that look small near the rim of the disk are long, as the tiles around them show,
# all of which have one size.
colours = np.array(["tab:blue", "tab:orange", "tab:green", "tab:red", "tab:purple"])[label]
fig = plt.figure(figsize=(12, 4.3), layout="constrained")
for place, view in enumerate(("disk", "half_plane", "hyperboloid")):
    ax = fig.add_subplot(1, 3, place + 1, projection="3d" if view == "hyperboloid" else None)
    plot.canvas(view, ax, title=view, distance=2.3)
    plot.tiling(7, 3, ax, alpha=0.2)
    plot.trajectories(history, ax, color=colours)

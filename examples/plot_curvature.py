"""
Learn the curvature
===================

Every operation has a gradient in the curvature, too.
"""

# %%
# Distances that were measured in a space of unknown curvature: which one explains them?
import matplotlib.pyplot as plt
import numpy as np

import geomkern as gk
from geomkern_manifold import PoincareBall

rng = np.random.default_rng(0)
tangents = rng.standard_normal((30, 2))


def distances(c):
    """Return the pairwise distances of the points at the ends of the tangents, in a space of curvature -c."""
    ball = PoincareBall(c)
    points = ball.expmap0(tangents)
    return ball.pairwise_dist(points, points)


measured = distances(0.6) + 0.01 * rng.standard_normal((30, 30))

# %%
# The curvature stays positive as the exponential of a free number. Adam finds it.
log_c = gk.nn.Parameter(np.zeros(()))
optimizer = gk.optim.Adam([log_c], lr=0.05)
path = []
for _ in range(120):
    optimizer.zero_grad()
    loss = ((distances(gk.exp(log_c)) - measured) ** 2).mean()
    loss.backward()
    optimizer.step()
    path.append(float(np.exp(log_c.item())))
print(f"curvature -{path[-1]:.3f}")

# %%
fig, ax = plt.subplots(figsize=(6, 3.5))
ax.axhline(0.6, color="0.7", lw=1)
ax.plot(path)
ax.set(xlabel="step", ylabel="c")
fig.tight_layout()

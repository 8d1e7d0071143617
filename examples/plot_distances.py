"""
Distances and maps on NumPy arrays
==================================

How far apart are points of the Poincaré disk, and what do straight lines look like there?
"""

# %%
# A ball holds a curvature; its methods take arrays of any leading shape, with the coordinates along the last axis.
import matplotlib.pyplot as plt
import numpy as np

from geomkern_manifold import PoincareBall

ball = PoincareBall(c=1.0)
x = np.array([0.1, 0.6])
y = np.array([[0.7, -0.1], [-0.5, -0.6], [0.0, 0.999999]])
print(ball.dist(x, y))

# %%
# The nearer to the rim, the longer the same step of the pen. Distances stay exact up to the rim: these two points are
# some 1e-12 from it.
rim = np.array([[1 - 1e-12, 0.0], [0.0, 1 - 1e-12]])
print(ball.dist(rim[0], rim[1]), ball.dist0(rim))

# %%
# The logarithm at x is the vector that leads from x to y along the straight line; the exponential map goes there.
v = ball.logmap(x, y)
print(np.abs(ball.expmap(x, v) - y).max())

# %%
# Straight lines bend towards the centre, where the space between two points is shorter. The rings around x are one unit
# apart: circles on paper, too, but not around x.
fig, ax = plt.subplots(figsize=(5, 5))
ax.add_patch(plt.Circle((0, 0), 1, fill=False, color="0.6"))
angles = np.linspace(0, 2 * np.pi, 200)
around = np.stack([np.cos(angles), np.sin(angles)], -1) / ball.lambda_x(x)
for radius in (1, 2, 3):
    ax.plot(*ball.expmap(x, radius * around).T, color="0.75", lw=0.8)
steps = np.linspace(0, 1, 200)
for end in y:
    ax.plot(*ball.geodesic(steps, x, end).T, lw=2)
ax.plot(*y.T, "o", color="0.2")
ax.plot(*x, "o", color="tab:red")
ax.set(xlim=(-1.05, 1.05), ylim=(-1.05, 1.05), aspect="equal")
ax.axis("off")
fig.tight_layout()

"""
Draw the hyperbolic plane
=========================

Tilings, straight lines, circles and functions, in four models of one plane.
"""

# %%
# Seven triangles at each vertex: too many for the Euclidean plane, as many as one likes for this one. All tiles are
# of one size; there is more and more room towards the rim. The colours show how far it is to the nearest of three
# points; lines of equal distance to two of them are straight.
import matplotlib.pyplot as plt
import numpy as np

from geomkern_manifold import PoincareBall, plot

ball = PoincareBall(c=1.0)
sites = np.array([[0.55, 0.25], [-0.45, 0.45], [0.05, -0.6]])


def nearest(x):
    return ball.pairwise_dist(x, sites).min(axis=-1)


fig, ax = plt.subplots(figsize=(8, 6.6), layout="constrained")
image = plot.heat(nearest, ax, manifold=ball, cmap="YlGnBu_r", clim=(0, 5))
plot.tiling(3, 7, ax, color="white", alpha=0.6)
plot.circles(sites[:, None], [0.4, 0.8], ax, edgecolor="white", linestyle="dotted")
plot.polygons(sites, ax, edgecolor="tab:orange", linewidth=2)
plot.points(sites, ax, color="tab:orange", s=50, edgecolor="white")
fig.colorbar(image, ax=ax, shrink=0.6, label="distance")

# %%
# The same plane in its other models. In the disk of Poincaré straight lines are arcs that meet the rim at right angles;
# in that of Klein they are straight; in the half-plane they are half-circles; on the hyperboloid they are cut out by
# planes through the origin of space. What is drawn appears in the model that the axes have been prepared for by
# :func:`~geomkern_manifold.plot.canvas`.
starts = ball.expmap0(0.4 * np.array([[np.cos(a), np.sin(a)] for a in np.arange(5) * 2 * np.pi / 5]))
fig = plt.figure(figsize=(9, 9), layout="constrained")
for place, view in enumerate(("disk", "klein", "half_plane", "hyperboloid")):
    ax = fig.add_subplot(2, 2, place + 1, projection="3d" if view == "hyperboloid" else None)
    plot.canvas(view, ax, title=view)
    plot.tiling(5, 4, ax, facecolors=["#f1e6d2", "#aebfd1"])
    plot.lines(starts, np.roll(starts, -1, axis=0), ax, color="tab:red", linewidth=1.5)
    plot.circles([0.0, 0.0], 1.0, ax, linewidth=1.5)

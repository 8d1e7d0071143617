"""
Train a hyperbolic layer
========================

A layer of the Poincaré ball in front of a linear one, trained like any other network.
"""

# %%
# The task: points of the 4-dimensional ball that hang off one of three centres near the rim, as the leaves of a tree
# hang off its branches.
import matplotlib.pyplot as plt
import numpy as np

import geomkern as gk
from geomkern_manifold import HyperbolicLinear, HyperbolicMLR, PoincareBall, RiemannianAdam

rng = np.random.default_rng(0)
ball = PoincareBall(c=1.0)
centres = ball.expmap0(1.2 * np.eye(4)[:3])
labels = rng.integers(3, size=300)
scatter = ball.random(300, 4, std=1.5, dtype=np.float64, rng=rng)
x = ball.mobius_add(centres[labels], scatter).astype(np.float32)


# %%
# The layer maps into a disk, so that one can look at it; there hyperbolic lines tell the classes apart. The lines of
# :class:`~geomkern_manifold.HyperbolicMLR` go through points of the disk, and
# :class:`~geomkern_manifold.RiemannianAdam` moves them as such; it moves the other parameters as Adam does.
class Classifier(gk.nn.Layer):
    def __init__(self):
        self.hidden = HyperbolicLinear(4, 2, ball, rng=1)
        self.out = HyperbolicMLR(2, 3, ball, rng=2)

    def forward(self, x):
        return self.out(self.hidden(x))


model = Classifier()
optimizer = RiemannianAdam(model.parameters(), lr=0.03)
losses = []
for _ in range(60):
    optimizer.zero_grad()
    loss = gk.nn.functional.cross_entropy(model(x), labels)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())

# %%
# Under :class:`~geomkern.no_grad` a layer takes arrays and returns arrays.
with gk.no_grad():
    hidden = model.hidden(x)
    accuracy = (model(x).argmax(-1) == labels).mean()
print(f"loss {losses[0]:.3f} -> {losses[-1]:.3f}, accuracy {accuracy:.3f}")

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 4.2))
left.plot(losses)
left.set(xlabel="step", ylabel="cross-entropy")
right.add_patch(plt.Circle((0, 0), 1, fill=False, color="0.6"))
right.scatter(*hidden.T, c=labels, s=12, cmap="viridis")
right.set(xlim=(-1.05, 1.05), ylim=(-1.05, 1.05), aspect="equal", title="the hidden points")
right.axis("off")
fig.tight_layout()

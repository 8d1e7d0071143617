"""
Embed a hierarchy
=================

From a list of edges to a picture and figures of quality.
"""

# %%
# Edges are pairs of a child and its parent. A hierarchy is best given with all its ancestors: each node paired with
# everything above it, as here for a small tree of life.
import matplotlib.pyplot as plt

from geomkern_manifold import plot
from geomkern_manifold.embedding import HyperbolicEmbedding

parents = {
    "mammal": "animal", "bird": "animal", "fish": "animal",
    "carnivore": "mammal", "primate": "mammal", "rodent": "mammal", "whale": "mammal",
    "cat": "carnivore", "dog": "carnivore", "bear": "carnivore", "seal": "carnivore",
    "lemur": "primate", "gorilla": "primate", "human": "primate",
    "mouse": "rodent", "squirrel": "rodent", "beaver": "rodent",
    "owl": "bird", "duck": "bird", "heron": "bird", "penguin": "bird",
    "trout": "fish", "shark": "fish", "eel": "fish",
}  # fmt: skip


def ancestors(node):
    while node in parents:
        node = parents[node]
        yield node


edges = [(child, above) for child in parents for above in ancestors(child)]

# %%
# The estimator speaks scikit-learn's dialect.
model = HyperbolicEmbedding(dim=2, epochs=300, negatives=10, rng=0, deterministic=True).fit(edges)
print(model.embedding_.shape, model.evaluate())

# %%
# The root lies in the middle, the leaves near the rim, and each branch has a sector of its own.
fig, ax = plt.subplots(figsize=(7, 7))
plot.embedding(model, ax)
fig.tight_layout()

"""Write gensim.txt, gensim.bin and gensim_values.json: points as gensim saves them, and what it answers about them.

Run it where gensim is installed::

    python tests/manifold/data/make_gensim_values.py
"""

import json
from pathlib import Path

import numpy as np
from gensim.models.poincare import PoincareKeyedVectors

FOLDER = Path(__file__).parent
NAMES = ["animal", "mammal", "dog", "cat", "wolf", "Löwe", "entity"]

rng = np.random.default_rng(0)
points = rng.normal(size=(len(NAMES), 3))
points *= np.array([0.3, 0.6, 0.9, 0.95, 0.999, 0.97, 0.05])[:, None] / np.linalg.norm(points, axis=1, keepdims=True)
written = PoincareKeyedVectors(3, 0, dtype=np.float64)
written.add_vectors(NAMES, points)
written.save_word2vec_format(FOLDER / "gensim.txt", binary=False)
written.save_word2vec_format(FOLDER / "gensim.bin", binary=True)

kv = PoincareKeyedVectors.load_word2vec_format(FOLDER / "gensim.txt", datatype=np.float64)
pairs = [(u, v) for u in NAMES for v in NAMES if u != v]
values = {
    "distances": [kv.distances(name).tolist() for name in NAMES],
    "distances_to": kv.distances("cat", ["dog", "wolf"]).tolist(),
    "distance": [float(kv.distance(u, v)) for u, v in pairs],
    "similarity": [float(kv.similarity(u, v)) for u, v in pairs],
    "most_similar": [  # the first name would be its own neighbour
        [(name, float(d)) for name, d in kv.most_similar(u, topn=3)] for u in NAMES[1:]
    ],
    "most_similar_to_given": kv.most_similar_to_given("cat", ["wolf", "dog", "entity"]),
    "closer_than": [kv.closer_than(u, v) for u, v in pairs],
    "rank": [kv.rank(u, v) for u, v in pairs],
    "norm": [float(kv.norm(name)) for name in NAMES],
    "difference_in_hierarchy": [float(kv.difference_in_hierarchy(u, v)) for u, v in pairs],
    "closest_parent": [kv.closest_parent(name) for name in NAMES],
    "closest_child": [kv.closest_child(name) for name in NAMES],
    "ancestors": [kv.ancestors(name) for name in NAMES],
    "descendants": kv.descendants("entity", max_depth=1),  # fails where a node without children is reached
}
with (FOLDER / "gensim_values.json").open("w") as file:
    json.dump({"names": NAMES, **values}, file, indent=1, ensure_ascii=False)
    file.write("\n")

"""Training embeddings of the built-in hierarchy: pairs a second (pairs = positives + negatives), and the evaluation."""

from geomkern_manifold.embedding import HyperbolicEmbedding, read_edges


class Mammals:
    params = [[2, 10, 50], [False, True]]
    param_names = ["dimension", "deterministic"]

    def setup(self, dimension, deterministic):
        self.edges = read_edges("mammals")
        self.model = HyperbolicEmbedding(dimension, epochs=100, negatives=50, rng=0, deterministic=deterministic)
        self.model.fit(self.edges)

    def track_pairs_per_second(self, *_):
        return self.model.pairs_ / self.model.seconds_

    def time_evaluate(self, *_):
        self.model.evaluate()


Mammals.track_pairs_per_second.unit = "pairs/s"

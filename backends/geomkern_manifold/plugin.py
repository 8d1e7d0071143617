"""What the backend brings, as data; geomkern finds it through the entry point ``manifold``."""

from geomkern.backends import Backend

backend = Backend(
    name="manifold",
    summary="Hyperbolic geometry: the Poincaré ball, its layers and optimisers, embeddings of hierarchies",
    layers={"PoincareLinear": "geomkern_manifold.layers:PoincareLinear"},
    kernels={"cpu": "geomkern_manifold.kernels.cpu", "reference": "geomkern_manifold.kernels.reference"},
    commands={"embed": "geomkern_manifold.embedding.command"},
)

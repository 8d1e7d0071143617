"""What the backend brings, as data; geomkern finds it through the entry point ``manifold``."""

from geomkern.backends import Backend

backend = Backend(
    name="manifold",
    summary="Hyperbolic geometry: the Poincaré ball, its layers and optimisers, embeddings of hierarchies",
    layers={
        "HyperbolicBatchNorm": "geomkern_manifold.layers:HyperbolicBatchNorm",
        "HyperbolicLinear": "geomkern_manifold.layers:HyperbolicLinear",
        "HyperbolicMLR": "geomkern_manifold.layers:HyperbolicMLR",
        "LorentzLinear": "geomkern_manifold.layers:LorentzLinear",
        "PoincareFC": "geomkern_manifold.layers:PoincareFC",
        "PoincareLinear": "geomkern_manifold.layers:HyperbolicLinear",
        "UnidirectionalMLR": "geomkern_manifold.layers:UnidirectionalMLR",
    },
    kernels={"cpu": "geomkern_manifold.kernels.cpu", "reference": "geomkern_manifold.kernels.reference"},
    commands={"embed": "geomkern_manifold.embedding.command"},
)

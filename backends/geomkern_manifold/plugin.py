"""What the backend brings, as data; geomkern finds it through the entry point ``manifold``."""

from geomkern.backends import Backend

backend = Backend(
    name="manifold",
    summary="Hyperbolic and constant-curvature geometry: manifolds, layers, optimisers, embeddings of hierarchies",
    layers={
        "AnchorGeodesicActivation": "geomkern_manifold.layers:AnchorGeodesicActivation",
        "BusemannFeatures": "geomkern_manifold.layers:BusemannFeatures",
        "DynamicCurvature": "geomkern_manifold.layers:DynamicCurvature",
        "FromManifold": "geomkern_manifold.layers:FromManifold",
        "GeodesicInterp": "geomkern_manifold.layers:GeodesicInterp",
        "HyperButterfly": "geomkern_manifold.layers:HyperButterfly",
        "HyperbolicAttention": "geomkern_manifold.layers:HyperbolicAttention",
        "HyperbolicBatchNorm": "geomkern_manifold.layers:HyperbolicBatchNorm",
        "HyperbolicGRUCell": "geomkern_manifold.layers:HyperbolicGRUCell",
        "HyperbolicGraphConv": "geomkern_manifold.layers:HyperbolicGraphConv",
        "HyperbolicLinear": "geomkern_manifold.layers:HyperbolicLinear",
        "HyperbolicMLR": "geomkern_manifold.layers:HyperbolicMLR",
        "LorentzLinear": "geomkern_manifold.layers:LorentzLinear",
        "PoincareFC": "geomkern_manifold.layers:PoincareFC",
        "PoincareLinear": "geomkern_manifold.layers:HyperbolicLinear",
        "TangentActivation": "geomkern_manifold.layers:TangentActivation",
        "ToManifold": "geomkern_manifold.layers:ToManifold",
        "UnidirectionalMLR": "geomkern_manifold.layers:UnidirectionalMLR",
    },
    kernels={"cpu": "geomkern_manifold.kernels.cpu", "reference": "geomkern_manifold.kernels.reference"},
    commands={
        "embed": "geomkern_manifold.embedding.commands.embed",
        "evaluate": "geomkern_manifold.embedding.commands.evaluate",
        "plot": "geomkern_manifold.embedding.commands.plot",
        "query": "geomkern_manifold.embedding.commands.query",
    },
)

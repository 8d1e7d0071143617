"""What this package brings to geomkern."""

from geomkern.backends import Backend

backend = Backend(
    name="manifold",
    summary="Hyperbolic and constant-curvature geometry",
    commands={"embed": "geomkern_manifold.embedding.command"},
)

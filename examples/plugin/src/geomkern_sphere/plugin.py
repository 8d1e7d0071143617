"""What this package brings, as data; geomkern finds it through the entry point ``sphere``."""

from geomkern.backends import Backend

backend = Backend(
    name="sphere",
    summary="Directions: angles between vectors, and a classifier by angle",
    layers={"AngularPrototypes": "geomkern_sphere.layers:AngularPrototypes"},
    kernels={"cpu": "geomkern_sphere.kernels.cpu", "reference": "geomkern_sphere.kernels.reference"},
)

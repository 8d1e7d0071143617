"""The kernels: ``cpu`` is compiled, ``reference`` defines each in plain NumPy."""

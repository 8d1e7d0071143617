"""The verbs of the ``geomkern`` command that embed hierarchies and ask about them."""

"""Draw the picture of the README and of the landing page: the mammals of WordNet, embedded in the Poincaré disk.

The embedding is deterministic, so the picture is the same everywhere but for the version of matplotlib::

    python docs/picture.py
"""

from io import BytesIO
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
from PIL import Image

from geomkern_manifold import plot
from geomkern_manifold.embedding import HyperbolicEmbedding, read_edges

PATH = Path(__file__).parent / "_static" / "mammals.png"
INCHES, DOTS_PER_INCH, COLOURS = 9, 100, 128

model = HyperbolicEmbedding(dim=2, rng=0, deterministic=True).fit(read_edges("mammals"))
fig, ax = plt.subplots(figsize=(INCHES, INCHES), facecolor=plot.PAPER)
fig.subplots_adjust(0, 0, 1, 1)
plot.embedding(model, ax)
drawn = BytesIO()
fig.savefig(drawn, dpi=DOTS_PER_INCH)
Image.open(drawn).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(PATH, optimize=True)
print(f"wrote {PATH}, {PATH.stat().st_size:,} bytes")

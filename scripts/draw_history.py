"""Draw the history of a mosaic of ten simulated science windows, computed from nothing.

``python -m scripts.draw_history``
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import oda_widgets as oda

DOCS = Path(__file__).parents[1] / "docs"


def main() -> None:
    """Compute the mosaic in a store of its own, and draw its history."""
    with TemporaryDirectory() as folder:
        os.environ["ODA_WIDGETS_CACHE_FOLDER"] = folder
        site = oda.connect(archive="simulated")
        windows = site.science_windows("Crab", "2003-01-01", "2005-01-01", limit=10)
        image = site.image("Crab", windows, energy=(20, 40))
        image.provenance.figure(columns=2).savefig(DOCS / "history.png", dpi=200)


if __name__ == "__main__":
    main()

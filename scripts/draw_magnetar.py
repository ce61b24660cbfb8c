"""Draw the first picture of the README: the bursts of a magnetar, and their spectrum with a fit.

``python -m scripts.draw_magnetar``
"""

from __future__ import annotations

from pathlib import Path

import oda_widgets as oda

DOCS = Path(__file__).parents[1] / "docs"
MAGNETAR = "SGR 1935+2154"
SIGMA = 5.0  # of a tenth of a second that is counted as a burst


def main() -> None:
    """Cut the bursts out of the bundled window, fit two black bodies, and draw."""
    site = oda.connect(archive="sample")
    catalog = oda.SourceCatalog.of([MAGNETAR])
    curve = site.light_curves(catalog=catalog, energy=(28, 80), time_bin=0.1)[MAGNETAR]
    bursts = curve.intervals(above=0, significance=SIGMA)
    spectrum = site.spectra(catalog=catalog, intervals=bursts)[MAGNETAR]
    fit = spectrum.fit("bbodyrad + bbodyrad", energy=(34, 150))
    fit.save(DOCS / "magnetar.png", dpi=150, overwrite=True)


if __name__ == "__main__":
    main()

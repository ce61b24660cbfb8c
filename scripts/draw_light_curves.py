"""Draw the pictures of docs/light_curves.md and docs/spi_acs.md: bursts, years of a source, a GRB.

``python -m scripts.draw_light_curves``
"""

from __future__ import annotations

from pathlib import Path

import oda_widgets as oda

DOCS = Path(__file__).parents[1] / "docs"
MAGNETAR = "SGR 1935+2154"
_WINDOWS = 60


def draw_bursts() -> None:
    """Draw the light curve of the magnetar in the bundled window."""
    site = oda.connect(archive="sample")
    catalog = oda.SourceCatalog.of([MAGNETAR])
    curve = site.light_curves(catalog=catalog, energy=(28, 80), time_bin=1)[MAGNETAR]
    curve.save(DOCS / "curve_bursts.png", columns=2, dpi=150, overwrite=True)


def draw_years() -> None:
    """Draw two bands of the Crab over the years of the simulated mission."""
    site = oda.connect(archive="simulated")
    windows = site.science_windows("Crab", radius=8, limit=_WINDOWS, seed=0)
    catalog = oda.SourceCatalog.of(["Crab"])
    soft, hard = (
        site.light_curves(windows, catalog=catalog, energy=band, time_bin=10_000)["Crab"]
        for band in ((30, 100), (100, 300))
    )
    options = {"others": hard.rebin(days=30), "norm": "mean", "fit": "constant"}
    path = DOCS / "curve_years.png"
    soft.rebin(days=30).save(path, columns=2, dpi=150, overwrite=True, **options)


def draw_grb() -> None:
    """Draw GRB 230307A in the bundled light curve of SPI-ACS."""
    site = oda.connect(archive="sample")
    span = {"start": "2023-03-07T15:41:10", "stop": "2023-03-07T15:50"}
    curve = site.light_curves(instrument="spi_acs", time_bin=0.1, **span)["SPI-ACS"]
    curve.burst().save(DOCS / "grb230307a.png", columns=2, dpi=150, overwrite=True)


if __name__ == "__main__":
    draw_bursts()
    draw_years()
    draw_grb()

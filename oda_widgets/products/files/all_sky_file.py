"""All-sky maps as files: a table with a row for each HEALPix pixel, as healpy reads and writes."""

from __future__ import annotations

from typing import Any

import numpy as np
from astropy.io import fits

from oda_widgets.arrays import Singles
from oda_widgets.products.all_sky import AllSky
from oda_widgets.products.files.cards import Card, append_cards
from oda_widgets.products.files.catalog_hdu import catalog_hdu
from oda_widgets.products.files.observation_keywords import (
    mission_cards,
    observation_tables,
    primary_hdu,
    simulated_card,
)

UNSEEN = np.float32(-1.6375e30)
"""What HEALPix programs put where there are no data."""

_MAPS = (
    ("SIGNIFICANCE", "significance", ""),
    ("INTENSITY", "intensity", "count/s"),
    ("VARIANCE", "variance", "count**2/s**2"),
    ("EXPOSURE", "exposure", "s"),
)


def all_sky_hdus(sky: AllSky, history: tuple[str, ...] = ()) -> list[Any]:
    """Return an all-sky map as the HDUs of a file."""
    return [
        primary_hdu(sky.observation, history, None),
        _map_hdu(sky),
        catalog_hdu(sky.catalog, "CATALOGUE"),
        *observation_tables(sky.observation),
    ]


def _map_hdu(sky: AllSky) -> fits.BinTableHDU:
    columns = [
        fits.Column(name, "E", unit=unit or None, array=_filled(getattr(sky, field)))
        for name, field, unit in _MAPS
    ]
    hdu = fits.BinTableHDU.from_columns(columns, name="ALLSKY")
    cards: list[Card] = [
        ("PIXTYPE", "HEALPIX", "pixels of equal area"),
        ("ORDERING", "RING", "numbered ring by ring from the north"),
        ("COORDSYS", "G", "Galactic coordinates"),
        ("NSIDE", sky.nside, "pixels along the side of a base pixel"),
        ("FIRSTPIX", 0, "number of the first pixel"),
        ("LASTPIX", sky.grid.size - 1, "number of the last pixel"),
        ("INDXSCHM", "IMPLICIT", "one row for each pixel, in order"),
        ("OBJECT", "FULLSKY", "coverage of the table"),
        ("BAD_DATA", float(UNSEEN), "value of pixels without data"),
        ("E_MIN", sky.energy.low, "[keV] lower energy limit"),
        ("E_MAX", sky.energy.high, "[keV] upper energy limit"),
        *mission_cards(sky.observation.instrument, sky.observation.telescope),
        simulated_card(simulated=sky.observation.simulated),
    ]
    append_cards(hdu.header, cards)
    return hdu


def _filled(values: Singles) -> Singles:
    return np.where(np.isfinite(values), values, UNSEEN)

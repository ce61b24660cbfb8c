"""Read and write all-sky maps: a table of HEALPix pixels in order, as healpy uses."""

from __future__ import annotations

from math import isqrt
from typing import Any

import numpy as np
from astropy.io import fits

from oda_widgets.arrays import Singles
from oda_widgets.errors import DamagedFile, shorten
from oda_widgets.products.all_sky import AllSky
from oda_widgets.products.files.band_keywords import read_band
from oda_widgets.products.files.cards import Card, append_cards, card_value, text_value
from oda_widgets.products.files.catalog_columns import catalog_of
from oda_widgets.products.files.catalog_hdu import catalog_hdu, read_table
from oda_widgets.products.files.container import damage_reported, decode, tables
from oda_widgets.products.files.observation_keywords import (
    observation_cards,
    observation_tables,
    primary_hdu,
    read_observation,
)
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.paths import PathLike

UNSEEN = np.float32(-1.6375e30)
"""Value of pixels without data in HEALPix programs."""

_MAPS = (
    ("SIGNIFICANCE", "significance", ""),
    ("INTENSITY", "intensity", "count/s"),
    ("VARIANCE", "variance", "count**2/s**2"),
    ("EXPOSURE", "exposure", "s"),
)
_CATALOGUE = "CATALOGUE"
_MOST_ROWS = 12 * 512**2
"""Largest number of pixels with one in each row; beyond it rows hold 1024, as in healpy."""

_IN_A_ROW = 1024
_WRITTEN_BY_US = "Give the file of a survey of oda_widgets, as it was written."
_OF_OTHERS = "healpy.read_map reads maps of other programs."


def all_sky_hdus(sky: AllSky, history: tuple[str, ...] = ()) -> list[Any]:
    """Return an all-sky map as the HDUs of a file."""
    return [
        primary_hdu(sky.observation, history, None),
        _map_hdu(sky),
        catalog_hdu(sky.catalog, _CATALOGUE),
        *observation_tables(sky.observation),
    ]


def _map_hdu(sky: AllSky) -> fits.BinTableHDU:
    in_a_row = 1 if sky.grid.size <= _MOST_ROWS else _IN_A_ROW
    columns = [
        fits.Column(
            name,
            "E" if in_a_row == 1 else f"{in_a_row}E",
            unit=unit or None,
            array=_in_rows(_with_unseen(getattr(sky, field)), in_a_row),
        )
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
        ("INDXSCHM", "IMPLICIT", "all pixels, in order"),
        ("OBJECT", "FULLSKY", "coverage of the table"),
        ("BAD_DATA", float(UNSEEN), "value of pixels without data"),
        ("E_MIN", sky.energy.low, "[keV] lower energy limit"),
        ("E_MAX", sky.energy.high, "[keV] upper energy limit"),
        *observation_cards(sky.observation),
    ]
    append_cards(hdu.header, cards)
    return hdu


def _with_unseen(values: Singles) -> Singles:
    return np.where(np.isfinite(values), values, UNSEEN)


def _in_rows(values: Singles, in_a_row: int) -> Singles:
    return values if in_a_row == 1 else values.reshape(-1, in_a_row)


def is_all_sky(hdu: Any) -> bool:
    """Return whether a table states that it has HEALPix pixels, from any program."""
    return (text_value(hdu.header, "PIXTYPE") or "").upper() == "HEALPIX"


def read_all_sky(path: PathLike | fits.HDUList) -> AllSky:
    """Read an all-sky map from a file or its HDUs (see `AllSky.read`)."""
    hdus = decode(path)
    with damage_reported(path):
        return _all_sky(hdus, _pixel_table(hdus))


def _all_sky(hdus: fits.HDUList, table: fits.BinTableHDU) -> AllSky:
    band = read_band(table.header)
    if band is None:
        problem = "The table of its pixels states no band (E_MIN and E_MAX)."
        raise DamagedFile(problem, _WRITTEN_BY_US)
    pixels = {field: _pixels(table, name) for name, field, _ in _MAPS[1:]}
    _check_pixels(pixels, table.header)
    catalog = catalog_of(read_table(hdus[_CATALOGUE])) if _CATALOGUE in hdus else SourceCatalog()
    return AllSky(
        **pixels,
        energy=band,
        catalog=catalog,
        observation=read_observation(hdus, table.header),
    )


def _pixel_table(hdus: fits.HDUList) -> fits.BinTableHDU:
    """Return the table of the pixels, after checking that this package can read its form."""
    found = [hdu for hdu in tables(hdus) if is_all_sky(hdu)]
    if len(found) != 1:
        problem = f"It has {len(found)} tables of HEALPix pixels (PIXTYPE = HEALPIX), not one."
        raise DamagedFile(problem, _WRITTEN_BY_US)
    (table,) = found
    missing = [name for name, *_ in _MAPS[1:] if name not in table.columns.names]
    if missing:
        has = ", ".join(table.columns.names[:8])
        problem = f"It is a HEALPix map without {', '.join(missing)}: its columns are {has}."
        raise DamagedFile(problem, f"{_OF_OTHERS} {_WRITTEN_BY_US}")
    for keyword, ours in (("ORDERING", "RING"), ("COORDSYS", "G")):
        stated = text_value(table.header, keyword)
        if (stated or "").upper() != ours:
            problem = f"It is a HEALPix map with {keyword} = {shorten(stated)}, not {ours}."
            raise DamagedFile(problem, f"{_OF_OTHERS} {_WRITTEN_BY_US}")
    if (text_value(table.header, "INDXSCHM") or "IMPLICIT").upper() != "IMPLICIT":
        problem = "It is a HEALPix map of some pixels only (INDXSCHM = EXPLICIT)."
        raise DamagedFile(problem, f"{_OF_OTHERS} {_WRITTEN_BY_US}")
    return table


def _pixels(table: fits.BinTableHDU, name: str) -> Singles:
    """Return the pixels of a map; NaN where there are no data."""
    values = np.asarray(table.data[name], np.float32).reshape(-1)
    return np.where(values == UNSEEN, np.float32(np.nan), values)


def _check_pixels(pixels: dict[str, Singles], header: fits.Header) -> None:
    """Check that the pixels cover the whole sky, and that their errors are possible."""
    number = len(pixels["intensity"])
    side = isqrt(number // 12)
    if not number or number != 12 * side**2 or side & (side - 1):
        problem = f"It has {number:,} pixels, which no HEALPix map of the whole sky has."
        raise DamagedFile(problem, _WRITTEN_BY_US)
    stated = card_value(header, "NSIDE")
    if isinstance(stated, bool) or stated != side:
        problem = f"It states NSIDE = {shorten(stated)} and has {number:,} pixels, those of {side}."
        raise DamagedFile(problem, _WRITTEN_BY_US)
    seen = np.isfinite(pixels["intensity"])
    if not np.array_equal(seen, np.isfinite(pixels["variance"])):
        problem = "Some pixels have an intensity without a variance, or the reverse."
        raise DamagedFile(problem, _WRITTEN_BY_US)
    if not np.all(pixels["variance"][seen] > 0) or not np.all(pixels["exposure"] >= 0):
        problem = "Some pixels have a variance of 0 or below, or no exposure."
        raise DamagedFile(problem, _WRITTEN_BY_US)

"""Write responses as OGIP files: redistribution matrix (RMF) and effective area (ARF)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from oda_widgets.products.files.cards import Card, append_cards
from oda_widgets.products.files.columns import (
    compact_column,
    integer_column,
)
from oda_widgets.products.files.container import encode
from oda_widgets.products.files.observation_keywords import label_simulated, mission_cards
from oda_widgets.products.files.redistribution import pack
from oda_widgets.products.files.suffixes import is_compressed
from oda_widgets.products.response import Response

_MATRIX_CARDS: tuple[Card, ...] = (
    ("HDUCLAS3", "REDIST", "redistribution only: the area is in the ARF"),
    ("CHANTYPE", "PI", "channels are those of reconstructed energy"),
    ("LO_THRES", 0.0, "lowest value stored"),
    ("EFFAREA", 1.0, "area scaling factor"),
)


def response_contents(response: Response, rmf: Path, arf: Path) -> dict[Path, bytes]:
    """Return the contents of the two files of a response, last the RMF, which names the ARF."""
    matrix, area = response_hdus(response, arf.name)
    return {
        arf: encode(area, compress=is_compressed(arf)),
        rmf: encode(matrix, compress=is_compressed(rmf)),
    }


def response_hdus(response: Response, arf_name: str) -> tuple[list[Any], list[Any]]:
    """Return a response as the HDUs of its two files, the RMF and the ARF."""
    matrix = [fits.PrimaryHDU(), _bounds_hdu(response), _matrix_hdu(response, arf_name)]
    area = [fits.PrimaryHDU(), _area_hdu(response)]
    for primary in (matrix[0], area[0]):
        append_cards(primary.header, mission_cards(response.instrument, response.telescope))
        if response.simulated:
            label_simulated(primary.header)
    return matrix, area


def _bounds_hdu(response: Response) -> fits.BinTableHDU:
    n_channels = len(response.channel_low)
    columns = [
        integer_column("CHANNEL", np.arange(n_channels) + response.first_channel),
        compact_column("E_MIN", response.channel_low, "keV"),
        compact_column("E_MAX", response.channel_high, "keV"),
    ]
    hdu = fits.BinTableHDU.from_columns(columns, name="EBOUNDS")
    cards: list[Card] = [
        *_response_cards(response, "EBOUNDS", "1.2.0"),
        ("CHANTYPE", "PI", "channels are those of reconstructed energy"),
        ("DETCHANS", n_channels, "number of channels"),
        *_legal_channels(1, response),
    ]
    append_cards(hdu.header, cards)
    return hdu


def _matrix_hdu(response: Response, arf_name: str) -> fits.BinTableHDU:
    packed = pack(response.redistribution, response.first_channel)
    columns = [*_energy_columns(response), *packed]
    hdu = fits.BinTableHDU.from_columns(columns, name="SPECRESP MATRIX")
    n_energies, n_channels = response.redistribution.shape
    cards: list[Card] = [
        *_response_cards(response, "RSP_MATRIX", "1.3.0"),
        *_MATRIX_CARDS,
        ("ANCRFILE", arf_name, "the ARF that belongs to it"),
        ("RESPORIG", response.origin, "where the response comes from"),
        ("DETCHANS", n_channels, "number of channels"),
        ("NUMGRP", n_energies, "number of runs of channels"),
        ("NUMELT", n_energies * n_channels, "number of elements"),
        *_legal_channels(4, response),
    ]
    append_cards(hdu.header, cards)
    return hdu


def _area_hdu(response: Response) -> fits.BinTableHDU:
    columns = [*_energy_columns(response), compact_column("SPECRESP", response.area, "cm**2")]
    hdu = fits.BinTableHDU.from_columns(columns, name="SPECRESP")
    append_cards(hdu.header, _response_cards(response, "SPECRESP", "1.1.0"))
    return hdu


def _energy_columns(response: Response) -> list[fits.Column]:
    return [
        compact_column("ENERG_LO", response.energy_low, "keV"),
        compact_column("ENERG_HI", response.energy_high, "keV"),
    ]


def _response_cards(response: Response, kind: str, format_version: str) -> list[Card]:
    return [
        ("HDUCLASS", "OGIP", "format conforms to OGIP standard"),
        ("HDUDOC", "OGIP CAL/GEN/92-002", "document of the format"),
        ("HDUCLAS1", "RESPONSE", "spectral response"),
        ("HDUCLAS2", kind, "kind of response data"),
        ("HDUVERS", format_version, "version of the format"),
        ("FILTER", "NONE", "no filter"),
        *mission_cards(response.instrument, response.telescope),
    ]


def _legal_channels(column: int, response: Response) -> list[Card]:
    last = response.first_channel + len(response.channel_low) - 1
    return [
        (f"TLMIN{column}", response.first_channel, "lowest legal channel"),
        (f"TLMAX{column}", last, "highest legal channel"),
    ]

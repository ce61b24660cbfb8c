"""Responses as OGIP files: the redistribution matrix (RMF) and the effective area (ARF)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from oda_widgets.errors import BadParameter, DamagedFile
from oda_widgets.products.files.atomic import write_files
from oda_widgets.products.files.cards import Card, append_cards, text_value
from oda_widgets.products.files.columns import (
    compact_column,
    integer_column,
    needed_column,
    needed_floats,
)
from oda_widgets.products.files.companions import companion
from oda_widgets.products.files.container import damage_reported, decode, encode, tables
from oda_widgets.products.files.observation_keywords import mission_cards
from oda_widgets.products.files.redistribution import pack, unpack
from oda_widgets.products.files.suffixes import FITS, PathLike, path_with_suffix, sibling
from oda_widgets.products.response import Response

# Rows of a pure redistribution sum to 1 at most; 4-byte rounding and calibration noise exceed it
# by less than this.
_LARGEST_PROBABILITY = 1.01
_MATRIX_NAMES = ("SPECRESP MATRIX", "MATRIX", "ISGR-RMF.-RSP")
_BOUNDS_NAMES = ("EBOUNDS", "ISGR-EBDS-MOD")
_AREA_NAMES = ("SPECRESP", "ISGR-ARF.-RSP")


def write_response(response: Response, path: PathLike, *, overwrite: bool) -> None:
    """Write a response (see `Response.write`)."""
    rmf, _ = path_with_suffix(path, FITS)
    arf = sibling(rmf, "_arf")
    write_files(response_contents(response, rmf, arf), overwrite=overwrite)


def response_contents(response: Response, rmf: Path, arf: Path) -> dict[Path, bytes]:
    """Return the content of the two files of a response, the RMF last: it names the ARF."""
    area = [fits.PrimaryHDU(), _area_hdu(response)]
    matrix = [fits.PrimaryHDU(), _bounds_hdu(response), _matrix_hdu(response, arf.name)]
    for primary in (area[0], matrix[0]):
        append_cards(primary.header, mission_cards("isgri"))
    return {
        arf: encode(area, compress=arf.suffix.lower() == ".gz"),
        rmf: encode(matrix, compress=rmf.suffix.lower() == ".gz"),
    }


def read_response(rmf: PathLike, arf: PathLike | None) -> Response:
    """Read a response (see `Response.read`)."""
    hdus = decode(rmf)
    with damage_reported(rmf):
        bare = _read_matrix(hdus)
        table = _find(hdus, "RSP_MATRIX", _MATRIX_NAMES, "redistribution matrix")
    if arf is None and not _holds_area(table, bare):
        arf = companion(table.header, "ANCRFILE", rmf, "arf")
    if arf is None:
        return _with_area_taken_out(bare)
    return _with_area(bare, arf)


def _bounds_hdu(response: Response) -> fits.BinTableHDU:
    n_channels = len(response.channel_low)
    channels = np.arange(n_channels) + response.first_channel
    columns = [
        integer_column("CHANNEL", channels),
        compact_column("E_MIN", response.channel_low, "keV"),
        compact_column("E_MAX", response.channel_high, "keV"),
    ]
    hdu = fits.BinTableHDU.from_columns(columns, name="EBOUNDS")
    append_cards(
        hdu.header,
        [
            *_response_cards("EBOUNDS", "1.2.0"),
            ("CHANTYPE", "PI", "channels are those of reconstructed energy"),
            ("DETCHANS", n_channels, "number of channels"),
            *_legal_channels(1, response),
        ],
    )
    return hdu


def _matrix_hdu(response: Response, arf_name: str) -> fits.BinTableHDU:
    columns = [
        *_energy_columns(response),
        *pack(response.redistribution, response.first_channel),
    ]
    n_energies, n_channels = response.redistribution.shape
    hdu = fits.BinTableHDU.from_columns(columns, name=_MATRIX_NAMES[0])
    append_cards(
        hdu.header,
        [
            *_response_cards("RSP_MATRIX", "1.3.0"),
            ("HDUCLAS3", "REDIST", "redistribution only: the area is in the ARF"),
            ("ANCRFILE", arf_name, "the ARF that belongs to it"),
            ("RESPORIG", response.origin, "where the response comes from"),
            ("CHANTYPE", "PI", "channels are those of reconstructed energy"),
            ("DETCHANS", n_channels, "number of channels"),
            ("NUMGRP", n_energies, "number of runs of channels"),
            ("NUMELT", n_energies * n_channels, "number of elements"),
            ("LO_THRES", 0.0, "lowest value stored"),
            ("EFFAREA", 1.0, "area scaling factor"),
            *_legal_channels(4, response),
        ],
    )
    return hdu


def _area_hdu(response: Response) -> fits.BinTableHDU:
    columns = [*_energy_columns(response), compact_column("SPECRESP", response.area, "cm**2")]
    hdu = fits.BinTableHDU.from_columns(columns, name=_AREA_NAMES[0])
    append_cards(hdu.header, _response_cards("SPECRESP", "1.1.0"))
    return hdu


def _energy_columns(response: Response) -> list[fits.Column]:
    return [
        compact_column("ENERG_LO", response.energy_low, "keV"),
        compact_column("ENERG_HI", response.energy_high, "keV"),
    ]


def _response_cards(kind: str, format_version: str) -> list[Card]:
    return [
        ("HDUCLASS", "OGIP", "format conforms to OGIP standard"),
        ("HDUDOC", "OGIP CAL/GEN/92-002", "document of the format"),
        ("HDUCLAS1", "RESPONSE", "spectral response"),
        ("HDUCLAS2", kind, "kind of response data"),
        ("HDUVERS", format_version, "version of the format"),
        ("FILTER", "NONE", "no filter"),
        *mission_cards("isgri"),
    ]


def _legal_channels(column: int, response: Response) -> list[Card]:
    last = response.first_channel + len(response.channel_low) - 1
    return [
        (f"TLMIN{column}", response.first_channel, "lowest legal channel"),
        (f"TLMAX{column}", last, "highest legal channel"),
    ]


def _read_matrix(hdus: fits.HDUList) -> Response:
    """Return what the RMF says, with its matrix as it stands and an area of 1."""
    bounds = _find(hdus, "EBOUNDS", _BOUNDS_NAMES, "bounds of the channels")
    table = _find(hdus, "RSP_MATRIX", _MATRIX_NAMES, "redistribution matrix")
    channels = np.asarray(needed_column(bounds, "CHANNEL"), dtype=int)
    _refuse_gaps(channels)
    first_channel = int(channels[0])
    low, high = needed_floats(table, "ENERG_LO"), needed_floats(table, "ENERG_HI")
    return Response(
        energy_low=low,
        energy_high=high,
        channel_low=needed_floats(bounds, "E_MIN"),
        channel_high=needed_floats(bounds, "E_MAX"),
        redistribution=unpack(table, len(channels), first_channel),
        area=np.ones(len(low)),
        first_channel=first_channel,
        origin=text_value(table.header, "RESPORIG", "FILENAME") or "",
    )


def _find(hdus: fits.HDUList, kind: str, names: tuple[str, ...], what: str) -> fits.BinTableHDU:
    """Return a table by its HDUCLAS2, or where that is missing by its name."""
    for hdu in tables(hdus):
        if str(hdu.header.get("HDUCLAS2", "")).strip().upper() == kind:
            return hdu
    for hdu in tables(hdus):
        if hdu.name in names:
            return hdu
    problem = f"There is no table of the {what} in it (HDUCLAS2 = {kind})."
    raise DamagedFile(problem, "Give an OGIP response file.")


def _refuse_gaps(channels: NDArray[np.int_]) -> None:
    if not len(channels) or np.any(np.diff(channels) != 1):
        problem = "Its channels (table EBOUNDS) do not count up one by one."
        raise DamagedFile(problem, "Give an OGIP response file.")


def _holds_area(table: fits.BinTableHDU, bare: Response) -> bool:
    """Return whether the effective area is inside the matrix.

    HDUCLAS3 should say it; ISDC's matrices leave it blank or unknown, but a row that sums to
    hundreds (cm2) is no probability.
    """
    stated = str(table.header.get("HDUCLAS3", "")).strip().upper()
    if stated in {"FULL", "DETECTOR"}:
        return True
    return stated != "REDIST" and _exceeds_probability(bare)


def _exceeds_probability(bare: Response) -> bool:
    return bool(np.any(bare.redistribution.sum(axis=1) > _LARGEST_PROBABILITY))


def _with_area_taken_out(bare: Response) -> Response:
    """Return the response with the sums of its rows moved from the matrix to the area.

    Folding gives the same either way. Apart, the area can be plotted, compared with the ARFs of
    other epochs and corrected, and the matrix is what its name says: probabilities.
    """
    sums = bare.redistribution.sum(axis=1)
    # A row of zeros is no probability; it stays as it is, with no area.
    divisors = np.where(sums == 0, 1.0, sums)
    return _replaced(bare, bare.redistribution / divisors[:, np.newaxis], bare.area * sums)


def _with_area(bare: Response, arf: PathLike) -> Response:
    hdus = decode(arf)
    with damage_reported(arf):
        table = _find(hdus, "SPECRESP", _AREA_NAMES, "effective area")
        area = needed_floats(table, "SPECRESP")
        energies = needed_floats(table, "ENERG_LO")
    if len(area) != len(bare.area):
        limit = f"has {len(area)} energies where the matrix has {len(bare.area)}"
        raise BadParameter("arf", str(arf), limit, "Give the ARF made for this RMF.")
    if not np.allclose(energies, bare.energy_low, rtol=1e-3):
        limit = "its energies are not those of the matrix"
        raise BadParameter("arf", str(arf), limit, "Give the ARF made for this RMF.")
    # MMODA's OSA 11 pairs a full matrix with an ARF of ones: the area is the product of both.
    whole = _with_area_taken_out(bare) if _exceeds_probability(bare) else bare
    return _replaced(whole, whole.redistribution, whole.area * area)


def _replaced(
    response: Response, redistribution: NDArray[np.float64], area: NDArray[np.float64]
) -> Response:
    return Response(
        energy_low=response.energy_low,
        energy_high=response.energy_high,
        channel_low=response.channel_low,
        channel_high=response.channel_high,
        redistribution=redistribution,
        area=area,
        first_channel=response.first_channel,
        origin=response.origin,
    )

"""Reading OGIP responses: whatever their tables are called, wherever the area is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from oda_widgets.errors import BadParameter, DamagedFile
from oda_widgets.products.files.cards import SIMULATED_KEYWORD, text_value
from oda_widgets.products.files.columns import needed_column, needed_floats
from oda_widgets.products.files.companions import companion
from oda_widgets.products.files.container import damage_reported, decode, label_of, tables
from oda_widgets.products.files.redistribution import unpack
from oda_widgets.products.response import Response
from oda_widgets.request.paths import PathLike

# Rows of a pure redistribution sum to 1 at most; 4-byte rounding and calibration noise exceed it
# by less than this.
_LARGEST_PROBABILITY = 1.01
_MATRIX_NAMES = ("SPECRESP MATRIX", "MATRIX", "ISGR-RMF.-RSP")
_BOUNDS_NAMES = ("EBOUNDS", "ISGR-EBDS-MOD")
# JEM-X's RMFs carry the area on axis beside the matrix.
_AREAS_WITHIN = ("JMX1-AXIS-ARF", "JMX2-AXIS-ARF")
_AREA_NAMES = ("SPECRESP", "ISGR-ARF.-RSP", *_AREAS_WITHIN)


def read_response(
    rmf: PathLike | fits.HDUList, arf: PathLike | fits.HDUList | None = None
) -> Response:
    """Read a response from files or their HDUs (see `Response.read`)."""
    hdus = decode(rmf)
    with damage_reported(rmf):
        bare = _read_matrix(hdus)
        table = _find(hdus, "RSP_MATRIX", _MATRIX_NAMES, "redistribution matrix")
    if arf is None and not _holds_area(table, bare):
        within = any(hdu.name in _AREAS_WITHIN for hdu in tables(hdus))
        arf = rmf if within else companion(table.header, "ANCRFILE", rmf, "arf")
    if arf is None:
        return _with_area_taken_out(bare)
    return _with_area(bare, arf)


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
        simulated=bool(hdus[0].header.get(SIMULATED_KEYWORD, False)),
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
    other epochs and corrected, and the matrix holds probabilities.
    """
    sums = bare.redistribution.sum(axis=1)
    # A row of zeros is no probability; it stays as it is, with no area.
    divisors = np.where(sums == 0, 1.0, sums)
    redistribution = bare.redistribution / divisors[:, np.newaxis]
    return replace(bare, redistribution=redistribution, area=bare.area * sums)


def _with_area(bare: Response, arf: PathLike | fits.HDUList) -> Response:
    hdus = decode(arf)
    with damage_reported(arf):
        table = _find(hdus, "SPECRESP", _AREA_NAMES, "effective area")
        area = needed_floats(table, "SPECRESP")
        energies = needed_floats(table, "ENERG_LO")
    if len(area) != len(bare.area):
        limit = f"has {len(area)} energies where the matrix has {len(bare.area)}"
        raise BadParameter("arf", label_of(arf), limit, "Give the ARF made for this RMF.")
    if not np.allclose(energies, bare.energy_low, rtol=1e-3):
        limit = "its energies are not those of the matrix"
        raise BadParameter("arf", label_of(arf), limit, "Give the ARF made for this RMF.")
    # MMODA's OSA 11 pairs a full matrix with an ARF of ones: the area is the product of both.
    whole = _with_area_taken_out(bare) if _exceeds_probability(bare) else bare
    return replace(whole, area=whole.area * area)

"""Read OGIP responses with any names of tables, and with the area in any place."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.errors import BadParameter, DamagedFile, FileWarning
from oda_widgets.products.files.cards import SIMULATED_KEYWORD, float_value, text_value
from oda_widgets.products.files.choosing import listed
from oda_widgets.products.files.columns import (
    check_rows,
    needed_column,
    needed_floats,
    needed_integers,
)
from oda_widgets.products.files.companions import companion, numbered_path
from oda_widgets.products.files.container import damage_reported, decode, label_of, tables
from oda_widgets.products.files.energy_bins import SLIGHT, Block, added, adjoined
from oda_widgets.products.files.observation_keywords import instrument_of, telescope_of
from oda_widgets.products.files.redistribution import unpack
from oda_widgets.products.files.spectrum_rows import row_of
from oda_widgets.products.files.units import column_unit, converted, floats_in, unit_of
from oda_widgets.products.response import MATRIX_NOISE, Response
from oda_widgets.request.paths import PathLike

# Rows of a pure redistribution sum to 1 at most, apart from 4-byte rounding and calibration noise.
_LARGEST_PROBABILITY = 1.01
# Areas may be negative by this fraction of the largest: those of ISGRI in OSA 10 reach 3.4 % above
# 870 keV, and its matrices were made for them.
_AREA_BELOW = 0.05
# TSTART and TSTOP of a header, in mission seconds.
Span = tuple[float, float]
_MATRIX_NAMES = ("SPECRESP MATRIX", "MATRIX", "ISGR-RMF.-RSP")
_BOUNDS_NAMES = ("EBOUNDS", "ISGR-EBDS-MOD")
# RMFs of JEM-X hold the on-axis area beside the matrix.
_AREAS_WITHIN = ("JMX1-AXIS-ARF", "JMX2-AXIS-ARF")
_AREA_NAMES = ("SPECRESP", "ISGR-ARF.-RSP", *_AREAS_WITHIN)


def read_response(
    rmf: PathLike | fits.HDUList,
    arf: PathLike | fits.HDUList | Literal[False] | None = None,
    *,
    span: Span | None = None,
    row: int | None = None,
) -> Response:
    """Read a response from files or their HDUs (see `Response.read`).

    Parameters
    ----------
    rmf
        File of the matrix; ``name{2}`` is the second of several matrices.
    arf
        File of the effective area; False for none, so that it is 1 cm2 unless the matrix includes
        it.
    span
        TSTART and TSTOP of the spectrum, to choose the matrix with the largest overlap among
        matrices for several times (rsp2).
    row
        Area to choose, from 1, if the file has several (ARF of type II).
    """
    path, number = numbered_path(rmf)
    hdus = decode(path)
    with damage_reported(path):
        blocks = matrices(hdus)
        if not blocks:
            problem = (
                "There is no table of the redistribution matrix in it (HDUCLAS2 = RSP_MATRIX)."
            )
            raise DamagedFile(problem, "Give an OGIP response file.")
    chosen = _choose_blocks(blocks, number, path, span)
    with damage_reported(path):
        bare = _read_matrix(hdus, chosen)
    table = chosen[0]
    if arf is None and not _holds_area(table, bare):
        within = any(hdu.name in _AREAS_WITHIN for hdu in tables(hdus))
        arf = path if within else companion(table.header, "ANCRFILE", path, "arf")
    if arf:
        return adjoined(_with_area(bare, arf, row))
    return adjoined(_with_separate_area(bare) if _holds_area(table, bare) else bare)


def matrices(hdus: fits.HDUList) -> list[fits.BinTableHDU]:
    """Return the tables of redistribution matrices."""
    return _find_all(hdus, "RSP_MATRIX", _MATRIX_NAMES)


def _choose_blocks(
    blocks: list[fits.BinTableHDU],
    number: int | None,
    path: PathLike | fits.HDUList,
    span: Span | None,
) -> list[fits.BinTableHDU]:
    """Return the blocks that add up to one matrix.

    Blocks for the same time add up (OGIP 2020, XRISM); those for different times are alternatives
    (GBM).
    """
    spans = [tuple(float_value(t.header, key) for key in ("TSTART", "TSTOP")) for t in blocks]
    if number is None and len(set(spans)) <= 1 and "RSP_NUM" not in blocks[0].header:
        return blocks
    if number is None and len(blocks) == 1:
        return blocks
    if number is None and span is not None:
        number = _number_at(spans, span, path)
    if number is None or not 1 <= number <= len(blocks):
        limit = f"has {len(blocks)} matrices for different times"
        known = listed(f"{n}: {first} to {last}" for n, (first, last) in enumerate(spans, 1))
        advice = f'Choose one by its number, as in rmf="name{{1}}": {known}.'
        raise BadParameter("rmf", label_of(path), limit, advice)
    return [blocks[number - 1]]


def _number_at(spans: list[Any], span: Span, path: PathLike | fits.HDUList) -> int | None:
    """Return the number of the matrix that overlaps most with a spectrum in time, or None."""
    shared = [
        0.0 if None in each else min(each[1], span[1]) - max(each[0], span[0]) for each in spans
    ]
    best = int(np.argmax(shared))
    if shared[best] <= 0:
        return None
    text = (
        f"{label_of(path)} has matrices for {len(spans)} times: number {best + 1} is that of the "
        f"spectrum ({spans[best][0]:.10g} to {spans[best][1]:.10g})."
    )
    warnings.warn(text, FileWarning, stacklevel=5)
    return best + 1


def _read_matrix(hdus: fits.HDUList, blocks: list[fits.BinTableHDU]) -> Response:
    """Return the response in an RMF, with its matrix as stored and an area of 1."""
    bounds = _bounds(hdus, blocks[0])
    channels = needed_integers(bounds, "CHANNEL")
    order = np.argsort(channels, kind="stable")
    _check_numbering(channels[order])
    channel_low, channel_high = _edges(bounds, "E_MIN", "E_MAX")
    wide = channel_high > channel_low
    check_rows(channel_high, wide, "E_MAX of EBOUNDS", "a channel ends above its E_MIN")
    _check_bounds(channel_low, channel_high)
    first_channel = int(channels[order[0]])
    parts = [_block(block, len(channels), first_channel) for block in blocks]
    low, high, redistribution = added(parts)
    header = blocks[0].header
    return Response(
        energy_low=low,
        energy_high=high,
        channel_low=channel_low[order],
        channel_high=channel_high[order],
        redistribution=redistribution,
        area=np.ones(len(low)),
        first_channel=first_channel,
        origin=text_value(header, "RESPORIG", "FILENAME") or "",
        simulated=bool(hdus[0].header.get(SIMULATED_KEYWORD, False)),
        telescope=telescope_of(header),
        instrument=_instrument(header),
    )


def _check_bounds(low: Floats, high: Floats) -> None:
    """Check that channels do not overlap and do not lie below 0 keV."""
    check_rows(high, high > 0, "E_MAX of EBOUNDS", "energies are above 0")
    order = np.argsort(low, kind="stable")
    low, high = low[order], high[order]
    narrower = np.minimum(high - low, np.roll(high - low, -1))[:-1]
    overlap = high[:-1] - low[1:]
    wrong = np.flatnonzero(overlap > SLIGHT * narrower)
    if len(wrong):
        n = wrong[0]
        problem = (
            f"Channels of EBOUNDS overlap: {low[n]:g} to {high[n]:g} keV and {low[n + 1]:g} to "
            f"{high[n + 1]:g} keV."
        )
        raise DamagedFile(problem, "Correct E_MIN and E_MAX, or make the response again.")
    if np.any(low < 0):
        text = f"The lowest channel of EBOUNDS begins at {low[0]:g} keV, below 0."
        warnings.warn(text, FileWarning, stacklevel=5)


def _instrument(header: fits.Header) -> str:
    """Return the instrument of a response, ISGRI if not stated."""
    return instrument_of(header) if text_value(header, "INSTRUME") else "isgri"


def _block(table: fits.BinTableHDU, n_channels: int, first_channel: int) -> Block:
    low, high = _edges(table, "ENERG_LO", "ENERG_HI")
    check_rows(low, low >= 0, "ENERG_LO", "energies are 0 or more")
    matrix = unpack(table, n_channels, first_channel)
    stated = _area_unit(table)
    if stated is not None:
        matrix = converted(matrix, stated, "cm**2", "the column MATRIX")
    _check_matrix(matrix)
    order = np.argsort(low, kind="stable")
    return low[order], high[order], matrix[order]


def _check_matrix(matrix: Floats) -> None:
    """Check that a matrix holds probabilities; noise may make some slightly negative."""
    lowest = np.min(matrix, axis=1, initial=np.inf)
    worst = np.where(np.isfinite(matrix).all(axis=1), lowest, np.nan)
    least = -MATRIX_NOISE * _largest(matrix)
    check_rows(worst, worst >= least, "MATRIX", "probabilities are 0 or more")
    if not np.any(matrix > 0):
        problem = "The column MATRIX is nowhere above 0: no photon would be counted."
        raise DamagedFile(problem, "Give an OGIP response file.")


def _largest(values: Floats) -> float:
    return float(np.max(values, initial=0.0, where=np.isfinite(values)))


def _area_unit(table: fits.BinTableHDU) -> Any:
    """Return the unit of a matrix that includes the area; None for a pure redistribution."""
    try:
        unit = unit_of(column_unit(table, "MATRIX"), "the column MATRIX")
    except DamagedFile:
        return None
    return unit if unit is not None and unit.is_equivalent("cm**2") else None


def _edges(table: fits.BinTableHDU, low: str, high: str) -> tuple[Floats, Floats]:
    """Return the edges of bins in keV; edges of wavelengths are exchanged."""
    first, second = floats_in(table, low, "keV"), floats_in(table, high, "keV")
    for name, values in ((low, first), (high, second)):
        check_rows(values, np.isfinite(values), name, "energies are finite")
    return np.minimum(first, second), np.maximum(first, second)


def _bounds(hdus: fits.HDUList, matrix: fits.BinTableHDU) -> fits.BinTableHDU:
    """Return the table of channel bounds with the EXTVER of the matrix, or the first one."""
    found = _find_all(hdus, "EBOUNDS", _BOUNDS_NAMES)
    if not found:
        problem = "There is no table of the bounds of the channels in it (HDUCLAS2 = EBOUNDS)."
        raise DamagedFile(problem, "Give an OGIP response file.")
    return next((table for table in found if table.ver == matrix.ver), found[0])


def _find(hdus: fits.HDUList, kind: str, names: tuple[str, ...], what: str) -> fits.BinTableHDU:
    """Return a table by its HDUCLAS2, or if that is missing by its name."""
    found = _find_all(hdus, kind, names)
    if found:
        return found[0]
    problem = f"There is no table of the {what} in it (HDUCLAS2 = {kind})."
    raise DamagedFile(problem, "Give an OGIP response file.")


def _find_all(hdus: fits.HDUList, kind: str, names: tuple[str, ...]) -> list[fits.BinTableHDU]:
    """Return tables by their HDUCLAS2, or if none states it by their names."""
    stated = [t for t in tables(hdus) if (text_value(t.header, "HDUCLAS2") or "").upper() == kind]
    return stated or [t for t in tables(hdus) if t.name in names]


def _check_numbering(channels: NDArray[np.int_]) -> None:
    """Check that channels count up one by one."""
    if not len(channels) or np.any(np.diff(channels) != 1):
        problem = "Its channels (table EBOUNDS) do not count up one by one."
        raise DamagedFile(problem, "Give an OGIP response file.")


def _holds_area(table: fits.BinTableHDU, bare: Response) -> bool:
    """Return whether the matrix includes the effective area.

    HDUCLAS3 should say so. In matrices of the ISDC it is blank or unknown, but rows that sum to
    hundreds (cm2) are not probabilities.
    """
    stated = str(table.header.get("HDUCLAS3", "")).strip().upper()
    if stated in {"FULL", "DETECTOR"}:
        return True
    return stated != "REDIST" and _exceeds_probability(bare)


def _exceeds_probability(bare: Response) -> bool:
    return bool(np.any(bare.redistribution.sum(axis=1) > _LARGEST_PROBABILITY))


def _with_separate_area(bare: Response) -> Response:
    """Return a response with the sums of its rows moved from the matrix to the area.

    Folding gives the same result. Separated, the area can be plotted, corrected and compared with
    ARFs of other epochs, and the matrix holds probabilities.
    """
    sums = bare.redistribution.sum(axis=1)
    # Rows of zeros stay as they are, with an area of 0.
    divisors = np.where(sums == 0, 1.0, sums)
    redistribution = bare.redistribution / divisors[:, np.newaxis]
    return replace(bare, redistribution=redistribution, area=bare.area * sums)


def _with_area(bare: Response, arf: PathLike | fits.HDUList, row: int | None) -> Response:
    """Return a response with its area multiplied by that of an ARF."""
    low, high, area = _read_area(arf, row)
    if len(area) != len(bare.area):
        limit = f"has {len(area)} energies where the matrix has {len(bare.area)}"
        raise BadParameter("arf", label_of(arf), limit, "Give the ARF made for this RMF.")
    # Ignore the first edge, which one of the two files often moves off 0.
    same = np.allclose(high, bare.energy_high, rtol=1e-3)
    if not (same and np.allclose(low[1:], bare.energy_low[1:], rtol=1e-3)):
        limit = "its energies are not those of the matrix"
        raise BadParameter("arf", label_of(arf), limit, "Give the ARF made for this RMF.")
    # MMODA's OSA 11 has an ARF of ones beside a matrix with the area: multiply both areas.
    whole = _with_separate_area(bare) if _exceeds_probability(bare) else bare
    return replace(whole, area=whole.area * area)


def _read_area(arf: PathLike | fits.HDUList, row: int | None) -> tuple[Floats, Floats, Floats]:
    """Return the edges of the energies of an ARF, keV, and its areas, cm2, by energy."""
    hdus = decode(arf)
    with damage_reported(arf):
        table = _find(hdus, "SPECRESP", _AREA_NAMES, "effective area")
        several = np.ndim(needed_column(table, "SPECRESP")) > 1
    if several:
        table = row_of(table, row, arf, what="effective areas")
    with damage_reported(arf):
        low, high = _edges(table, "ENERG_LO", "ENERG_HI")
        area = _areas(table)
        if not np.any(area > 0):
            problem = "The column SPECRESP is nowhere above 0: no photon would be counted."
            raise DamagedFile(problem, "Give an effective area (ARF).")
        possible = np.isfinite(area) & (area >= -_AREA_BELOW * _largest(area))
        check_rows(area, possible, "SPECRESP", "areas are finite and 0 or more")
    order = np.argsort(low, kind="stable")
    return low[order], high[order], area[order]


def _areas(table: fits.BinTableHDU) -> Floats:
    """Return effective areas in cm2."""
    if table.name in _AREAS_WITHIN:  # JEM-X states dm**2, but the values are cm**2
        return needed_floats(table, "SPECRESP")
    return floats_in(table, "SPECRESP", "cm**2")

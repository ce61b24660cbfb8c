"""Read light curves of any origin, with times, rates and bands in any form."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from astropy.io import fits

from oda_widgets.arrays import Floats
from oda_widgets.errors import BadParameter, DamagedFile, FileWarning
from oda_widgets.products.bin_errors import ALONE
from oda_widgets.products.files.band_keywords import read_band
from oda_widgets.products.files.cards import float_value
from oda_widgets.products.files.choosing import listed, name_of, numbered, of_source, telling
from oda_widgets.products.files.columns import floats_or, has_column, needed_integers
from oda_widgets.products.files.container import (
    damage_reported,
    decode,
    is_fits,
    is_ours,
    label_of,
    tables,
)
from oda_widgets.products.files.gate import read_content
from oda_widgets.products.files.good_time import good_fractions
from oda_widgets.products.files.light_curve_choice import (
    Choice,
    band_of,
    chosen_column,
    rate_columns,
    same_band,
)
from oda_widgets.products.files.light_curve_rates import beside, fractions_beside, rates_of
from oda_widgets.products.files.light_curve_rows import (
    check_dates,
    check_empty,
    check_overlap,
    mended,
)
from oda_widgets.products.files.light_curve_text import is_curve_text, read_curve_text
from oda_widgets.products.files.light_curve_times import BinTimes, bin_times, has_times, instants
from oda_widgets.products.files.observation_keywords import (
    file_label,
    instrument_of,
    read_observation,
)
from oda_widgets.products.files.shared_keywords import with_shared
from oda_widgets.products.files.shield_file import of_shield
from oda_widgets.products.files.shield_text import is_service_text, read_shield_text
from oda_widgets.products.files.source_keywords import read_source
from oda_widgets.products.files.times import TimeFrame
from oda_widgets.products.files.units import floats_in, fractions_or, is_column_in
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.shield import SHIELD
from oda_widgets.products.shield_curve import SHIELD_SOURCE, shield_curve
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.instruments import energy_range
from oda_widgets.request.paths import PathLike
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import SECONDS_PER_DAY


def is_curve(table: fits.BinTableHDU) -> bool:
    """Return whether a table has times, and rates or counts."""
    return has_times(table) and bool(rate_columns(table))


def read_light_curve(
    path: PathLike | fits.HDUList,
    source: str | None = None,
    energy: EnergyBand | None = None,
    column: Any = None,
    row: int | None = None,
    mjdref: float | None = None,
) -> LightCurve:
    """Read a light curve from a file or its HDUs (see `LightCurve.read`)."""
    text = b"" if isinstance(path, fits.HDUList) else _text(path)
    if is_service_text(text):
        curve = shield_curve(read_shield_text(text, str(path)))
        asked = {"source": source, "energy": energy, "column": column, "row": row}
        _check_choice(curve, path, **asked, mjdref=mjdref)
        return curve
    hdus = _decoded(path, text)
    with damage_reported(path):
        found = [table for table in tables(hdus) if is_curve(table)]
        if not found:
            problem = "There is no light curve in it (a table with columns TIME and RATE)."
            raise DamagedFile(problem, "Give a table of times and rates.")
    table = _choose_table(hdus, found, path, source, energy, row)
    choice = chosen_column(hdus, table, column, energy, path)
    with damage_reported(path):
        return _curve(hdus, choice, energy, source or file_label(path), mjdref)


def _check_choice(curve: LightCurve, path: PathLike, **asked: Any) -> None:
    """Check that the arguments choose the only light curve of a file."""
    held = {"source": (curve.name,), "energy": (curve.energy,), "column": (1,), "row": (1,)}
    for name, value in asked.items():
        if value is not None and value not in held.get(name, ()):
            limit = f"{path} has one light curve, of {curve.name} in {curve.energy}"
            raise BadParameter(name, value, limit, f"Leave {name} out.")


def _text(path: PathLike) -> bytes:
    """Return the content of a text file; empty for FITS."""
    content = read_content(path)
    return b"" if is_fits(content) else content


def _decoded(path: PathLike | fits.HDUList, text: bytes) -> fits.HDUList:
    """Return the HDUs of a FITS file, or of a text table converted to FITS."""
    if not is_curve_text(text):
        return decode(path)
    with damage_reported(path):
        return read_curve_text(text)


def _curve(
    hdus: fits.HDUList,
    choice: Choice,
    energy: EnergyBand | None,
    label: str,
    mjdref: float | None,
) -> LightCurve:
    table = choice.table
    header = with_shared(hdus, table.header, mjdref)
    times = bin_times(table, header)
    time = instants(table, times, "MEANTIME") if has_column(table, "MEANTIME") else times.time
    fraction = _exposed_fraction(hdus, choice, header, times)
    rate, error, error_column = rates_of(choice, times.width * fraction)
    band, observation = choice.band or read_band(header), read_observation(hdus, header)
    curve = LightCurve(
        source=_source(header, label),
        energy=band or energy or _whole_range(header),
        time=time,
        width=times.width,
        rate=rate,
        error=error,
        exposed_fraction=fraction,
        total_counts=floats_or(table, "TOT_COUNTS", np.nan),
        background=_first_of(choice, "BACKV", "BRATE"),
        background_error=_first_of(choice, "BACKE", "BERROR"),
        observation=observation,
        starts=instants(table, times, "STARTS") if has_column(table, "STARTS") else None,
        **_common_errors(table, len(observation.science_windows)),
    )
    curve = of_shield(curve, stated=times.width_column == "WIDTH")
    columns = {
        "time": times.column,
        "width": times.width_column or times.column,
        "error": error_column,
        "exposed_fraction": "FRACEXP",
    }
    sound = mended(curve, columns)
    if not is_ours(hdus):
        check_dates(sound, [] if times.dated else _spans(times.frame, header))
        check_overlap(sound)
        check_empty(sound)
    return sound


def _spans(frame: TimeFrame, header: fits.Header) -> list[tuple[float, float]]:
    """Return TSTART and TSTOP in IJD days, both with and without TIMEZERO: files differ."""
    start, stop = float_value(header, "TSTART"), float_value(header, "TSTOP")
    if start is None or stop is None:
        return []
    meant = [frame.ijd([start, stop], offset=offset).tolist() for offset in (True, False)]
    return [(first, last) for first, last in meant]


def _source(header: fits.Header, label: str) -> Source:
    """Return the source of a header; files of the shield name none, since it sees the whole sky."""
    shield = instrument_of(header) == SHIELD
    return read_source(header, SHIELD_SOURCE.name if shield else label)


def _common_errors(table: fits.BinTableHDU, windows: int) -> dict[str, Any]:
    """Return the common errors of bins of science windows, which only our own files state."""
    if not (has_column(table, "COMMONERR") and has_column(table, "WINDOW")):
        return {}
    window = needed_integers(table, "WINDOW")
    return {
        "common_error": floats_in(table, "COMMONERR", "count/s"),
        "window": np.where((window >= 0) & (window < windows), window, ALONE),
    }


def _exposed_fraction(
    hdus: fits.HDUList, choice: Choice, header: fits.Header, times: BinTimes
) -> Floats:
    """Return good time over bin width, from a column or from a table GTI.

    It is NaN if the lengths of the bins are not stated.
    """
    table, width = choice.table, times.width
    with np.errstate(divide="ignore", invalid="ignore"):
        if has_column(table, "GOODTIME"):
            return floats_in(table, "GOODTIME", "s") / width
        if times.width_column and has_column(table, "FRACEXP"):
            return fractions_beside(choice, "FRACEXP")
        if is_column_in(table, "EXPOSURE", "s"):
            return np.asarray(choice.of(floats_in(table, "EXPOSURE", "s", lists=True)) / width)
    if not times.width_column:
        return np.full(len(width), np.nan)
    half = width / (2 * SECONDS_PER_DAY)
    edges = np.stack([times.time - half, times.time + half], axis=1)
    fractions = good_fractions(hdus, edges, header)
    return fractions_or(table, "FRACEXP", 1.0) if fractions is None else fractions


def _choose_table(
    hdus: fits.HDUList,
    found: list[fits.BinTableHDU],
    path: PathLike | fits.HDUList,
    source: str | None,
    energy: EnergyBand | None,
    row: int | None,
) -> fits.BinTableHDU:
    """Return the table with a source and a band."""
    own = of_source(found, source, path)
    with damage_reported(path):
        with_bands = [(table, band_of(hdus, table)) for table in own]
    # A table that does not state its band has the band that the user gives.
    left = [each for each in with_bands if energy is None or same_band(each[1], energy)]
    if not left:
        limit = f"{label_of(path)} has no light curve of this energy band"
        known = listed(dict.fromkeys(str(band) for _, band in with_bands))
        raise BadParameter("energy", energy, limit, f"Choose one of: {known}.")
    table, _ = numbered(
        left,
        row,
        path,
        what="light curves",
        describe=lambda each: ", ".join(str(part) for part in (name_of(each[0]), each[1]) if part),
        parameter=telling(source, [name_of(table) for table, _ in left], [b for _, b in left]),
    )
    return table


def _whole_range(header: fits.Header) -> EnergyBand:
    band = EnergyBand(*energy_range(instrument_of(header)))
    if instrument_of(header) == SHIELD:  # it has one band, which no file of it states
        return band
    text = (
        f"It does not say in which energy band it was taken (E_MIN, E_MAX): {band} is put. "
        "Give energy=(low, high) to read it with its band."
    )
    warnings.warn(text, FileWarning, stacklevel=5)
    return band


def _first_of(choice: Choice, *names: str) -> Floats:
    found = next((name for name in names if has_column(choice.table, name)), None)
    return np.full(len(choice.table.data), np.nan) if found is None else beside(choice, found)

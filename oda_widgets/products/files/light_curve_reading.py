"""Reading light curves of any origin: times, rates and bands in whatever form they are stated."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np
from astropy.io import fits

from oda_widgets.arrays import Floats
from oda_widgets.errors import BadParameter, DamagedFile, FileWarning
from oda_widgets.products.bin_errors import ALONE
from oda_widgets.products.files.band_keywords import read_band
from oda_widgets.products.files.cards import float_value, text_value
from oda_widgets.products.files.choosing import listed, name_of, numbered, of_source, telling
from oda_widgets.products.files.columns import (
    floats_or,
    has_column,
    needed_floats,
    needed_integers,
)
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
from oda_widgets.products.files.light_curve_rows import check_dates, check_overlap, mended
from oda_widgets.products.files.light_curve_text import is_curve_text, read_curve_text
from oda_widgets.products.files.observation_keywords import (
    file_label,
    instrument_of,
    read_observation,
)
from oda_widgets.products.files.shield_file import of_shield
from oda_widgets.products.files.shield_text import is_service_text, read_shield_text
from oda_widgets.products.files.source_keywords import read_source
from oda_widgets.products.files.times import TimeFrame, time_frame
from oda_widgets.products.files.units import (
    COUNT_RATE,
    column_unit,
    converted,
    floats_in,
    fractions_or,
)
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.shield import SHIELD
from oda_widgets.products.shield_curve import SHIELD_SOURCE, shield_curve
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.instruments import energy_range
from oda_widgets.request.paths import PathLike
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import SECONDS_PER_DAY

_OVERLAP = 1.5  # times the distance of bins, from which on they are too long
_ERRORS = ("ERROR{number}", "{name}_ERR", "{name}_ERROR", "{name}ERR", "ERR{number}", "ERROR")
_TIMES = ("TIME", "BARYTIME", "TIME_MID", "TIME_BIN", "MJD")
_UNSTATED = (
    "It does not say how long its bins are (TIMEDEL): they are drawn as long as the least distance "
    "of times. Exposures are not known; averages are weighted by errors."
)


def is_curve(table: fits.BinTableHDU) -> bool:
    """Return whether a table has times, and rates or counts."""
    return _time_column(table) is not None and bool(rate_columns(table))


def read_light_curve(
    path: PathLike | fits.HDUList,
    source: str | None = None,
    energy: EnergyBand | None = None,
    column: Any = None,
    row: int | None = None,
) -> LightCurve:
    """Read a light curve from a file or its HDUs (see `LightCurve.read`)."""
    text = b"" if isinstance(path, fits.HDUList) else _text(path)
    if is_service_text(text):
        curve = shield_curve(read_shield_text(text, str(path)))
        _refuse_others(curve, path, source=source, energy=energy, column=column, row=row)
        return curve
    hdus = _decoded(path, text)
    with damage_reported(path):
        found = [table for table in tables(hdus) if is_curve(table)]
        if not found:
            problem = "There is no light curve in it (a table with columns TIME and RATE)."
            raise DamagedFile(problem, "Give a table of times and rates.")
    table = _chosen(hdus, found, path, source, energy, row)
    choice = chosen_column(hdus, table, column, energy, path)
    with damage_reported(path):
        return _curve(hdus, choice, energy, source or file_label(path))


def _refuse_others(curve: LightCurve, path: PathLike, **asked: Any) -> None:
    """Refuse whatever chooses another light curve than the one that a file holds."""
    held = {"source": (curve.name,), "energy": (curve.energy,), "column": (1,), "row": (1,)}
    for name, value in asked.items():
        if value is not None and value not in held[name]:
            limit = f"{path} has one light curve, of {curve.name} in {curve.energy}"
            raise BadParameter(name, value, limit, f"Leave {name} out.")


def _text(path: PathLike) -> bytes:
    """Return a file that is text; of FITS nothing, which is read by parts."""
    content = read_content(path)
    return b"" if is_fits(content) else content


def _decoded(path: PathLike | fits.HDUList, text: bytes) -> fits.HDUList:
    """Return the HDUs of a FITS file, or those that a table of text stands for."""
    if not is_curve_text(text):
        return decode(path)
    with damage_reported(path):
        return read_curve_text(text)


def _curve(hdus: fits.HDUList, choice: Choice, energy: EnergyBand | None, label: str) -> LightCurve:
    table, header = choice.table, choice.table.header
    name = _time_column(table) or "TIME"
    unit = column_unit(table, name) or ("d" if name == "MJD" else None)
    stated = needed_floats(table, name)
    frame = time_frame(header, stated, unit)
    width, width_column = _widths(table, frame, stated, unit)
    time = (
        _instants(table, frame, "MEANTIME", unit)
        if has_column(table, "MEANTIME")
        else _centres(frame.ijd(stated, unit), width, header)
    )
    fraction = _exposed_fraction(hdus, table, time, width, stated=bool(width_column))
    rate, error, error_column = _rates(choice, width * fraction)
    band, observation = choice.band or read_band(header), read_observation(hdus, header)
    curve = LightCurve(
        source=_source(header, label),
        energy=band or energy or _whole_range(header),
        time=time,
        width=width,
        rate=rate,
        error=error,
        exposed_fraction=fraction,
        total_counts=floats_or(table, "TOT_COUNTS", np.nan),
        background=_first_of(choice, "BACKV", "BRATE"),
        background_error=_first_of(choice, "BACKE", "BERROR"),
        observation=observation,
        starts=_instants(table, frame, "STARTS", unit) if has_column(table, "STARTS") else None,
        **_common_errors(table, len(observation.science_windows)),
    )
    curve = of_shield(curve, stated=width_column == "WIDTH")
    columns = {
        "time": name,
        "width": width_column or name,
        "error": error_column,
        "exposed_fraction": "FRACEXP",
    }
    sound = mended(curve, columns)
    if not is_ours(hdus):
        check_dates(sound, _spans(frame, header))
        check_overlap(sound)
    return sound


def _spans(frame: TimeFrame, header: fits.Header) -> list[tuple[float, float]]:
    """Return TSTART and TSTOP, IJD days, with TIMEZERO and without: files differ in it."""
    start, stop = float_value(header, "TSTART"), float_value(header, "TSTOP")
    if start is None or stop is None:
        return []
    meant = [frame.ijd([start, stop], offset=offset).tolist() for offset in (True, False)]
    return [(first, last) for first, last in meant]


def _source(header: fits.Header, label: str) -> Source:
    """Return the source of a header; the shield sees all at once, and its files name none."""
    shield = instrument_of(header) == SHIELD
    return read_source(header, SHIELD_SOURCE.name if shield else label)


def _instants(table: fits.BinTableHDU, frame: TimeFrame, name: str, unit: str | None) -> Floats:
    """Return one of our own columns of joined bins (see `light_curve_file`), IJD days."""
    return frame.ijd(needed_floats(table, name), column_unit(table, name) or unit)


def _common_errors(table: fits.BinTableHDU, windows: int) -> dict[str, Any]:
    """Return what the bins of each of some science windows share, if a file of ours says it."""
    if not (has_column(table, "COMMONERR") and has_column(table, "WINDOW")):
        return {}
    window = needed_integers(table, "WINDOW")
    return {
        "common_error": floats_in(table, "COMMONERR", "count/s"),
        "window": np.where((window >= 0) & (window < windows), window, ALONE),
    }


def _exposed_fraction(
    hdus: fits.HDUList, table: fits.BinTableHDU, time: Floats, width: Floats, *, stated: bool
) -> Floats:
    """Return the good time over the bin width, from a column or the table of good time.

    Of a length that is not stated, no fraction makes an exposure.
    """
    if has_column(table, "GOODTIME"):
        with np.errstate(divide="ignore", invalid="ignore"):
            return floats_in(table, "GOODTIME", "s") / width
    if not stated:
        return np.full(len(width), np.nan)
    if has_column(table, "FRACEXP"):
        return fractions_or(table, "FRACEXP", 1.0)
    half = width / (2 * SECONDS_PER_DAY)
    fractions = good_fractions(hdus, np.stack([time - half, time + half], axis=1))
    return np.ones(len(width)) if fractions is None else fractions


def _chosen(
    hdus: fits.HDUList,
    found: list[fits.BinTableHDU],
    path: PathLike | fits.HDUList,
    source: str | None,
    energy: EnergyBand | None,
    row: int | None,
) -> fits.BinTableHDU:
    """Return the table of a source and a band."""
    of_it = of_source(found, source, path)
    with damage_reported(path):
        with_bands = [(table, band_of(hdus, table)) for table in of_it]
    # A table that does not state its band is taken to be what the user says it is.
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


def _time_column(table: fits.BinTableHDU) -> str | None:
    return next((name for name in _TIMES if has_column(table, name)), None)


def _rates(choice: Choice, seconds: Floats) -> tuple[Floats, Floats, str]:
    """Return rates and errors, counts per second, and the column of the errors."""
    table, name = choice.table, choice.column
    if name == "COUNTS":
        if np.isnan(seconds).all() and len(seconds):
            problem = "It has counts, and does not say how long its bins are: no rates follow."
            raise DamagedFile(problem, "Add TIMEDEL, in days, to its header.")
        counts = choice.of(floats_in(table, name, "ct", lists=True))
        exposed = np.where(seconds > 0, seconds, np.nan)
        return counts / exposed, np.sqrt(counts) / exposed, name
    rate = choice.of(floats_in(table, name, COUNT_RATE, lists=True))
    number = re.sub(r"^\D*", "", name)
    known = (pattern.format(name=name, number=number) for pattern in _ERRORS)
    error = next((column for column in known if has_column(table, column)), "ERROR")
    stated = column_unit(table, error) or column_unit(table, name)
    values = converted(_beside(choice, error), stated, COUNT_RATE, f"the column {error}")
    return rate, values, error


def _beside(choice: Choice, name: str) -> Floats:
    """Return what another column holds for the chosen rates: of lists, one from each.

    Raises
    ------
    DamagedFile
        If it has another number of values in a row than the rates.
    """
    values = needed_floats(choice.table, name, lists=True)
    rates = needed_floats(choice.table, choice.column, lists=True)
    if values.shape != rates.shape:
        here, there = (array.size // max(len(array), 1) for array in (values, rates))
        problem = f"The column {name} has {here} values in each row, {choice.column} has {there}."
        raise DamagedFile(problem, f"Give {name} as many values as {choice.column}.")
    return choice.of(values)


def _centres(times: Floats, width: Floats, header: fits.Header) -> Floats:
    """Return the middle of bins; times stand at the fraction TIMEPIXR of each."""
    fraction = float_value(header, "TIMEPIXR")
    if fraction is None or fraction == 0.5:  # the middle
        return times
    return times + (0.5 - fraction) * width / SECONDS_PER_DAY


def _widths(
    table: fits.BinTableHDU, frame: TimeFrame, times: Floats, unit: str | None
) -> tuple[Floats, str]:
    """Return the bin widths in seconds, and the column or keyword that states them, or ""."""
    if has_column(table, "WIDTH"):
        return floats_in(table, "WIDTH", "s"), "WIDTH"
    if has_column(table, "TIMEDEL"):
        return _in_seconds(floats_in(table, "TIMEDEL", "d", frame.unit)), "TIMEDEL"
    if has_column(table, "XAX_E"):
        return 2 * _in_seconds(floats_in(table, "XAX_E", "d", frame.unit)), "XAX_E"
    stated = float_value(table.header, "TIMEDEL")
    if stated is not None:
        days = converted(stated, _unit_of_lengths(table, frame, times, unit), "d", "TIMEDEL")
        return np.full(len(table.data), float(_in_seconds(days))), "TIMEDEL"
    steps = np.diff(np.unique(times[np.isfinite(times)]))
    if not len(steps):
        problem = "It does not say how long its bins are (TIMEDEL or XAX_E)."
        raise DamagedFile(problem, "Add TIMEDEL, in days, to its header.")
    warnings.warn(_UNSTATED, FileWarning, stacklevel=5)
    days = converted(steps.min(), unit or frame.unit, "d", "TIME")
    return np.full(len(table.data), float(_in_seconds(days))), ""


def _unit_of_lengths(
    table: fits.BinTableHDU, frame: TimeFrame, times: Floats, unit: str | None
) -> str:
    """Return the unit of TIMEDEL: that of times, but seconds where only these fit the times.

    The standard has seconds where TIMEUNIT is not stated, and many files days in the column.
    """
    stated = float_value(table.header, "TIMEDEL") or 0.0
    steps = np.diff(np.unique(times[np.isfinite(times)]))
    if text_value(table.header, "TIMEUNIT") or not len(steps):
        return frame.unit
    step = float(_in_seconds(converted(np.median(steps), unit or frame.unit, "d", "TIME")))
    in_days = float(_in_seconds(converted(stated, frame.unit, "d", "TIMEDEL")))
    if in_days > _OVERLAP * step and stated <= _OVERLAP * step:
        text = f"TIMEDEL = {stated:g} is taken as seconds: bins of so many days would overlap."
        warnings.warn(text, FileWarning, stacklevel=6)
        return "s"
    return frame.unit


def _in_seconds(days: Floats) -> Floats:
    return SECONDS_PER_DAY * days


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
    for name in names:
        if has_column(choice.table, name):
            return converted(
                _beside(choice, name),
                column_unit(choice.table, name),
                COUNT_RATE,
                f"the column {name}",
            )
    return np.full(len(choice.table.data), np.nan)

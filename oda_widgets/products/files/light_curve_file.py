"""Light curves as files: those of OSA and MMODA for ISGRI, and OSA's for JEM-X."""

from __future__ import annotations

from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from oda_widgets.errors import BadParameter, DamagedFile, DataError
from oda_widgets.products.files.cards import Card, append_cards, float_value
from oda_widgets.products.files.columns import float_column, floats_or, has_column, needed_floats
from oda_widgets.products.files.container import damage_reported, decode, tables
from oda_widgets.products.files.observation_keywords import (
    file_label,
    observation_cards,
    observation_tables,
    primary_hdu,
    read_observation,
)
from oda_widgets.products.files.source_keywords import FRAME_CARDS, read_source, source_cards
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.paths import PathLike
from oda_widgets.request.timespan import SECONDS_PER_DAY

_NAME = "ISGR-SRC.-LCR"
_FORMAT_CARDS: tuple[Card, ...] = (
    ("HDUCLASS", "OGIP", "format conforms to OGIP standard"),
    ("HDUCLAS1", "LIGHTCURVE", "a light curve"),
    ("HDUCLAS2", "NET", "background is fitted and taken off"),
    ("HDUCLAS3", "RATE", "counts per second"),
    ("TIMVERS", "OGIP/93-003", "document of the format"),
    ("EUNIT", "keV", "unit of energy"),
    ("BACKAPP", True, "background is taken off"),
    ("VIGNAPP", True, "rates are those on axis"),
)


def light_curve_hdus(curve: LightCurve, history: tuple[str, ...] = ()) -> list[Any]:
    """Return a light curve as the HDUs of a file."""
    return [
        primary_hdu(curve.observation, history, curve.provenance),
        _curve_hdu(curve),
        *observation_tables(curve.observation),
    ]


def read_light_curve(path: PathLike | fits.HDUList) -> LightCurve:
    """Read a light curve from a file or its HDUs (see `LightCurve.read`)."""
    hdus = decode(path)
    with damage_reported(path):
        table = _find_curve(hdus)
        header = table.header
        return LightCurve(
            source=read_source(header, file_label(path)),
            energy=_band(header),
            time=needed_floats(table, "TIME"),
            width=_widths(table),
            rate=needed_floats(table, "RATE"),
            error=needed_floats(table, "ERROR"),
            exposed_fraction=floats_or(table, "FRACEXP", 1.0),
            total_counts=floats_or(table, "TOT_COUNTS", np.nan),
            background=_first_of(table, "BACKV", "BRATE"),
            background_error=_first_of(table, "BACKE", "BERROR"),
            observation=read_observation(hdus, header),
            starts=needed_floats(table, "STARTS") if has_column(table, "STARTS") else None,
        )


def _curve_hdu(curve: LightCurve) -> fits.BinTableHDU:
    hdu = fits.BinTableHDU.from_columns(_columns(curve), name=_NAME)
    dead_time_known = curve.observation.live_time < curve.observation.ontime
    cards: list[Card] = [
        *_timing_cards(curve.width / SECONDS_PER_DAY),
        *_FORMAT_CARDS,
        ("DEADAPP", dead_time_known, "dead time corrected"),
        ("E_MIN", curve.energy.low, "[keV] lower energy limit"),
        ("E_MAX", curve.energy.high, "[keV] upper energy limit"),
        *source_cards(curve.source),
        *observation_cards(curve.observation),
        *FRAME_CARDS,
    ]
    append_cards(hdu.header, cards)
    return hdu


def _columns(curve: LightCurve) -> list[fits.Column]:
    days = curve.width / SECONDS_PER_DAY
    # Ours: the time of joined bins is not their middle.
    starts = [] if curve.starts is None else [float_column("STARTS", curve.starts, "d")]
    return [
        *starts,
        float_column("TIME", curve.time, "d"),
        float_column("TOT_COUNTS", curve.total_counts, "count"),
        float_column("BACKV", curve.background, "count/s"),
        float_column("BACKE", curve.background_error, "count/s"),
        float_column("RATE", curve.rate, "count/s"),
        float_column("ERROR", curve.error, "count/s"),
        float_column("FRACEXP", curve.exposed_fraction),
        float_column("XAX_E", days / 2, "d"),
        float_column("TIMEDEL", days, "d"),
        # Ours: 100 s divided by a day and back is not 100 s to the last bit.
        float_column("WIDTH", curve.width, "s"),
    ]


def _timing_cards(days: NDArray[np.float64]) -> list[Card]:
    cards: list[Card] = [("TIMEPIXR", 0.5, "times are those of the middle of the bins")]
    if len(days):
        cards.append(("TIMEDEL", float(np.median(days)), "[d] length of most bins"))
    return cards


def _find_curve(hdus: fits.HDUList) -> fits.BinTableHDU:
    """Return the first table with times and rates."""
    for hdu in tables(hdus):
        if has_column(hdu, "TIME") and has_column(hdu, "RATE"):
            return hdu
    problem = "There is no light curve in it (a table with columns TIME and RATE)."
    raise DamagedFile(problem, "Give a light curve of OSA, MMODA or oda_widgets.")


def _band(header: fits.Header) -> EnergyBand:
    low, high = float_value(header, "E_MIN"), float_value(header, "E_MAX")
    if low is None or high is None:
        problem = "Its header does not say in which energy band it was taken (E_MIN, E_MAX)."
        raise DamagedFile(problem, "Add the two keywords, in keV.")
    try:
        return EnergyBand(low, high)
    except BadParameter as error:
        problem = f"Its energy band, {low:g} to {high:g} keV, cannot be held: {error.limit}."
        raise DataError(problem, "Give a light curve within that range.") from error


def _widths(table: fits.BinTableHDU) -> NDArray[np.float64]:
    """Return the bin widths in seconds, from the column or keyword that states them."""
    if has_column(table, "WIDTH"):
        return needed_floats(table, "WIDTH")
    if has_column(table, "XAX_E") and not has_column(table, "TIMEDEL"):
        return 2 * SECONDS_PER_DAY * needed_floats(table, "XAX_E")
    if not has_column(table, "TIMEDEL") and float_value(table.header, "TIMEDEL") is None:
        problem = "It does not say how long its bins are (TIMEDEL or XAX_E)."
        raise DamagedFile(problem, "Add TIMEDEL, in days, to its header.")
    return SECONDS_PER_DAY * floats_or(table, "TIMEDEL", np.nan)


def _first_of(table: fits.BinTableHDU, *names: str) -> NDArray[np.float64]:
    for name in names:
        if has_column(table, name):
            return needed_floats(table, name)
    return np.full(len(table.data), np.nan)

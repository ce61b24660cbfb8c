"""Write light curves, with the columns of OSA and MMODA."""

from __future__ import annotations

from typing import Any

import numpy as np
from astropy.io import fits

from oda_widgets.arrays import Floats
from oda_widgets.products.curve_bins import without_cracks
from oda_widgets.products.files.cards import Card, append_cards
from oda_widgets.products.files.columns import float_column, integer_column
from oda_widgets.products.files.observation_keywords import (
    check_time_unit,
    extension_name,
    observation_cards,
    observation_tables,
    primary_hdu,
)
from oda_widgets.products.files.source_keywords import FRAME_CARDS, source_cards
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.shield import SHIELD
from oda_widgets.request.instrument import LIGHT_CURVE
from oda_widgets.request.timespan import SECONDS_PER_DAY, TimeInterval, merge

_FORMAT_CARDS: tuple[Card, ...] = (
    ("HDUCLASS", "OGIP", "format conforms to OGIP standard"),
    ("HDUCLAS1", "LIGHTCURVE", "a light curve"),
    ("HDUCLAS3", "RATE", "counts per second"),
    ("TIMVERS", "OGIP/93-003", "document of the format"),
    ("EUNIT", "keV", "unit of energy"),
)
_OF_SOURCE: tuple[Card, ...] = (
    ("HDUCLAS2", "NET", "background is fitted and taken off"),
    ("BACKAPP", True, "background is taken off"),
    ("VIGNAPP", True, "rates are those on axis"),
)
_OF_SHIELD: tuple[Card, ...] = (
    ("HDUCLAS2", "TOTAL", "background is part of the rate"),
    ("BACKAPP", False, "background is not taken off"),
    ("VIGNAPP", False, "rates are those of all directions"),
)


def light_curve_hdus(
    curve: LightCurve, history: tuple[str, ...] = (), time_unit: str = "d"
) -> list[Any]:
    """Return a light curve as the HDUs of a file.

    Parameters
    ----------
    curve
        Light curve to write.
    history
        Lines on the origin of the product, for the HISTORY of the file.
    time_unit
        "d" for days as in OSA and MMODA, with good time as FRACEXP. "s" for seconds, which OGIP
        recommends and programs for time series expect. Those divide rates by FRACEXP, which would
        be wrong for ours, so good time is then the column GOODTIME.
    """
    check_time_unit(time_unit)
    return [
        primary_hdu(curve.observation, history, curve.provenance),
        _curve_hdu(curve, time_unit),
        *([_gti_hdu(curve)] if time_unit == "s" and curve.exposures_known else []),
        *observation_tables(curve.observation),
    ]


def _curve_hdu(curve: LightCurve, unit: str) -> fits.BinTableHDU:
    name = extension_name(curve.observation.instrument, LIGHT_CURVE)
    hdu = fits.BinTableHDU.from_columns(_columns(curve, unit), name=name)
    dead_time_known = curve.observation.live_time < curve.observation.ontime
    cards: list[Card] = [
        *_timing_cards(curve, unit),
        *_FORMAT_CARDS,
        *(_OF_SHIELD if curve.observation.instrument == SHIELD else _OF_SOURCE),
        ("DEADAPP", dead_time_known, "dead time corrected"),
        ("E_MIN", curve.energy.low, "[keV] lower energy limit"),
        ("E_MAX", curve.energy.high, "[keV] upper energy limit"),
        *source_cards(curve.source),
        *observation_cards(curve.observation, unit),
        *FRAME_CARDS,
    ]
    append_cards(hdu.header, cards)
    return hdu


def _gti_hdu(curve: LightCurve) -> fits.BinTableHDU:
    """Return a table GTI of the intervals without gaps between bins, in seconds."""
    edges = curve.edges[np.isfinite(curve.edges).all(axis=1)]
    spans = merge(TimeInterval(*span) for span in without_cracks(edges))
    columns = [
        _time_column("START", np.array([span.start for span in spans]), "s"),
        _time_column("STOP", np.array([span.stop for span in spans]), "s"),
    ]
    hdu = fits.BinTableHDU.from_columns(columns, name="GTI")
    standard = [("HDUCLASS", "OGIP", "format conforms to OGIP standard"), ("HDUCLAS1", "GTI", "")]
    append_cards(hdu.header, [*standard, *observation_cards(curve.observation, "s")])
    return hdu


def _columns(curve: LightCurve, unit: str) -> list[fits.Column]:
    # TIMEPIXR says that TIME is the middle of a bin; the mean time of joined bins differs.
    middle = curve.edges.mean(axis=1) if curve.starts is not None else curve.time
    days = curve.width / SECONDS_PER_DAY
    seconds = unit == "s"
    length = curve.width if seconds else days
    exposed = (
        float_column("GOODTIME", curve.good_time, "s")
        if seconds
        else float_column("FRACEXP", curve.exposed_fraction)
    )
    lengths = [
        exposed,
        float_column("XAX_E", length / 2, unit),
        float_column("TIMEDEL", length, unit),
        # Our own column: converting 100 s to days and back is not exact.
        float_column("WIDTH", curve.width, "s"),
    ]
    return [
        _time_column("TIME", middle, unit),
        float_column("TOT_COUNTS", curve.total_counts, "count"),
        float_column("BACKV", curve.background, "count/s"),
        float_column("BACKE", curve.background_error, "count/s"),
        float_column("RATE", curve.rate, "count/s"),
        float_column("ERROR", curve.error, "count/s"),
        *(lengths if curve.exposures_known else []),
        *_columns_of_joined(curve, unit),
        *_columns_of_common_errors(curve),
    ]


def _columns_of_joined(curve: LightCurve, unit: str) -> list[fits.Column]:
    """Return our own columns for joined bins: their starts and mean times."""
    if curve.starts is None:
        return []
    return [
        _time_column("STARTS", curve.starts, unit),
        _time_column("MEANTIME", curve.time, unit),
    ]


def _columns_of_common_errors(curve: LightCurve) -> list[fits.Column]:
    """Return our own columns for the errors that bins of a science window share."""
    if curve.common_error is None or curve.window is None:
        return []
    return [
        float_column("COMMONERR", curve.common_error, "count/s"),
        integer_column("WINDOW", curve.window),
    ]


def _time_column(name: str, ijd: Floats, unit: str) -> fits.Column:
    return float_column(name, ijd * SECONDS_PER_DAY if unit == "s" else ijd, unit)


def _timing_cards(curve: LightCurve, unit: str) -> list[Card]:
    cards: list[Card] = [("TIMEPIXR", 0.5, "times are those of the middle of the bins")]
    if unit == "s":  # oda_api needs it for SPI-ACS
        cards.append(("TIMEZERO", 0.0, "[s] added to all times"))
    if len(curve) and curve.exposures_known:
        typical = float(np.median(curve.width)) / (1.0 if unit == "s" else SECONDS_PER_DAY)
        cards.append(("TIMEDEL", typical, f"[{unit}] length of most bins"))
    return cards

"""Light curves written as files, with the columns of OSA and MMODA."""

from __future__ import annotations

from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from oda_widgets.products.files.cards import Card, append_cards
from oda_widgets.products.files.columns import float_column
from oda_widgets.products.files.observation_keywords import (
    observation_cards,
    observation_tables,
    primary_hdu,
)
from oda_widgets.products.files.source_keywords import FRAME_CARDS, source_cards
from oda_widgets.products.light_curve import LightCurve
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

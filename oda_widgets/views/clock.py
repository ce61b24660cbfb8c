"""Instants as text, without the half second that `astropy.time` takes to import."""

from __future__ import annotations

import erfa  # type: ignore[import-untyped]  # it publishes no types

from oda_widgets.request.timespan import IJD_ZERO_MJD

_JD_OF_MJD_ZERO = 2400000.5


def utc_text(ijd: float, decimals: int = 3) -> str:
    """Return an instant (IJD) in UTC, as ``2022-10-12T15:09:35.000``."""
    utc = erfa.taiutc(*erfa.tttai(_JD_OF_MJD_ZERO + IJD_ZERO_MJD, ijd))
    year, month, day, clock = erfa.d2dtf("UTC", decimals, *utc)
    fraction = f".{clock['f']:0{decimals}d}" if decimals else ""
    date = f"{year:04d}-{month:02d}-{day:02d}"
    return f"{date}T{clock['h']:02d}:{clock['m']:02d}:{clock['s']:02d}{fraction}"

"""Header keywords of an ISDC event file, as astropy cards (keyword, value, comment)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from astropy.coordinates import SkyCoord
from astropy.time import Time

from .pointing import SECONDS_PER_DAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .observation import TracedEvents
    from .pointing import Pointing

Card = tuple[str, str | float | int, str]

MJD_REFERENCE = 51544.0
CREATOR = "tests.photons SIMULATED"
SIMULATED = "SIMULATED data: photons traced one by one by a test simulator."
OBT_REFERENCE = 9111764710981632
OBT_REFERENCE_TIME = 8320.63230042977
TICKS_PER_SECOND = 1 << 20
TIME_RESOLUTION = 7.06425419560185e-10


def utc(time: float) -> str:
    """UTC of an IJD (TT), ISO 8601 with 7 decimals."""
    moment = Time(MJD_REFERENCE, time, format="mjd", scale="tt")
    moment.precision = 7
    return str(moment.utc.isot)


def on_board_ticks(time: float | NDArray[np.float64]) -> NDArray[np.uint64]:
    """On-board time of an IJD in units of 2**-20 s, aligned with a real revolution."""
    elapsed = (np.asarray(time) - OBT_REFERENCE_TIME) * SECONDS_PER_DAY
    ticks = np.rint(elapsed * TICKS_PER_SECOND).astype(np.int64) + OBT_REFERENCE
    return ticks.astype(np.uint64)


def events_cards(events: TracedEvents) -> list[Card]:
    """Keywords of ISGR-EVTS-ALL, the table's own left out."""
    first, last = _stretch(events)
    return [
        ("EXTREL", "7.9", "ISDC release number"),
        *_origin_cards("COR"),
        ("DETNAM", "ISGRI", "Name of the detector layer"),
        *_window_cards(events),
        ("HDUCLAS1", "EVENTS", "Dataset contains events"),
        ("HDUCLAS2", "ALL", "2nd subclass of OGIP classification"),
        ("RADECSYS", "FK5", "Stellar reference frame"),
        ("EQUINOX", 2000.0, "Coordinate system equinox"),
        *_attitude_cards(events.pointing),
        *_galactic_cards(events.pointing),
        ("TIMEDEL", TIME_RESOLUTION, "[d] Time resolution"),
        ("TIMEPIXR", 0.5, "Relative position [0,1] of time stamp in bins"),
        ("TIMECORR", 0, "Time correction flag"),
        *_column_cards(),
        ("TFIRST", first, "[d] Time of the first event"),
        ("TLAST", last, "[d] Time of the last event"),
    ]


def good_time_cards(events: TracedEvents) -> list[Card]:
    """Keywords of IBIS-GNRL-GTI, the table's own left out."""
    return [
        ("EXTREL", "7.0", "ISDC release number"),
        *_origin_cards("GTI"),
        *_window_cards(events),
        ("HDUCLAS1", "GTI", "Dataset contains good time intervals"),
        ("HDUCLAS2", "STANDARD", "2nd subclass of OGIP classification"),
        ("GTI_NAME", "MERGED_ISGRI", "GTI category"),
        *_attitude_cards(events.pointing),
    ]


def _origin_cards(level: str) -> list[Card]:
    return [
        ("BASETYPE", "DAL_TABLE", "Data Access Layer base type"),
        ("TELESCOP", "INTEGRAL", "Telescope or mission name"),
        ("ORIGIN", "SIMULATED", "Not observed: made by a simulator"),
        ("INSTRUME", "IBIS", "Instrument name"),
        ("ISDCLEVL", level, "ISDC level of data processing"),
        ("CREATOR", CREATOR, "What made this data"),
        ("CONFIGUR", "SIMULATED", "Software system configuration"),
    ]


def _window_cards(events: TracedEvents) -> list[Card]:
    pointing = events.pointing
    stop = pointing.start + events.duration / SECONDS_PER_DAY
    return [
        ("DATE", utc(stop)[:19], "Simulated end, so that files are repeatable"),
        ("MJDREF", MJD_REFERENCE, "Modified Julian Date of time origin"),
        ("TIMESYS", "TT", "Time frame system"),
        ("TIMEUNIT", "d", "Time unit"),
        ("TIMEREF", "LOCAL", "Time reference frame"),
        ("ERTFIRST", utc(pointing.start)[:19], "Earth received time, first packet"),
        ("ERTLAST", utc(stop)[:19], "Earth received time of the last packet"),
        ("REVOL", int(pointing.swid[:4]), "Revolution number"),
        ("SWID", pointing.swid, "Science Window identifier"),
        ("SW_TYPE", _window_type(pointing.swid), "Type of the Science Window"),
        ("SWBOUND", "OTF", "Reason for Science Window ending"),
        ("BCPPID", pointing.swid[:8], "Broadcast packet pointing ID at ScW start"),
        ("OBTSTART", _digits(pointing.start), "OBT of the start of the Science Window"),
        ("OBTEND", _digits(stop), "OBT of the end of the Science Window"),
        ("TSTART", pointing.start, "Start time of the Science Window"),
        ("TSTOP", stop, "End time of the Science Window"),
        ("TELAPSE", events.duration, "[s] Total observation elapsed time"),
        ("HDUCLASS", "OGIP", "Format conforms mostly to OGIP standards"),
    ]


def _attitude_cards(pointing: Pointing) -> list[Card]:
    return [
        ("RA_SCX", pointing.ra_x, "[deg] Right ascension of spacecraft X-axis"),
        ("DEC_SCX", pointing.dec_x, "[deg] Declination of spacecraft X-axis"),
        ("RA_SCZ", pointing.ra_z, "[deg] Right ascension of spacecraft Z-axis"),
        ("DEC_SCZ", pointing.dec_z, "[deg] Declination of spacecraft Z-axis"),
    ]


def _galactic_cards(pointing: Pointing) -> list[Card]:
    cards: list[Card] = []
    for axis, ra, dec in (
        ("X", pointing.ra_x, pointing.dec_x),
        ("Z", pointing.ra_z, pointing.dec_z),
    ):
        place = SkyCoord(ra, dec, unit="deg").galactic
        of_axis = f"of spacecraft {axis}-axis"
        cards += [
            (f"L2_SC{axis}", float(place.l.deg), f"[deg] Galactic longitude {of_axis}"),
            (f"B2_SC{axis}", float(place.b.deg), f"[deg] Galactic latitude {of_axis}"),
        ]
    return cards


def _column_cards() -> list[Card]:
    """Legal values and pixel scale of the columns."""
    highest = {1: 255, 2: 255, 3: 2047, 4: 127, 5: 127, 6: 129, 7: 133}
    cards: list[Card] = []
    for column, value in highest.items():
        cards.append((f"TLMIN{column}", 0, "Minimum legal value of the column"))
        cards.append((f"TLMAX{column}", value, "Maximum legal value of the column"))
    for column, centre in ((6, 64.5), (7, 66.5)):
        cards.append((f"TCRPX{column}", centre, "Reference pixel of the column"))
        cards.append((f"TCRVL{column}", 0.0, "Reference value of the column"))
        cards.append((f"TCDLT{column}", 4.6, "[mm] Pixel increment of the column"))
    return cards


def _stretch(events: TracedEvents) -> tuple[float, float]:
    """Return times of the first and last event; the start twice when there are none."""
    if len(events) == 0:
        return events.pointing.start, events.pointing.start
    return float(events.time[0]), float(events.time[-1])


def _digits(time: float) -> str:
    return f"{int(on_board_ticks(time)):020d}"


def _window_type(swid: str) -> str:
    return {"0": "POINTING", "1": "SLEW"}.get(swid[-1], "ENGINEERING")

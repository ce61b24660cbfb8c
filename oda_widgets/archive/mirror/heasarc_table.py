"""Read HEASARC's table of science windows, if its index is not available.

The whole table is fetched and searched here, so that no server learns what a user looks for.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import erfa
import numpy as np

from oda_widgets.archive.mirror.window_list import Columns, checked
from oda_widgets.arrays import Floats
from oda_widgets.errors import ServiceError
from oda_widgets.request.instruments import instruments
from oda_widgets.request.timespan import FARTHEST, IJD_ZERO_MJD
from oda_widgets.request.typed_date import future_years

_SERVICE = "https://heasarc.gsfc.nasa.gov/xamin/vo/tap"
_COLUMNS = "scw_id, scw_ver, ra, dec, start_date, end_date, good_isgri, good_jemx1, good_jemx2"
_QUERY = f"SELECT {_COLUMNS} FROM intscw WHERE good_isgri > 0"  # noqa: S608 - a constant
_MOST_ROWS = 300_000
_JD_OF_MJD_ZERO = 2400000.5
_TIMEOUT = (10.0, 120.0)  # seconds for a connection, and between two pieces


def ask_heasarc() -> Any:
    """Return the rows of HEASARC's table.

    Raises
    ------
    ServiceError
        If it does not answer.
    """
    import requests  # noqa: PLC0415 - heavy import, as the next
    from pyvo.dal import TAPService  # noqa: PLC0415

    class Impatient(requests.Session):
        """A session with a timeout, which follows no redirect."""

        def request(self, *arguments: Any, **words: Any) -> Any:
            return super().request(*arguments, **{"timeout": _TIMEOUT, **words})

    session = Impatient()
    session.max_redirects = 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return TAPService(_SERVICE, session=session).run_sync(_QUERY, maxrec=_MOST_ROWS)
    except Exception as error:  # pyvo and requests raise errors of many kinds
        problem = f"HEASARC's table of science windows does not answer ({type(error).__name__})."
        raise ServiceError(problem, "Try again later, or name another mirror.") from error


def heasarc_columns(ask: Callable[[], Any] = ask_heasarc) -> Columns:
    """Return the pointings in HEASARC's table, as `window_list.read_index` does.

    Parameters
    ----------
    ask
        Returns a table with the columns of ``intscw``; times are MJD in UTC, good times seconds.

    Raises
    ------
    ServiceError
        If it does not answer, or sends another table.
    """
    answer = ask()
    try:
        table = answer.to_table() if hasattr(answer, "to_table") else answer
        names = [
            f"{str(name).strip()}.{int(str(version).strip() or 1):03d}".encode()
            for name, version in zip(table["scw_id"], table["scw_ver"], strict=True)
        ]
        nothing = np.full(len(names), np.nan)
        columns = {
            "id": np.array(names, "S16"),
            "TSTART": ijd_of(table["start_date"]),
            "TSTOP": ijd_of(table["end_date"]),
            "RA_SCX": _numbers(table["ra"]),
            "DEC_SCX": _numbers(table["dec"]),
            "RA_SCZ": nothing,
            "DEC_SCZ": nothing,
            "GOOD": _numbers(table["good_isgri"]),
        }
        stated = (one.good_time for one in instruments() if one.mode)
        columns |= {n: np.nan_to_num(_numbers(table[n])) for n in stated if n in table.colnames}
    except (KeyError, ValueError, TypeError) as error:
        problem = f"HEASARC's table of science windows has changed ({error})."
        raise ServiceError(problem, "Update oda_widgets.") from None
    return checked(columns)


def ijd_of(dates: Any) -> Floats:
    """Return the times in a column of the table, IJD days; NaN where missing.

    Parameters
    ----------
    dates
        MJD in UTC, as the description of the table says: a minute behind TT.
    """
    days = _numbers(dates)
    known = np.abs(days - IJD_ZERO_MJD) <= FARTHEST
    with future_years():
        utc = erfa.utctai(_JD_OF_MJD_ZERO, np.where(known, days, IJD_ZERO_MJD))
        whole, rest = erfa.taitt(*utc)
    return np.where(known, (whole - _JD_OF_MJD_ZERO - IJD_ZERO_MJD) + rest, np.nan)


def _numbers(column: Any) -> Floats:
    """Return a column as numbers; NaN where missing."""
    return np.asarray(np.ma.filled(np.ma.asarray(column).astype(float), np.nan))

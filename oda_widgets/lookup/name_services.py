"""Services on the network that resolve names of sources: SIMBAD and NED."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from math import isfinite, nan
from threading import Thread
from typing import Any

import numpy as np

from oda_widgets.request.longitudes import right_ascension
from oda_widgets.request.numbers import number_within

Position = tuple[float, float]

TIMEOUT = 5.0  # seconds; astroquery alone may wait a minute


@dataclass(frozen=True)
class NameService:
    """A service that resolves names.

    Parameters
    ----------
    name
        Name of the service.
    query
        Function that returns (RA, Dec) in degrees of a source by its name, or None if the name is
        unknown. It raises `OSError` if the service cannot be reached.
    """

    name: str
    query: Callable[[str], Position | None]


def online_services() -> tuple[NameService, ...]:
    """Return SIMBAD and NED, in the order in which they are queried.

    Examples
    --------
    >>> [service.name for service in online_services()]
    ['SIMBAD', 'NED']
    """
    return NameService("SIMBAD", query_simbad), NameService("NED", query_ned)


def query_simbad(name: str) -> Position | None:
    """Return the position of a source in SIMBAD, (RA, Dec) in degrees; None if unknown.

    Raises
    ------
    OSError
        If SIMBAD cannot be reached or does not answer in time.
    """
    from astroquery.exceptions import TableParseError  # noqa: PLC0415 - heavy import
    from astroquery.simbad import Simbad  # noqa: PLC0415 - heavy import
    from pyvo.dal import DALAccessError  # noqa: PLC0415 - heavy import

    try:
        return first_position(_without_warnings(partial(Simbad.query_object, name)), "ra", "dec")
    except (DALAccessError, TableParseError, ValueError) as error:
        message = f"SIMBAD did not reply ({error})"
        raise ConnectionError(message) from error


def query_ned(name: str) -> Position | None:
    """Return the position of a source in NED, (RA, Dec) in degrees; None if unknown.

    Raises
    ------
    OSError
        If NED cannot be reached or does not answer in time.
    """
    from astroquery import exceptions  # noqa: PLC0415 - heavy import
    from astroquery.ipac.ned import Ned  # noqa: PLC0415 - heavy import

    try:
        return first_position(_without_warnings(partial(Ned.query_object, name)), "RA", "DEC")
    except exceptions.RemoteServiceError:
        return None  # NED's reply to an unknown name
    except (exceptions.TimeoutError, exceptions.TableParseError, ValueError) as error:
        message = f"NED did not reply ({error})"
        raise ConnectionError(message) from error


def first_position(table: Any, ra: str, dec: str) -> Position | None:
    """Return the position in the first row of a table, in degrees; None if it is empty.

    Raises
    ------
    BadParameter
        If the position is not on the sky.
    """
    if table is None or len(table) == 0:
        return None
    longitude, latitude = _number(table[ra][0]), _number(table[dec][0])
    if not (isfinite(longitude) and isfinite(latitude)):
        return None
    return right_ascension(ra, longitude), number_within(dec, latitude, -90, 90, "deg")


def in_time(call: Callable[[], Any], timeout: float = TIMEOUT) -> Any:
    """Return the result of a call, or raise `TimeoutError` after `timeout` seconds.

    Examples
    --------
    >>> in_time(lambda: 42)
    42
    """
    future: Future[Any] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001 - raised in the waiting thread
            future.set_exception(error)

    # A daemon thread does not delay the end of the program if the service never replies.
    Thread(target=run, daemon=True).start()
    return future.result(timeout)


def _number(value: Any) -> float:
    """Return a number of a table; NaN if it is masked."""
    return nan if value is np.ma.masked else float(value)


def _without_warnings(query: Callable[[], Any]) -> Any:
    """Return the result of a query in time, without the warnings of astroquery."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an empty table says that nothing was found
        return in_time(query)

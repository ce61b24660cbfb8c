"""Services on the network that know where a named source is."""

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

Position = tuple[float, float]

TIMEOUT = 5.0  # seconds; astroquery itself may wait for a minute


@dataclass(frozen=True)
class NameService:
    """A service that resolves names.

    Parameters
    ----------
    name
        What to call it in a sentence.
    ask
        Returns (RA, Dec) in degrees of a named source, or None for a name it does not know.
        Raises `OSError` if it cannot be reached.
    """

    name: str
    ask: Callable[[str], Position | None]


def online_services() -> tuple[NameService, ...]:
    """Return SIMBAD and NED, in the order in which they are asked."""
    return NameService("SIMBAD", ask_simbad), NameService("NED", ask_ned)


def ask_simbad(name: str) -> Position | None:
    """Return where SIMBAD places a source, (RA, Dec) in degrees, or None.

    Raises
    ------
    OSError
        If SIMBAD cannot be reached, or not in time.
    """
    from astroquery.exceptions import TableParseError  # noqa: PLC0415 - heavy import
    from astroquery.simbad import Simbad  # noqa: PLC0415 - heavy import
    from pyvo.dal import DALAccessError  # noqa: PLC0415 - heavy import

    try:
        return first_position(_answer(partial(Simbad.query_object, name)), "ra", "dec")
    except (DALAccessError, TableParseError, ValueError) as error:
        message = f"SIMBAD did not answer ({error})"
        raise ConnectionError(message) from error


def ask_ned(name: str) -> Position | None:
    """Return where NED places a source, (RA, Dec) in degrees, or None.

    Raises
    ------
    OSError
        If NED cannot be reached, or not in time.
    """
    from astroquery import exceptions  # noqa: PLC0415 - heavy import
    from astroquery.ipac.ned import Ned  # noqa: PLC0415 - heavy import

    try:
        return first_position(_answer(partial(Ned.query_object, name)), "RA", "DEC")
    except exceptions.RemoteServiceError:
        return None  # how NED says that it does not know a name
    except (exceptions.TimeoutError, exceptions.TableParseError, ValueError) as error:
        message = f"NED did not answer ({error})"
        raise ConnectionError(message) from error


def first_position(table: Any, ra: str, dec: str) -> Position | None:
    """Return the position in the first row of an answer, or None if there is none."""
    if table is None or len(table) == 0:
        return None
    right_ascension, declination = _number(table[ra][0]), _number(table[dec][0])
    if not (isfinite(right_ascension) and isfinite(declination)):
        return None
    return right_ascension % 360, declination


def in_time(ask: Callable[[], Any], timeout: float = TIMEOUT) -> Any:
    """Return what a call returns, or raise `TimeoutError` after `timeout` seconds."""
    answer: Future[Any] = Future()

    def run() -> None:
        try:
            answer.set_result(ask())
        except BaseException as error:  # noqa: BLE001 - carried to the thread that waits
            answer.set_exception(error)

    # A daemon, so that a service that never answers does not hold up the end of the program.
    Thread(target=run, daemon=True).start()
    return answer.result(timeout)


def _number(value: Any) -> float:
    return nan if value is np.ma.masked else float(value)


def _answer(ask: Callable[[], Any]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that nothing was found is said by the answer
        return in_time(ask)

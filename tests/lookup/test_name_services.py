"""Recorded replies of SIMBAD and NED, as astroquery delivers them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from threading import Event
from typing import Any

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table

from oda_widgets.lookup.name_services import (
    first_position,
    in_time,
    online_services,
    query_ned,
    query_simbad,
)

Record = Callable[[Any], None]

exceptions = pytest.importorskip("astroquery.exceptions")


def recorded(monkeypatch: pytest.MonkeyPatch, place: str, answer: Any) -> None:
    """Let an object of astroquery give an answer, or raise it."""

    def query_object(_name: str) -> Table:
        warnings.warn("a remark", exceptions.NoResultsWarning, stacklevel=1)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    monkeypatch.setattr(f"{place}.query_object", query_object)


@pytest.fixture
def simbad(monkeypatch: pytest.MonkeyPatch) -> Record:
    """Record an answer of SIMBAD."""
    return lambda answer: recorded(monkeypatch, "astroquery.simbad.Simbad", answer)


@pytest.fixture
def ned(monkeypatch: pytest.MonkeyPatch) -> Record:
    """Record an answer of NED."""
    return lambda answer: recorded(monkeypatch, "astroquery.ipac.ned.Ned", answer)


def test_simbad_answers_in_degrees(simbad: Record) -> None:
    simbad(
        Table(
            {
                "main_id": ["M   1"],
                "ra": [83.6287],
                "dec": [22.0147],
                "coo_bibcode": ["2006AJ....131.1163S"],
                "matched_id": ["NAME Crab"],
            }
        )
    )
    assert query_simbad("Crab") == (83.6287, 22.0147)


def test_simbad_says_that_it_knows_nothing_by_an_empty_table(simbad: Record) -> None:
    simbad(Table(names=("main_id", "ra", "dec"), dtype=(str, float, float)))
    assert query_simbad("Foo 1") is None


def test_an_object_without_position_is_not_an_answer(simbad: Record) -> None:
    simbad(Table({"ra": MaskedColumn([1.0], mask=[True]), "dec": [np.nan]}))
    assert query_simbad("Foo 1") is None


def test_ned_answers_in_degrees(ned: Record) -> None:
    ned(Table({"No.": [1], "Object Name": ["MESSIER 001"], "RA": [83.63321], "DEC": [22.01446]}))
    assert query_ned("Crab") == (83.63321, 22.01446)


def test_ned_says_that_it_knows_nothing_by_an_error(ned: Record) -> None:
    ned(exceptions.RemoteServiceError("The remote service returned the following error message."))
    assert query_ned("Foo 1") is None


def test_ned_out_of_reach_is_an_os_error(ned: Record) -> None:
    ned(exceptions.TimeoutError("Query timed out"))
    with pytest.raises(OSError, match="NED did not reply"):
        query_ned("Crab")


def test_simbad_out_of_reach_is_an_os_error(simbad: Record) -> None:
    from pyvo.dal import DALServiceError

    simbad(DALServiceError("503 Service Unavailable"))
    with pytest.raises(OSError, match="SIMBAD did not reply"):
        query_simbad("Crab")


def test_no_connection_is_an_os_error(simbad: Record) -> None:
    from requests import ConnectionError as NoConnection

    simbad(NoConnection("Name or service not known"))
    with pytest.raises(OSError, match="not known"):
        query_simbad("Crab")


def test_an_answer_that_is_not_a_table_is_an_os_error(ned: Record) -> None:
    ned(exceptions.TableParseError("Failed to parse NED result!"))
    with pytest.raises(OSError, match="NED did not reply"):
        query_ned("Crab")


def test_a_service_that_never_answers_is_given_up() -> None:
    silent, ended = Event(), Event()

    def ask() -> None:
        silent.wait()
        ended.set()

    with pytest.raises(TimeoutError):
        in_time(ask, timeout=0.05)
    assert not ended.is_set()  # nobody waited for it
    silent.set()


def test_right_ascension_stays_below_360_degrees() -> None:
    assert first_position(Table({"ra": [360.0], "dec": [0.0]}), "ra", "dec") == (0.0, 0.0)


def test_simbad_is_asked_before_ned() -> None:
    assert [service.name for service in online_services()] == ["SIMBAD", "NED"]

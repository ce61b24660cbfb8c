"""Science windows from the services that list them: recorded replies."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from astropy.table import Table

from oda_widgets.backend.dispatcher import window_services as services
from oda_widgets.backend.dispatcher.window_services import (
    WindowServices,
    heasarc_windows,
)
from oda_widgets.errors import EmptySelection, ServiceError
from oda_widgets.protocol.timesystem import OURS, read_windows, window_columns
from oda_widgets.request.source import Source
from oda_widgets.request.window_query import WindowQuery
from tests.servers.misbehaving import Asked, Said, serving

# What the service answered for 2008-03-10 to 2008-03-30, 2 degrees around (83, 22), as the tests
# of the dispatcher's INTEGRAL plugin record it.
NAMES = [
    *("066500140010", "066500640010", "066500890010", "066600140010", "066600390010"),
    *("066600420010", "066600420020", "066600420030", "066600650010", "066600900010"),
]
# With return_columns the service answers one list per column.
COLUMNS = {
    "SWID": ["066500140010", "066500150021", "066500640010"],
    "RA_SCX": [83.5, 83.6, 84.0],
    "DEC_SCX": [22.0, 22.1, 25.0],
    "RA_SCZ": [173.0, 173.1, 173.5],
    "DEC_SCZ": [1.0, 1.0, 1.0],
    "TSTART": [3006.1, 3006.2, 3007.5],
    "TSTOP": [3006.14, 3006.21, 3007.54],
}
# Rows of HEASARC's intscw; times are MJD in UTC, which in 2008 is 65.184 s behind TT.
AHEAD = 65.184 / 86400
ROWS = Table(
    {
        "scw_id": ["066500140010", "066500150021", "066500640010"],
        "scw_ver": ["001", "001", "002"],
        "ra": [83.5, 83.6, 84.0],
        "dec": [22.0, 22.1, 25.0],
        "start_date": [54550.1, 54550.2, 54551.5],
        "end_date": [54550.14, 54550.21, 54551.54],
        "good_isgri": [1800, 0, 3000],
    }
)
CRAB = Source("Crab", 83.633, 22.014)


def ask(service: WindowServices, **changed: Any) -> Any:
    words = {"source": CRAB, "radius": 15.0, "start": 3000.0, "stop": 3010.0, "limit": 50}
    return service.select(WindowQuery(**{**words, **changed}))


def answering(content: Any, status: int = 200) -> Any:
    return lambda _: Said(json.dumps(content).encode(), status=status)


@pytest.fixture(autouse=True)
def no_public_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "PUBLIC_SERVICE", "http://127.0.0.1:9/gw/timesystem")

    def refuse(*_: Any) -> Any:
        raise OSError

    monkeypatch.setattr(services, "ask_heasarc", refuse)


def test_the_service_beside_the_dispatcher_is_asked_first_and_named() -> None:
    with serving(answering(COLUMNS)) as (address, asked):
        found = ask(WindowServices(address))
    assert found.ids == ("066500140010.001", "066500640010.001")  # the slew between is none
    assert found.answered_by == f"{address}/gw/timesystem"
    assert (found[0].start, found[0].ra, found[0].dec_z) == (3006.1, 83.5, 1.0)
    path = asked[0].path
    assert "/gw/timesystem/api/v1.0/scwlist/cons/2008-03-18T23:58:55/2008-03-28T23:58:55" in path
    assert "ra=83.633&dec=22.014&radius=15.0" in path
    assert "min_good_isgri=1000" in path


def test_names_alone_are_enough() -> None:
    with serving(answering(NAMES)) as (address, _):
        found = ask(WindowServices(address), limit=3)
    assert found.available == 10
    assert len(found) == 3
    assert all(window.revolution in {665, 666} for window in found)


def test_conditions_are_checked_again() -> None:
    with serving(answering(COLUMNS)) as (address, _):
        found = ask(WindowServices(address), radius=1.0)
        assert found.ids == ("066500140010.001",)
        assert ask(WindowServices(address), limit=1, seed=3).available == 2


@pytest.mark.parametrize("seconds", [60, 2000])
def test_windows_with_little_good_time_are_taken_where_there_are_no_others(seconds: int) -> None:
    def answer(asked: Asked) -> Said:
        (least,) = parse_qs(urlsplit(asked.path).query)["min_good_isgri"]
        return Said(json.dumps(COLUMNS if seconds >= int(least) else []).encode())

    with serving(answer) as (address, asked):
        service = WindowServices(address)
        assert ask(service).ids == ("066500140010.001", "066500640010.001")
        times = len(asked)
        assert len(service.named(["066500640010.001"])) == 1
    assert times == (1 if seconds >= 1000 else 2)
    assert "min_good_isgri=0" in asked[-1].path


def test_an_empty_answer_is_told_with_its_conditions() -> None:
    empty = pytest.raises(EmptySelection, match=r"within 15 deg of Crab from 2008-03-18")
    with serving(answering([])) as (address, _), empty:
        ask(WindowServices(address))


@pytest.mark.parametrize(
    "content",
    ["none", {"SWID": ["066500140010"], "RA_SCX": []}, {"message": "error"}, [1e400], 3, None],
)
def test_heasarc_is_asked_when_the_services_are_silent_or_confused(
    content: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "ask_heasarc", lambda *_: ROWS)
    with serving(lambda _: Said(json.dumps(content).encode())) as (address, _):
        found = ask(WindowServices(address))
    assert found.answered_by == "HEASARC, intscw"
    assert found.ids == ("066500140010.001", "066500640010.002")
    assert found[0].start == pytest.approx(3006.1 + AHEAD, abs=1e-9)
    assert found[0].good_time == 1800


def test_the_error_names_the_services_that_were_asked() -> None:
    silence = pytest.raises(ServiceError, match=r"timesystem .*HEASARC.*Name the windows")
    with serving(lambda _: Said(status=500)) as (address, _), silence as caught:
        ask(WindowServices(address))
    assert address in str(caught.value)


def test_the_columns_go_there_and_back() -> None:
    there = window_columns(read_windows(COLUMNS))
    assert there["SWID"] == ["066500140010", "066500640010"]
    assert there["RA_SCX"] == [83.5, 84.0]
    assert window_columns(read_windows(there)) == there
    assert window_columns([]) == {name: [] for name in (*COLUMNS, *OURS)}
    assert len(heasarc_windows(ROWS)) == 2

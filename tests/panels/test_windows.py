"""Science windows in the panel: how many of how many, real or simulated, and never too many."""

from __future__ import annotations

import re
from typing import Any

import pytest

from oda_widgets.errors import BadParameter, EmptySelection
from oda_widgets.panels.opening import windows_named
from oda_widgets.panels.stage import Stage
from oda_widgets.panels.windows import WindowsPanel
from oda_widgets.request.science_windows import ScienceWindow, ScienceWindowList
from tests.panels.turns import held_timers, wait_until


class Archive:
    """Finds as many windows as it has, up to the limit."""

    def __init__(self, available: int) -> None:
        self.available = available
        self.searches: list[dict[str, Any]] = []

    def science_windows(self, **search: Any) -> ScienceWindowList:
        self.searches.append(search)
        if search["start"] == "1999-01":
            raise EmptySelection("None lies in the time asked for.", "Change start.")
        number = min(search["limit"], self.available)
        windows = (
            ScienceWindow(
                f"{n:012d}", 1000.0 + n, 1000.5 + n, 83.6, 22.0, 0.0, 0.0, 3000.0, simulated=True
            )
            for n in range(number)
        )
        return ScienceWindowList(tuple(windows), self.available, "a <simulated> mission")

    def named_windows(self, _identifiers: tuple[str, ...]) -> ScienceWindowList:
        return ScienceWindowList((), 0, "a <simulated> mission")


def panel(available: int) -> tuple[WindowsPanel, Archive]:
    archive = Archive(available)
    return WindowsPanel(archive, lambda: None, Stage()), archive


def test_a_search_follows_the_last_key_and_until_then_no_window_is_chosen() -> None:
    made, archive = panel(1240)
    made.search()
    with held_timers():
        for text in ("2", "20", "200", "2004"):
            made.start.value = text
        made.limit.value = "10"
        made.seed.value = "3"
        with pytest.raises(EmptySelection, match="being searched"):
            _ = made.value
    assert len(made.value) == 10
    assert len(archive.searches) == 2
    assert archive.searches[-1]["start"] == "2004"
    assert archive.searches[-1]["seed"] == 3


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("radius", "-3", "outside 0.1 to 180 deg"),
        ("radius", "wide", "not a number"),
        ("limit", "0", "outside 1 to 100000"),
        ("limit", "2.5", "not a whole number"),
        ("seed", "-1", "outside 0 to"),
        ("start", "soon", "not a date"),
    ],
)
def test_a_wrong_field_is_marked_explained_and_never_changed(
    name: str, text: str, words: str
) -> None:
    made, archive = panel(5)
    made.search()
    field = getattr(made, name)
    field.value = text
    assert field.value == text
    assert "oda-wrong" in field._dom_classes
    assert words in made.message.value
    with pytest.raises(BadParameter, match=words):
        _ = made.value
    field.value = {"start": ""}.get(name, "7")
    wait_until(lambda: made.found)
    assert "oda-wrong" not in field._dom_classes
    assert made.message.value == ""
    assert len(archive.searches) == 2


def test_the_panel_says_of_how_many_and_that_they_are_simulated() -> None:
    made, _ = panel(1240)
    made.search()
    text = made._summary.value
    assert "SIMULATED" in text
    assert "50 of 1,240, at random (seed 0)" in text
    assert "a &lt;simulated&gt; mission" in text
    made.list.value = made.list.value[:3]
    assert "3 chosen" in made._summary.value
    assert made.span == (made.found[0].start, made.found[2].stop)


def cells(html: str) -> list[list[str]]:
    """Return the texts of the rows of a table."""
    rows = re.findall(r"<tr>(.*?)</tr>", html.replace("<span>", "").replace("</span>", ""))
    return [re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", row) for row in rows]


def test_the_panel_says_how_typed_times_were_understood() -> None:
    made, _ = panel(5)
    made.start.value, made.stop.value = "53005", ""
    made.search()
    assert cells(made._summary.value) == [
        ["time", "from"],
        ["UTC", "2004-01-01 00:00:00"],
        ["MJD (UTC)", "53005.00000"],
        ["IJD (TT)", "1461.00074"],
        ["rev", "148"],
    ]
    made.start.value, made.stop.value = "rev 100", "2004-01-01T01:00+01:00"
    made.search()
    assert cells(made._summary.value) == [
        ["time", "from", "to"],
        ["UTC", "2003-08-08 14:58:56", "2004-01-01 00:00:00"],
        ["MJD (UTC)", "52859.62426", "53005.00000"],
        ["IJD (TT)", "1315.62500", "1461.00074"],
        ["rev", "100", "148"],
    ]


def test_no_time_is_invented_for_windows_of_which_only_the_name_is_known() -> None:
    made, _ = panel(5)
    named = windows_named(["255900280010.001"])
    made.show(ScienceWindowList(named, 1, "a link"))
    assert made.list.options == (("255900280010.001 · revolution 2559", "255900280010.001"),)
    assert made.span is None


def test_a_whole_mission_is_chosen_without_a_list_of_it() -> None:
    made, _ = panel(73_594)
    made.limit.value = "100000"
    made.search()
    assert len(made.value) == 73_594
    assert made.list.options == ()
    assert made.list.layout.display == "none"
    assert "too many to list" in made._summary.value


def test_a_search_that_finds_nothing_leaves_nothing_chosen() -> None:
    made, _ = panel(5)
    made.search()
    made.start.value = "1999-01"
    wait_until(lambda: made.message.value)
    assert "Change start" in made.message.value
    with pytest.raises(EmptySelection, match="None lies in the time"):
        _ = made.value
    made.start.value = "2004"
    wait_until(lambda: made.found)
    assert len(made.value) == 5
    assert made.message.value == ""

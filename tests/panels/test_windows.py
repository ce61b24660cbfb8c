"""Science windows in the panel: how many of how many, real or simulated, and never too many."""

from __future__ import annotations

from typing import Any

from oda_widgets.errors import EmptySelection
from oda_widgets.panels.windows import WindowsPanel
from oda_widgets.request.science_windows import ScienceWindow, ScienceWindowList


class Archive:
    """Finds as many windows as it has, up to the limit."""

    def __init__(self, available: int) -> None:
        self.available = available
        self.searches: list[dict[str, Any]] = []

    def science_windows(self, **search: Any) -> ScienceWindowList:
        self.searches.append(search)
        if search["start"] == "1999":
            raise EmptySelection("None lies in the time asked for.", "Change start.")
        number = min(search["limit"], self.available)
        windows = (
            ScienceWindow(
                f"{n:012d}", 1000.0 + n, 1000.5 + n, 83.6, 22.0, 0.0, 0.0, 3000.0, simulated=True
            )
            for n in range(number)
        )
        return ScienceWindowList(tuple(windows), self.available, "a <simulated> mission")


def panel(available: int) -> tuple[WindowsPanel, Archive, list[tuple[str, ...]]]:
    archive, heard = Archive(available), []
    return WindowsPanel(archive, heard.append), archive, heard


def test_each_change_searches_again() -> None:
    made, archive, heard = panel(1240)
    made.start.value = "2004"
    assert archive.searches[-1]["start"] == "2004"
    made.limit.value = 10
    made.seed.value = 3
    assert archive.searches[-1]["seed"] == 3
    assert len(made.value) == 10
    assert [len(ids) for ids in heard] == [50, 10, 10]


def test_the_panel_says_of_how_many_and_that_they_are_simulated() -> None:
    made, _, _ = panel(1240)
    made.search()
    text = made._summary.value
    assert "SIMULATED" in text
    assert "50 of 1,240, at random (seed 0)" in text
    assert "a &lt;simulated&gt; mission" in text
    made.list.value = made.list.value[:3]
    assert "3 chosen" in made._summary.value
    assert made.first is made.found[0]


def test_a_whole_mission_is_chosen_without_a_list_of_it() -> None:
    made, _, _ = panel(73_594)
    made.limit.value = 100_000
    assert len(made.value) == 73_594
    assert made.list.options == ()
    assert made.list.layout.display == "none"
    assert "too many to list" in made._summary.value


def test_a_search_that_finds_nothing_leaves_nothing_chosen() -> None:
    made, _, heard = panel(5)
    made.search()
    made.start.value = "1999"
    assert made.value == ()
    assert heard[-1] == ()
    assert "Change start" in made.message.value
    made.start.value = "2004"
    assert len(made.value) == 5
    assert made.message.value == ""

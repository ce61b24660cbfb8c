from __future__ import annotations

import pytest

from oda_widgets.errors import BadParameter
from oda_widgets.panels.times import TimesPanel, describe
from oda_widgets.request.timespan import SECONDS_PER_DAY, TimeInterval, isot_utc, to_ijd
from tests.views import handmade

START = handmade.START


def interval(start: float, stop: float) -> TimeInterval:
    return TimeInterval(START + start / SECONDS_PER_DAY, START + stop / SECONDS_PER_DAY)


class Heard(list):
    def __call__(self, value: object) -> None:
        self.append(value)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def panel(heard: Heard) -> TimesPanel:
    made = TimesPanel(heard)
    made.show((), zero=START)
    return made


def test_seconds_may_be_typed(panel: TimesPanel, heard: Heard) -> None:
    panel.text.value = "600 603\n1210 1211.5"
    assert [round(i.seconds, 3) for i in panel.value] == [3, 1.5]
    assert panel.summary == "4.5 s in 2 intervals"
    assert heard == [panel.value]


def test_dates_may_be_typed(panel: TimesPanel) -> None:
    panel.text.value = "2022-10-12T15:30:00 2022-10-12T15:30:05"
    assert panel.value[0].start == to_ijd("2022-10-12T15:30:00")
    assert panel.summary == "5 s in 1 interval"


def test_brushed_intervals_keep_every_digit(panel: TimesPanel, heard: Heard) -> None:
    exact = (interval(600.000123456, 603.7),)
    panel.show(exact)
    assert panel.text.value == "600 603.7"
    panel.text.value = "600 603.75"
    assert panel.text.value == "600 603.75"  # it is not rewritten while it is typed
    panel.text.value = "600 603.7"
    assert panel.value == exact
    assert heard[-1] == exact


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("600", "a start and a stop"),
        ("603 600", "must end after it starts"),
        ("soon later", "not a date"),
        ("600 <b>", "not a date"),
    ],
)
def test_wrong_lines_are_explained_and_not_used(panel: TimesPanel, text: str, words: str) -> None:
    panel.text.value = text
    assert words in panel.message.value
    assert "<b>" not in panel.message.value.replace("<b>intervals", "")
    assert "oda-wrong" in panel.text._dom_classes
    with pytest.raises(BadParameter, match=words):
        _ = panel.value
    panel.text.value = "600 603"
    assert panel.message.value == ""
    assert len(panel.value) == 1


def test_seconds_need_a_zero() -> None:
    panel = TimesPanel(lambda _intervals: None)
    panel.text.value = "600 603"
    assert "find windows first" in panel.message.value


def test_times_of_data_over_years_are_shown_as_dates(panel: TimesPanel) -> None:
    panel.rebase(START, START + 3650)
    assert panel._reference.value == f"Dates in UTC, or seconds since {isot_utc(START)} UTC"
    panel.choose([("2024-01-01", "2024-01-02")])
    assert panel.text.value == "2024-01-01T00:00:00.000 2024-01-02T00:00:00.000"
    panel.rebase(START, START + 0.04)
    assert panel._reference.value == f"Seconds since {isot_utc(START)} UTC"


def test_no_interval_is_all_good_time() -> None:
    assert describe(()) == "All good time"

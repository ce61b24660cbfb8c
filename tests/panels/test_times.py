from __future__ import annotations

import pytest

from oda_widgets.errors import BadParameter
from oda_widgets.panels.times import TimesPanel, describe
from oda_widgets.panels.workbench import Workbench
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


def test_the_selection_is_shown_in_all_forms_of_time(panel: TimesPanel) -> None:
    panel.text.value = "MJD 59864.5 MJD 59864.75\nMJD 59864.6 MJD 59864.7"
    assert "<td>59864.50000000</td><td>59864.75000000</td>" in panel._all_forms.value
    assert "<td>8320.50080074</td><td>8320.75080074</td>" in panel._all_forms.value
    panel.clear()
    assert panel._all_forms.value == ""


@pytest.mark.parametrize(
    "line",
    [
        "2022-10-12 15:30 2022-10-12 15:40",
        "2022-10-12T15:30Z, 2022-10-12T17:40+02:00",
        "MJD 59864.645833333 to MJD 59864.652777778",
        "IJD 8320.646634075 IJD 8320.653578519",
        "2022-10-12 15:30 UTC 2022-10-12 15:40 UTC",
    ],
)
def test_instants_of_several_words_may_be_typed(panel: TimesPanel, line: str) -> None:
    panel.text.value = line
    assert panel.value[0].start == pytest.approx(to_ijd("2022-10-12T15:30:00"), abs=1e-8)
    assert panel.summary.startswith("600")


def test_swapped_seconds_are_answered_in_seconds(panel: TimesPanel) -> None:
    panel.text.value = "603 600"
    with pytest.raises(BadParameter, match=r"intervals='603 600': an interval must end after"):
        _ = panel.value


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
        ("soon later", "not a date"),
        ("600 <b>", "not a date"),
    ],
)
def test_wrong_lines_are_explained_and_not_used(panel: TimesPanel, text: str, words: str) -> None:
    panel.text.value = text
    assert words in panel.message.value
    assert "<b>" not in panel.message.value.replace("<b>Time selection", "")
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


def test_seconds_count_from_the_light_curve_as_long_as_its_windows_are_chosen(
    panel: TimesPanel,
) -> None:
    panel.rebase(START, START + 0.04)
    panel.text.value = "603 606"
    panel.follow_windows(START - 1e-4, START + 0.04)
    assert panel.text.value == "603 606"
    panel.follow_windows(START - 1, START - 0.5)
    assert panel.zero == START - 1


def test_seconds_never_count_from_windows_that_are_not_known(panel: TimesPanel) -> None:
    panel.text.value = "600 603"
    kept = panel.value
    panel.forget_zero()
    assert panel._reference.value == "Dates in UTC"
    assert panel.text.value == f"{isot_utc(kept[0].start)} {isot_utc(kept[0].stop)}"
    assert panel.value == kept
    panel.text.value = "100 1000"
    assert "find windows first" in panel.message.value


def test_an_interval_of_another_year_is_written_in_dates(panel: TimesPanel) -> None:
    panel.choose([("2023-03-07T15:44", "2023-03-07T15:46")])
    assert panel.text.value == "2023-03-07T15:44:00.000 2023-03-07T15:46:00.000"


def test_no_interval_is_all_good_time() -> None:
    assert describe(()) == "All good time"


def test_a_text_that_a_light_curve_does_not_use_is_said_to_be_unused(bench: Workbench) -> None:
    times = bench.form.times
    bench.form.product.kind.value = "light_curves"
    times.text.value = "some time"
    assert times._unused.layout.display == ""
    assert not bench.form.submit_button.disabled
    bench.form.product.kind.value = "image"
    assert times._unused.layout.display == "none"
    assert bench.form.submit_button.disabled
    bench.form.product.kind.value = "light_curves"
    times.text.value = ""
    assert times._unused.layout.display == "none"

"""Dates below light curves are those that one types: UTC."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from bokeh.plotting import figure

from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.timespan import to_ijd
from oda_widgets.views.pointings import _columns
from oda_widgets.views.time_axis import DATE, label_time
from tests.views.wire import in_javascript

_LABELLED = """
const at = Function("zero", "leaps", "cb_data", ticks)(zero, leaps, {range: {start: 0, end}})
const write = Function("zero", "leaps", "tick", "index", "ticks", labels)
return at.map((tick, i) => [tick, write(zero, leaps, tick, i, at)])
"""


def labels(zero: float, seconds: float) -> list[tuple[float, str]]:
    """Return the instants of the ticks, IJD, and what the browser writes at them."""
    plot = figure()
    label_time(plot, zero, seconds, DATE)
    axis = plot.xaxis[0]
    code = {"ticks": axis.ticker.major_code, "labels": axis.formatter.code}
    found = in_javascript(_LABELLED, end=seconds, **axis.ticker.args, **code)
    return [(zero + tick / 86400, text) for tick, text in found]


@pytest.mark.parametrize(
    ("start", "seconds"),
    [
        ("2022-10-12T15:09:35", 3600.0),
        ("2003-03-15T00:00:10", 3 * 86400.0),
        ("2008-12-31T23:58:00", 240.0),  # over a leap second
        ("2008-12-31T23:59:55", 12.0),
        ("2005-11-20", 90 * 86400.0),
    ],
)
def test_a_date_read_off_the_axis_is_the_instant_when_typed(start: str, seconds: float) -> None:
    ticks = labels(to_ijd(start), seconds)
    assert len(ticks) >= 2
    day = ""
    for instant, text in ticks:
        *new, clock = text.split("\n")
        if "-" in clock:
            new, clock = [clock if clock.count("-") == 2 else f"{clock}-01"], "00:00"
        day = new[0] if new else day
        assert to_ijd(f"{day}T{clock}") == pytest.approx(instant, abs=1e-3 / 86400)


def test_windows_begin_in_utc_on_the_axis_of_their_times() -> None:
    start = to_ijd("2010-09-28T02:00:50")
    window = ScienceWindow("097100400010.001", start, start + 0.03, 270.0, -25.0, 0, 0, 3000.0)
    (when,) = _columns([window], (270.0, -25.0))["when"]
    assert datetime.fromtimestamp(when / 1000, UTC).isoformat() == "2010-09-28T02:00:50+00:00"


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (60.0, "Seconds since 2005-03-22T03:50:00.016 UTC"),
        (86_400.0, "Hours since 2005-03-22T03:50:00 UTC"),
    ],
)
def test_the_zero_of_an_axis_is_told_as_finely_as_one_reads_it(span: float, words: str) -> None:
    plot = figure()
    label_time(plot, to_ijd("2005-03-22T03:50:00.016"), span)
    assert plot.xaxis[0].axis_label == words

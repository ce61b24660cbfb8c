"""Which seconds: a list of intervals, from the brush or typed."""

from __future__ import annotations

from collections.abc import Callable

from ipywidgets import Textarea, VBox

from oda_widgets.errors import BadParameter
from oda_widgets.panels.card import button, card, quiet, row
from oda_widgets.request.timespan import (
    SECONDS_PER_DAY,
    TimeInterval,
    isot_utc,
    parse_intervals,
    to_ijd,
)
from oda_widgets.views.message import Message, shown_in

Intervals = tuple[TimeInterval, ...]

_MOST_ROWS = 4
_HOW = 'Write a start and a stop per line: "603 606", or two dates in UTC.'


class TimesPanel(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Holds the intervals of time to which the next question is restricted.

    Parameters
    ----------
    on_change
        Called with the intervals whenever they change here.
    """

    def __init__(self, on_change: Callable[[Intervals], object]) -> None:
        self.value: Intervals = ()
        self.zero: float | None = None
        self._on_change = on_change
        self._text_shown = ""
        self.text = Textarea(placeholder="all good time", rows=1, continuous_update=False)
        self.text.add_class("oda-intervals")
        self.clear_button = button("Clear", "Use all good time again", "oda-chip")
        self.message = Message()
        self._summary = quiet()
        self._reference = quiet()
        self.text.observe(lambda _change: self.submit(), names="value")
        self.clear_button.on_click(lambda _button: self.clear())
        self._bottom = row(self._summary, self.clear_button)
        parts = (self._reference, self.text, self._bottom, self.message)
        super().__init__([card("Time selection", *parts)])
        self.show(())

    @property
    def summary(self) -> str:
        """How much time is selected, in words."""
        return describe(self.value)

    def show(self, intervals: Intervals, zero: float | None = None) -> None:
        """Show intervals without telling anybody; `zero` (IJD) is where seconds count from."""
        self.value = intervals
        if zero is not None:
            self.zero = zero
            self._reference.value = f"Seconds since {isot_utc(zero)} UTC"
        self._text_shown = "\n".join(self._line(interval) for interval in intervals)
        self.text.value = self._text_shown
        self.text.rows = min(max(len(intervals), 1), _MOST_ROWS)
        self._bottom.layout.display = "" if intervals else "none"
        self._summary.value = self.summary
        self.message.clear()

    def choose(self, intervals: object) -> None:
        """Use intervals (pairs of instants), and tell who asked."""
        self.show(parse_intervals(intervals))
        self._on_change(self.value)

    def clear(self) -> None:
        """Use all good time."""
        self.choose(())

    def submit(self) -> None:
        """Use the intervals as they are typed."""
        if self.text.value == self._text_shown:
            return  # the text is rounded: keep the intervals it was made from
        with shown_in(self.message):
            self.choose([self._parsed(line) for line in _lines(self.text.value)])

    def _parsed(self, line: str) -> tuple[float, float]:
        words = line.split()
        if len(words) != 2:
            raise BadParameter("intervals", line, "not a start and a stop", _HOW)
        return self._instant(words[0]), self._instant(words[1])

    def _instant(self, word: str) -> float:
        try:
            seconds = float(word)
        except ValueError:
            return to_ijd(word, "intervals")
        if self.zero is None:
            limit = "seconds count from the start of the data, and there are none yet"
            raise BadParameter("intervals", word, limit, "Write dates, or find windows first.")
        return self.zero + seconds / SECONDS_PER_DAY

    def _line(self, interval: TimeInterval) -> str:
        if self.zero is None:
            return f"{isot_utc(interval.start)} {isot_utc(interval.stop)}"
        start = (interval.start - self.zero) * SECONDS_PER_DAY
        stop = (interval.stop - self.zero) * SECONDS_PER_DAY
        return f"{_trimmed(start)} {_trimmed(stop)}"


def describe(intervals: Intervals) -> str:
    """Return how much time some intervals hold, in words."""
    if not intervals:
        return "All good time"
    seconds = _trimmed(sum(interval.seconds for interval in intervals))
    count = "1 interval" if len(intervals) == 1 else f"{len(intervals)} intervals"
    return f"{seconds} s in {count}"


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _trimmed(seconds: float) -> str:
    return f"{seconds:.3f}".rstrip("0").rstrip(".")

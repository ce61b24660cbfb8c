"""The time selection of the query: intervals from the brush, or typed."""

from __future__ import annotations

import re
from collections.abc import Callable

from ipywidgets import Textarea, VBox

from oda_widgets.errors import BadParameter, OdaError
from oda_widgets.panels.card import button, card, quiet, row
from oda_widgets.panels.instants import instants_table
from oda_widgets.panels.session import FormState
from oda_widgets.request.timespan import (
    NO_SPAN,
    SECONDS_PER_DAY,
    SWAP_OR_EXTEND,
    TimeInterval,
    isot_utc,
    parse_intervals,
    to_ijd,
)
from oda_widgets.views.message import Message
from oda_widgets.views.muted import Muted

Intervals = tuple[TimeInterval, ...]

_MOST_ROWS = 4
_UNUSED = "The light curve is made of all good time, whatever stands here."
_LONGEST_IN_SECONDS = 4.0  # days
_HOW = (
    'Write a start and a stop per line: "603 606", "IJD 1200.1, IJD 1200.2", or two dates in UTC.'
)
_BETWEEN = re.compile(r"[,;]|\s(?:to|-|\u2013)\s")


class TimesPanel(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Holds the intervals of time to which the next query is restricted.

    Parameters
    ----------
    on_change
        Called with the intervals after each change made here, valid or not.

    Attributes
    ----------
    zero
        The instant from which seconds count, IJD; None where there are no data yet.
    in_dates
        Whether intervals are written in dates instead.
    """

    def __init__(self, on_change: Callable[[Intervals], object]) -> None:
        self.intervals: Intervals = ()
        self.zero: float | None = None
        self.in_dates = False
        self._on_change = on_change
        self._muted = Muted()
        self._problem: OdaError | None = None
        self._shown: tuple[str, Intervals] = ("", ())
        self.text = Textarea(placeholder="all good time", rows=1, tooltip="Time selection")
        self.text.add_class("oda-intervals")
        self.clear_button = button("Clear", "Use all good time again", "oda-chip")
        self.message = Message()
        self._summary = quiet()
        self._reference = quiet()
        self._all_forms = quiet()
        self.text.observe(lambda _change: self._typed(), names="value")
        self.clear_button.on_click(lambda _button: self.clear())
        self._bottom = row(self._summary, self.clear_button)
        self._unused = quiet(_UNUSED)
        parts = (
            self._reference, self.text, self._all_forms, self._bottom, self.message, self._unused
        )  # fmt: skip
        super().__init__([card("Time selection", *parts)])
        self.show(())

    @property
    def value(self) -> Intervals:
        """The intervals; empty means all good time.

        Raises
        ------
        BadParameter
            If the text holds no valid intervals.
        """
        if self._problem is not None:
            raise self._problem.with_traceback(None)
        return self.intervals

    @property
    def summary(self) -> str:
        """Length and number of the intervals, in words."""
        return describe(self.intervals)

    def use_for(self, product: str) -> None:
        """Show that a product ignores the field, if the text in it cannot be read."""
        unused = self._problem is not None and product == "light_curves"
        self._unused.layout.display = "" if unused else "none"

    def show(self, intervals: Intervals, zero: float | None = None) -> None:
        """Show intervals without calling `on_change`; seconds count from `zero` (IJD)."""
        if zero is not None:
            self.zero = zero
            self._reference.value = self._explanation()
        text = "\n".join(self._line(interval) for interval in intervals)
        self._shown = text, intervals
        with self._muted:
            self.text.value = text
        self.text.rows = min(max(len(intervals), 1), _MOST_ROWS)
        self._accept(intervals)

    def draw(self, state: FormState) -> None:
        """Show the intervals of a session's form as they were written, without `on_change`."""
        if state.zero is not None:
            self.in_dates = state.dates
        self.show(state.intervals, state.zero)

    def rebase(self, start: float, stop: float) -> None:
        """Show times of other data, from `start` to `stop` (IJD): in seconds or, if long, dates.

        A text that cannot be read is left alone.
        """
        self.in_dates = stop - start > _LONGEST_IN_SECONDS
        if self._problem is None:
            self.show(self.intervals, start)

    def follow_windows(self, start: float, stop: float) -> None:
        """Show times of other windows; seconds count on from a light curve that lies within them.

        Parameters
        ----------
        start, stop
            Start of the first window and stop of the last, IJD.
        """
        zero = start if self.zero is None else self.zero
        self.rebase(zero if start <= zero < stop else start, stop)

    def forget_zero(self) -> None:
        """Write dates, as the times of the windows are not known.

        A text that cannot be read is left alone.
        """
        self.zero = None
        self._reference.value = self._explanation()
        if self._problem is None:
            self.show(self.intervals)

    def choose(self, intervals: object) -> None:
        """Use intervals (pairs of instants), and call `on_change`."""
        self.show(parse_intervals(intervals))
        self._on_change(self.intervals)

    def clear(self) -> None:
        """Use all good time."""
        self.choose(())

    def _typed(self) -> None:
        """Use the intervals in the field as they are typed."""
        if self._muted:
            return
        text, exact = self._shown
        try:
            # The text is rounded: as long as it stays, so do the exact intervals behind it.
            self._accept(exact if self.text.value == text else self._parse_text())
        except OdaError as error:
            self._problem = error
            self.text.add_class("oda-wrong")
            self.message.show(error)
        self._on_change(self.intervals)

    def _accept(self, intervals: Intervals) -> None:
        self.intervals = intervals
        self._problem = None
        self.text.remove_class("oda-wrong")
        self.message.clear()
        self._bottom.layout.display = "" if intervals else "none"
        self._summary.value = self.summary
        self._all_forms.value = _ends_table(intervals)

    def _parse_text(self) -> Intervals:
        lines = (line for line in self.text.value.splitlines() if line.strip())
        return parse_intervals([self._parse_line(line) for line in lines])

    def _parse_line(self, line: str) -> TimeInterval:
        start, stop = map(self._parse_instant, _two_instants(line))
        if not start < stop:
            raise BadParameter("intervals", line, NO_SPAN, SWAP_OR_EXTEND)
        return TimeInterval(start, stop)

    def _parse_instant(self, word: str) -> float:
        """Return an instant, IJD; a mere number is seconds since the zero."""
        try:
            seconds = float(word)
        except ValueError:
            return to_ijd(word, "intervals")
        if self.zero is None:
            limit = "seconds count from the start of the data, and there are none yet"
            raise BadParameter("intervals", word, limit, "Write dates, or find windows first.")
        return self.zero + seconds / SECONDS_PER_DAY

    def _explanation(self) -> str:
        if self.zero is None:
            return "Dates in UTC"
        since = f"since {isot_utc(self.zero)} UTC"
        return f"Dates in UTC, or seconds {since}" if self.in_dates else f"Seconds {since}"

    def _line(self, interval: TimeInterval) -> str:
        """Return an interval as the field shows it: in seconds, or in dates."""
        if self.zero is None or self.in_dates or self._is_far(interval):
            return f"{isot_utc(interval.start)} {isot_utc(interval.stop)}"
        start = (interval.start - self.zero) * SECONDS_PER_DAY
        stop = (interval.stop - self.zero) * SECONDS_PER_DAY
        return f"{_trimmed(start)} {_trimmed(stop)}"

    def _is_far(self, interval: TimeInterval) -> bool:
        """Return whether an interval is too far from the zero to be written in seconds."""
        return self.zero is not None and abs(interval.start - self.zero) > _LONGEST_IN_SECONDS


def _two_instants(line: str) -> tuple[str, str]:
    """Return the two instants in a line: on both sides of a comma, or halves of its words."""
    parts = [part.strip() for part in _BETWEEN.split(line)]
    if len(parts) == 2:
        return parts[0], parts[1]
    words = line.split()
    half = len(words) // 2
    if len(words) != 2 * half:
        raise BadParameter("intervals", line, "not a start and a stop", _HOW)
    return " ".join(words[:half]), " ".join(words[half:])


def _ends_table(intervals: Intervals) -> str:
    """Return the first start and the last stop in all forms, as HTML; nothing without any."""
    if not intervals:
        return ""
    stop = max(interval.stop for interval in intervals)
    return instants_table((("from", intervals[0].start), ("to", stop)), decimals=3)


def describe(intervals: Intervals) -> str:
    """Return the total length and the number of intervals, in words."""
    if not intervals:
        return "All good time"
    seconds = _trimmed(sum(interval.seconds for interval in intervals))
    count = "1 interval" if len(intervals) == 1 else f"{len(intervals)} intervals"
    return f"{seconds} s in {count}"


def _trimmed(seconds: float) -> str:
    return f"{seconds:.3f}".rstrip("0").rstrip(".")

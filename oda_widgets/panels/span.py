"""The span of time in the form: two dates, either of which may be missing."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from oda_widgets.errors import InterpretationWarning
from oda_widgets.panels.card import labelled, row
from oda_widgets.panels.times import Intervals
from oda_widgets.request.timespan import TimeInterval, isot_utc, parse_span, to_ijd
from oda_widgets.views.fields import CheckedText

_Ends = tuple[float | None, float | None]


class SpanFields:
    """Two fields for dates; times shown in them are not rounded as long as the texts stay.

    Attributes
    ----------
    start, stop
        The fields, which may be empty.
    row
        Both, one below the other: a date with its time takes a line.
    """

    def __init__(self) -> None:
        self.start, self.stop = _date_field("start", "2004"), _date_field("stop", "2005")
        self.row = row(labelled("From", self.start), labelled("to", self.stop))
        self.row.add_class("oda-span")
        self._shown: tuple[tuple[str, str], Intervals] = ("", ""), ()

    @property
    def texts(self) -> tuple[str | None, str | None]:
        """What is typed; None where nothing is."""
        return self.start.value.strip() or None, self.stop.value.strip() or None

    @property
    def ends(self) -> _Ends:
        """The ends, IJD; None where nothing is typed.

        Raises
        ------
        OdaError
            If a date cannot be read, or the span ends before it starts.
        """
        with without_warnings():
            return parse_span(*self.texts)

    @property
    def intervals(self) -> Intervals:
        """The span as an interval, or the shown intervals; empty unless both ends are typed.

        Raises
        ------
        OdaError
            As for `ends`.
        """
        texts, exact = self._shown
        if exact and (self.start.value, self.stop.value) == texts:
            return exact
        start, stop = self.ends
        return () if start is None or stop is None else (TimeInterval(start, stop),)

    def show(self, intervals: Intervals) -> None:
        """Show the first start and the last stop of intervals."""
        texts = ("", "")
        if intervals:
            last = max(interval.stop for interval in intervals)
            texts = isot_utc(intervals[0].start), isot_utc(last)
        self._shown = texts, intervals
        self.start.value, self.stop.value = texts


@contextmanager
def without_warnings() -> Iterator[None]:
    """Suppress warnings of how a number was interpreted: the page shows that itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InterpretationWarning)
        yield


def _date_field(parameter: str, example: str) -> CheckedText:
    """Return a field for a date, which may be empty."""

    def check(text: str) -> float | None:
        with without_warnings():
            return to_ijd(text, parameter) if text else None

    return CheckedText(check, placeholder=example)

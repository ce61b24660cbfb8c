"""Bursts of the light curve on show: searched, listed, and marked in its figure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from threading import Thread
from typing import Any

import numpy as np
from ipywidgets import VBox

from oda_widgets.errors import OdaError
from oda_widgets.panels.card import button, card, labelled, quiet, row
from oda_widgets.panels.code_to_take_home import CodeToTakeHome
from oda_widgets.panels.stage import Stage
from oda_widgets.products.burst import Burst
from oda_widgets.products.curve_bursts import BURST_THRESHOLD, LONGEST_WINDOW
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.request.instruments import described, instruments
from oda_widgets.request.source import Source
from oda_widgets.request.words import counted, typeset
from oda_widgets.views.fields import number_field
from oda_widgets.views.kept import Kept, kept_values, set_values
from oda_widgets.views.light_curve import LightCurveView
from oda_widgets.views.message import Message, in_words
from oda_widgets.views.row_table import Cell, Row, RowTable

_COLUMNS = ("No.", "Trigger (UTC)", "Significance", "T90 (s)", "Peak (counts/s)", "At Earth")
_SHOW = "Show"
_NONE = "No burst is in this light curve."
_MOST = 200  # bursts that are listed and marked


class BurstSearch(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Finds bursts in a light curve of short bins; `find` does the same as the button.

    Parameters
    ----------
    source
        Returns the source of the form, for the light travel time; None if the form has none.
    on_view
        Called after each search, so that a session keeps it.
    """

    def __init__(
        self, source: Callable[[], Source | None], on_view: Callable[[], object] = list
    ) -> None:
        self.found: tuple[Burst, ...] = ()
        self._source, self._on_view, self._stage = source, on_view, Stage()
        self._searched = False  # this light curve
        self._awaited = False  # a session searched the light curve that is on its way
        self._curve: LightCurve | None = None
        self._view: LightCurveView | None = None
        self.above = number_field("above", BURST_THRESHOLD, 4, 1e6, "sigma")
        self.longest = number_field("longest", LONGEST_WINDOW, 0, 1e6, "s")
        for field in (self.above, self.longest):
            field.add_class("oda-narrow")
        self.find_button = button("Find bursts", "Search the light curve for bursts", "oda-chip")
        self.find_button.on_click(lambda _button: self._find_in_background())
        self.summary, self.message = quiet(), Message()
        self.table = RowTable("Bursts", _COLUMNS, on_act=self._zoom_to_burst)
        self._code = CodeToTakeHome("Python")
        fields = row(
            labelled("Above (σ)", self.above),
            labelled("Longest window (s)", self.longest),
            self.find_button,
            self.summary,
        )
        super().__init__([card("Bursts", fields, self.message, self.table, self._code)])
        self._show_results()
        self.layout.display = "none"

    @property
    def code(self) -> str:
        """Python that finds the same bursts."""
        if self._curve is None or self._curve.provenance is None:
            read = "curve = oda.LightCurve.read('curve.fits')  # the file of this light curve"
            made = f"import oda_widgets as oda\n\n{read}"
        else:
            made = self._curve.code().rstrip()
        options = f"above={self.above.read():g}, longest={self.longest.read():g}"
        lines = (f"bursts = curve.bursts({options})", "for burst in bursts:", "    print(burst)")
        return "\n".join([made, *lines])

    @property
    def kept(self) -> dict[str, str]:
        """The fields of the search, which a session repeats; empty if there was none."""
        searched = self._searched or self._awaited
        return kept_values(self._fields) if searched else {}

    def restore(self, kept: Kept) -> None:
        """Repeat the search of a session, if there was one, on the next light curve."""
        self._awaited = bool(kept)
        set_values(self._fields, kept)

    @property
    def _fields(self) -> dict[str, Any]:
        return {"above": self.above, "longest": self.longest}

    def use(self, curve: LightCurve, view: LightCurveView) -> None:
        """Offer the search of a light curve that a view shows; what was found in it stays."""
        if curve is not self._curve:
            self.found, self._searched = (), False
            self._curve = curve
            self.summary.value = ""
            self.message.clear()
        self._view = view
        self.layout.display = "" if has_short_bins(curve) else "none"
        self._show_results()
        if self._awaited:
            self._find_in_background()

    def find(self) -> tuple[Burst, ...]:
        """Find the bursts as the fields say, list them and mark them in the figure.

        Raises
        ------
        OdaError
            If a field cannot be read, or the light curve cannot be searched.
        """
        curve = self._curve
        if curve is None:
            return ()
        found = tuple(curve.bursts(above=self.above.read(), longest=self.longest.read()))

        def show() -> None:
            if curve is self._curve:  # else another one is on show by now
                self.found, self._searched, self._awaited = found, True, False
                self.summary.value = escape(counted(len(found), "burst") if found else _NONE)
                self._show_results()

        self._stage(show)
        return found

    def _find_in_background(self) -> None:
        """Search in a thread: a day of bins of 50 ms takes seconds."""
        self.message.clear()
        self.summary.value = "Searching…"
        self.find_button.disabled = True
        self._stage.open()
        Thread(target=self._find_and_report, name="oda-bursts", daemon=True).start()

    def _find_and_report(self) -> None:
        problem: OdaError | None = None
        try:
            self.find()
        except Exception as error:  # noqa: BLE001 - shown on the page; this thread would hide it
            problem = in_words(error)
        self._stage(lambda: self._end(problem))

    def _end(self, problem: OdaError | None) -> None:
        self.find_button.disabled = False
        if problem is not None:
            self._awaited = False
            self.summary.value = ""
            self.message.show(problem)
        self._on_view()

    def _show_results(self) -> None:
        self.table.show(_rows(self.found[:_MOST], self._source()))
        if self._view is not None:
            self._view.mark(self.found[:_MOST])
        for part in (self.table, self._code):
            part.layout.display = "" if self.found else "none"
        if self.found:
            self._code.show(self.code)

    def _zoom_to_burst(self, place: str, _action: str) -> None:
        """Show a burst from its rise to its tail."""
        burst = self.found[int(place)]
        span = burst.t90_interval or burst.interval
        length = span.stop - span.start
        if self._view is not None:
            self._view.zoom(span.start - length / 2, span.stop + length)


def has_short_bins(curve: LightCurve) -> bool:
    """Return whether bursts may be seen in a light curve: a window has several of its bins."""
    if not len(curve):
        return False
    name = curve.observation.instrument
    known = name in {one.name for one in instruments()}
    whole_sky = known and not described(name).sources
    return whole_sky or float(np.median(curve.width)) <= LONGEST_WINDOW / 4


def _rows(bursts: Iterable[Burst], source: Source | None) -> list[Row]:
    return [
        Row(str(place), _cells(place + 1, burst, source), (_SHOW,))
        for place, burst in enumerate(bursts)
    ]


def _cells(number: int, burst: Burst, source: Source | None) -> tuple[Cell, ...]:
    return (
        (str(number), number),
        (burst.trigger_utc, burst.trigger),
        (burst.significance_in_words, burst.significance),
        (typeset(str(burst.t90)), burst.t90.value),
        (typeset(str(burst.peak).removesuffix(" counts/s")), burst.peak.value),
        _delay(burst, source),
    )


def _delay(burst: Burst, source: Source | None) -> Cell:
    """Return how much later the Earth saw a burst of the source, if both places are known."""
    if source is None or burst.curve.observation.place is None:
        return "—"
    seconds = burst.light_travel_time(source)
    return (f"{seconds:+.3f} s".replace("-", "\N{MINUS SIGN}"), seconds)

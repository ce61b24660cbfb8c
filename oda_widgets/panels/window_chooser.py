"""Choosing science windows by eye: map, timeline and table show one choice."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from math import isfinite

from ipywidgets import HTML, Textarea, VBox

from oda_widgets.errors import OdaError
from oda_widgets.panels.card import button, card, quiet, row
from oda_widgets.panels.opening import is_only_named
from oda_widgets.panels.stage import Act, Later, Stage
from oda_widgets.panels.window_list import LARGEST_LIST, windows_in
from oda_widgets.panels.windows import WindowsPanel
from oda_widgets.request.science_windows import ScienceWindow, ScienceWindowList
from oda_widgets.request.timespan import isot_utc
from oda_widgets.views.file_button import FileButton
from oda_widgets.views.message import Message, in_words, shown_in
from oda_widgets.views.muted import Muted
from oda_widgets.views.pointings import PointingsView, off_axis
from oda_widgets.views.row_table import MOST_ROWS, Row, RowTable

MOST_DRAWN = 6000
_PATIENCE = 0.2
_COLUMNS = ("Window", "Start (UTC)", "Off-axis (deg)", "Good time (s)", "Revolution", "Data")
_HOW = "Drag over the map or the times to choose windows; hold <kbd>Shift</kbd> to add more."


class WindowChooser(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Shows all windows that the search of the form finds, and marks those of the query.

    Parameters
    ----------
    windows
        The windows of the form.
    stage
        Makes the changes that come from the background search.
    """

    def __init__(self, windows: WindowsPanel, stage: Stage) -> None:
        self.view: PointingsView | None = None
        self.found: ScienceWindowList | None = None
        self._windows = windows
        self._later = Later(stage, _PATIENCE)
        self._searched: object = None  # key of the latest search
        self._muted = Muted()
        self.summary = HTML()
        self.summary.add_class("oda-selection")
        self.message = Message()
        self.table = RowTable("Science windows", _COLUMNS, on_select=self._ticked)
        self.text = Textarea(placeholder="255900280010.001, …", rows=2, tooltip="List of windows")
        self._place = VBox([quiet("Searching…")])
        use = button("Use list", "Use the science windows of this list", "oda-chip")
        use.on_click(lambda _button: self._use_typed())
        upload = FileButton("Upload a list…", "", self._uploaded, LARGEST_LIST, self.message)
        every = button("Choose all", "Choose all windows that were found", "oda-chip")
        every.on_click(lambda _button: self.choose_all())
        hint = HTML(_HOW)
        hint.add_class("oda-selection")
        pasted = card("Paste a list", self.text, row(use, upload))
        super().__init__(
            [row(self.summary, every), self.message, hint, self._place, self.table, pasted]
        )
        self.add_class("oda-window-chooser")

    def refresh(self) -> None:
        """Search for all windows, if the fields have changed, and mark the chosen ones."""
        key = self._windows.search_key
        if key == self._searched:
            self.mark()
            return
        self._searched = key
        self._later(self._search)

    def mark(self) -> None:
        """Mark the windows that the form uses."""
        if self._muted or self.found is None:
            return
        chosen = self._windows.chosen
        self.table.select(chosen)
        if self.view is not None:
            self.view.mark(chosen)
        self._show_summary(chosen)

    def choose(self, identifiers: Collection[str]) -> None:
        """Use some of the windows that were found."""
        if self.found is None:
            return
        named = set(identifiers)
        some = tuple(window for window in self.found if window.id in named)
        self._use(replace(self.found, windows=some))

    def choose_all(self) -> None:
        """Use all windows that were found."""
        if self.found is not None:
            self._use(self.found)

    def use_list(self, text: str) -> None:
        """Use the windows of a list.

        Raises
        ------
        BadParameter
            If the text names none, or too many.
        """
        windows, unknown = windows_in(text, tuple(self.found or ()))
        self._use(windows)
        if unknown:
            words = "1 window is" if unknown == 1 else f"{unknown:,} windows are"
            self.message.note(f"{words} not among those found around the source: not on the map.")

    def _ticked(self, identifiers: Collection[str]) -> None:
        """Use the ticked windows, and those in use that the table has no room for."""
        listed = {row["id"] for row in self.table.rows}
        self.choose({*identifiers, *(name for name in self._windows.chosen if name not in listed)})

    def _use(self, windows: ScienceWindowList) -> None:
        with self._muted:
            self._windows.choose(windows)
        self.message.clear()
        self.mark()

    def _use_typed(self) -> None:
        try:
            self.use_list(self.text.value)
        except OdaError as error:
            self.message.show(error)

    def _uploaded(self, _name: str, content: bytes) -> None:
        self.use_list(content.decode("utf-8", "replace"))

    def _search(self) -> Act:
        try:
            found = self._windows.find_all(MOST_DRAWN)
        except Exception as error:  # noqa: BLE001 - shown on the page; this thread would hide it
            problem = in_words(error)
            return lambda: self._refuse(problem)
        return lambda: self._show(found)

    def _refuse(self, problem: OdaError) -> None:
        self.found = self.view = None
        self._place.children = ()
        self.table.show(())
        self.summary.value = ""
        self.message.show(problem)

    def _show(self, found: ScienceWindowList) -> None:
        with shown_in(self.message):
            self.found = found
            windows, source = tuple(found), self._windows.source
            angles = off_axis(windows, source)
            self.view = PointingsView(
                windows, source, self._windows.reach, self._windows.chosen, self.choose
            )
            self._place.children = (self.view,)
            self.table.show(map(_row, windows, angles))
        self.mark()

    def _show_summary(self, chosen: Collection[str]) -> None:
        """Show how many windows are chosen, of how many, and their good time."""
        found = self.found or ()
        named = set(chosen)
        seconds = sum(w.good_time for w in found if w.id in named and isfinite(w.good_time))
        available = 0 if self.found is None else self.found.available
        simulated = any(window.simulated for window in found)
        text = '<b class="oda-simulated">SIMULATED</b> · ' if simulated else ""
        text += f"<b>{len(named):,} of {available:,}</b> windows, {_duration(seconds)} of good time"
        if available > len(found):
            text += f"; {len(found):,} are on the map, at random"
        if len(found) > MOST_ROWS:
            text += f"; {MOST_ROWS:,} are in the table"
        self.summary.value = text


def _row(window: ScienceWindow, angle: float) -> Row:
    data = "simulated" if window.simulated else "—" if is_only_named(window) else "real"
    apart = (f"{angle:.2f}", angle) if isfinite(angle) else "—"
    good = (f"{window.good_time:,.0f}", window.good_time) if isfinite(window.good_time) else "—"
    known = isot_utc(window.start, 0).replace("T", " ")
    start = ("—" if is_only_named(window) else known, window.start)
    revolution = (str(window.revolution), window.revolution)
    return Row(window.id, (window.id, start, apart, good, revolution, data))


def _duration(seconds: float) -> str:
    return f"{seconds / 1000:,.0f} ks" if seconds >= 10_000 else f"{seconds:,.0f} s"

"""The science windows of the query: searched around the source, chosen from a list."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from html import escape
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, SelectMultiple, VBox

from oda_widgets.errors import EmptySelection, InterpretationWarning, OdaError
from oda_widgets.panels.card import button, card, labelled, row
from oda_widgets.panels.instants import instants_table
from oda_widgets.panels.opening import is_only_named
from oda_widgets.panels.session import FormState
from oda_widgets.panels.stage import Act, Later, Stage
from oda_widgets.request.instrument import Instrument
from oda_widgets.request.instruments import described
from oda_widgets.request.science_windows import ScienceWindow, ScienceWindowList
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import isot_utc, parse_span, to_ijd
from oda_widgets.views.fields import (
    CheckedText,
    first_problem,
    number_field,
    number_text,
    whole_number_field,
)
from oda_widgets.views.message import Message, in_words
from oda_widgets.views.muted import Muted

if TYPE_CHECKING:
    from oda_widgets.backend.site import Site

_MOST_LINES = 5  # on screen at once
_MOST_LISTED = 500  # a mission has 73,594: all of them are chosen, none is listed
_PATIENCE = 0.4  # seconds without a key before a search begins
_NOT_CHOSEN = "No science window is chosen."


class WindowsPanel(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Finds science windows after each change of a field, and lets the user choose among them.

    Parameters
    ----------
    site
        Searches for science windows.
    on_change
        Called after each change, with or without windows.
    stage
        Makes the changes that come from the background search.
    """

    def __init__(self, site: Site, on_change: Callable[[], object], stage: Stage) -> None:
        self.found: ScienceWindowList | None = None
        self.source: Source | None = None
        self._site = site
        self._instrument = described("isgri")
        self._on_change = on_change
        self._later = Later(stage, _PATIENCE)
        self._muted = Muted()
        advice = "Name a source and press Resolve."
        self._problem: OdaError | None = EmptySelection(_NOT_CHOSEN, advice)
        self.start, self.stop = _date_field("start", "2004"), _date_field("stop", "2005")
        self.radius = number_field("radius", self._instrument.radius, 0.1, 180, "deg")
        self.limit = whole_number_field("limit", 50, 1, 100_000)
        self.seed = whole_number_field("seed", 0, 0, 2**31 - 1)
        self.list = SelectMultiple(rows=2, tooltip="Science windows")
        self.list.add_class("oda-list")
        self.map_button = button(
            "Choose on a map", "Show where and when the windows were, and choose some", "oda-chip"
        )
        self.message = Message()
        self._summary = HTML()
        self._summary.add_class("oda-quiet")
        self._fields = (self.start, self.stop, self.radius, self.limit, self.seed)
        for control in self._fields:
            control.observe(lambda _change: self._typed(), names="value")
        self.list.observe(lambda _change: self._chosen(), names="value")
        super().__init__([card("Science windows", *self._rows(), self.message)])

    @property
    def value(self) -> tuple[str, ...]:
        """Identifiers of the chosen windows, at least one.

        Raises
        ------
        OdaError
            If a field is wrong, nothing was found or nothing is chosen.
        """
        if self._problem is not None:
            raise self._problem.with_traceback(None)
        chosen = self.chosen
        if not chosen:
            raise EmptySelection(_NOT_CHOSEN, "Choose some in the list.")
        return chosen

    @property
    def chosen(self) -> tuple[str, ...]:
        """Identifiers of the chosen windows; empty while there are none."""
        return () if self.found is None else self._ids(self.found)

    @property
    def span(self) -> tuple[float, float] | None:
        """Start of the first and stop of the last chosen window (IJD); None if not known."""
        ids = set() if self.found is None else set(self._ids(self.found))
        chosen = [window for window in self.found or () if window.id in ids]
        known = not any(map(is_only_named, chosen))
        return (chosen[0].start, chosen[-1].stop) if chosen and known else None

    def use_instrument(self, instrument: Instrument) -> None:
        """Look from now on for windows in which an instrument was on, within its radius."""
        self._instrument = instrument
        with self._muted:
            self.radius.value = number_text(instrument.radius)

    def search(self) -> ScienceWindowList:
        """Find windows as the fields say, and choose all of them.

        Raises
        ------
        OdaError
            If there are none; then none is chosen either.
        """
        self._later.drop()
        try:
            found = self._find()
        except OdaError as error:
            self._refuse(error)
            raise
        self.show(found)
        return found

    def search_soon(self) -> None:
        """Search once no other key follows; until then no window is chosen."""
        if self._muted:
            return
        self._later.drop()
        problem = first_problem(*self._fields)
        if problem is not None:
            self._refuse(problem)
            return
        searching = EmptySelection("Science windows are being searched.", "Wait a moment.")
        self._refuse(searching, shown=False)
        self._summary.value = "Searching…"
        self._later(self._search)

    def show(self, found: ScienceWindowList) -> None:
        """List windows and choose all of them."""
        self.message.clear()
        listed = found if len(found) <= _MOST_LISTED else ()
        self._list(listed)
        self.found, self._problem = found, None
        self.list.layout.display = "" if listed else "none"
        self._summary.value = self._account(found)
        self._on_change()

    def choose(self, windows: ScienceWindowList) -> None:
        """Use windows that were chosen by hand; none is an error until some are."""
        self._later.drop()
        if len(windows):
            self.show(windows)
        else:
            self._refuse(EmptySelection(_NOT_CHOSEN, "Drag over the map, or tick some."))

    @property
    def reach(self) -> float:
        """Angle in degrees up to which a window sees a source."""
        return self._instrument.radius

    @property
    def search_words(self) -> tuple[object, ...]:
        """What all windows that satisfy the search depend on."""
        place = None if self.source is None else (self.source.ra, self.source.dec)
        fields = (self.start.value, self.stop.value, self.radius.value)
        return (place, *fields, self._instrument.name)

    def find_all(self, most: int) -> ScienceWindowList:
        """Return the windows that satisfy the search, at most so many, whatever its limit."""
        return self._find(most)

    def draw(self, state: FormState) -> None:
        """Show the fields, the windows and the choice of a session's form, without a search."""
        self._later.drop()
        self.source = state.source
        with self._muted:
            for name in ("start", "stop", "radius", "limit", "seed"):
                getattr(self, name).value = getattr(state, name)
        if state.windows is None:
            self.search_soon()
            return
        self.show(state.windows)
        if len(state.windows) <= _MOST_LISTED:
            self.list.value = tuple(name for name in state.windows.ids if name in set(state.chosen))

    def _typed(self) -> None:
        if not self._muted:
            self.search_soon()

    def _search(self) -> Act:
        """Return the change that shows the result of a search, or why it is empty."""
        try:
            found = self._find()
        except Exception as error:  # noqa: BLE001 - shown on the page; this thread would hide it
            problem = in_words(error)
            return lambda: self._refuse(problem)
        return lambda: self.show(found)

    def _find(self, limit: int | None = None) -> ScienceWindowList:
        with _without_warnings():
            return self._site.science_windows(
                source=self.source,
                start=self.start.value.strip() or None,
                stop=self.stop.value.strip() or None,
                radius=self.radius.read(),
                limit=limit or self.limit.read(),
                seed=self.seed.read(),
                instrument=self._instrument.name,
            )

    def _refuse(self, problem: OdaError, *, shown: bool = True) -> None:
        """Choose nothing, and show why."""
        self.found, self._problem = None, problem
        self._list(())
        self._summary.value = ""
        self.message.clear()
        if shown:
            self.message.show(problem)
        self._on_change()

    def _list(self, windows: ScienceWindowList | tuple[()]) -> None:
        with self._muted:
            self.list.value = ()  # there must never be more chosen than there are lines
            self.list.options = [(_line(window), window.id) for window in windows]
            self.list.value = tuple(window.id for window in windows)
        self.list.rows = min(max(len(windows), 2), _MOST_LINES)

    def _ids(self, found: ScienceWindowList) -> tuple[str, ...]:
        """Return the chosen identifiers; the whole list knows how many it was chosen from."""
        chosen = tuple(self.list.value)
        every = len(found) > _MOST_LISTED or chosen == found.ids
        return found.ids if every else chosen

    def _chosen(self) -> None:
        if not self._muted and self.found is not None:
            self._summary.value = self._account(self.found)
            self._on_change()

    def _account(self, found: ScienceWindowList) -> str:
        """Return how many were found, of how many, whether they are real, and by which archive."""
        simulated = any(window.simulated for window in found)
        kind = '<b class="oda-simulated">SIMULATED</b>' if simulated else "real data"
        count = f"{len(found):,} of {found.available:,}"
        at_random = len(found) < found.available and str(len(found)) == self.limit.value.strip()
        how = f", at random (seed {self.seed.value})" if at_random else ""
        chosen = len(self._ids(found))
        some = f", {chosen:,} chosen" if chosen < len(found) else ""
        many = ", too many to list" if len(found) > _MOST_LISTED else ""
        lines = f"{kind} · {count}{how}{some}{many}", escape(found.answered_by)
        return "<br>".join(lines) + self._times()

    def _times(self) -> str:
        """Return how the typed times were understood, in all forms."""
        typed = self.start.value.strip() or None, self.stop.value.strip() or None
        with _without_warnings(), suppress(OdaError):  # they are being changed
            ends = zip(("from", "to"), parse_span(*typed), strict=True)
            return instants_table((word, ijd) for word, ijd in ends if ijd is not None)
        return ""

    def _rows(self) -> tuple[Any, ...]:
        return (
            row(labelled("From", self.start), labelled("to", self.stop)),
            row(
                labelled("Radius (deg)", self.radius),
                labelled("At most", self.limit),
                labelled("Seed", self.seed),
            ),
            self.list,
            self._summary,
            row(self.map_button),
        )


def _date_field(parameter: str, example: str) -> CheckedText:
    """Return a field for a date, which may be empty."""

    def check(text: str) -> float | None:
        with _without_warnings():
            return to_ijd(text, parameter) if text else None

    return CheckedText(check, placeholder=example)


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Keep warnings of how a number was read out of the page."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InterpretationWarning)
        yield


def _line(window: ScienceWindow) -> str:
    if is_only_named(window):
        return f"{window.id} · revolution {int(window.id[:4])}"
    day = isot_utc(window.start)[:16].replace("T", " ")
    return f"{window.id} · {day} · {window.good_time:,.0f} s"

"""The science windows of the query: searched around the source, chosen from a list."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from html import escape
from typing import TYPE_CHECKING

from ipywidgets import HTML, VBox

from oda_widgets.errors import EmptySelection, OdaError, UnknownSource
from oda_widgets.panels.card import button, card, labelled, row
from oda_widgets.panels.instants import instants_table
from oda_widgets.panels.known_windows import (
    kept_windows,
    known_by,
    look_up,
    with_number_found,
)
from oda_widgets.panels.opening import is_only_named
from oda_widgets.panels.session import FormState
from oda_widgets.panels.span import SpanFields, without_warnings
from oda_widgets.panels.stage import Act, Later, Stage
from oda_widgets.panels.times import Intervals, describe
from oda_widgets.panels.window_words import kind_of, line_of, number_of
from oda_widgets.request.instrument import Instrument
from oda_widgets.request.instruments import described
from oda_widgets.request.science_windows import ScienceWindowList
from oda_widgets.request.source import Source
from oda_widgets.views.choice_list import ChoiceList
from oda_widgets.views.fields import first_problem, number_field, number_text, whole_number_field
from oda_widgets.views.message import Message, in_words
from oda_widgets.views.muted import Muted

if TYPE_CHECKING:
    from oda_widgets.backend.site import Site

_MOST_LINES = 5  # on screen at once
_MOST_LISTED = 500  # a mission has 73,594: all of them are chosen, none is listed
_PATIENCE = 0.4  # seconds without a key before a search begins
_NOT_CHOSEN = "No science window is chosen."
_RESOLVE = "Press Enter or click Resolve."
_BY_TIME = "no science windows are needed"


class WindowsPanel(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Finds science windows after each change of a field, and lets the user choose among them.

    An instrument without sources needs no windows: the span that is typed is that of its query.

    Parameters
    ----------
    site
        Searches for science windows.
    on_change
        Called after each change, with or without windows.
    stage
        Makes the changes that come from the background search.

    Attributes
    ----------
    found
        The windows that are listed; None while there are none.
    source
        The source around which windows are searched; None searches everywhere.
    unresolved
        Name of a source whose position is not known: nothing is searched for it.
    searching
        Whether a search is under way.
    """

    def __init__(self, site: Site, on_change: Callable[[], object], stage: Stage) -> None:
        self.found: ScienceWindowList | None = None
        self.source: Source | None = None
        self.unresolved = ""
        self.searching = False
        self._site = site
        self._instrument = described("isgri")
        self._in_use: tuple[str, ...] = ()  # identifiers before another instrument was chosen
        self._on_change = on_change
        self._later = Later(stage, _PATIENCE)
        self._muted = Muted()
        advice = "Name a source and press Resolve."
        self._problem: OdaError | None = EmptySelection(_NOT_CHOSEN, advice)
        self._span = SpanFields()
        self.start, self.stop = self._span.start, self._span.stop
        self.radius = number_field("radius", self._instrument.radius, 0.1, 180, "deg")
        self.limit = whole_number_field("limit", 50, 1, 100_000)
        self.seed = whole_number_field("seed", 0, 0, 2**31 - 1)
        self.list = ChoiceList(rows=2, what="Science windows")
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
        self.list.observe(lambda _change: self._choice_changed(), names="value")
        self._search_row = row(
            labelled("Radius (deg)", self.radius),
            labelled("At most", self.limit),
            labelled("Seed", self.seed),
        )
        parts = (self._span.row, self._search_row, self.list, self._summary, row(self.map_button))
        super().__init__([card("Science windows", *parts, self.message)])

    @property
    def value(self) -> tuple[str, ...]:
        """Identifiers of the chosen windows, at least one unless `intervals` stand for them.

        Raises
        ------
        OdaError
            If a field is wrong, nothing was found or nothing is chosen.
        """
        if self._problem is not None:
            raise self._problem.with_traceback(None)
        chosen = self.chosen
        if not chosen and not self.intervals:
            raise EmptySelection(_NOT_CHOSEN, "Choose some in the list.")
        return chosen

    @property
    def intervals(self) -> Intervals:
        """The typed span where it stands for science windows; else empty.

        It is empty, too, while a date cannot be read, which `value` reports.
        """
        if self._instrument.sources:
            return ()
        try:
            return self._span.intervals
        except OdaError:
            return ()

    @property
    def chosen(self) -> tuple[str, ...]:
        """Identifiers of the chosen windows; empty while there are none."""
        return () if self.found is None else self._chosen_ids(self.found)

    @property
    def span(self) -> tuple[float, float] | None:
        """Start of the first and stop of the last chosen window (IJD); None if not known."""
        if self.intervals:
            return self.intervals[0].start, max(one.stop for one in self.intervals)
        ids = set() if self.found is None else set(self._chosen_ids(self.found))
        chosen = [window for window in self.found or () if window.id in ids]
        known = not any(map(is_only_named, chosen))
        return (chosen[0].start, chosen[-1].stop) if chosen and known else None

    def use_instrument(self, instrument: Instrument) -> None:
        """Look from now on for windows in which an instrument was on, within its radius."""
        self._instrument = instrument
        with self._muted:
            self.radius.value = number_text(instrument.radius)

    def keep(self) -> None:
        """Keep the windows in use as far as the new instrument has data of them; else search."""
        names = self._in_use or self.chosen
        if not names or self.unresolved or self.intervals:
            self.search_soon()
            return
        source, instrument = self.source, self._instrument
        self._wait()
        self._later(lambda: self._keep_or_search(names, source, instrument))

    def search(self) -> ScienceWindowList:
        """Find windows as the fields say, and choose all of them.

        Raises
        ------
        OdaError
            If there are none; then none is chosen either.
        """
        self._later.drop()
        if self.intervals:
            self._use_span()
            return ScienceWindowList((), 0, "")
        try:
            found = self._find()
        except OdaError as error:
            self._refuse(error)
            raise
        self.show(found)
        return found

    def search_soon(self) -> None:
        """Search once no other change follows; until then no window is chosen."""
        if self._muted:
            return
        self._later.drop()
        problem = first_problem(*self._fields)
        if problem is not None:
            self._refuse(problem)
        elif self.intervals:
            self._use_span()
        elif self.unresolved:
            unknown = UnknownSource("source", self.unresolved, "not resolved yet", _RESOLVE)
            self._refuse(unknown, shown=False)
        else:
            self._wait()
            self._later(self._search)

    def show(self, found: ScienceWindowList) -> None:
        """List windows and choose all of them; look up those of which only the name is known."""
        self._in_use = ()
        self._list_all(found)
        if any(map(is_only_named, found)):
            instrument = self._instrument
            self._later(lambda: self._look_up(found, instrument))

    def show_query(self, windows: ScienceWindowList, intervals: Intervals) -> None:
        """Show the windows of a query or, where it names none, the span that stands for them."""
        self._later.drop()
        if not self._instrument.sources:
            with self._muted:
                self._span.show(() if len(windows) else intervals)
        if len(windows):
            self.show(windows)
        else:
            self.search_soon()

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
    def search_key(self) -> tuple[object, ...]:
        """The values that decide which windows a search without limit finds."""
        place = None if self.source is None else (self.source.ra, self.source.dec)
        fields = (self.start.value, self.stop.value, self.radius.value)
        return (place, self.unresolved, *fields, self._instrument.name)

    def find_all(self, most: int) -> ScienceWindowList:
        """Return at most so many windows that satisfy the search, in place of its own limit."""
        return self._find(most)

    def draw(self, state: FormState) -> None:
        """Show the fields, the windows and the choice of a session's form, without a search."""
        self._later.drop()
        self.source = state.source
        self.unresolved = state.name.strip() if state.source is None else ""
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
        if self.unresolved:
            raise UnknownSource("source", self.unresolved, "not resolved yet", _RESOLVE)
        start, stop = self._span.texts
        with without_warnings():
            return self._site.science_windows(
                source=self.source,
                start=start,
                stop=stop,
                radius=self.radius.read(),
                limit=limit or self.limit.read(),
                seed=self.seed.read(),
                instrument=self._instrument.name,
            )

    def _look_up(self, named: ScienceWindowList, instrument: Instrument) -> Act:
        """Return the change that shows the windows as the archive knows them."""
        try:
            found = look_up(self._site, named, instrument)
        except Exception as error:  # noqa: BLE001 - as of a search
            text = f"They could not be looked up: {in_words(error).problem}"
            return lambda: self.message.note(text)
        return lambda: self._replace(found)

    def _replace(self, found: ScienceWindowList) -> None:
        """Show the windows that were looked up in place of their names; keep the choice."""
        chosen, in_use = set(self.chosen), self._in_use
        self._list_all(found, tuple(name for name in found.ids if name in chosen))
        self._in_use = in_use

    def _keep_or_search(
        self, names: tuple[str, ...], source: Source | None, instrument: Instrument
    ) -> Act:
        """Return the change that shows the windows that stay in use, or those of a search."""
        try:
            kept = kept_windows(self._site, names, source, instrument)
        except OdaError:  # such as a service that does not know one of them
            return self._search()
        if not len(kept.windows):
            return self._search()

        found = with_number_found(kept.windows, self._find)

        def show() -> None:
            self.show(found)
            self._in_use = names  # the next instrument may have data of more of them
            if kept.account:
                self.message.note(kept.account)

        return show

    def _use_span(self) -> None:
        """Use the typed span in place of windows."""
        self.found, self._problem, self.searching = None, None, False
        self._list(())
        self.message.clear()
        self._hide_unneeded()
        span = f"{describe(self.intervals)}: {_BY_TIME}"
        self._summary.value = f"{span}{self._times_table()}"
        self._on_change()

    def _wait(self) -> None:
        """Choose nothing until an answer comes."""
        self._refuse(
            EmptySelection("Science windows are being searched.", "Wait a moment."),
            shown=False,
            searching=True,
        )
        self._summary.value = "Searching…"

    def _refuse(self, problem: OdaError, *, shown: bool = True, searching: bool = False) -> None:
        """Choose nothing, and show why."""
        self.found, self._problem, self.searching = None, problem, searching
        self._list(())
        self._summary.value = ""
        self.message.clear()
        self._hide_unneeded()
        if shown:
            self.message.show(problem)
        self._on_change()

    def _list_all(self, found: ScienceWindowList, chosen: tuple[str, ...] | None = None) -> None:
        """List windows and choose some, by default all of them."""
        self.message.clear()
        if found.unusable:
            self.message.note(found.unusable_note)
        listed = found if len(found) <= _MOST_LISTED else ()
        self._list(listed, chosen)
        self.found, self._problem, self.searching = found, None, False
        self._hide_unneeded()
        self._summary.value = self._summary_text(found)
        self._on_change()

    def _list(
        self, windows: ScienceWindowList | tuple[()], chosen: tuple[str, ...] | None = None
    ) -> None:
        with self._muted:
            every = tuple(window.id for window in windows)
            lines = [(line_of(window), window.id) for window in windows]
            self.list.show(lines, every if chosen is None else chosen)
        self.list.rows = min(max(len(windows), 2), _MOST_LINES)

    def _hide_unneeded(self) -> None:
        """Hide the list if it has too many windows, and the whole search if a span replaces it."""
        by_time = bool(self.intervals)
        too_many = self.found is not None and not self.list.options
        self.list.layout.display = "none" if by_time or too_many else ""
        for part in (self._search_row, self.map_button):
            part.layout.display = "none" if by_time else ""

    def _chosen_ids(self, found: ScienceWindowList) -> tuple[str, ...]:
        """Return the chosen identifiers; all of them know how many the search chose from."""
        chosen = tuple(self.list.value)
        every = len(found) > _MOST_LISTED or chosen == found.ids
        return found.ids if every else chosen

    def _choice_changed(self) -> None:
        if not self._muted and self.found is not None:
            self._summary.value = self._summary_text(self.found)
            self._on_change()

    def _summary_text(self, found: ScienceWindowList) -> str:
        """Return number, origin, kind and archive of the windows, as HTML."""
        at_random = len(found) < found.available and str(len(found)) == self.limit.value.strip()
        how = f", at random (seed {self.seed.value})" if at_random else ""
        chosen = len(self._chosen_ids(found))
        some = f", {chosen:,} chosen" if chosen < len(found) else ""
        many = ", too many to list" if len(found) > _MOST_LISTED else ""
        # Windows of SPI-ACS are only times; the plan of the query says whether its data are real.
        kind = kind_of(found) if self._instrument.sources else ""
        number = f"{number_of(found)}{how}{some}{many}"
        head = " · ".join(part for part in (kind, number) if part)
        without = "" if self._instrument.sources else f"Give From and to, and {_BY_TIME}."
        lines = (head, escape(known_by(found)), without)
        return "<br>".join(line for line in lines if line) + self._times_table()

    def _times_table(self) -> str:
        """Return the typed times in all forms, as they were understood."""
        with suppress(OdaError):  # they are being changed
            ends = zip(("from", "to"), self._span.ends, strict=True)
            return instants_table((word, ijd) for word, ijd in ends if ijd is not None)
        return ""

"""Which science windows: searched around the source, chosen from a list."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, BoundedFloatText, BoundedIntText, SelectMultiple, Text, VBox

from oda_widgets.errors import OdaError
from oda_widgets.panels.card import card, labelled, row
from oda_widgets.request.science_windows import ScienceWindow, ScienceWindowList
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import isot_utc
from oda_widgets.views.message import Message, shown_in
from oda_widgets.views.muted import Muted

if TYPE_CHECKING:
    from oda_widgets.backend.site import Site

_MOST_LINES = 5  # on screen at once
_MOST_LISTED = 500  # a mission has 73,594: all of them are chosen, none is listed


class WindowsPanel(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Finds science windows, at each change of what is asked, and lets some be chosen.

    Parameters
    ----------
    site
        Who searches.
    on_change
        Called with the chosen identifiers.
    """

    def __init__(self, site: Site, on_change: Callable[[tuple[str, ...]], object]) -> None:
        self.found: ScienceWindowList | None = None
        self.source: Source | None = None
        self._site = site
        self._on_change = on_change
        self._muted = Muted()
        self.start = Text(placeholder="2004", continuous_update=False)
        self.stop = Text(placeholder="2005", continuous_update=False)
        self.radius = BoundedFloatText(value=15, min=0.1, max=180, step=1)
        self.limit = BoundedIntText(value=50, min=1, max=100_000)
        self.seed = BoundedIntText(value=0, min=0, max=2**31 - 1)
        self.list = SelectMultiple(rows=2)
        self.list.add_class("oda-list")
        self.message = Message()
        self._summary = HTML()
        self._summary.add_class("oda-quiet")
        for control in (self.start, self.stop, self.radius, self.limit, self.seed):
            control.observe(lambda _change: self.submit(), names="value")
        self.list.observe(lambda _change: self._chosen(), names="value")
        super().__init__([card("Science windows", *self._rows(), self.message)])

    @property
    def value(self) -> tuple[str, ...]:
        """Identifiers of the chosen windows."""
        if self.found is None:
            return ()
        chosen = tuple(self.list.value)
        # All that were found know how many there were to choose from.
        return chosen if self._listed and chosen != self.found.ids else self.found.ids

    @property
    def first(self) -> ScienceWindow | None:
        """The first of the chosen windows."""
        chosen = set(self.value)
        return next((window for window in self.found or () if window.id in chosen), None)

    def submit(self) -> None:
        """Search with what is written in the panel."""
        with shown_in(self.message):
            self.search()

    def search(self) -> ScienceWindowList:
        """Find windows around the source, and choose all that are found.

        Raises
        ------
        OdaError
            If there are none; then none is chosen either.
        """
        try:
            found = self._site.science_windows(
                source=self.source,
                start=self.start.value.strip() or None,
                stop=self.stop.value.strip() or None,
                radius=self.radius.value,
                limit=self.limit.value,
                seed=self.seed.value,
            )
        except OdaError:
            self.show(None)
            raise
        self.show(found)
        return found

    def show(self, found: ScienceWindowList | None) -> None:
        """List windows and choose all of them."""
        self.found = found
        listed = found if found is not None and self._listed else ()
        with self._muted:
            self.list.value = ()  # the page must never have more chosen than it has lines
            self.list.options = [(_line(window), window.id) for window in listed]
            self.list.value = tuple(window.id for window in listed)
        self.list.rows = min(max(len(listed), 2), _MOST_LINES)
        self.list.layout.display = "" if listed else "none"
        self._summary.value = "" if found is None else self._account(found)
        self._on_change(self.value)

    @property
    def _listed(self) -> bool:
        return self.found is not None and len(self.found) <= _MOST_LISTED

    def _chosen(self) -> None:
        if not self._muted and self.found is not None:
            self._summary.value = self._account(self.found)
            self._on_change(self.value)

    def _account(self, found: ScienceWindowList) -> str:
        """Return how many were found, of how many, whether they are real, and who says so."""
        simulated = any(window.simulated for window in found)
        kind = '<b class="oda-simulated">SIMULATED</b>' if simulated else "real data"
        count = f"{len(found):,} of {found.available:,}"
        how = f", at random (seed {self.seed.value})" if len(found) < found.available else ""
        chosen = len(self.value)
        some = f", {chosen:,} chosen" if chosen < len(found) else ""
        many = "" if self._listed else ", too many to list"
        return f"{kind} · {count}{how}{some}{many}<br>{escape(found.answered_by)}"

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
        )


def _line(window: ScienceWindow) -> str:
    day = isot_utc(window.start)[:16].replace("T", " ")
    return f"{window.id} · {day} · {window.good_time:,.0f} s"

"""Which science windows: searched around the source, chosen from a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ipywidgets import BoundedFloatText, BoundedIntText, SelectMultiple, Text, VBox

from oda_widgets.panels.card import button, card, labelled, quiet, row
from oda_widgets.panels.guard import shown_in
from oda_widgets.request.science_windows import ScienceWindow, ScienceWindowList
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import isot_utc
from oda_widgets.views.message import Message

if TYPE_CHECKING:
    from oda_widgets.backend.site import Site

_MOST_LINES = 6


class WindowsPanel(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Finds science windows and lets some of them be chosen.

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
        self.start = Text(placeholder="any time", continuous_update=False)
        self.stop = Text(placeholder="any time", continuous_update=False)
        self.radius = BoundedFloatText(value=15, min=0.1, max=180, step=1)
        self.limit = BoundedIntText(value=50, min=1, max=100_000)
        self.list = SelectMultiple(rows=2)
        self.list.add_class("oda-list")
        self.button = button("Find", "Find science windows around the source")
        self.message = Message()
        self._summary = quiet()
        self.button.on_click(lambda _button: self.submit())
        self.list.observe(lambda _change: self._on_change(self.value), names="value")
        super().__init__([card("Science windows", *self._rows(), self.message)])

    @property
    def value(self) -> tuple[str, ...]:
        """Identifiers of the chosen windows."""
        chosen = tuple(self.list.value)
        # All that were found know how many there were.
        return self.found.ids if self.found and chosen == self.found.ids else chosen

    def submit(self) -> None:
        """Search with what is written in the panel."""
        with shown_in(self.message):
            self.search()

    def search(self) -> ScienceWindowList:
        """Find windows around the source, and choose all that are found."""
        found = self._site.science_windows(
            source=self.source,
            start=self.start.value.strip() or None,
            stop=self.stop.value.strip() or None,
            radius=self.radius.value,
            limit=self.limit.value,
        )
        self.show(found)
        return found

    def show(self, found: ScienceWindowList) -> None:
        """List windows and choose all of them."""
        self.found = found
        self._summary.value = f"{len(found)} of {found.available} available"
        self.list.rows = min(max(len(found), 2), _MOST_LINES)
        self.list.options = [(_line(window), window.id) for window in found]
        self.list.value = found.ids

    def _rows(self) -> tuple[VBox, ...]:
        return (
            row(labelled("From", self.start), labelled("to", self.stop)),
            row(
                labelled("Radius (deg)", self.radius), labelled("At most", self.limit), self.button
            ),
            self.list,
            self._summary,
        )


def _line(window: ScienceWindow) -> str:
    kind = " · simulated" if window.simulated else ""
    day = isot_utc(window.start)[:16].replace("T", " ")
    return f"{window.id} · {day} · {window.good_time:,.0f} s{kind}"

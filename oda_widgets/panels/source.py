"""Which source: a name, who resolved it, and where it is."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING

from ipywidgets import HTML, Text, VBox

from oda_widgets.panels.card import button, card, row
from oda_widgets.request.source import Source
from oda_widgets.views.message import Message, shown_in
from oda_widgets.views.sky.angles import dec_text, ra_text

if TYPE_CHECKING:
    from oda_widgets.backend.site import Site


class SourcePanel(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Names a source and resolves it.

    Parameters
    ----------
    site
        Who resolves.
    on_change
        Called with each newly resolved source.
    """

    def __init__(self, site: Site, on_change: Callable[[Source], object]) -> None:
        self.value: Source | None = None
        self._site = site
        self._on_change = on_change
        self.name = Text(placeholder="Name, for example SGR 1935+2154", continuous_update=False)
        self.button = button("Resolve", "Look up the position of this source")
        self.message = Message()
        self._position = HTML()
        self._position.add_class("oda-position")
        self.button.on_click(lambda _button: self.submit())
        self.name.observe(lambda _change: self.submit(), names="value")
        line = row(self.name, self.button)
        super().__init__([card("Source", line, self._position, self.message)])

    def submit(self) -> None:
        """Resolve the name that is written in the panel."""
        name = self.name.value.strip()
        if name and (self.value is None or self.value.name != name):
            with shown_in(self.message):
                self.resolve(name)

    def resolve(self, name: str) -> Source:
        """Resolve a name, show who answered, and tell who asked."""
        source = self._site.resolve(name)
        self.show(source)
        self._on_change(source)
        return source

    def show(self, source: Source) -> None:
        """Show a source without telling anybody."""
        self.value = source
        self.name.value = source.name
        self._position.value = _position(source)


def _position(source: Source) -> str:
    return (
        f"<b>{ra_text(source.ra)}&ensp;{dec_text(source.dec)}</b><br>"
        f"{source.ra:.4f}°&ensp;{source.dec:+.4f}°&ensp;·&ensp;{escape(source.resolved_by)}"
    )

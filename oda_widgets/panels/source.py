"""The source of the query: its name, its position, and the service that resolved it."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, Text, VBox

from oda_widgets.errors import OdaError, UnknownSource
from oda_widgets.panels.card import button, card, quiet, row
from oda_widgets.request.instrument import Instrument
from oda_widgets.request.source import Source
from oda_widgets.views.message import Message, shown_in
from oda_widgets.views.muted import Muted
from oda_widgets.views.sky.angles import dec_text, ra_text
from oda_widgets.views.typing_watch import WATCHED, TypingWatch

if TYPE_CHECKING:
    from oda_widgets.backend.site import Site


class SourcePanel(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """A name and the position it resolves to; there is no position while the name is typed.

    Parameters
    ----------
    site
        Resolves names.
    on_change
        Called with each resolved source, and with None when the name no longer belongs to one.

    Attributes
    ----------
    text
        Contents of the field without spaces around them, also while they are typed, when the
        value of `name` is still the old one.
    """

    def __init__(self, site: Site, on_change: Callable[[Source | None], object]) -> None:
        self.value: Source | None = None
        self._site = site
        self._on_change = on_change
        self._muted = Muted()
        self._problem: OdaError | None = None
        self.text = ""
        self._typing = False
        # It sends its text when it loses focus, or at Enter; then the name is resolved.
        self.name = Text(
            placeholder="Name, for example SGR 1935+2154",
            tooltip="Source name",
            continuous_update=False,
        )
        self.name.add_class(WATCHED)
        self.watch = TypingWatch(self._being_typed, self._settled)
        self.button = button("Resolve", "Look up the position of this source")
        self.message = Message()
        self._position = HTML()
        self._position.add_class("oda-position")
        self._use_note = quiet()
        self.button.on_click(lambda _button: self.submit())
        self.name.observe(lambda _change: self._typed(), names="value")
        self.name.on_msg(self._entered)
        self._use_note.layout.display = "none"
        line = row(self.name, self.button)
        super().__init__(
            [card("Source", line, self._position, self._use_note, self.message, self.watch)]
        )

    def read(self) -> Source | None:
        """Return the source; None if no name is given.

        Raises
        ------
        UnknownSource
            If the name is not resolved.
        """
        if self._problem is not None:
            raise self._problem.with_traceback(None)
        return self.value

    def use_instrument(self, instrument: Instrument) -> None:
        """Explain the use of a source for an instrument whose queries name none."""
        self._use_note.layout.display = "none" if instrument.sources else ""
        self._use_note.value = (
            f"{escape(instrument.label)} sees the whole sky: its queries name no source. "
            "A position gives the light travel time of bursts."
        )

    def submit(self) -> None:
        """Resolve the name in the field, and show errors."""
        name = self.name.value.strip()
        if name and (self.value is None or self.value.name != name):
            self.look_up(name)

    def look_up(self, name: str) -> None:
        """Resolve a name as if it had been typed, and show errors."""
        with shown_in(self.message):
            self.resolve(name)

    def resolve(self, name: str) -> Source:
        """Resolve a name, show its position and call `on_change`.

        Raises
        ------
        UnknownSource
            If no service knows the name; there is no source then.
        """
        try:
            source = self._site.resolve(name)
        except OdaError as error:
            with self._muted:
                self.name.value = name
            self._forget(error)
            raise
        self.show(source)
        self._on_change(source)
        return source

    def show(self, source: Source | None) -> None:
        """Show a source without calling `on_change`."""
        self.value = source
        self._problem = None
        self.message.clear()
        with self._muted:
            self.name.value = "" if source is None else source.name
        self._position.value = "" if source is None else _position(source)

    def draw(self, name: str, source: Source | None) -> None:
        """Show a name and the source it was resolved to, without calling `on_change`."""
        self.show(source)
        if source is None and name.strip():
            with self._muted:
                self.name.value = name
            self._problem = _not_resolved(name.strip())

    def _entered(self, _widget: object, content: dict[str, Any], _buffers: object) -> None:
        """Resolve at Enter, unless the text is being typed: it arrives, and is resolved, later."""
        if content.get("event") == "submit" and not self._typing:
            self.submit()

    def _being_typed(self, text: str) -> None:
        """Drop the position: it does not belong to the typed name."""
        self.text, self._typing = text.strip(), True
        self.message.clear()
        self._forget(_not_resolved(self.text) if self.text else None)

    def _settled(self, text: str) -> None:
        """Resolve a name that was changed and restored, which is no change of the field's value."""
        if self._typing and text == self.name.value:
            self._typed()

    def _typed(self) -> None:
        """Resolve the new name in the field."""
        self.text, self._typing = self.name.value.strip(), False
        if self._muted:
            return
        self.message.clear()
        if self.text:
            self.submit()
        else:
            self._forget(None)

    def _forget(self, problem: OdaError | None) -> None:
        """Hold no source, because of a problem or, without one, as the field is empty."""
        self.value = None
        self._problem = problem
        self._position.value = ""
        self._on_change(None)


def _not_resolved(name: str) -> UnknownSource:
    advice = "Press Enter or click Resolve."
    return UnknownSource("source", name, "not resolved yet", advice)


def _position(source: Source) -> str:
    return (
        f"<b>{ra_text(source.ra)}&ensp;{dec_text(source.dec)}</b><br>"
        f"{source.ra:.4f}°&ensp;{source.dec:+.4f}°&ensp;·&ensp;{escape(source.resolved_by)}"
    )

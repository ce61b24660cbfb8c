"""A panel for any instrument of a dispatcher, built from the server's description."""

from __future__ import annotations

import json
from html import escape
from io import BytesIO
from threading import Thread
from typing import Any

from ipywidgets import HTML, Dropdown, Image, Text, VBox

from oda_widgets.backend.dispatcher.instrument import Instrument
from oda_widgets.panels.card import button, card, labelled, quiet, row
from oda_widgets.panels.stage import Stage
from oda_widgets.panels.token import TokenPrompt
from oda_widgets.protocol.generic_products import GenericProduct, ProductKind
from oda_widgets.protocol.meta_data import ParameterDescription
from oda_widgets.views.download import DownloadButton
from oda_widgets.views.message import Message, shown_in
from oda_widgets.workers.progress import Progress

_ROWS_SHOWN = 20
_LONGEST_TEXT = 20_000
_HDUS = frozenset({ProductKind.IMAGE, ProductKind.TABLE, ProductKind.LIGHT_CURVE})


class InstrumentPanel(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """A form for the products of any instrument of a dispatcher.

    Parameters
    ----------
    instrument
        From ``site.instrument("gw")``.
    stage
        Makes the changes that come from a background thread.
    """

    def __init__(self, instrument: Instrument, stage: Stage | None = None) -> None:
        self.instrument = instrument
        self._stage = stage or Stage()
        self.fields: dict[str, Any] = {}
        self._items: dict[str, ParameterDescription] = {}
        self.product = Dropdown(options=instrument.products)
        self.kind = Dropdown(options=[("real data", "Real"), ("dummy data", "Dummy")])
        self.ask_button = button("Submit", "Submit this query to the server")
        self.message = Message()
        self.token = TokenPrompt(instrument.use_token, self.ask)
        self.progress = quiet()
        self.results = VBox()
        self._form = VBox()
        self.product.observe(lambda _change: self._show_form(), names="value")
        self.ask_button.on_click(lambda _button: self.ask())
        head = row(labelled("Product", self.product), labelled("Data", self.kind))
        foot = row(self.ask_button, self.progress)
        parts = (head, self._form, foot, self.message, self.token, self.results)
        super().__init__([card(instrument.name, *parts)])
        self._show_form()

    @property
    def changed(self) -> dict[str, Any]:
        """The parameters whose values differ from the defaults of the server."""
        return {
            name: _parse_field(field.value)
            for name, field in self.fields.items()
            if field.value != _text_of(self._items[name].default)
        }

    def ask(self) -> Thread:
        """Submit the query; its products are shown when they arrive."""
        self._stage.open()  # a button was clicked: the browser has drawn the panel
        self.message.clear()
        self.ask_button.disabled = True
        query = self.product.value, self.kind.value, self.changed
        waiting = Thread(target=self._wait, args=query, daemon=True)
        waiting.start()
        return waiting

    def report(self, progress: Progress) -> None:
        """Show the progress; called while the query runs."""
        text = f"{progress} ({progress.fraction:.0%})"
        self._stage(lambda: setattr(self.progress, "value", escape(text)))

    def warn(self, text: str) -> None:
        """Show a remark; called while the query runs."""
        self._stage(lambda: self.message.note(text))

    def _wait(self, product: str, kind: str, changed: dict[str, Any]) -> None:
        """Get the products in a thread of their own, and show them or the error."""
        found: tuple[GenericProduct, ...] = ()
        with shown_in(self.message, self._stage), self.token.offered(self._stage):
            found = tuple(self.instrument.get(product, query_type=kind, monitor=self, **changed))
        self._stage(lambda: self._show_products(found))

    def _show_products(self, items: tuple[GenericProduct, ...]) -> None:
        self.ask_button.disabled = False
        self.progress.value = ""
        self.results.children = [shown(item) for item in items]

    def _show_form(self) -> None:
        with shown_in(self.message):
            items = self.instrument.items(self.product.value)
            self._items = {item.name: item for item in items}
            self.fields = {item.name: _field(item) for item in items}
            self._form.children = [labelled(_label(item), self.fields[item.name]) for item in items]


def shown(item: GenericProduct) -> Any:
    """Return a widget with the kind of a product, a preview and a button to save it."""
    title = quiet(f"{item.kind}: {item.name}")
    if item.kind == ProductKind.TEXT:
        body = HTML(f"<pre>{escape(item.value[:_LONGEST_TEXT])}</pre>")
        return VBox([title, body, _save_button(item, ".txt", item.value.encode())])
    if item.kind == ProductKind.PICTURE:
        return VBox([title, Image(value=item.value), _save_button(item, "", item.value)])
    if item.kind == ProductKind.CATALOG:
        return VBox([title, _table(item.value.table)])
    if item.kind in _HDUS:
        return VBox([title, *_previews(item), _save_button(item, ".fits", _fits_content(item))])
    return VBox([title, _save_button(item, "", item.value)])


def _previews(item: GenericProduct) -> list[Any]:
    """Return a preview of HDUs: their tables, and the sizes of their images."""
    from astropy.table import Table  # noqa: PLC0415 - heavy import

    previews = []
    for hdu in item.value:
        if hdu.data is None:
            continue
        if hdu.is_image:
            size = " × ".join(str(n) for n in reversed(hdu.data.shape))
            previews.append(quiet(f"{hdu.name or 'image'}: {size} pixels"))
        else:
            previews.append(_table(Table(hdu.data)))
    return previews


def _table(table: Any) -> HTML:
    names = [str(name) for name in table.colnames]
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    rows = (
        "".join(f"<td>{escape(str(row[name]))}</td>" for name in names)
        for row in table[:_ROWS_SHOWN]
    )
    body = "".join(f"<tr>{cells}</tr>" for cells in rows)
    more = len(table) - _ROWS_SHOWN
    note = f"<p>and {more} rows more</p>" if more > 0 else ""
    return HTML(f"<table><tr>{head}</tr>{body}</table>{note}")


def _fits_content(item: GenericProduct) -> bytes:
    buffer = BytesIO()
    item.value.writeto(buffer, output_verify="silentfix+ignore")
    return buffer.getvalue()


def _save_button(item: GenericProduct, suffix: str, content: bytes) -> DownloadButton:
    name = item.file_name if item.file_name.endswith(suffix) else f"{item.file_name}{suffix}"
    return DownloadButton(name, lambda: content)


def _field(item: ParameterDescription) -> Any:
    if item.allowed:
        value = _text_of(item.default)
        options = [value, *(a for a in item.allowed if a != value)]
        return Dropdown(options=options, value=value)
    return Text(value=_text_of(item.default), continuous_update=False)


def _label(item: ParameterDescription) -> str:
    limits = "" if item.low is None or item.high is None else f", {item.low:g} to {item.high:g}"
    units = item.units if item.units not in {"str", ""} else ""
    return f"{item.label} ({units}{limits})" if units or limits else item.label


def _text_of(default: Any) -> str:
    """Return the default of a parameter as its field shows it."""
    if default is None:
        return ""
    return default if isinstance(default, str) else json.dumps(default)


def _parse_field(text: str) -> Any:
    """Return the value of a field: its text, or a list if that is in brackets."""
    if text.strip().startswith("["):
        return [part.strip(" \"'") for part in text.strip(" []").split(",") if part.strip()]
    return text

"""The one widget that carries a Bokeh figure into Jupyter.

It guarantees three things: a change made in Python is not echoed by the browser, a change made
in the browser runs each callback once, and keys typed into a table stay there. BokehJS is sent
from the installed package, once per page: no CDN.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any, ClassVar

from bokeh.core.json_encoder import serialize_json
from bokeh.core.serialization import Buffer, Serialized
from bokeh.document import Document
from bokeh.document.events import DocumentPatchedEvent
from bokeh.model import Model
from bokeh.protocol import Protocol

from oda_widgets.views.bokehjs import BOKEHJS_LOADER, BokehLoader
from oda_widgets.views.theme import FIGURE_THEME

_HERE = Path(__file__).parent


class BokehPane(BokehLoader):
    """A Bokeh figure, layout or table as a widget.

    Parameters
    ----------
    root
        The Bokeh model to show. Its properties may be changed afterwards, from any thread.
    """

    _esm = BOKEHJS_LOADER + "".join(
        (_HERE / name).read_text(encoding="utf-8") for name in ("frames.js", "pane.js")
    )
    _css = _HERE / "pane.css"
    _handlers: ClassVar[dict[str, str]] = {
        "open": "_open",
        "close": "_close",
        "patch": "_apply",
    }

    def __init__(self, root: Model, **options: Any) -> None:
        super().__init__(**options)
        self.root = root
        self.document = Document(theme=FIGURE_THEME)
        self.document.add_root(root)
        self.document.on_change_dispatch_to(self)
        self._lock = RLock()
        self._page_views: set[str] = set()
        self._held: list[DocumentPatchedEvent] | None = None
        self._waiting: list[Callable[[], object]] | None = None
        self.on_msg(self._receive)
        self.add_class("oda-pane")

    @contextmanager
    def together(self) -> Iterator[None]:
        """Send all changes made inside as one message, painted at once."""
        with self._lock:
            if self._held is not None:
                yield
                return
            self._held = []
            try:
                yield
            finally:
                events, self._held = self._held, None
                self._send_events(events)

    @contextmanager
    def rebuilt(self) -> Iterator[None]:
        """Do as `together` when parts are replaced, but let Bokeh list all parts only once."""
        with self.together(), self.document.models.freeze():
            yield

    def afterwards(self, act: Callable[[], object]) -> None:
        """Call a function once the current change from the browser, if any, is applied.

        A callback cannot replace the data that triggered it: Bokeh is still using them.
        """
        if self._waiting is None:
            act()
        else:
            self._waiting.append(act)

    def _document_patched(self, event: DocumentPatchedEvent) -> None:
        """Send a change to the browser unless it came from there (called by Bokeh)."""
        if event.setter is self:
            return
        with self._lock:
            if self._held is None:
                self._send_events([event])
            else:
                self._held.append(event)

    def _send_events(self, events: list[DocumentPatchedEvent]) -> None:
        # The first view gets the whole document when it opens.
        if events and self._page_views:
            message = Protocol().create("PATCH-DOC", events)
            self._send_buffered({"type": "patch"}, "patch", message.payload)

    def _send_buffered(self, content: dict[str, Any], key: str, payload: Serialized[Any]) -> None:
        """Send JSON as text and its arrays as raw bytes beside it."""
        names = [buffer.id for buffer in payload.buffers]
        content = {**content, key: serialize_json(payload), "buffers": names}
        self.send(content, [buffer.to_bytes() for buffer in payload.buffers])

    def _receive(self, _widget: object, content: dict[str, Any], buffers: list[Any]) -> None:
        handler = self._handlers.get(content.get("type", ""))
        if handler is not None:
            with self._lock:
                getattr(self, handler)(content, buffers)

    def _open(self, content: dict[str, Any], _buffers: list[Any]) -> None:
        self._page_views.add(content["view"])
        # From here on these models are known to the browser.
        payload = self.document.to_json(deferred=True)
        self.document.models.flush_synced()
        # The answer repeats the number of the question, which may have been asked twice.
        message = {
            "type": "document",
            "view": content["view"],
            "number": content.get("number", 1),
        }
        self._send_buffered(message, "document", payload)

    def _close(self, content: dict[str, Any], _buffers: list[Any]) -> None:
        self._page_views.discard(content["view"])

    def _apply(self, content: dict[str, Any], buffers: list[Any]) -> None:
        """Apply a change made in the browser; other views of this pane follow."""
        named = zip(content["buffers"], buffers, strict=True)
        arrays = [Buffer(name, bytes(data)) for name, data in named]
        patch = Serialized(json.loads(content["patch"]), arrays)
        if len(self._page_views) > 1:
            self.send({**content, "except": content["view"]}, [array.data for array in arrays])
        self._waiting = []
        try:
            self.document.apply_json_patch(patch, setter=self)
        finally:
            waiting, self._waiting = self._waiting, None
        for act in waiting:
            act()

"""The page around the panels: its address, the session that its tab keeps, and its keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from oda_widgets.panels.session_file import LARGEST
from oda_widgets.views.bokehjs import BOKEHJS_LOADER, BokehLoader

LONGEST_ADDRESS = 30_000  # characters; servers refuse longer ones
_HERE = Path(__file__).parent


class Page(BokehLoader):
    """An invisible widget that exchanges messages with the page that displays the panels.

    On a page of Voila it changes the address, and keeps the session in the tab of the browser. It
    leaves the address of JupyterLab alone.

    Parameters
    ----------
    on_shown
        Called with the query string of the address and the kept session, both perhaps empty,
        when the panels are drawn.
    on_moved
        Called with the query string after "back" or "forward".
    on_key
        Called with "undo" or "redo" when their keys are pressed outside of a field of text.
    """

    _esm = BOKEHJS_LOADER + (_HERE / "page.js").read_text(encoding="utf-8")

    def __init__(
        self,
        on_shown: Callable[[str, str], object],
        on_moved: Callable[[str], object],
        on_key: Callable[[str], object],
    ) -> None:
        super().__init__()
        self._on_shown, self._on_moved, self._on_key = on_shown, on_moved, on_key
        self.layout.display = "none"
        self.on_msg(self._receive)

    def show_address(self, link: str, *, replace: bool = False) -> None:
        """Show the link of a query in the address, which has none if the link is too long.

        Replace a wrong address, so that "back" does not return to it.
        """
        shown = link if len(link) <= LONGEST_ADDRESS else ""
        self.send({"type": "address", "link": shown, "replace": replace})

    def keep(self, session: str) -> None:
        """Keep the text of a session in the tab, where a reload finds it."""
        if len(session) < LARGEST // 4:  # browsers keep some millions of characters
            self.send({"type": "keep", "session": session})

    def start_anew(self) -> None:
        """Forget the kept session and open the page without link."""
        self.send({"type": "anew"})

    def _receive(self, _widget: object, content: dict[str, Any], _buffers: list[Any]) -> None:
        kind = content.get("type")
        if kind == "shown":
            self._on_shown(str(content.get("link", "")), str(content.get("session", "")))
        elif kind == "moved":
            self._on_moved(str(content.get("link", "")))
        elif kind == "key" and content.get("key") in {"undo", "redo"}:
            self._on_key(str(content["key"]))
        elif kind == "ping":
            self.send({"type": "pong"})

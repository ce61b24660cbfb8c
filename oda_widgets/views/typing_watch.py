"""Watch a field of text while it is typed: its own value changes only when it is left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from anywidget import AnyWidget

WATCHED = "oda-watched"  # as in typing_watch.js


class TypingWatch(AnyWidget):
    """An invisible widget that watches the field of class `WATCHED` in its card.

    Parameters
    ----------
    on_typing
        Called with the text after each change by the user.
    on_settled
        Called with the text when the field is left and at Enter. If the text has changed, the new
        value of the field arrives in another message, before or after this one.
    """

    _esm = Path(__file__).parent / "typing_watch.js"

    def __init__(
        self, on_typing: Callable[[str], object], on_settled: Callable[[str], object]
    ) -> None:
        super().__init__()
        self._on_typing, self._on_settled = on_typing, on_settled
        self.layout.display = "none"
        self.on_msg(self._receive)

    def _receive(self, _widget: object, content: dict[str, Any], _buffers: list[Any]) -> None:
        text = str(content.get("text", ""))
        if content.get("type") == "typing":
            self._on_typing(text)
        elif content.get("type") == "settled":
            self._on_settled(text)

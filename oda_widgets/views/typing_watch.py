"""What is being typed into a field that tells its own value only when it is left."""

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
        Called with the text when the field is left and at Enter. The value of a field whose text
        is another than before comes apart, before or after.
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

"""A button that puts a text on the clipboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import traitlets
from anywidget import AnyWidget


class CopyButton(AnyWidget):
    """A button that copies a text.

    Parameters
    ----------
    text
        Text to copy; may be changed afterwards. A query string becomes the link of the page.
    description
        Text of the button.
    on_copied
        Called after the text was copied: with True if it is a link of this computer only.

    Attributes
    ----------
    without
        Shown while there is no text, and the button is off.
    """

    _esm = Path(__file__).parent / "copy.js"
    text = traitlets.Unicode().tag(sync=True)
    description = traitlets.Unicode("Copy").tag(sync=True)
    without = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        text: str = "",
        description: str = "Copy",
        on_copied: Callable[[bool], object] = lambda _local: None,
    ) -> None:
        super().__init__(text=text, description=description)
        self._on_copied = on_copied
        self.on_msg(self._receive)

    def _receive(self, _widget: object, content: dict[str, Any], _buffers: list[Any]) -> None:
        if content.get("type") == "copied":
            self._on_copied(content.get("local") is True)

"""A button that puts a text on the clipboard."""

from __future__ import annotations

from pathlib import Path

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

    Attributes
    ----------
    without
        Shown while there is no text, and the button is off.
    """

    _esm = Path(__file__).parent / "copy.js"
    text = traitlets.Unicode().tag(sync=True)
    description = traitlets.Unicode("Copy").tag(sync=True)
    without = traitlets.Unicode().tag(sync=True)

    def __init__(self, text: str = "", description: str = "Copy") -> None:
        super().__init__(text=text, description=description)

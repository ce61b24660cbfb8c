"""A button that hands a file from the user's machine to the kernel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import traitlets
from anywidget import AnyWidget

from oda_widgets.errors import DamagedFile
from oda_widgets.views.message import in_words

_HERE = Path(__file__).parent


class FileButton(AnyWidget):
    """A button that opens a file; larger ones are refused before they are sent.

    Parameters
    ----------
    description
        Text of the button.
    accept
        Suffixes that the browser offers, as in ".json,.txt".
    on_file
        Called with the name and the content of the file; its errors are shown beside the button.
    largest
        Bytes.
    """

    _esm = _HERE / "file_button.js"
    description = traitlets.Unicode().tag(sync=True)
    accept = traitlets.Unicode().tag(sync=True)
    largest = traitlets.Int().tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        description: str,
        accept: str,
        on_file: Callable[[str, bytes], object],
        largest: int = 8 << 20,
    ) -> None:
        super().__init__(description=description, accept=accept, largest=largest)
        self._on_file = on_file
        self.on_msg(self._receive)

    def _receive(self, _widget: object, content: dict[str, Any], buffers: list[Any]) -> None:
        if content.get("type") != "file" or not buffers:
            return
        self.problem = ""
        try:
            self._on_file(str(content.get("name", "")), self._checked(buffers[0]))
        except Exception as error:  # noqa: BLE001 - shown on the page, where it was caused
            self.problem = str(in_words(error))

    def _checked(self, data: Any) -> bytes:
        """Return the content of a file, unless the page sent more than it should."""
        if len(data) > self.largest:
            raise DamagedFile(f"It has more than {self.largest >> 20} MB.", "Give a part of it.")
        return bytes(data)

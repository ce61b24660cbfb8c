"""A button that sends a file from the user's machine to the kernel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import traitlets
from anywidget import AnyWidget

from oda_widgets.errors import DamagedFile, OdaError, shorten
from oda_widgets.views.message import Message, in_words

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
        Called with the name and the content of the file.
    largest
        Largest size, bytes.
    message
        Shows its errors, in place of earlier ones; by default they appear beside the button.
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
        message: Message | None = None,
    ) -> None:
        super().__init__(description=description, accept=accept, largest=largest)
        self._on_file, self._message = on_file, message
        self.on_msg(self._receive)

    def _receive(self, _widget: object, content: dict[str, Any], buffers: list[Any]) -> None:
        name = str(content.get("name", ""))
        if content.get("type") == "too large":
            self._open(name, b"", self.largest + 1)
        elif content.get("type") == "file" and buffers:
            self._open(name, buffers[0], len(buffers[0]))

    def _open(self, name: str, data: Any, size: int) -> None:
        """Clear the old error, and pass the file on."""
        self._show(None)
        if size > self.largest:
            problem = f"{shorten(name)} has more than {self.largest >> 20} MB."
            self._show(DamagedFile(problem, "Give a part of it."))
            return
        try:
            self._on_file(name, bytes(data))
        except Exception as error:  # noqa: BLE001 - shown on the page, where it was caused
            self._show(in_words(error))

    def _show(self, problem: OdaError | None) -> None:
        if self._message is None:
            self.problem = "" if problem is None else str(problem)
        elif problem is None:
            self._message.clear()
        else:
            self._message.show(problem)

"""A button that saves a file from the kernel; needs no file server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import traitlets
from anywidget import AnyWidget

from oda_widgets.views.message import Message, in_words

_HERE = Path(__file__).parent


class DownloadButton(AnyWidget):
    """A button that saves the file a function returns.

    Parameters
    ----------
    filename
        Name proposed to the browser.
    content
        Returns the bytes of the file; called when the button is pressed.
    description
        Text of the button.
    message
        Shows its errors; by default they appear beside the button.
    """

    _esm = _HERE / "download.js"
    filename = traitlets.Unicode().tag(sync=True)
    description = traitlets.Unicode("Download").tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        filename: str,
        content: Callable[[], bytes],
        description: str = "Download",
        message: Message | None = None,
    ) -> None:
        super().__init__(filename=filename, description=description)
        self._content, self._message = content, message
        self.on_msg(self._receive)

    def _receive(self, _widget: object, message: dict[str, Any], _buffers: list[Any]) -> None:
        if message.get("type") == "download":
            self.deliver()

    def deliver(self) -> None:
        """Send the file to the browser, or show the error."""
        self.problem = ""
        try:
            data = self._content()
        except Exception as error:  # noqa: BLE001 - shown on the page, where it was caused
            if self._message is None:
                self.problem = str(in_words(error))
            else:
                self._message.show(in_words(error))
        else:
            self.send({"type": "file", "filename": self.filename}, [data])

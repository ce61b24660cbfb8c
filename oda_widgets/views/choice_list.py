"""A list for choosing several lines, which may change while the user is choosing."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import traitlets
from anywidget import AnyWidget

_HERE = Path(__file__).parent


class ChoiceList(AnyWidget):
    """A list whose lines and choice reach the page in one message.

    The lists of ipywidgets send them in two messages and hold one back while a click is being
    answered: the page then marks lines that the list no longer has, and fails.

    Parameters
    ----------
    options
        Texts of the lines, each with the value that it stands for.
    value
        Values of the chosen lines.
    rows
        Lines on screen at once.
    what
        Name of the list, for screen readers.
    """

    _esm = _HERE / "choice_list.js"
    options = traitlets.Tuple()
    value = traitlets.Tuple()
    rows = traitlets.Int(5).tag(sync=True)
    what = traitlets.Unicode().tag(sync=True)
    shown: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        options: Iterable[tuple[str, Any]] = (),
        value: Iterable[Any] = (),
        rows: int = 5,
        what: str = "",
    ) -> None:
        self._edition = 0  # of the lines: a click on lines shown before is not a choice
        self._click = 0.0  # the latest one that was answered
        super().__init__(rows=rows, what=what)
        self.on_msg(self._receive)
        self.show(options, value)

    def show(self, options: Iterable[tuple[str, Any]], value: Iterable[Any] = ()) -> None:
        """Show lines, some of them chosen."""
        with self.hold_sync():
            self.options = tuple(options)
            self.value = tuple(value)

    @traitlets.validate("value")
    def _offered(self, proposal: Any) -> tuple[Any, ...]:
        """Return the chosen values that have a line, in the order of the lines."""
        chosen = set(proposal.value)
        return tuple(value for _, value in self.options if value in chosen)

    @traitlets.observe("options")
    def _options_changed(self, _change: object) -> None:
        self._edition += 1
        self.value = tuple(self.value)  # without those that are no longer offered
        self._send_lines()

    @traitlets.observe("value")
    def _value_changed(self, _change: object) -> None:
        self._send_lines()

    def _send_lines(self) -> None:
        chosen = set(self.value)
        self.shown = {
            "lines": [text for text, _ in self.options],
            "chosen": [i for i, (_, value) in enumerate(self.options) if value in chosen],
            "edition": self._edition,
            "click": self._click,
        }

    def _receive(self, _widget: object, content: dict[str, Any], _buffers: list[Any]) -> None:
        if content.get("type") != "choose":
            return
        if content.get("edition") != self._edition:
            self.send_state("shown")
            return
        places = set(content.get("chosen", ()))
        self._click = float(content.get("click", 0))
        self.value = tuple(value for i, (_, value) in enumerate(self.options) if i in places)
        self._send_lines()

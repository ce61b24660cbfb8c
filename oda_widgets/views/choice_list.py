"""A list of which several may be chosen, and whose lines change while one chooses."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import traitlets
from anywidget import AnyWidget

_HERE = Path(__file__).parent


class ChoiceList(AnyWidget):
    """A list whose lines and choice reach the page in one message.

    ipywidgets sends them apart and holds back a choice that crosses a click: its page then marks
    lines that the list no longer has, and fails.

    Parameters
    ----------
    options
        Texts of the lines, each with the value that it stands for.
    value
        Values of the chosen lines.
    rows
        Lines on screen at once.
    what
        What is listed.
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
        self._edition = 0  # of the lines: clicks into lines of before are no choice
        self._click = 0.0  # the latest that was answered
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
        """Return the chosen values as far as there are lines of them, in the order of the lines."""
        chosen = set(proposal.value)
        return tuple(value for _, value in self.options if value in chosen)

    @traitlets.observe("options")
    def _options_changed(self, _change: object) -> None:
        self._edition += 1
        self.value = tuple(self.value)  # without those that are no longer offered
        self._tell()

    @traitlets.observe("value")
    def _value_changed(self, _change: object) -> None:
        self._tell()

    def _tell(self) -> None:
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
        self._tell()

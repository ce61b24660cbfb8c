"""The Python of what is shown, folded, with a button that copies it."""

from __future__ import annotations

from html import escape

from ipywidgets import HTML, VBox

from oda_widgets.views.copy import CopyButton


class CodeToTakeHome(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Shows code under a summary that unfolds it.

    Parameters
    ----------
    summary
        What the code is, in a few words.
    """

    def __init__(self, summary: str) -> None:
        self._summary = escape(summary)
        self._script, self._copy = HTML(), CopyButton(description="Copy the code")
        super().__init__([self._script, self._copy])
        self.add_class("oda-take-home")

    @property
    def text(self) -> str:
        """The code on show."""
        return str(self._copy.text)

    def show(self, code: str) -> None:
        """Show code."""
        self._copy.text = code
        self._script.value = (
            f"<details class='oda-code'><summary>{self._summary}</summary>"
            f"<pre>{escape(code)}</pre></details>"
        )

"""A visible place for errors: the problem, then what to do."""

from __future__ import annotations

from html import escape

from ipywidgets import HTML

from oda_widgets.errors import OdaError


class Message(HTML):  # type: ignore[misc]  # ipywidgets publishes no types
    """A box that shows an error of ours, or a remark, and takes no room while there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.add_class("oda-message")
        self.clear()

    def show(self, error: OdaError) -> None:
        """Show an error."""
        self._set("alert", f"<b>{escape(error.problem)}</b><br>{escape(error.advice)}")

    def note(self, text: str) -> None:
        """Show a remark."""
        self._set("status", escape(text))

    def clear(self) -> None:
        """Show nothing."""
        self.value = ""
        self.layout.display = "none"

    def _set(self, role: str, body: str) -> None:
        self.value = f'<div class="oda-{role}" role="{role}">{body}</div>'
        self.layout.display = ""

"""The line of Python that does what the button does."""

from __future__ import annotations

from html import escape

from ipywidgets import HTML

from oda_widgets.request.python_call import script
from oda_widgets.request.queries import Query


class CodePanel(HTML):  # type: ignore[misc]  # ipywidgets publishes no types
    """A folded area with the Python of the next question; a click selects all of it."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.add_class("oda-code")

    def show(self, query: Query) -> None:
        """Show the Python that asks a question."""
        self.text = script(query)
        self.value = (
            "<details><summary>Python</summary>"
            f'<pre tabindex="0" title="Click to select all">{escape(self.text)}</pre></details>'
        )

    def explain(self, problem: str) -> None:
        """Say why there is no question yet."""
        self.text = ""
        self.value = f"<details><summary>Python</summary><pre># {escape(problem)}</pre></details>"

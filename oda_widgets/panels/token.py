"""A prompt for the token of a server; the widget does not keep it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ipywidgets import Password, VBox

from oda_widgets.errors import NotAllowed, OdaError
from oda_widgets.panels.card import button, card, quiet, row
from oda_widgets.views.message import Message, shown_in

_KEEP = (
    "It is used for this session and not saved. To save it, put it into the file .oda-token in "
    "your home folder, readable by you only, or into the variable ODA_TOKEN: it is found there."
)


class TokenPrompt(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """A field for a token, shown only while a server requires one.

    Parameters
    ----------
    use
        Called with the token; raises an `OdaError` if it cannot be used.
    again
        Submits the refused query again.
    """

    def __init__(self, use: Callable[[str], object], again: Callable[[], object]) -> None:
        self._use = use
        self._again = again
        self.field = Password(placeholder="Paste your token", continuous_update=False)
        self.use_button = button("Use", "Submit again with this token")
        self.message = Message()
        self.field.observe(lambda _change: self.submit(), names="value")
        self.use_button.on_click(lambda _button: self.submit())
        line = row(self.field, self.use_button)
        super().__init__([card("Token", line, quiet(_KEEP), self.message)])
        self.hide()

    def show_for(self, error: OdaError) -> None:
        """Show the prompt if a server refused the query."""
        wanted = isinstance(error, NotAllowed)
        self.layout.display = "" if wanted else "none"

    @contextmanager
    def offered(self, stage: Callable[[Callable[[], object]], object]) -> Iterator[None]:
        """Show the prompt, by way of the stage, if a server refuses a request made inside."""
        try:
            yield
        except NotAllowed as error:
            refused = error
            stage(lambda: self.show_for(refused))
            raise

    def hide(self) -> None:
        """Hide the prompt."""
        self.message.clear()
        self.layout.display = "none"

    def submit(self) -> None:
        """Use the token that was typed, and submit again."""
        token = str(self.field.value).strip()
        if not token:
            return  # a click on the button also leaves the field, which submits first
        self.field.value = ""  # the state of widgets is saved with notebooks
        with shown_in(self.message):
            self._use(token)
            self.hide()
            self._again()

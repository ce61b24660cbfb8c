"""Asks for a token when a server wants one, and forgets what was typed."""

from __future__ import annotations

from collections.abc import Callable

from ipywidgets import Password, VBox

from oda_widgets.errors import NotAllowed, OdaError
from oda_widgets.panels.card import button, card, quiet, row
from oda_widgets.panels.guard import shown_in
from oda_widgets.views.message import Message

_KEEP = (
    "It is used for this session and kept nowhere. To keep it, put it into the file .oda-token in "
    "your home folder, readable by you only, or into the variable ODA_TOKEN: it is found there."
)


class TokenPrompt(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """A field for a token, which is there only while one is wanted.

    Parameters
    ----------
    use
        Takes the token; raises an error of ours if it cannot be used.
    again
        Asks once more what was refused.
    """

    def __init__(self, use: Callable[[str], object], again: Callable[[], object]) -> None:
        self._use = use
        self._again = again
        self.field = Password(placeholder="Paste your token", continuous_update=False)
        self.use_button = button("Use", "Ask again with this token")
        self.message = Message()
        self.field.observe(lambda _change: self.submit(), names="value")
        self.use_button.on_click(lambda _button: self.submit())
        line = row(self.field, self.use_button)
        super().__init__([card("Token", line, quiet(_KEEP), self.message)])
        self.hide()

    def show_for(self, error: OdaError) -> None:
        """Ask for a token if that is what an error is about."""
        wanted = isinstance(error, NotAllowed)
        self.layout.display = "" if wanted else "none"

    def hide(self) -> None:
        """Ask for nothing."""
        self.message.clear()
        self.layout.display = "none"

    def submit(self) -> None:
        """Use what was typed, and ask again."""
        token = str(self.field.value).strip()
        if not token:
            return  # leaving the field by way of the button tells us twice
        self.field.value = ""  # the state of widgets is saved with notebooks
        with shown_in(self.message):
            self._use(token)
            self.hide()
            self._again()

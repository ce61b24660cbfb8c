"""Messages beside the control that caused them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from oda_widgets.errors import DataError
from oda_widgets.views.message import Message, shown_in


@pytest.fixture
def message() -> Message:
    """Return a message that shows an old error."""
    message = Message()
    message.show(DataError("It was gone.", "Ask again."))
    return message


def test_an_old_error_goes_as_soon_as_something_else_is_done(message: Message) -> None:
    with shown_in(message):
        assert message.value == ""
    assert message.value == ""
    assert message.layout.display == "none"


def test_an_error_is_shown(message: Message) -> None:
    with shown_in(message):
        raise DataError("It is <gone>.", "Look elsewhere.")
    assert "It is &lt;gone&gt;." in message.value


def test_what_is_said_meanwhile_stays(message: Message) -> None:
    """Such as the remark of a server, or the error of a job that is shown again."""
    waiting: list[Callable[[], object]] = []
    with shown_in(message, waiting.append):
        waiting.append(lambda: message.note("One window was left out."))
    for change in waiting:
        change()
    assert "One window was left out." in message.value

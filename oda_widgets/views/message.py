"""Errors as messages beside the control that caused them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape

from ipywidgets import HTML

from oda_widgets.errors import JobError, OdaError
from oda_widgets.views.field_words import in_field_words

_LOG = logging.getLogger(__name__)


class Message(HTML):  # type: ignore[misc]  # ipywidgets publishes no types
    """A box for an error or a remark, which takes no room while it is empty."""

    def __init__(self) -> None:
        super().__init__()
        self.add_class("oda-message")
        self.clear()

    def show(self, error: OdaError) -> None:
        """Show an error: the problem, then what to do, in the words of the page."""
        problem, advice = map(in_field_words, (error.problem, error.advice))
        self._set("alert", f"<b>{escape(problem)}</b><br>{escape(advice)}")

    def note(self, text: str) -> None:
        """Show a remark."""
        self._set("status", escape(in_field_words(text)))

    def clear(self) -> None:
        """Show nothing."""
        self.value = ""
        self.layout.display = "none"

    def _set(self, role: str, body: str) -> None:
        self.value = f'<div class="oda-{role}" role="{role}">{body}</div>'
        self.layout.display = ""


def _call_now(change: Callable[[], object]) -> None:
    change()


@contextmanager
def shown_in(
    message: Message, change: Callable[[Callable[[], object]], object] = _call_now
) -> Iterator[None]:
    """Clear a message, and show an error raised inside in it.

    A message shown inside stays, such as the remark of a server or the error of a job.

    Parameters
    ----------
    message
        Shows the error.
    change
        Makes a change to a widget: a `Stage` for code that runs in a background thread.
    """
    change(message.clear)
    try:
        yield
    except Exception as error:  # noqa: BLE001 - in a thread or a callback it would vanish
        shown = in_words(error)
        change(lambda: message.show(shown))


def in_words(error: Exception) -> OdaError:
    """Return an error as one for users; a defect is logged, and its text asks for a report."""
    if isinstance(error, OdaError):
        return error
    _LOG.error("A defect: %r", error, exc_info=error)
    problem = f"Something went wrong that should not: {type(error).__name__}: {error}."
    return JobError(problem, "Please report it together with the Python of the query.")

"""Turning errors of ours into messages beside the control that caused them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from oda_widgets.errors import OdaError
from oda_widgets.views.message import Message


@contextmanager
def shown_in(message: Message) -> Iterator[None]:
    """Show an error of ours in a message; clear the message when there is none."""
    try:
        yield
    except OdaError as error:
        message.show(error)
    else:
        message.clear()

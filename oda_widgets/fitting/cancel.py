"""Stop a computation that was cancelled."""

from __future__ import annotations

from threading import Event
from typing import Any

from oda_widgets.errors import BadParameter, JobCancelled


def check_cancel(cancel: Any) -> None:
    """Check what tells a computation to stop.

    Raises
    ------
    BadParameter
        If it is neither a `threading.Event` nor None.
    """
    if cancel is not None and not callable(getattr(cancel, "is_set", None)):
        raise BadParameter("cancel", cancel, "not an event", "Give a threading.Event().")


def stop_if_set(cancel: Event | None, what: str, advice: str) -> None:
    """Stop a computation that was cancelled.

    Parameters
    ----------
    cancel
        Tells it to stop when it is set.
    what
        Name of the computation, at the beginning of a sentence.
    advice
        What is kept, and how to go on.

    Raises
    ------
    JobCancelled
        If it was cancelled.
    """
    if cancel is not None and cancel.is_set():
        raise JobCancelled(f"{what} was cancelled.", advice)

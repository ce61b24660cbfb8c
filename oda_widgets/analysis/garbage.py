"""Python's search for garbage, paused while many objects are made that are all kept."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_MANY = 10_000
"""Objects: to search fewer costs nothing, to count those that others have frozen does."""


@contextmanager
def uncollected() -> Iterator[None]:
    """Pause the search for circular garbage in this context.

    The windows of a mission and the nodes of thousands of them are a million objects, none of them
    garbage. Python would look through all of them again and again while they are made, for longer
    than it takes to make them.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if gc.get_count()[0] > _MANY and not gc.get_freeze_count():
            # All objects count as old, so that the search does not begin with looking at them.
            gc.freeze()
            gc.unfreeze()
        gc.enable()

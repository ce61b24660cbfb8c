"""A pause of Python's garbage collection while many lasting objects are made."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_MANY = 10_000
"""New objects: collecting fewer costs nothing, but counting frozen objects does."""


@contextmanager
def uncollected() -> Iterator[None]:
    """Pause the collection of circular garbage in this context.

    The windows of a mission, and the nodes of thousands of them, are a million objects, none of
    them garbage. Python would search all of them again and again while they are made, for longer
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
            # Make all objects old, so that the next collection does not search them.
            gc.freeze()
            gc.unfreeze()
        gc.enable()

"""Processes that read what strangers sent let others go first."""

from __future__ import annotations

import os
from contextlib import suppress

_NICENESS = 5


def yield_to_others() -> None:
    """Take a processor only as far as processes of usual priority leave it."""
    with suppress(OSError, AttributeError):  # Windows has no such call
        os.nice(_NICENESS)

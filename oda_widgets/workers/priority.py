"""Lower the priority of processes that read files from strangers."""

from __future__ import annotations

import os
from contextlib import suppress

_NICENESS = 5


def yield_to_others() -> None:
    """Lower the priority of this process, so that processes of usual priority come first."""
    with suppress(OSError, AttributeError):  # Windows has no such call
        os.nice(_NICENESS)

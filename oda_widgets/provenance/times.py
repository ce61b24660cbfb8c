"""Computing times of the steps on this machine, for plans."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from oda_widgets.files import write_whole

_WEIGHT = 0.2  # of the newest measurement: a machine changes, a first call warms up


def in_need(step: str) -> str:
    """Return the name under which the fraction of steps is stored that used their `if_needed`."""
    return f"{step} in need"


class Times:
    """Mean times of steps, stored in a small file.

    Parameters
    ----------
    path
        The file. Should two processes write it at once, one measurement is lost.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def expected(self, step: str) -> float | None:
        """Return how many seconds a step takes; None when it was never measured."""
        return self._load().get(step)

    def measured(self, step: str, seconds: float) -> None:
        """Take note of how long a step took."""
        known = self._load()
        before = known.get(step, seconds)
        known[step] = before + _WEIGHT * (seconds - before)
        # A time that cannot be stored only makes a plan less precise.
        with suppress(OSError):
            write_whole(self._path, json.dumps(known).encode())

    def _load(self) -> dict[str, float]:
        try:
            known = json.loads(self._path.read_text(encoding="utf-8"))
            return {str(step): float(seconds) for step, seconds in known.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

"""Computing times of steps on this machine, for plans."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from oda_widgets.files import read_mapping, write_whole

_LONGEST = 1e9  # seconds
_WEIGHT = 0.2  # of the newest measurement in the running mean


def in_need(step: str) -> str:
    """Return the key for the fraction of steps that used their optional inputs (`if_needed`)."""
    return f"{step} in need"


class Times:
    """Mean computing times of steps, stored in a small file.

    Parameters
    ----------
    path
        Path of the file. If two processes write it at once, one measurement is lost.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def expected(self, step: str) -> float | None:
        """Return the expected seconds of a step; None if it was never measured."""
        return self._load().get(step)

    def measured(self, step: str, seconds: float) -> None:
        """Record how long a step took."""
        known = self._load()
        before = known.get(step, seconds)
        known[step] = before + _WEIGHT * (seconds - before)
        # If a time cannot be stored, plans are only less precise.
        with suppress(OSError):
            write_whole(self._path, json.dumps(known).encode())

    def _load(self) -> dict[str, float]:
        known = read_mapping(self._path)
        return {step: float(took) for step, took in known.items() if _is_time(took)}


def _is_time(value: object) -> bool:
    """Return whether a value in the file is a possible time."""
    return isinstance(value, int | float) and 0 <= value < _LONGEST

"""Computing times of steps on this machine, for plans."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from oda_widgets.files import read_mapping, write_whole

_LONGEST = 1e9  # seconds
_LEAST_WEIGHT = 0.2  # of the newest measurement in the running mean


def in_need(step: str) -> str:
    """Return the key for the fraction of steps that used their optional inputs (`if_needed`)."""
    return f"{step} in need"


class Times:
    """Mean computing times of steps, stored in a small file.

    Steps of one name take different times by what they start from: light curves of stored fits are
    sums, others read all events. Times are kept for each kind of step (`Node.kind`).

    Parameters
    ----------
    path
        Path of the file. If two processes write it at once, one measurement is lost.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def expected(self, kind: str) -> float | None:
        """Return the expected seconds of a kind of step; None if it was never measured."""
        known = self._load().get(kind)
        return None if known is None else known[0]

    def measured(self, kind: str, seconds: float) -> None:
        """Record how long a step took.

        The first measurement counts until there is a second: it includes the loading of code.
        """
        known = self._load()
        before, number = known.get(kind, (seconds, 0))
        weight = max(_LEAST_WEIGHT, 1 / max(number, 1))
        known[kind] = before + weight * (seconds - before), number + 1
        # If a time cannot be stored, plans are only less precise.
        with suppress(OSError):
            write_whole(self._path, json.dumps(known).encode())

    def _load(self) -> dict[str, tuple[float, int]]:
        known = read_mapping(self._path)
        return {kind: (float(took[0]), took[1]) for kind, took in known.items() if _is_mean(took)}


def _is_mean(value: object) -> bool:
    """Return whether a value in the file is a possible mean time and a number of measurements."""
    match value:
        case [int() | float() as seconds, int() as number]:
            return 0 <= seconds < _LONGEST and number > 0
    return False

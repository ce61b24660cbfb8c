"""Progress of fetching."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.timespan import SECONDS_PER_DAY

_BYTES_PER_SECOND = 13_600.0
"""Size of event files per second of their window: 48.6 MB in 3,574 s for 255900280010."""

_MEMBER_BYTES_PER_SECOND = 100.0
"""For dead time, a row of 48 bytes each 8 s, and housekeeping: less than 1% of the events."""

TABLES_BYTES = 5_000_000
"""Size of the calibration tables: 4.2 MB are the 2048 x 256 energies of ISGR-RISE-MOD."""


@dataclass(frozen=True)
class Traffic:
    """Files and bytes that have arrived.

    Parameters
    ----------
    windows, total
        Windows that have arrived, and all.
    bytes, expected
        Bytes that have arrived, and all: an estimate until every file has begun to arrive.
    """

    windows: int
    total: int
    bytes: int
    expected: int

    def __str__(self) -> str:
        sizes = f"{in_bytes(self.bytes)} of {in_bytes(max(self.expected, self.bytes))}"
        return f"fetched {self.windows} of {self.total} science windows, {sizes}"


def expected_bytes(windows: Iterable[ScienceWindow]) -> int:
    """Return the estimated size of the event files of windows, bytes."""
    return sum(int(_BYTES_PER_SECOND * SECONDS_PER_DAY * (w.stop - w.start)) for w in windows)


def member_bytes(window: ScienceWindow) -> int:
    """Return the estimated size of the other files of a window, bytes."""
    return int(_MEMBER_BYTES_PER_SECOND * SECONDS_PER_DAY * (window.stop - window.start))


def in_bytes(size: float) -> str:
    """Return a readable size.

    Examples
    --------
    >>> in_bytes(1_300_000_000), in_bytes(47_600_000), in_bytes(1200)
    ('1.3 GB', '48 MB', '1 kB')
    """
    if size >= 1e9:
        return f"{size / 1e9:.1f} GB"
    return f"{size / 1e6:.0f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"

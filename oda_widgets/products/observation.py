"""The observation behind a product: the part that all products share."""

from __future__ import annotations

from dataclasses import dataclass

from oda_widgets.request.science_windows import SkippedWindow
from oda_widgets.request.timespan import TimeInterval, isot_utc

_ENERGIES = {
    "lines": "energies by lines",
    "osa": "energies by OSA's tables",
    "archive": "energies of the archive",
}
"""What a figure says about the energies of real events."""


@dataclass(frozen=True)
class Observation:
    """The science windows of a product, with times, exposure and pointing.

    Parameters
    ----------
    instrument
        "isgri"; what INSTRUME says in files of other missions.
    science_windows
        Identifiers of the windows that were used.
    start, stop
        First and last instant of the data used, IJD days.
    ontime
        Sum of the good time inside the requested intervals, seconds.
    live_time
        Effective seconds after dead time; equals `ontime` when the archive carries none.
    dead_time_note
        How dead time was treated, one sentence for the header.
    pixels_note
        How many detector pixels were used and which were left out, one sentence.
    intervals
        The requested restriction in time; empty when there was none.
    skipped
        Windows that could not be used.
    simulated
        True if any of the events are not real.
    revolution
        Number of the first revolution.
    pointing
        (RA, Dec) of the first window's X axis and then of its Z axis, degrees.
    available
        How many windows satisfied the query, if some of them were chosen at random; else 0.
    energies
        Where the energies of the events come from: "archive", "lines", "osa", "simulated", several
        of them joined by "+", or empty when that is not known.
    energies_note
        How that was done and why, in words; goes to the header.
    telescope
        The mission, as files name it (TELESCOP).

    Examples
    --------
    >>> image.observation.science_windows
    ('255900280010.001',)
    >>> round(image.observation.live_time, 1)
    3548.5
    """

    instrument: str
    science_windows: tuple[str, ...]
    start: float
    stop: float
    ontime: float
    live_time: float
    dead_time_note: str
    pixels_note: str
    intervals: tuple[TimeInterval, ...] = ()
    skipped: tuple[SkippedWindow, ...] = ()
    simulated: bool = False
    revolution: int = 0
    pointing: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    available: int = 0
    energies: str = ""
    energies_note: str = ""
    telescope: str = "INTEGRAL"

    @property
    def span(self) -> str:
        """First and last instant in UTC, to the second; empty if a file does not state them.

        Examples
        --------
        >>> image.observation.span
        '2022-10-12T15:09:35 to 2022-10-12T16:08:55 UTC'
        """
        if not 0 < self.start < self.stop:
            return ""
        return f"{isot_utc(self.start, 0)} to {isot_utc(self.stop, 0)} UTC"

    @property
    def label(self) -> str:
        """Instrument, science windows and exposure on one line, for figures.

        Examples
        --------
        >>> image.observation.label
        'ISGRI · 255900280010.001 · 3,548.5 s · energies by lines'
        """
        windows = self.science_windows
        which = windows[0] if len(windows) == 1 else f"{len(windows)} science windows"
        if self.available:
            which = f"{len(windows)} of {self.available} science windows"
        parts = [self.instrument.upper(), which, f"{self.live_time:,.1f}".removesuffix(".0") + " s"]
        if self.energies in _ENERGIES:
            parts.append(_ENERGIES[self.energies])
        if self.simulated:
            parts.insert(0, "SIMULATED")
        if not windows:  # a file that does not state them
            parts.remove(which)
        return " · ".join(parts)

"""The observation behind a product: science windows, times and notes."""

from __future__ import annotations

from dataclasses import dataclass

from oda_widgets.products.orbit import Place
from oda_widgets.request.instruments import label_of
from oda_widgets.request.science_windows import SkippedWindow
from oda_widgets.request.timespan import TimeInterval
from oda_widgets.request.words import one_line

_ENERGIES = {
    "lines": "energies calibrated on instrumental lines",
    "osa": "energies calibrated with OSA's tables",
    "archive": "energies of the archive",
}
"""Labels for the energies of real events."""

_NOTES = (
    "weights_note",
    "sources_note",
    "rates_note",
    "pixels_note",
    "energies_note",
    "dead_time_note",
)
_LONGEST = 160  # characters of a note in a print
_SHOWN = 3
"""Number of notes in a print; the others are named."""

_LARGEST_CORRECTION = 2.0
"""Correction above which rates count as extrapolated."""


@dataclass(frozen=True, repr=False)
class Observation:
    """The science windows of a product, with times, exposure and pointing.

    Parameters
    ----------
    instrument
        Name of the instrument, such as "isgri"; for files of other missions, their INSTRUME.
    science_windows
        Identifiers of the windows that were used.
    start, stop
        First and last instant of the data used, IJD days.
    ontime
        Sum of the good time inside the requested intervals, seconds.
    live_time
        Good time less dead time, seconds; equal to `ontime` if dead time is not known.
    dead_time_note
        Treatment of dead time, one sentence for the header.
    pixels_note
        Number of detector pixels used, and those left out, one sentence for the header.
    sources_note
        Sources that were left out or fitted together with others; empty if none.
    intervals
        Requested intervals of time; empty if there were none.
    skipped
        Windows that could not be used, with reasons.
    simulated
        True if any of the events are not real.
    revolution
        Number of the first revolution.
    pointing
        (RA, Dec) of the X axis and of the Z axis of the first window, degrees.
    available
        Number of windows that satisfied the query, if some were chosen at random; else 0.
    energies
        Origin of the energies of the events: "archive", "lines", "osa", "simulated", several of
        them joined by "+", or empty if not known.
    energies_note
        Use of these energies, and the reason for it, as text for the header.
    telescope
        Name of the mission in files (TELESCOP).
    intervals_note
        Fraction of good time in the intervals, if below 1, as text for the header.
    weights_note
        Weights of science windows in a mean, as text; empty if there is no mean.
    rates_note
        Corrections of rates, and their errors, as text for the header.
    correction
        Factor by which rates of the band are raised for the part that pixels do not see; 1 for
        spectra, whose channels are corrected one by one.
    rates_error
        Relative systematic error of the rates.
    place
        Place of the satellite; None if not known.

    Examples
    --------
    >>> image.observation.science_windows
    ('255900280010.001',)
    >>> round(image.observation.live_time, 1)
    2540.7
    """

    instrument: str
    science_windows: tuple[str, ...]
    start: float
    stop: float
    ontime: float
    live_time: float
    dead_time_note: str
    pixels_note: str
    sources_note: str = ""
    intervals: tuple[TimeInterval, ...] = ()
    skipped: tuple[SkippedWindow, ...] = ()
    simulated: bool = False
    revolution: int = 0
    pointing: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    available: int = 0
    energies: str = ""
    energies_note: str = ""
    telescope: str = "INTEGRAL"
    intervals_note: str = ""
    weights_note: str = ""
    rates_note: str = ""
    correction: float = 1.0
    rates_error: float = 0.0
    place: Place | None = None

    def __repr__(self) -> str:
        notes = {name: getattr(self, name) for name in _NOTES if getattr(self, name)}
        shown, others = list(notes.values())[:_SHOWN], list(notes)[_SHOWN:]
        times = ", ".join(filter(None, (self.span, self.intervals_note)))
        more = f"more in {', '.join(others)}" if others else ""
        lines = [times, *(one_line(note, _LONGEST) for note in shown), more]
        return "\n  ".join([self.label, *filter(None, lines)])

    @property
    def span(self) -> str:
        """First and last instant in UTC; empty if a file does not state them.

        They are given to the second, or to the millisecond if less than ten minutes apart.

        Examples
        --------
        >>> image.observation.span
        '2022-10-12T15:09:35 to 2022-10-12T16:08:55 UTC'
        """
        if not 0 < self.start < self.stop:
            return ""
        return str(TimeInterval(self.start, self.stop))

    @property
    def live_fraction(self) -> float:
        """Live time over good time, DEADC in files; 1 if dead time is not known.

        Examples
        --------
        >>> round(image.observation.live_fraction, 3)
        0.716
        """
        known = 0 < self.live_time < self.ontime
        return self.live_time / self.ontime if known else 1.0

    @property
    def extrapolated(self) -> bool:
        """True if pixels see less than half of the band, so that its rates are extrapolated.

        Examples
        --------
        >>> image.observation.extrapolated
        False
        """
        return self.correction > _LARGEST_CORRECTION

    @property
    def label(self) -> str:
        """Instrument, science windows and exposure on one line, for figures.

        Examples
        --------
        >>> image.observation.label
        'ISGRI · 255900280010.001 · 2,540.7 s · energies calibrated on instrumental lines'
        """
        windows = self.science_windows
        named = windows[0] if len(windows) == 1 else f"{len(windows):,} science windows"
        if self.available:
            named = f"{len(windows):,} of {self.available:,} science windows"
        seconds = f"{self.live_time:,.1f}".removesuffix(".0") + " s"
        parts = [
            label_of(self.instrument),
            *([named] if windows else []),  # files may not state them
            seconds if self.live_time > 0 else "exposure unknown",
        ]
        if self.energies in _ENERGIES:
            parts.append(_ENERGIES[self.energies])
        if self.extrapolated:
            parts.append(f"rates × {self.correction:.1f} for thresholds")
        if self.simulated:
            parts.insert(0, "SIMULATED")
        return " · ".join(parts)

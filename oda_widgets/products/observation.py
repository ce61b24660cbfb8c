"""The observation behind a product: the part that all products share."""

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
"""Words of labels for the energies of real events."""

_NOTES = (
    "weights_note",
    "sources_note",
    "rates_note",
    "pixels_note",
    "energies_note",
    "dead_time_note",
)
_LONGEST = 160  # letters of a note that is printed
_SHOWN = 3
"""Notes that are printed, the first of these; others are named."""

_MOST = 2.0
"""Correction beyond which figures say so."""


@dataclass(frozen=True, repr=False)
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
        Effective seconds after dead time; equals `ontime` where that is not known.
    dead_time_note
        How dead time was treated, one sentence for the header.
    pixels_note
        How many detector pixels were used and which were left out, one sentence.
    sources_note
        Which sources were left out, and which were fitted as one with others; empty if none.
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
    intervals_note
        How much of the intervals is good time, if not all of it, in words; goes to the header.
    weights_note
        How the science windows of a mean were weighted; empty where there is no mean.
    rates_note
        What rates are corrected for, and how well they are known, in words; goes to the header.
    correction
        By how much the rates of the band are raised for what the pixels do not see of it; 1 for
        spectra, which say so channel by channel.
    rates_error
        Relative systematic error of the rates.
    place
        Where the satellite was; None where that is not known.

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

        To the second, or of less than ten minutes to the millisecond.

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
        """Live time over good time, DEADC in files; 1 where dead time is not known.

        Examples
        --------
        >>> round(image.observation.live_fraction, 3)
        0.716
        """
        known = 0 < self.live_time < self.ontime
        return self.live_time / self.ontime if known else 1.0

    @property
    def extrapolated(self) -> bool:
        """True if pixels see less than half of the band, so that its rates are no measurement.

        Examples
        --------
        >>> image.observation.extrapolated
        False
        """
        return self.correction > _MOST

    @property
    def label(self) -> str:
        """Instrument, science windows and exposure on one line, for figures.

        Examples
        --------
        >>> image.observation.label
        'ISGRI · 255900280010.001 · 2,540.7 s · energies calibrated on instrumental lines'
        """
        windows = self.science_windows
        which = windows[0] if len(windows) == 1 else f"{len(windows):,} science windows"
        if self.available:
            which = f"{len(windows):,} of {self.available:,} science windows"
        seconds = f"{self.live_time:,.1f}".removesuffix(".0") + " s"
        parts = [
            label_of(self.instrument),
            which,
            seconds if self.live_time > 0 else "exposure unknown",
        ]
        if self.energies in _ENERGIES:
            parts.append(_ENERGIES[self.energies])
        if self.extrapolated:
            parts.append(f"rates × {self.correction:.1f} for thresholds")
        if self.simulated:
            parts.insert(0, "SIMULATED")
        if not windows:  # a file that does not state them
            parts.remove(which)
        return " · ".join(parts)

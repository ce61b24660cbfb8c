"""A burst in a light curve: its significance, time, duration and brightness."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from oda_widgets.abilities import Displayed, abilities
from oda_widgets.arrays import Floats, KeptArrays
from oda_widgets.errors import BadParameter
from oda_widgets.products.curve_data import CurveData
from oda_widgets.products.curve_level import Level
from oda_widgets.products.measured import Measured, MeasuredRate
from oda_widgets.products.orbit import Orbit, Place
from oda_widgets.request.arguments import array_of
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import SECONDS_PER_DAY, TimeInterval, isot_utc
from oda_widgets.request.words import one_line, with_error

_MOST_TIMES = 10_000_000
_MANY = 100.0  # sigma, printed without decimals above


@suggesting_class
@dataclass(frozen=True, repr=False, eq=False)
class Burst(Displayed, KeptArrays):
    """A burst in a light curve, as returned by `LightCurve.bursts` and `LightCurve.burst`.

    Times are IJD days at the satellite.

    Parameters
    ----------
    significance
        Significance of the excess in the best window, sigma.
    window
        The window with the most significant excess.
    trigger
        Start of the first window in which the excess reached the threshold.
    interval
        Time over which counts were summed.
    peak
        Highest rate above the level, counts per second, in a bin of the light curve.
    peak_time
        Middle of the bin with the highest rate.
    counts
        Counts above the level over `interval`.
    t90, t50
        Seconds in which the counts rise from 5 % to 95 %, and from 25 % to 75 %.
    t90_interval, t50_interval
        Intervals of T90 and T50; None if they are not known.
    level
        Fit to the bins around the burst, against seconds since the trigger; its ``scatter`` is the
        noise of those bins over their errors.
    curve
        Light curve that contains the burst.

    Examples
    --------
    >>> grb
    Burst in SPI-ACS, 2023-03-07T15:44:07... UTC
      ...
      T90 28... ± ... s, T50 9... ± ... s, ... counts
    """

    significance: float
    window: TimeInterval
    trigger: float
    interval: TimeInterval
    peak: MeasuredRate
    peak_time: float
    counts: Measured
    t90: Measured
    t50: Measured
    t90_interval: TimeInterval | None
    t50_interval: TimeInterval | None
    level: Level
    curve: CurveData = field(repr=False)

    def __repr__(self) -> str:
        label = self.curve.observation.label
        window = with_length(self.window.seconds)
        return "\n".join(
            [
                f"Burst in {one_line(self.curve.name)}, {self.trigger_utc} UTC",
                f"  {label}",
                f"  {self.significance_in_words} in {window}",
                f"  peak {self.peak} above a level of {self._level_text}",
                f"  T90 {self.t90} s, T50 {self.t50} s, {with_error(*self.counts)} counts",
            ]
        )

    def __hash__(self) -> int:
        return hash((type(self), self.trigger, self.interval))

    @property
    def in_one_line(self) -> str:
        """Time, significance and peak of the burst on one line.

        Examples
        --------
        >>> grb.in_one_line
        '2023-03-07T15:44:0... UTC, 8,7... σ in ..., peak ... counts/s'
        """
        window = with_length(self.window.seconds)
        return f"{self.trigger_utc} UTC, {self.significance_in_words} in {window}, peak {self.peak}"

    @property
    def trigger_utc(self) -> str:
        """Time of the trigger in UTC, to the millisecond.

        Examples
        --------
        >>> grb.trigger_utc
        '2023-03-07T15:44:0...'
        """
        return isot_utc(self.trigger)

    @property
    def significance_in_words(self) -> str:
        """The significance as text for prints and figures.

        Examples
        --------
        >>> grb.significance_in_words
        '8,7... σ'
        """
        digits = 0 if self.significance >= _MANY else 1
        return f"{self.significance:,.{digits}f} σ"

    @property
    def _level_text(self) -> str:
        return f"{float(self.level.at(np.zeros(1))[0]):,.0f} counts/s"

    def seconds(self, time: Any) -> Floats:
        """Return times in IJD as seconds since the trigger.

        Examples
        --------
        >>> float(grb.seconds(grb.trigger))
        0.0
        """
        return (
            array_of("time", time, _MOST_TIMES).astype(np.float64) - self.trigger
        ) * SECONDS_PER_DAY

    def light_travel_time(
        self, source: Any, orbit: str | os.PathLike[str] | Orbit | None = None
    ) -> float:
        """Return the delay of the burst at the centre of the Earth, seconds.

        It is negative if the burst reached the Earth first. Add it to times at the satellite to get
        times at the Earth.

        Parameters
        ----------
        source
            Name or position of the burst.
        orbit
            ``sc_orbit_param.fits`` of the science window or ``orbit_historic.fits`` of the
            revolution; by default the place of the satellite in the light curve.

        Raises
        ------
        BadParameter
            If the place of the satellite is not known, or the orbit file is of another time.
        UnknownSource
            If no catalogue or service knows the name.
        DamagedFile
            If the file does not hold an orbit.

        Examples
        --------
        >>> round(grb.light_travel_time((60.82, -75.38)), 3)  # GRB 230307A
        -0.4...
        """
        found = source if isinstance(source, Source) else abilities().resolve(source)
        return self.place(orbit).light_travel_time(found.ra, found.dec)

    def place(self, orbit: str | os.PathLike[str] | Orbit | None = None) -> Place:
        """Return the place of the satellite at the trigger.

        Parameters
        ----------
        orbit
            See `light_travel_time`.

        Examples
        --------
        >>> grb.place().distance
        143490.5
        """
        if orbit is not None:
            orbit = orbit if isinstance(orbit, Orbit) else Orbit.read(orbit)
            return orbit.at(self.trigger)
        place = self.curve.observation.place
        if place is None:
            limit = "the light curve does not say where the satellite was"
            advice = "Give orbit=, a file sc_orbit_param.fits or orbit_historic.fits of that time."
            raise BadParameter("orbit", None, limit, advice)
        return place

    def plot(self, **options: Any) -> Any:
        """Return an interactive figure of the light curve around the burst, T90 selected.

        Parameters
        ----------
        options
            ``on_select``, ``height`` and ``time``, as for a light curve.

        Raises
        ------
        BadParameter
            If there is no such option.

        Examples
        --------
        >>> type(grb.plot()).__name__
        'LightCurveView'
        """
        return abilities().plot(self, **options)

    def figure(self, **options: Any) -> Any:
        """Return a figure of the burst for publication, a `matplotlib.figure.Figure`.

        Parameters
        ----------
        options
            ``columns``, ``width`` and ``height``, as for a light curve; ``before`` and ``after``,
            seconds around the trigger; ``time_bin``, seconds of a bin in the figure.

        Raises
        ------
        BadParameter
            If there is no such option, or a value cannot be read.

        Examples
        --------
        >>> len(grb.figure().axes)
        1
        """
        return abilities().figure(self, **options)

    def save(
        self, path: str | os.PathLike[str], *, overwrite: bool = False, **options: Any
    ) -> None:
        """Save the figure as PDF, PNG or SVG, as the suffix says; options as for `figure`.

        Raises
        ------
        BadParameter
            If the suffix is not one of these, or the file cannot be written.

        Examples
        --------
        >>> grb.save("grb230307a.pdf")
        """
        abilities().save(self, path, overwrite=overwrite, **options)


def with_length(seconds: float) -> str:
    """Return the length of a window as text."""
    return f"{seconds:.3g} s"

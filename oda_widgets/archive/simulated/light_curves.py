"""Light curves of sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.request.timespan import SECONDS_PER_DAY


class LightCurve(Protocol):
    """The flux of a source relative to its spectrum."""

    def level(self, ijd: Floats) -> Floats:
        """Return the relative flux at times in IJD."""
        ...


@dataclass(frozen=True)
class Steady:
    """A constant flux.

    Parameters
    ----------
    value
        Relative to the spectrum.
    """

    value: float = 1.0

    def level(self, ijd: Floats) -> Floats:
        """Return the relative flux at times in IJD."""
        return np.full(np.shape(ijd), self.value)


@dataclass(frozen=True)
class Tabulated:
    """Linear interpolation between points; constant before the first and after the last.

    Parameters
    ----------
    points
        (IJD, relative flux), in order of time.
    """

    points: tuple[tuple[float, float], ...]

    def level(self, ijd: Floats) -> Floats:
        """Return the relative flux at times in IJD."""
        times, levels = np.array(self.points, np.float64).T
        level: Floats = np.interp(ijd, times, levels)
        return level


@dataclass(frozen=True)
class Orbital:
    """A sine with the period of a binary.

    Parameters
    ----------
    minimum
        IJD of a minimum.
    period
        Orbital period, days.
    amplitude
        Of the sine, relative to its mean of 1.
    """

    minimum: float
    period: float
    amplitude: float

    def level(self, ijd: Floats) -> Floats:
        """Return the relative flux at times in IJD."""
        phase = (np.asarray(ijd) - self.minimum) / self.period
        level: Floats = 1.0 - self.amplitude * np.cos(2 * np.pi * phase)
        return level


def outbursts(quiet: float, *peaks: tuple[float, float, float]) -> Tabulated:
    """Return triangular outbursts above a quiet level.

    Parameters
    ----------
    quiet
        Relative flux between them.
    peaks
        (IJD of the peak, days from start to peak and from peak to end, relative flux at the peak);
        in order of time, without overlap.
    """
    points = [
        point
        for peak, half, level in peaks
        for point in ((peak - half, quiet), (peak, level), (peak + half, quiet))
    ]
    return Tabulated(tuple(points))


@dataclass(frozen=True)
class Passage:
    """A light curve over one pointing.

    Parameters
    ----------
    times
        IJD, shape (n,).
    seconds
        Integral of the relative flux from the start to each time, seconds, same shape.
    """

    times: Floats
    seconds: Floats

    @classmethod
    def of(cls, curve: LightCurve, start: float, stop: float) -> Passage:
        """Return the part of a light curve from start to stop, IJD days."""
        times = np.linspace(start, stop, _TIMES)
        level = np.maximum(curve.level(times), 0.0)
        pieces = (level[1:] + level[:-1]) / 2 * np.diff(times) * SECONDS_PER_DAY
        return cls(times, np.concatenate([[0.0], np.cumsum(pieces)]))

    @property
    def effective_seconds(self) -> float:
        """Seconds at relative flux 1 with as many photons."""
        return float(self.seconds[-1])

    def draw(self, count: int, random: np.random.Generator) -> Floats:
        """Return the arrival times of `count` photons, in order."""
        return np.interp(
            uniform_in_order(count, random) * self.effective_seconds, self.seconds, self.times
        )


_TIMES = 513  # steps of 4 to 7 s in a pointing, finer than any feature of these light curves


def uniform_in_order(count: int, random: np.random.Generator) -> Floats:
    """Return sorted uniform numbers from 0 to 1, without sorting: sums of exponential steps."""
    passed = np.cumsum(random.standard_exponential(count + 1))
    ordered: Floats = passed[:-1] / passed[-1]
    return ordered

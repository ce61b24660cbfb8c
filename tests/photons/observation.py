"""One pointing, from photons to a tagged, time-ordered event list."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from .background import Background, noise_arrivals
from .detector import COLUMNS, ROWS, PixelState, perfect_pixels
from .light_curves import LightCurve, Step
from .mask import Mask
from .pointing import SECONDS_PER_DAY, Pointing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .arrays import Booleans, Bytes, Energies, Floats, Tags
    from .arrivals import Arrivals
    from .sources import TracedSource

BACKGROUND = "background"
NOISE = "pixel noise"


@dataclass(frozen=True)
class Gap:
    """An interval left out of the good time intervals, though events go on in it.

    Attributes
    ----------
    start, stop
        Seconds since the start of the pointing.
    surge
        Multiplies the background rate within the gap.
    """

    start: float
    stop: float
    surge: float = 1.0


@dataclass(frozen=True)
class TracedEvents:
    """Events of one pointing in order of time, each with its origin.

    Attributes
    ----------
    pointing
        Attitude and start.
    duration
        Length, s. There is no dead time.
    good_times
        IJD start and stop of the good time intervals, shape (n, 2).
    time
        IJD.
    energy
        keV.
    dety, detz
        0-based pixel coordinates, gaps between modules included.
    select_flag
        1 for events of noisy pixels, else 0.
    origin
        Index into `origins`.
    origins
        "background", "pixel noise", then the names of the sources.
    """

    pointing: Pointing
    duration: float
    good_times: Floats
    time: Floats
    energy: Energies
    dety: Bytes
    detz: Bytes
    select_flag: Bytes
    origin: Tags
    origins: tuple[str, ...]

    def __len__(self) -> int:
        """Count the events."""
        return len(self.time)

    def is_from(self, name: str) -> Booleans:
        """Return True at the events whose origin is `name`."""
        chosen: Booleans = self.origin == self.origins.index(name)
        return chosen

    def is_good(self) -> Booleans:
        """Return True at unflagged events within the good time intervals."""
        slot = np.searchsorted(self.good_times.ravel(), self.time, side="right")
        good: Booleans = (slot % 2 == 1) & (self.select_flag == 0)
        return good

    def is_within(self, e_min: float, e_max: float) -> Booleans:
        """Return True at events of a band ``[e_min, e_max)``, keV."""
        within: Booleans = (self.energy >= e_min) & (self.energy < e_max)
        return within

    def image(self, chosen: Booleans) -> Floats:
        """Count the chosen events per pixel, ``[z, y]``."""
        return count_image(self.dety[chosen], self.detz[chosen])


def count_image(dety: Bytes, detz: Bytes) -> Floats:
    """Count events per pixel, ``[z, y]`` of shape (134, 130)."""
    flat = detz.astype(np.intp) * COLUMNS + dety
    counts = np.bincount(flat, minlength=ROWS * COLUMNS)
    return counts.reshape(ROWS, COLUMNS).astype(np.float64)


def trace(
    pointing: Pointing,
    sources: Sequence[TracedSource],
    background: Background | None,
    duration: float,
    rng: np.random.Generator,
    *,
    pixels: PixelState | None = None,
    mask: Mask | None = None,
    gaps: Sequence[Gap] = (),
) -> TracedEvents:
    """Simulate one pointing photon by photon.

    Parameters
    ----------
    pointing
        Attitude and start.
    sources
        Point sources; each photon is traced through the mask.
    background
        Events that no mask stops; None for none.
    duration
        Length, s. All of it is live.
    rng
        Source of randomness.
    pixels
        Efficiency and noise of the pixels; all perfect by default.
    mask
        The flight mask by default.
    gaps
        Intervals to leave out of the good times, in order and apart.
    """
    pixels = pixels or perfect_pixels()
    mask = mask or Mask()
    quiet = background and _surging(background, pointing, gaps)
    streams = {0: quiet.arrivals(pointing, duration, pixels, rng)} if quiet else {}
    streams[1] = noise_arrivals(pixels, pointing, duration, rng)
    for tag, source in enumerate(sources, start=2):
        streams[tag] = source.arrivals(pointing, duration, mask, pixels, rng)
    origins = (BACKGROUND, NOISE, *(source.name for source in sources))
    good_times = _good_times(pointing, duration, gaps)
    return _merged(streams, pointing, duration, good_times, pixels, origins)


def _surging(background: Background, pointing: Pointing, gaps: Sequence[Gap]) -> Background:
    """Add the gaps' surges to the background's light curve."""
    surges = tuple(
        Step(_ijd(pointing, gap.start), _ijd(pointing, gap.stop), gap.surge) for gap in gaps
    )
    light_curve = LightCurve(background.light_curve.steps + surges)
    return replace(background, light_curve=light_curve)


def _good_times(pointing: Pointing, duration: float, gaps: Sequence[Gap]) -> Floats:
    starts = [0.0, *(gap.stop for gap in gaps)]
    stops = [*(gap.start for gap in gaps), duration]
    intervals = np.column_stack([starts, stops])
    kept = intervals[intervals[:, 1] > intervals[:, 0]]
    good_times: Floats = pointing.start + kept / SECONDS_PER_DAY
    return good_times


def _ijd(pointing: Pointing, seconds: float) -> float:
    return pointing.start + seconds / SECONDS_PER_DAY


def _merged(
    streams: dict[int, Arrivals],
    pointing: Pointing,
    duration: float,
    good_times: Floats,
    pixels: PixelState,
    origins: tuple[str, ...],
) -> TracedEvents:
    """Join the streams in order of time, tag them, flag the noisy pixels."""
    parts = list(streams.values())
    time = np.concatenate([part.time for part in parts])
    order = np.argsort(time, kind="stable")
    sizes = [len(part.time) for part in parts]
    dety = np.concatenate([part.dety for part in parts])[order]
    detz = np.concatenate([part.detz for part in parts])[order]
    return TracedEvents(
        pointing=pointing,
        duration=duration,
        good_times=good_times,
        time=time[order],
        energy=np.concatenate([part.energy for part in parts])[order],
        dety=dety,
        detz=detz,
        select_flag=pixels.noisy[detz, dety].astype(np.uint8),
        origin=np.repeat(np.array(list(streams), np.int16), sizes)[order],
        origins=origins,
    )

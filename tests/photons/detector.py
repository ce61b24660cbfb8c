"""The ISGRI pixel layout: which pixel a photon hits, and how well that pixel works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .arrays import Booleans, Bytes, Floats, Integers

COLUMNS = 130
ROWS = 134
PITCH = 4.6
ACTIVE = 4.0
DEAD_COLUMNS = (64, 65)
DEAD_ROWS = (32, 33, 66, 67, 100, 101)
WIDTH = COLUMNS * PITCH
HEIGHT = ROWS * PITCH
MODULE_COLUMNS = ((0, 64), (66, 130))
MODULE_ROWS = ((0, 32), (34, 66), (68, 100), (102, 134))


def working_pixels() -> Booleans:
    """Return True at the 128x128 pixels; the gaps between modules are False."""
    exists = np.ones((ROWS, COLUMNS), dtype=np.bool_)
    exists[:, DEAD_COLUMNS] = False
    exists[DEAD_ROWS, :] = False
    return exists


def active_fraction() -> float:
    """Sensitive area over the area of the detector's bounding rectangle."""
    return float(working_pixels().sum()) * ACTIVE**2 / (WIDTH * HEIGHT)


def pixel_of(y: Floats, z: Floats) -> tuple[Integers, Integers, Booleans]:
    """Map hit positions to pixels.

    Parameters
    ----------
    y, z
        Position on the detector plane, mm from its centre, inside the bounding
        rectangle.

    Returns
    -------
    dety, detz, active
        0-based pixel coordinates, and False where the photon fell on a dead border
        between pixels or in a gap between modules.
    """
    dety, inside_y = _nearest(y, COLUMNS)
    detz, inside_z = _nearest(z, ROWS)
    return dety, detz, inside_y & inside_z & working_pixels()[detz, dety]


def _nearest(position: Floats, count: int) -> tuple[Integers, Booleans]:
    cell = position / PITCH + count / 2
    index = cell.astype(np.intp)
    from_centre = np.abs(cell - index - 0.5)
    return index, from_centre < ACTIVE / PITCH / 2


@dataclass(frozen=True)
class PixelState:
    """State of each pixel during an observation.

    Attributes
    ----------
    efficiency
        Relative efficiency ``[z, y]``, near 1; 0 for dead pixels and gaps. It applies
        to photons of sources and of the background alike.
    noise_rate
        Spurious counts/s ``[z, y]``. A pixel with any is a noisy pixel: all its events
        are flagged, whatever their origin, as the real processing does.
    """

    efficiency: Floats
    noise_rate: Floats

    @property
    def noisy(self) -> Booleans:
        """True at noisy pixels."""
        return self.noise_rate > 0

    @property
    def peak(self) -> float:
        """The highest efficiency: photons are drawn for it and then thinned."""
        return float(self.efficiency.max())

    def registers(
        self, dety: Integers | Bytes, detz: Integers | Bytes, rng: np.random.Generator
    ) -> Booleans:
        """Decide photon by photon whether its pixel registers it."""
        chance = self.efficiency[detz, dety]
        return rng.random(len(chance)) * self.peak < chance


def perfect_pixels() -> PixelState:
    """All 16384 pixels alive, alike and silent."""
    exists = working_pixels()
    return PixelState(exists.astype(np.float64), np.zeros(exists.shape))


def worn_pixels(
    rng: np.random.Generator,
    *,
    scatter: float = 0.03,
    dead: float = 0.057,
    noisy: float = 0.032,
    mean_noise: float = 0.03,
) -> PixelState:
    """Draw a detector with scattered efficiencies, dead pixels and noisy ones.

    Parameters
    ----------
    rng
        Source of randomness.
    scatter
        Relative rms of the pixel efficiency. The real one, all causes together, is
        about 0.11.
    dead, noisy
        Fractions of the pixels. The defaults are those of ScW 255900280010.
    mean_noise
        Mean spurious rate of a noisy pixel, counts/s.
    """
    exists = working_pixels()
    efficiency = np.clip(rng.normal(1, scatter, exists.shape), 0.1, None)
    fate = rng.random(exists.shape)
    alive = exists & (fate > dead)
    is_noisy = alive & (fate < dead + noisy)
    noise = rng.exponential(mean_noise, exists.shape)
    return PixelState(np.where(alive, efficiency, 0.0), np.where(is_noisy, noise, 0.0))

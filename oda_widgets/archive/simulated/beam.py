"""Trace the photons of a source, a parallel beam, through the mask onto the pixels."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from oda_widgets.archive.simulated.arrivals import Arrivals
from oda_widgets.archive.simulated.count_spectra import CountSpectrum
from oda_widgets.archive.simulated.detector import Detector
from oda_widgets.archive.simulated.light_curves import Passage
from oda_widgets.archive.simulated.mask_transit import passes
from oda_widgets.instruments.isgri import detector as isgri
from oda_widgets.instruments.isgri.mask import open_fraction

_AT_ONCE = 1 << 16  # photons whose coordinates fit into the cache of a processor
_PIXEL = np.uint64(isgri.WORKING_PIXELS - 1)  # 128 x 128 pixels are 14 bits


def source_arrivals(
    tangents: tuple[float, float],
    spectrum: CountSpectrum,
    passage: Passage,
    sensitivity: float,
    detector: Detector,
    random: np.random.Generator,
) -> Arrivals:
    """Return the events of a source in one window.

    Parameters
    ----------
    tangents
        Its direction (s.Y/s.X, s.Z/s.X).
    spectrum
        Its counts on axis, at relative flux 1.
    passage
        Its light curve over the window.
    sensitivity
        Live fraction times relative area.
    detector
        Efficiencies and states of the pixels.
    random
        Random generator of the window.

    Notes
    -----
    The rate of a source is that on axis, as in OSA: it is reduced by the mask, but neither by the
    inclination of the beam nor by the supports of the mask.
    """
    through = spectrum.rate * passage.effective_seconds * sensitivity
    falling = random.poisson(through / open_fraction() * detector.peak)
    pixel = registered(tangents, falling, detector, random)
    energy = spectrum.draw(len(pixel), random)
    kept = np.flatnonzero(energy > detector.threshold[pixel])
    return Arrivals(passage.draw(len(kept), random), energy[kept], pixel[kept])


def registered(
    tangents: tuple[float, float], falling: int, detector: Detector, random: np.random.Generator
) -> NDArray[np.int32]:
    """Return the flat pixel indices of the photons of a beam that are registered.

    Parameters
    ----------
    tangents
        Direction of the source.
    falling
        Photons that reach the sensitive area, for pixels of the highest efficiency.
    detector
        Efficiencies and states of the pixels.
    random
        Random generator of the window.
    """
    sizes = [_AT_ONCE] * (falling // _AT_ONCE) + [falling % _AT_ONCE]
    return np.concatenate([_trace(tangents, size, detector, random) for size in sizes])


def _trace(
    tangents: tuple[float, float], size: int, detector: Detector, random: np.random.Generator
) -> NDArray[np.int32]:
    # 64 random bits give each photon its pixel and, with 25 bits each, its place in it.
    bits = random.integers(0, 1 << 64, size, dtype=np.uint64)
    flat, centre_y, centre_z = _pixels()
    number = (bits & _PIXEL).astype(np.intp)
    y = centre_y[number] + _within(bits >> np.uint64(14))
    z = centre_z[number] + _within(bits >> np.uint64(39))
    pixel = flat[number[passes(y, z, tangents)]]
    chance = random.random(len(pixel), dtype=np.float32) * np.float32(detector.peak)
    return pixel[chance < detector.efficiency[pixel]]


def _within(bits: NDArray[np.uint64]) -> NDArray[np.float32]:
    """Return the place in the sensitive square given by the lowest 25 bits, mm."""
    steps = (bits & np.uint64(2**25 - 1)).astype(np.float32)
    side = isgri.PIXEL_ACTIVE_SIDE
    place: NDArray[np.float32] = steps * np.float32(side / 2**25) - np.float32(side / 2)
    return place


@cache
def _pixels() -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]:
    """Return the flat indices of the pixels and their centres along Y and Z, mm."""
    row, column = np.nonzero(isgri.existing_pixels())
    flat = row * isgri.DETECTOR_SHAPE[1] + column
    centre_y, centre_z = isgri.pixel_centres_y()[column], isgri.pixel_centres_z()[row]
    return flat.astype(np.int32), centre_y.astype(np.float32), centre_z.astype(np.float32)

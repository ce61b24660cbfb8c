"""Simulate background counts of the detector: particles, activated materials, noise.

The spectrum is that of science window 255900280010, outside bursts, with energies calibrated on its
instrumental lines (see `analysis.energies`): the counts of its unflagged pixels in the good time,
scaled to all pixels, including events without energy and those hidden by thresholds below 45 keV
(see `efficiency.turn_on`). Below 30 keV, where most pixels of 2022 record nothing, it continues
flat. The shape is the same at all times, because only in this window could energies be corrected;
the level follows the dead time (see `epoch`).

Lines are annihilation and the K lines of the tungsten of the mask and the lead of the shield, with
atomic ratios and the widths of that window, with which the spectrum agrees within 2.5 % between 30
and 1000 keV, in bands of at least 5 keV.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from oda_widgets.archive.simulated.arrivals import Arrivals
from oda_widgets.archive.simulated.detector import Detector
from oda_widgets.archive.simulated.light_curves import uniform_in_order
from oda_widgets.arrays import Floats
from oda_widgets.instruments.isgri import detector as isgri
from oda_widgets.request.timespan import SECONDS_PER_DAY

Weights = NDArray[np.float32]

# keV, counts/s/keV on all pixels
_CONTINUUM = (
    (13.0, 6.36), (30.0, 6.36), (36.0, 5.86), (45.0, 4.45), (115.0, 1.71), (140.0, 1.62),
    (175.0, 1.21), (225.0, 0.803), (300.0, 0.480), (400.0, 0.269), (500.0, 0.183), (650.0, 0.096),
    (800.0, 0.064), (1000.0, 0.040),
)  # fmt: skip
# keV, counts/s, full width at half maximum over energy
_LINES = (
    (57.98, 18.55, 0.32), (59.32, 31.99, 0.32), (67.24, 11.19, 0.32),
    (72.80, 16.17, 0.32), (74.97, 26.95, 0.32), (84.94, 12.13, 0.32),
    (511.0, 0.84, 0.1),
)  # fmt: skip
_DEVIATIONS = 2.355  # standard deviations in a full width at half maximum

_PIVOT = 90.0  # keV, at which the shapes of low and high energy have equal weights
_MODULES, _GRADIENT, _RIMS = 0.05, 0.05, 0.10
_UNMEASURED = 0.03  # fraction of events without an energy
_NOISE_RANGE = (15.0, 60.0)  # keV
_AT_ONCE = 1 << 16  # events whose coordinates fit into the cache of a processor
_RESOLUTION = 1 << 16  # equally probable bins of energy
_PIXEL = np.uint64(isgri.WORKING_PIXELS - 1)


@dataclass(frozen=True)
class Background:
    """Distribution of the background over the pixels, flat arrays of shape (134 * 130,).

    Parameters
    ----------
    low, high
        Shapes at low and at high energy, relative to a mean of 1.
    """

    low: Weights
    high: Weights

    @property
    def peak(self) -> float:
        """Upper bound of both shapes."""
        return float(max(self.low.max(), self.high.max()))

    def weight(self, pixel: NDArray[np.int32], energy: Weights) -> Weights:
        """Return the background of pixels at energies, relative to the mean."""
        share = 1 / (1 + (energy * np.float32(1 / _PIVOT)) ** 3)
        high = self.high[pixel]
        weight: Weights = high + share * (self.low[pixel] - high)
        return weight


def background_of(seed: int) -> Background:
    """Return the background of a mission, with levels of modules, gradients and rims."""
    random = np.random.default_rng([seed, _STREAM])
    modules = 1 + random.uniform(-_MODULES, _MODULES, 8)
    level = modules[isgri.module_numbers()] * (1 + _RIMS * isgri.module_rims())
    low, high = (_normalised(level * _gradient(random)) for _ in range(2))
    return Background(low, high)


def background_arrivals(
    background: Background,
    level: float,
    span: tuple[float, float],
    detector: Detector,
    random: np.random.Generator,
) -> Arrivals:
    """Return the background events of an interval.

    Parameters
    ----------
    background
        Spatial and spectral shapes of the background.
    level
        Its rate relative to 2022.
    span
        Start and stop, IJD days.
    detector
        Efficiencies and states of the pixels.
    random
        Random generator of the window.
    """
    highest = background.peak * detector.peak
    candidates = random.poisson(_energies().rate * level * _seconds(span) * highest)
    sizes = [_AT_ONCE] * (candidates // _AT_ONCE) + [candidates % _AT_ONCE]
    parts = [_draw(background, size, detector, highest, random) for size in sizes]
    energy, pixel = (np.concatenate(column) for column in zip(*parts, strict=True))
    time = span[0] + (span[1] - span[0]) * uniform_in_order(len(energy), random)
    return Arrivals(time, energy, pixel)


def noise_arrivals(
    span: tuple[float, float], detector: Detector, random: np.random.Generator
) -> Arrivals:
    """Return the spurious events of noisy pixels; parameters as for the background."""
    counts = random.poisson(detector.noise * _seconds(span))
    pixel = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    random.shuffle(pixel)
    low, high = np.log(_NOISE_RANGE)
    energy = np.exp(random.uniform(low, high, len(pixel))).astype(np.float32)
    time = span[0] + (span[1] - span[0]) * uniform_in_order(len(pixel), random)
    return Arrivals(time, energy, pixel)


def _seconds(span: tuple[float, float]) -> float:
    return (span[1] - span[0]) * SECONDS_PER_DAY


def _draw(
    background: Background,
    size: int,
    detector: Detector,
    highest: float,
    random: np.random.Generator,
) -> tuple[Weights, NDArray[np.int32]]:
    # One draw of 64 bits is split: 16 and 16 bits for the energy, 14 for the pixel.
    bits = random.integers(0, 1 << 64, size, dtype=np.uint64)
    energy = _energies().at(bits)
    pixel = _flat_indices()[((bits >> np.uint64(32)) & _PIXEL).astype(np.intp)]
    weight = background.weight(pixel, energy) * detector.efficiency[pixel]
    chance = random.random(size, dtype=np.float32)
    accepted = chance * np.float32(highest) < weight
    kept = np.flatnonzero(accepted & (energy > detector.threshold[pixel]))
    energy, pixel = energy[kept], pixel[kept]
    energy[random.random(len(energy), dtype=np.float32) < _UNMEASURED] = 0.0
    return energy, pixel


@dataclass(frozen=True)
class _Energies:
    """The distribution of energies as equally probable bins.

    Parameters
    ----------
    rate
        Counts/s at all energies on all pixels.
    edges
        Of the bins, keV, shape (2**16 + 1,).
    """

    rate: float
    edges: Weights

    def at(self, bits: NDArray[np.uint64]) -> Weights:
        """Return the energies given by the lowest 32 bits of random numbers."""
        number = (bits & np.uint64(0xFFFF)).astype(np.intp)
        place = ((bits >> np.uint64(16)) & np.uint64(0xFFFF)).astype(np.float32)
        low = self.edges[number]
        energy: Weights = low + (self.edges[number + 1] - low) * place * np.float32(2**-16)
        return energy


@cache
def _energies() -> _Energies:
    edges = np.arange(_CONTINUUM[0][0], _CONTINUUM[-1][0] + 0.5, 0.5)
    below = np.concatenate([[0.0], np.cumsum(background_density((edges[1:] + edges[:-1]) / 2))])
    bins = np.interp(np.linspace(0, 1, _RESOLUTION + 1), below / below[-1], edges)
    return _Energies(float(below[-1] * 0.5), bins.astype(np.float32))


def background_density(energy: Floats) -> Floats:
    """Return counts/s/keV of the background of 2022 on all pixels without thresholds."""
    knots, levels = np.log(np.array(_CONTINUUM)).T
    density: Floats = np.exp(np.interp(np.log(energy), knots, levels))
    for centre, strength, relative_width in _LINES:
        width = centre * relative_width / _DEVIATIONS
        bell = np.exp(-(((energy - centre) / width) ** 2) / 2)
        density += strength * bell / (width * np.sqrt(2 * np.pi))
    return density


def _gradient(random: np.random.Generator) -> Floats:
    """Return 1 plus a random quadratic form of the position, shape (134, 130)."""
    z = np.linspace(-1, 1, isgri.DETECTOR_SHAPE[0])[:, None]
    y = np.linspace(-1, 1, isgri.DETECTOR_SHAPE[1])[None, :]
    terms = np.stack([y + 0 * z, z + 0 * y, y * y + 0 * z, z * z + 0 * y, y * z])
    slopes = random.uniform(-_GRADIENT, _GRADIENT, len(terms))
    form: Floats = 1 + np.tensordot(slopes, terms, axes=1)
    return form


def _normalised(shape: Floats) -> Weights:
    exists = isgri.existing_pixels()
    return np.where(exists, shape / shape[exists].mean(), 0.0).astype(np.float32).ravel()


@cache
def _flat_indices() -> NDArray[np.int32]:
    return np.flatnonzero(isgri.existing_pixels()).astype(np.int32)


_STREAM = 3  # random stream of a mission; see detector.py for others

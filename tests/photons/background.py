"""Events that did not come through the mask: particle background and pixel noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .arrivals import Arrivals
from .detector import COLUMNS, MODULE_COLUMNS, MODULE_ROWS, ROWS, working_pixels
from .light_curves import LightCurve
from .spectra import PowerLaw, Spectrum, Tabulated

if TYPE_CHECKING:
    from .arrays import Booleans, Energies, Floats, Integers
    from .detector import PixelState
    from .pointing import Pointing

# Spectrum of ScW 255900280010 with energies that its lines give, as all pixels would count it were
# there no thresholds: energy (keV), counts/s/keV. Below 30 keV most pixels of 2022 see nothing.
SPECTRUM = (
    (15.0, 6.2), (30.5, 6.2), (34.0, 6.14), (38.0, 5.59), (42.0, 5.05), (46.0, 5.06), (50.0, 5.62),
    (54.0, 6.34), (58.0, 6.83), (62.0, 6.71), (66.0, 6.37), (70.0, 5.92), (76.0, 5.14),
    (82.0, 4.27), (88.0, 3.42), (94.0, 2.70), (100.0, 2.17), (107.0, 1.88), (115.0, 1.74),
    (130.0, 1.66), (150.0, 1.49), (175.0, 1.20), (225.0, 0.795), (300.0, 0.467), (400.0, 0.266),
    (470.0, 0.205), (511.0, 0.190), (560.0, 0.137), (650.0, 0.098), (800.0, 0.063), (1000.0, 0.040),
)  # fmt: skip
NOISE_SPECTRUM = PowerLaw(4.0, 15.0, 100.0)


@dataclass(frozen=True)
class Background:
    """Detector background whose spatial shape changes with energy.

    Attributes
    ----------
    rate
        Counts/s, all energies, on 16384 pixels of efficiency 1 (real: about 660).
    spectrum
        Law of the energies.
    low, high
        Shapes at low and high energy ``[z, y]``: mean 1 over pixels, 0 in gaps. Pixel
        efficiencies are not part of them.
    pivot
        Energy where both shapes count the same, keV.
    unmeasured
        Fraction of the events whose energy is written as 0, as real files have (0.03).
    light_curve
        Multiplies `rate`.
    """

    rate: float
    spectrum: Spectrum
    low: Floats
    high: Floats
    pivot: float = 90.0
    unmeasured: float = 0.0
    light_curve: LightCurve = LightCurve()  # noqa: RUF009 - frozen, hence shareable

    def low_share(self, energy: Floats | Energies) -> Floats:
        """Probability that an event of `energy` (keV) follows the low-energy shape."""
        share: Floats = 1 / (1 + (np.asarray(energy, np.float64) / self.pivot) ** 3)
        return share

    def shape(self, energy: float) -> Floats:
        """Return the spatial shape at one energy (keV), mean 1 over pixels."""
        share = float(self.low_share(np.array(energy)))
        return share * self.low + (1 - share) * self.high

    def arrivals(
        self,
        pointing: Pointing,
        duration: float,
        pixels: PixelState,
        rng: np.random.Generator,
    ) -> Arrivals:
        """Draw the background events of an observation of `duration` seconds."""
        seconds = self.light_curve.effective_seconds(pointing.start, duration)
        count = int(rng.poisson(self.rate * pixels.peak * seconds))
        energy = self.spectrum.draw(count, rng)
        place = self._places(rng.random(count) < self.low_share(energy), rng)
        detz, dety = np.divmod(place, COLUMNS)
        kept = pixels.registers(dety, detz, rng)
        energy, dety, detz = energy[kept], dety[kept], detz[kept]
        energy[rng.random(len(energy)) < self.unmeasured] = 0
        time = self.light_curve.draw(len(energy), pointing.start, duration, rng)
        return Arrivals(time, energy, dety.astype(np.uint8), detz.astype(np.uint8))

    def _places(self, is_low: Booleans, rng: np.random.Generator) -> Integers:
        """Flat pixel index of each event, from the shape that it follows."""
        place = np.empty(len(is_low), dtype=np.intp)
        for chosen, shape in ((is_low, self.low), (~is_low, self.high)):
            chance = shape.ravel() / shape.sum()
            number = np.count_nonzero(chosen)
            place[chosen] = rng.choice(len(chance), size=number, p=chance)
        return place


def noise_arrivals(
    pixels: PixelState, pointing: Pointing, duration: float, rng: np.random.Generator
) -> Arrivals:
    """Draw the spurious low-energy events of the noisy pixels."""
    counts = rng.poisson(pixels.noise_rate * duration)
    place = np.repeat(np.arange(counts.size), counts.ravel())
    detz, dety = np.divmod(place, COLUMNS)
    time = LightCurve().draw(len(place), pointing.start, duration, rng)
    energy = NOISE_SPECTRUM.draw(len(place), rng)
    return Arrivals(time, energy, dety.astype(np.uint8), detz.astype(np.uint8))


def isgri_background(
    rng: np.random.Generator,
    *,
    rate: float = 660.0,
    module_scatter: float = 0.05,
    gradient: float = 0.05,
    edge_excess: float = 0.10,
    unmeasured: float = 0.0,
) -> Background:
    """Draw a background like the real one.

    Parameters
    ----------
    rng
        Source of randomness.
    rate
        Counts/s of good events, 15-1000 keV.
    module_scatter
        Module levels are uniform within this fraction of 1.
    gradient
        Largest linear and quadratic terms across half the detector.
    edge_excess
        Excess of the outer row of pixels of each module.
    unmeasured
        Fraction of the events with energy 0.
    """
    modules = _modules(rng, module_scatter) * _edges(edge_excess)
    low, high = (_normalised(modules * _gradient(rng, gradient)) for _ in range(2))
    return Background(rate, isgri_spectrum(), low, high, unmeasured=unmeasured)


def isgri_spectrum() -> Tabulated:
    """Spectrum of the background, 15-1000 keV, in bins of 0.5 keV."""
    edges = np.arange(15.0, 1000.5, 0.5)
    middle = (edges[1:] + edges[:-1]) / 2
    energy, level = np.log(np.array(SPECTRUM)).T
    return Tabulated(edges, np.exp(np.interp(np.log(middle), energy, level)))


def _modules(rng: np.random.Generator, scatter: float) -> Floats:
    level = np.zeros((ROWS, COLUMNS))
    for z_start, z_stop in MODULE_ROWS:
        for y_start, y_stop in MODULE_COLUMNS:
            level[z_start:z_stop, y_start:y_stop] = 1 + rng.uniform(-scatter, scatter)
    return level


def _edges(excess: float) -> Floats:
    """1, and more along the outer rows and columns of each module."""
    level = np.ones((ROWS, COLUMNS))
    level[[row for start, stop in MODULE_ROWS for row in (start, stop - 1)]] += excess
    columns = [column for start, stop in MODULE_COLUMNS for column in (start, stop - 1)]
    level[:, columns] += excess
    return level


def _gradient(rng: np.random.Generator, size: float) -> Floats:
    """1 plus a random quadratic form of the position."""
    rows, columns = np.linspace(-1, 1, ROWS), np.linspace(-1, 1, COLUMNS)
    z, y = np.meshgrid(rows, columns, indexing="ij")
    terms = np.stack([y, z, y * y, z * z, y * z])
    return 1 + np.tensordot(rng.uniform(-size, size, len(terms)), terms, axes=1)


def _normalised(shape: Floats) -> Floats:
    exists = working_pixels()
    return np.where(exists, shape / shape[exists].mean(), 0.0)

"""Trace the photons of a source, a parallel beam, through collimator and mask onto the detector."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from oda_widgets.archive.simulated.component import Component
from oda_widgets.archive.simulated.jemx.hits import BEYOND, Hits, recorded
from oda_widgets.archive.simulated.light_curves import Passage
from oda_widgets.archive.simulated.photon_spectra import PhotonSpectrum
from oda_widgets.arrays import Floats
from oda_widgets.instruments.jemx.area import effective_area
from oda_widgets.instruments.jemx.detector import RADIUS, Unit, vignetting
from oda_widgets.instruments.jemx.mask import MASK_DISTANCE, MASK_THICKNESS, HexagonalMask

_EDGES = np.geomspace(2.0, 45.0, 1201)  # keV
_MASK = HexagonalMask()


@dataclass(frozen=True)
class PhotonRate:
    """Photons of a source that a unit records on axis, by their energy.

    Parameters
    ----------
    edges
        keV, shape (n + 1,).
    below
        Counts/s below each edge, same shape.
    """

    edges: Floats
    below: Floats

    @property
    def rate(self) -> float:
        """Counts/s at all energies."""
        return float(self.below[-1])

    def draw(self, count: int, random: np.random.Generator) -> Floats:
        """Return the energies of `count` photons, keV."""
        return np.interp(random.random(count) * self.rate, self.below, self.edges)


@lru_cache(maxsize=4096)
def photon_rate(spectrum: PhotonSpectrum, unit: Unit) -> PhotonRate:
    """Return the rate and the energies of a source on axis, recorded by a unit."""
    energy = np.sqrt(_EDGES[1:] * _EDGES[:-1])
    counts = spectrum.absorbed_density(energy) * effective_area(energy, unit) * np.diff(_EDGES)
    return PhotonRate(_EDGES, np.concatenate([[0.0], np.cumsum(counts)]))


def source_hits(
    tangents: tuple[float, float],
    component: Component,
    passage: Passage,
    live_fraction: float,
    living: NDArray[np.bool_],
    unit: Unit,
    random: np.random.Generator,
) -> Hits:
    """Return the events of a component of a source in one window.

    Parameters
    ----------
    tangents
        Its direction (s.Y/s.X, s.Z/s.X).
    component
        Its spectrum and level.
    passage
        Its light curve over the window.
    live_fraction
        Fraction of the time in which events are recorded.
    living
        True for anodes that record, shape (210,).
    unit
        1 or 2.
    random
        Random generator of the window.

    Notes
    -----
    The rate of a source is that on axis, through the mask, on the used part of the detector with
    all anodes alive.
    """
    photons = photon_rate(component.spectrum, unit)
    passes = float(vignetting(np.asarray(tangents[0]), np.asarray(tangents[1])))
    on_axis = photons.rate * component.level * passage.effective_seconds * live_fraction
    place = _through_holes(tangents, on_axis * passes / _MASK.open_fraction, random)
    number = len(place[0])
    time = passage.draw(number, random)
    return recorded(time, photons.draw(number, random), place, living, random)


def _through_holes(
    tangents: tuple[float, float], falling: float, random: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return where photons of a parallel beam through holes of the mask hit the detector, mm.

    Parameters
    ----------
    tangents
        Direction of the source.
    falling
        Mean number of photons on the used part of the detector without a mask.
    random
        Random generator of the window.
    """
    shift = MASK_DISTANCE * np.array(tangents)
    holes = _holes()[np.hypot(*(_holes() - shift).T) < RADIUS + BEYOND + _MASK.cell]
    cells = len(holes) * _MASK.cell_area / (np.pi * RADIUS**2)
    number = random.poisson(falling * cells)
    y, z = holes[random.integers(len(holes), size=number)].T if number else np.zeros((2, 0))
    within_y, within_z = in_cell(number, _MASK.cell, random)
    y, z = y + within_y, z + within_z
    # Some of them hit the wall of the hole.
    low = _MASK.transmission(y - MASK_THICKNESS * tangents[0], z - MASK_THICKNESS * tangents[1])
    return y[low] - shift[0], z[low] - shift[1]


@cache
def _holes() -> Floats:
    return _MASK.holes()


def in_cell(number: int, cell: float, random: np.random.Generator) -> tuple[Floats, Floats]:
    """Return random places in a hexagonal cell with two sides parallel to Z.

    A hexagon is three rhombi: each place is in one of them.
    """
    corners = cell / np.sqrt(3) * np.exp(1j * np.radians([30.0, 150.0, 270.0]))
    which = random.integers(3, size=number)
    first, second = random.random((2, number))
    place = first * corners[which] + second * corners[(which + 1) % 3]
    return place.real, place.imag

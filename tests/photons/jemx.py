"""JEM-X, photon by photon: from the sky through the holes of the mask down to the detector.

Photons start in the holes and fall down, where the simulated mission follows them back up; holes
are found by their distance, where it rounds coordinates; and the 0.5 mm of the mask are here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from .arrays import Booleans, Floats, Integers

PRIME = 22501
WIDTH = 3.3  # mm across flats, and between neighbours
HEIGHT = 3401.0  # mm above the detector
THICKNESS = 0.5  # mm
USED = 105.0  # mm
CUT_OFF = float(np.tan(np.radians(6.6)))
CHANNELS = np.array(
    [3.04, 3.52, 4.08, 4.80, 5.52, 6.48, 7.52, 8.82, 10.24, 12.00, 13.92, 16.34, 18.94, 22.06,
     25.88, 30.20, 34.88]
)  # fmt: skip
_AREA_AT = (2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 15.0, 20.0, 25.0, 30.0, 45.0)
_AREA = (11.0, 28.7, 46.1, 54.4, 59.5, 63.8, 64.3, 62.1, 49.4, 34.1, 23.9, 10.0)
_FWHM = 2.3548
_SAMPLE = 4_000_000  # photons, from which fractions are known to 1e-3 and better


@cache
def _holes() -> tuple[Floats, cKDTree, Booleans]:
    """Return the centres of the open cells, and a tree of all cells with which of them are open."""
    size = 120
    q, r = (axis.ravel() for axis in np.mgrid[-size : size + 1, -size : size + 1])
    number = (q + 1133 * r) % PRIME
    order = sorted(range(len(q)), key=lambda i: (q[i] ** 2 + q[i] * r[i] + r[i] ** 2, number[i]))
    there = np.zeros(len(q), bool)
    there[order[:PRIME]] = True
    # Fermat: the fourth powers are the numbers whose (p - 1) / 4-th power is one.
    power = np.array([pow(n, (PRIME - 1) // 4, PRIME) == 1 for n in range(PRIME)])
    is_open = there & power[number]
    centres = WIDTH * np.stack([q + r / 2, np.sqrt(3) / 2 * r], axis=1)
    return centres[is_open], cKDTree(centres), is_open


@dataclass(frozen=True)
class Events:
    """Recorded events in order of time; arrays of shape (n,).

    Attributes
    ----------
    time
        Seconds from the start.
    energy
        keV, as recorded.
    y, z
        Position as recorded, mm.
    origin
        Number of the source, -1 for the background.
    """

    time: Floats
    energy: Floats
    y: Floats
    z: Floats
    origin: Integers


@dataclass(frozen=True)
class Source:
    """A source.

    Attributes
    ----------
    place
        Tangents along Y and Z.
    rate
        Counts/s on axis from 3.04 to 34.88 keV.
    index
        Photon index.
    levels
        Flux relative to the mean in equal parts of the time.
    """

    place: tuple[float, float]
    rate: float
    index: float = 2.1
    levels: tuple[float, ...] = (1.0,)

    def in_channels(self, edges: Floats) -> Floats:
        """Return the counts/s on axis in channels, as recorded."""
        return self.rate * _parts(self.index, tuple(edges)) / _in_range(self.index)


def observe(
    sources: list[Source],
    seconds: float,
    seed: int,
    background: float = 30.0,
    dead: tuple[int, ...] = (),
) -> Events:
    """Return what is recorded in so many live seconds.

    Parameters
    ----------
    sources
        What shines.
    seconds
        Live time.
    seed
        Of all randomness.
    background
        Counts/s on the part of the detector that is used.
    dead
        Anodes that record nothing: strips of 1 mm along Z, numbered from -105.
    """
    random = np.random.default_rng(seed)
    parts = [_background(background * seconds, random)]
    parts += [_photons(source, seconds, random) for source in sources]
    columns = []
    for origin, part in enumerate(parts, start=-1):
        energy, y, z, when = (column[_alive(part[1], dead)] for column in part)
        sigma = np.hypot(0.85 * np.sqrt(10 / energy), 0.053 * energy) / _FWHM
        place = (x + sigma * random.standard_normal(len(x)) for x in (y, z))
        recorded = _blurred(energy, random)
        columns.append((when * seconds, recorded, *place, np.full(len(y), origin)))
    time, energy, y, z, origins = (np.concatenate(column) for column in zip(*columns, strict=True))
    order = np.argsort(time)
    return Events(time[order], energy[order], y[order], z[order], origins[order])


def _alive(y: Floats, dead: tuple[int, ...]) -> Booleans:
    return ~np.isin(np.floor(y).astype(int) + 105, dead)


def _blurred(energy: Floats, random: np.random.Generator) -> Floats:
    width = 0.40 * energy * np.sqrt(1 / energy + 1 / 60) / _FWHM
    return energy + width * random.standard_normal(len(energy))


def _energies(index: float, number: int, random: np.random.Generator) -> Floats:
    """Return energies of photons that are recorded on axis."""
    edges = np.linspace(2.0, 45.0, 20_001)
    energy = (edges[1:] + edges[:-1]) / 2
    area = np.exp(np.interp(np.log(energy), np.log(_AREA_AT), np.log(_AREA)))
    below = np.concatenate([[0.0], np.cumsum(area * energy**-index)])
    return np.interp(random.random(number), below / below[-1], edges)


def _photons(
    source: Source, seconds: float, random: np.random.Generator
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return energy, place and part of the time of the photons of a source that get through."""
    centres, tree, is_open = _holes()
    shift = HEIGHT * np.array(source.place)
    reach = USED + 3.0
    near = centres[np.hypot(*(centres - shift).T) < reach + WIDTH]
    cell = np.sqrt(3) / 2 * WIDTH**2
    per_area = source.rate / _in_range(source.index) / (np.pi * USED**2 * len_open_fraction())
    passes = max(1 - np.hypot(*source.place) / CUT_OFF, 0.0)
    number = random.poisson(per_area * seconds * passes * cell * len(near))
    top = near[random.integers(len(near), size=number)] if number else np.zeros((0, 2))
    within = _in_hexagon(number, random)
    top = top + within
    bottom = top - THICKNESS * np.array(source.place)
    hidden = np.zeros(number, bool)
    rim = np.flatnonzero(_from_rim(within) < 1.5 * THICKNESS * np.hypot(*source.place))
    if len(rim):
        hidden[rim] = ~is_open[tree.query(bottom[rim])[1]]
    y, z = (top - shift)[~hidden].T
    energy = _energies(source.index, len(y), random)
    return energy, y, z, _moments(source.levels, len(y), random)


def len_open_fraction() -> float:
    """Return the open fraction of the mask."""
    return len(_holes()[0]) / PRIME


def _in_range(index: float) -> float:
    """Return the fraction of recorded photons whose recorded energy is in a channel."""
    return float(_parts(index, (float(CHANNELS[0]), float(CHANNELS[-1])))[0])


@cache
def _parts(index: float, edges: tuple[float, ...]) -> Floats:
    """Return the fractions of recorded photons that are recorded in channels."""
    random = np.random.default_rng(0)
    energy = _blurred(_energies(index, _SAMPLE, random), random)
    return np.histogram(energy, edges)[0] / _SAMPLE


def _moments(levels: tuple[float, ...], number: int, random: np.random.Generator) -> Floats:
    chances = np.array(levels) / np.sum(levels)
    part = random.choice(len(levels), size=number, p=chances)
    return (part + random.random(number)) / len(levels)


def _in_hexagon(number: int, random: np.random.Generator) -> Floats:
    """Return random places in a cell, two of whose sides are parallel to Z."""
    found = np.zeros((0, 2))
    while len(found) < number:
        y = random.uniform(-WIDTH / 2, WIDTH / 2, 2 * number)
        z = random.uniform(-WIDTH / np.sqrt(3), WIDTH / np.sqrt(3), 2 * number)
        inside = np.abs(y) / 2 + np.sqrt(3) / 2 * np.abs(z) < WIDTH / 2
        found = np.concatenate([found, np.stack([y[inside], z[inside]], axis=1)])
    return found[:number]


def _from_rim(within: Floats) -> Floats:
    """Return the distances of places in a cell from its rim, mm."""
    y, z = np.abs(within.T)
    return WIDTH / 2 - np.maximum(y, y / 2 + np.sqrt(3) / 2 * z)


def _background(
    counts: float, random: np.random.Generator
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the same of the background: a gradient of 3 %, and a rim 25 % brighter."""
    number = random.poisson(counts * 1.6)
    radius = 108.0 * np.sqrt(random.random(number))
    angle = random.uniform(0, 2 * np.pi, number)
    y, z = radius * np.cos(angle), radius * np.sin(angle)
    weight = (1 + 0.03 * y / 105) * (1 + 0.25 * np.clip((radius - 93) / 12, 0, 1.3))
    kept = random.random(number) * 1.6 * (105 / 108) ** 2 < weight * 1.0
    energy = random.uniform(2.5, 36.0, number)
    return energy[kept], y[kept], z[kept], random.random(int(kept.sum()))

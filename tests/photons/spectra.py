"""Energy distributions of events: power law, lines, tables, and their redistribution.

A spectrum is a normalised law from which energies are drawn; the rate it belongs to is
held elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from astropy.io import fits

if TYPE_CHECKING:
    from pathlib import Path

    from .arrays import Energies, Floats


class Spectrum(Protocol):
    """The methods of an energy distribution that the simulator needs; energies in keV."""

    def draw(self, count: int, rng: np.random.Generator) -> Energies:
        """Draw `count` energies."""
        ...

    def below(self, energy: Floats) -> Floats:
        """Cumulative distribution at `energy`."""
        ...


def fraction(spectrum: Spectrum, e_min: float, e_max: float) -> float:
    """Fraction of the events of `spectrum` within a band, keV."""
    low, high = spectrum.below(np.array([e_min, e_max]))
    return float(high - low)


@dataclass(frozen=True)
class PowerLaw:
    """``E**-index`` between two energies.

    Attributes
    ----------
    index
        Photon index; not exactly 1.
    e_min, e_max
        Band, keV.
    """

    index: float = 2.1
    e_min: float = 20.0
    e_max: float = 200.0

    def draw(self, count: int, rng: np.random.Generator) -> Energies:
        """Draw energies by inversion."""
        power = 1 - self.index
        low, high = self.e_min**power, self.e_max**power
        drawn = low + rng.random(count) * (high - low)
        energy: Energies = (drawn ** (1 / power)).astype(np.float32)
        return energy

    def below(self, energy: Floats) -> Floats:
        """Cumulative distribution."""
        power = 1 - self.index
        low, high = self.e_min**power, self.e_max**power
        inside = np.clip(energy, self.e_min, self.e_max)
        below: Floats = (inside**power - low) / (high - low)
        return below

    def integral(self) -> float:
        """Integral of ``E**-index`` over the band: photons/s/cm2 for norm 1."""
        power = 1 - self.index
        return float((self.e_max**power - self.e_min**power) / power)


@dataclass(frozen=True)
class Lines:
    """Gaussian lines.

    Attributes
    ----------
    energies
        Centres, keV.
    weights
        Relative strengths.
    resolution
        Full width at half maximum over energy; 0 for exact energies.
    """

    energies: tuple[float, ...]
    weights: tuple[float, ...]
    resolution: float = 0.0

    def draw(self, count: int, rng: np.random.Generator) -> Energies:
        """Draw energies: a line first, then its Gaussian."""
        share = np.array(self.weights) / sum(self.weights)
        centre = rng.choice(np.array(self.energies), size=count, p=share)
        width = centre * self.resolution / np.sqrt(8 * np.log(2))
        spread = width * rng.standard_normal(count)
        energy: Energies = (centre + spread).astype(np.float32)
        return energy

    def below(self, energy: Floats) -> Floats:
        """Cumulative distribution, from narrow lines (their width is left out)."""
        share = np.array(self.weights) / sum(self.weights)
        is_below = np.array(self.energies) <= np.asarray(energy)[..., np.newaxis]
        total: Floats = is_below @ share
        return total


@dataclass(frozen=True)
class Tabulated:
    """A histogram, flat within each bin.

    Attributes
    ----------
    edges
        Bin limits, keV.
    weights
        Relative number of events per bin.
    """

    edges: Floats
    weights: Floats

    def draw(self, count: int, rng: np.random.Generator) -> Energies:
        """Draw energies by inversion."""
        drawn = np.interp(rng.random(count), self._cumulative(), self.edges)
        return drawn.astype(np.float32)

    def below(self, energy: Floats) -> Floats:
        """Cumulative distribution."""
        return np.interp(energy, self.edges, self._cumulative())

    def _cumulative(self) -> Floats:
        total = np.cumsum(self.weights)
        return np.concatenate([[0.0], total / total[-1]])


@dataclass(frozen=True)
class Response:
    """An OGIP redistribution matrix with the effective area in it.

    Attributes
    ----------
    energy_edges
        True energies, keV.
    channel_edges
        Registered energies, keV.
    matrix
        ``[energy, channel]``, cm2.
    """

    energy_edges: Floats
    channel_edges: Floats
    matrix: Floats

    def counts(self, spectrum: Spectrum) -> Floats:
        """Counts/s per channel from 1 photon/s/cm2 of `spectrum`."""
        counts: Floats = np.diff(spectrum.below(self.energy_edges)) @ self.matrix
        return counts

    def redistribute(self, spectrum: Spectrum) -> Tabulated:
        """Turn the photon law `spectrum` into the law of registered energies."""
        return Tabulated(self.channel_edges, self.counts(spectrum))


def read_response(path: Path) -> Response:
    """Read an OGIP RMF.

    Parameters
    ----------
    path
        File with extensions EBOUNDS and SPECRESP MATRIX, one channel group per row.
    """
    with fits.open(path) as hdus:
        bounds, table = hdus["EBOUNDS"].data, hdus["SPECRESP MATRIX"]
        first = table.data["F_CHAN"].astype(int) - int(table.header.get("TLMIN4", 1))
        rows = [np.asarray(row, dtype=np.float64) for row in table.data["MATRIX"]]
        matrix = np.zeros((len(rows), len(bounds)))
        for energy, (start, row) in enumerate(zip(first, rows, strict=True)):
            matrix[energy, start : start + len(row)] = row
        return Response(
            _edges(table.data["ENERG_LO"], table.data["ENERG_HI"]),
            _edges(bounds["E_MIN"], bounds["E_MAX"]),
            matrix,
        )


def _edges(low: Floats, high: Floats) -> Floats:
    return np.append(low, high[-1]).astype(np.float64)

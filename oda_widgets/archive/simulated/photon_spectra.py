"""Photon spectra as in the reference catalogue, above 3 keV.

Absorption (wabs, phabs) is neglected for ISGRI, above 13 keV: it is less than a percent except for
the few sources with more than 1e24 atoms per cm2. For JEM-X it is applied.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.fitting.models.absorption import transmitted


@dataclass(frozen=True)
class PhotonSpectrum:
    """The photon spectrum of a source.

    Parameters
    ----------
    model
        "powerlaw", "cutoff", "highecut*powerlaw", "cutoff+powerlaw", "bknpower" or "bkn2pow".
    parameters
        As in XSPEC, in its order; the norm is photons/cm2/s/keV at 1 keV.
    column_density
        Absorbing hydrogen atoms, 1e22 per cm2.
    """

    model: str
    parameters: tuple[float, ...]
    column_density: float = 0.0

    def density(self, energy: Floats) -> Floats:
        """Return photons/cm2/s/keV before absorption, at energies in keV."""
        return _LAWS[self.model](energy, *self.parameters)

    def absorbed_density(self, energy: Floats) -> Floats:
        """Return photons/cm2/s/keV that reach us, at energies in keV."""
        return self.density(energy) * transmitted(energy, self.column_density)


def catalogued(model: str, parameters: tuple[float, ...]) -> PhotonSpectrum | None:
    """Return the unabsorbed spectrum of a catalogue entry, or None if it has no spectrum.

    Parameters
    ----------
    model
        For example "wabs*(cutoff+powerlaw)".
    parameters
        As in XSPEC, the column density first.
    """
    absorption, _, rest = model.partition("*")
    if absorption not in _ABSORPTION:
        rest, parameters = model, (0.0, *parameters)
    law = _SPELLINGS.get(rest.strip("()"))
    if law is None or len(parameters) - 1 != _NUMBER_OF_PARAMETERS[law]:
        return None
    return PhotonSpectrum(law, parameters[1:])


def column_density(model: str, parameters: tuple[float, ...]) -> float:
    """Return the column density that absorbs a catalogue entry, 1e22 atoms per cm2; 0 if none."""
    return parameters[0] if model.partition("*")[0] in _ABSORPTION and parameters else 0.0


def power_law(energy: Floats, index: float, norm: float) -> Floats:
    """Return ``norm E**-index``."""
    return norm * energy**-index


def cutoff(energy: Floats, index: float, fold: float, norm: float) -> Floats:
    """Return ``norm E**-index exp(-E/fold)``."""
    return power_law(energy, index, norm) * np.exp(-energy / fold)


def high_energy_cutoff(
    energy: Floats, start: float, fold: float, index: float, norm: float
) -> Floats:
    """Return a power law that is cut off exponentially above `start`."""
    return power_law(energy, index, norm) * np.exp(-np.maximum(energy - start, 0.0) / fold)


def cutoff_and_power_law(
    energy: Floats, index: float, fold: float, norm: float, tail_index: float, tail_norm: float
) -> Floats:
    """Return the sum of a cut-off power law and a power law."""
    return cutoff(energy, index, fold, norm) + power_law(energy, tail_index, tail_norm)


def broken_power_law(
    energy: Floats, low_index: float, edge: float, high_index: float, norm: float
) -> Floats:
    """Return a power law that changes its index at `edge`."""
    return power_law(energy, low_index, norm) * np.maximum(energy / edge, 1.0) ** (
        low_index - high_index
    )


def twice_broken_power_law(
    energy: Floats,
    low_index: float,
    low_edge: float,
    index: float,
    high_edge: float,
    high_index: float,
    norm: float,
) -> Floats:
    """Return a power law that changes its index twice."""
    below = broken_power_law(energy, low_index, low_edge, index, norm)
    return below * np.maximum(energy / high_edge, 1.0) ** (index - high_index)


_ABSORPTION = frozenset({"wabs", "phabs"})
_LAWS: dict[str, Callable[..., Floats]] = {
    "powerlaw": power_law,
    "cutoff": cutoff,
    "highecut*powerlaw": high_energy_cutoff,
    "cutoff+powerlaw": cutoff_and_power_law,
    "bknpower": broken_power_law,
    "bkn2pow": twice_broken_power_law,
}
_NUMBER_OF_PARAMETERS = {
    "powerlaw": 2,
    "cutoff": 3,
    "highecut*powerlaw": 4,
    "cutoff+powerlaw": 5,
    "bknpower": 4,
    "bkn2pow": 6,
}
_SPELLINGS = {name: name for name in _LAWS} | {
    "power": "powerlaw",
    "cutoffpl": "cutoff",
}

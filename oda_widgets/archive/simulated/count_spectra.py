"""Fold photon spectra to count spectra of ISGRI with the bundled response."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from oda_widgets.archive.simulated.photon_spectra import PhotonSpectrum
from oda_widgets.arrays import Floats
from oda_widgets.instruments.isgri.response import isgri_response

Energies = NDArray[np.float32]


@dataclass(frozen=True)
class CountSpectrum:
    """Counts of a source on axis, on all pixels at full efficiency.

    Parameters
    ----------
    edges
        Of the channels, keV, shape (n_channels + 1,).
    below
        Counts/s below each edge, same shape.
    """

    edges: Floats
    below: Floats

    @property
    def rate(self) -> float:
        """Counts/s at all energies."""
        return float(self.below[-1])

    def between(self, low: float, high: float) -> float:
        """Return the counts/s of a band, keV."""
        rates = np.interp([low, high], self.edges, self.below)
        return float(rates[1] - rates[0])

    def scaled(self, factor: float) -> CountSpectrum:
        """Return the spectrum of a source that is `factor` times as bright."""
        return CountSpectrum(self.edges, self.below * factor)

    def draw(self, count: int, random: np.random.Generator) -> Energies:
        """Return the energies of `count` counts, keV."""
        energy = np.interp(random.random(count) * self.rate, self.below, self.edges)
        return energy.astype(np.float32)


_DIGITS = 9


@lru_cache(maxsize=4096)  # each source of the sky once
def counted(spectrum: PhotonSpectrum) -> CountSpectrum:
    """Return the count spectrum of a photon spectrum in ISGRI."""
    response = isgri_response()
    width = response.energy_high - response.energy_low
    middle = (response.energy_low + response.energy_high) / 2
    # The last bits of a matrix product depend on the number of threads; events must not.
    rate = np.round(response.fold(spectrum.density(middle) * width), _DIGITS)
    edges = np.append(response.channel_low, response.channel_high[-1])
    return CountSpectrum(edges, np.concatenate([[0.0], np.cumsum(rate)]))

"""Photon spectra of models that are too slow or too rarely installed to compute here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from oda_widgets.archive.simulated.photon_spectra import PhotonSpectrum
from oda_widgets.archive.simulated.tables import rows_of
from oda_widgets.arrays import Floats


@dataclass(frozen=True)
class TabulatedSpectrum(PhotonSpectrum):
    """The absorbed spectrum of a source of the paper, from ``paper_spectra.csv``.

    Parameters
    ----------
    model
        Name of the column: the name of the source.
    parameters, column_density
        Not used: the table has the fitted spectra after absorption.
    """

    parameters: tuple[float, ...] = ()

    def density(self, energy: Floats) -> Floats:
        """Return photons/cm2/s/keV, at energies in keV, by log-log interpolation."""
        table = _table()
        logarithm = np.interp(np.log(energy), np.log(table["energy"]), np.log(table[self.model]))
        density: Floats = np.exp(logarithm)
        return density

    def absorbed_density(self, energy: Floats) -> Floats:
        """Return photons/cm2/s/keV that reach us, at energies in keV."""
        return self.density(energy)


@cache
def _table() -> dict[str, Floats]:
    rows = rows_of("paper_spectra.csv")
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}

"""A component of a source: spectrum, brightness and light curve."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from oda_widgets.archive.simulated.count_spectra import CountSpectrum, counted
from oda_widgets.archive.simulated.light_curves import LightCurve, Steady
from oda_widgets.archive.simulated.photon_spectra import PhotonSpectrum

Components = tuple["Component", ...]

CRAB_SPECTRUM = PhotonSpectrum("bkn2pow", (2.0709, 20.0, 2.1978, 100.0, 2.3882, 9.606))
"""The twice broken power law of ODA's benchmark: 10**-7.7656 erg/cm2/s from 20 to 100 keV."""

CRAB_RATE = 198.6
"""Counts/s of it in ISGRI between 20 and 40 keV (183.2 between 28 and 80 keV)."""


@dataclass(frozen=True)
class Component:
    """A component of a source.

    Parameters
    ----------
    spectrum
        Photon spectrum.
    rate
        Counts/s in the band at relative flux 1; None takes the norm of the spectrum.
    band
        Energies of the photons, keV.
    curve
        Relative flux against time.
    """

    spectrum: PhotonSpectrum
    rate: float | None = None
    band: tuple[float, float] = (20.0, 40.0)
    curve: LightCurve = Steady()  # noqa: RUF009 - frozen, hence shareable

    @cached_property
    def counts(self) -> CountSpectrum:
        """Count spectrum of the component in ISGRI at relative flux 1, on axis."""
        folded = counted(self.spectrum)
        return folded if self.rate is None else folded.scaled(self.level)

    @property
    def level(self) -> float:
        """Photons relative to the norm of the spectrum."""
        if self.rate is None:
            return 1.0
        return self.rate / counted(self.spectrum).between(*self.band)

"""A point source and the events that its photons leave on the detector."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .arrivals import Arrivals
from .beam import photons_on_plane, trace_beam
from .light_curves import LightCurve
from .spectra import PowerLaw, Spectrum, fraction

if TYPE_CHECKING:
    import numpy as np

    from .detector import PixelState
    from .mask import Mask
    from .pointing import Pointing


@dataclass(frozen=True)
class TracedSource:
    """A point source.

    Attributes
    ----------
    name
        Tag carried by its photons.
    ra, dec
        Position, deg, J2000.
    rate
        Counts/s over the whole `spectrum` that the source would give on axis through
        the mask on all 16384 pixels of efficiency 1: the photons on their sensitive
        area times the mask's open fraction, 0.5002. The same beam density is used off
        axis: the rate convention divides out cos(theta) and other projections.
    spectrum
        Law of the registered energies.
    light_curve
        Multiplies `rate`.
    """

    name: str
    ra: float
    dec: float
    rate: float
    spectrum: Spectrum = field(default_factory=PowerLaw)
    light_curve: LightCurve = field(default_factory=LightCurve)

    def rate_between(self, e_min: float, e_max: float) -> float:
        """On-axis rate within a band (keV), counts/s: the truth to compare with."""
        return self.rate * fraction(self.spectrum, e_min, e_max)

    def arrivals(
        self,
        pointing: Pointing,
        duration: float,
        mask: Mask,
        pixels: PixelState,
        rng: np.random.Generator,
    ) -> Arrivals:
        """Trace the photons of an observation of `duration` seconds.

        Where, when and how energetic a photon is are independent, so times and energies
        are drawn only for those that were registered.
        """
        seconds = self.light_curve.effective_seconds(pointing.start, duration)
        expected = photons_on_plane(self.rate * seconds, mask) * pixels.peak
        slopes = pointing.tangents(self.ra, self.dec)
        count = int(rng.poisson(expected))
        dety, detz = trace_beam(slopes, count, mask, pixels, rng)
        return Arrivals(
            self.light_curve.draw(len(dety), pointing.start, duration, rng),
            self.spectrum.draw(len(dety), rng),
            dety,
            detz,
        )

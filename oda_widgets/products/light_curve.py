"""Light curves."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from oda_widgets.abilities import abilities
from oda_widgets.products.observation import Observation
from oda_widgets.products.product import Product
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.source import Source
from oda_widgets.request.words import counted, one_line, with_error


@dataclass(frozen=True, repr=False)
class LightCurve(Product):
    """The light curve of one source, from a fit of all sources together in each bin.

    Bins without good time are left out; all arrays have the shape (n_bins,).

    Parameters
    ----------
    source
        Name and position.
    energy
        Band of reconstructed energy.
    time
        Centres of the bins, IJD days (TT since 2000-01-01).
    width
        Bin widths, seconds.
    rate, error
        On-axis equivalent counts per second, and their errors.
    exposed_fraction
        Good time over bin width, 0 to 1.
    total_counts
        Counts of the whole detector in the bin.
    background, background_error
        Fitted background of the whole detector, counts per second.
    observation
        Science windows, times and exposure.
    provenance
        The steps that made it; None if it was read from a file.

    Examples
    --------
    >>> curves = site.light_curves(catalog=catalog, energy=(28, 80), time_bin=100)
    >>> curves["SGR 1935+2154"]
    LightCurve of SGR 1935+2154, 28–80 keV
      ISGRI · 255900280010.001 · 3,548.5 s · energies by lines
      2022-10-12T15:09:35 to 2022-10-12T16:08:55 UTC
      36 bins of 100 s
      ... counts/s on average
    """

    source: Source
    energy: EnergyBand
    time: NDArray[np.float64]
    width: NDArray[np.float64]
    rate: NDArray[np.float64]
    error: NDArray[np.float64]
    exposed_fraction: NDArray[np.float64]
    total_counts: NDArray[np.float64]
    background: NDArray[np.float64]
    background_error: NDArray[np.float64]
    observation: Observation
    provenance: Provenance | None = field(default=None, compare=False, repr=False)

    def _words(self) -> tuple[str, ...]:
        heading = f"{one_line(self.name)}, {self.energy}"
        if not len(self):
            return heading, "no bins"
        width = f"{np.median(self.width):g} s"
        mean, error = self.mean_rate
        return (
            heading,
            f"{counted(len(self), 'bin')} of {width}",
            f"{with_error(mean, error)} counts/s on average",
        )

    @property
    def mean_rate(self) -> tuple[float, float]:
        """Mean of the rates weighted by their inverse variances, counts per second, and its error.

        Both are NaN if no bin has a rate.

        Examples
        --------
        >>> mean, error = curve.mean_rate
        >>> mean > 10 * error
        True
        """
        used = np.isfinite(self.rate) & (self.error > 0) & np.isfinite(self.error)
        weight = 1 / np.square(self.error[used])
        total = float(np.sum(weight))
        if total == 0:
            return np.nan, np.nan
        return float(np.sum(weight * self.rate[used])) / total, total**-0.5

    @property
    def name(self) -> str:
        """Name of the source.

        Examples
        --------
        >>> curve.name
        'SGR 1935+2154'
        """
        return self.source.name

    def __len__(self) -> int:
        return len(self.time)

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> LightCurve:
        """Read a light curve of oda_widgets, OSA or MMODA.

        Missing columns are filled: fractions of exposure with 1, counts and background with NaN.

        Parameters
        ----------
        path
            A FITS file with a table of times and rates.

        Raises
        ------
        BadParameter
            If there is no such file.
        DamagedFile
            If it is truncated, or has no times, rates, errors, bin widths or energy band.
        DataError
            If its energy band is outside the limits of `EnergyBand`.

        Examples
        --------
        >>> curve.write("curve.fits")
        >>> len(oda.LightCurve.read("curve.fits"))
        36
        """
        return abilities().read(LightCurve, path)

"""Spectra."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oda_widgets.abilities import abilities
from oda_widgets.products.observation import Observation
from oda_widgets.products.product import Product
from oda_widgets.products.response import Response
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.source import Source
from oda_widgets.request.words import counted, one_line, with_error

GOOD = 0
BAD = 3  # what MMODA writes for a channel without data


@dataclass(frozen=True)
class Background:
    """The background contained in a spectrum of source and background together.

    Parameters
    ----------
    rate, error
        Counts per second per channel, scaled to the spectrum, shape (n_channels,).

    Examples
    --------
    >>> import numpy as np
    >>> Background(rate=np.array([0.5, 0.4]), error=np.array([0.1, 0.1])).rate.shape
    (2,)
    """

    rate: NDArray[np.float64]
    error: NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Spectrum(Product):
    """The spectrum of one source, from a fit of all sources together.

    Parameters
    ----------
    source
        Name and position.
    rate, error
        On-axis equivalent counts per second per channel, and their statistical errors, shape
        (n_channels,). Channels without data hold NaN and infinity.
    quality
        0 for a good channel, 3 for one without data.
    systematic_error
        Fraction of the rate, shape (n_channels,).
    response
        Redistribution matrix and effective area, with the energies of the channels.
    observation
        Science windows, times and exposure.
    provenance
        The steps that made it; None if it was read from a file.
    background
        The background contained in the rate; None if it was fitted or subtracted.

    Examples
    --------
    >>> site.spectra(catalog=catalog)["SGR 1935+2154"]
    Spectrum of SGR 1935+2154, 12.5–1030 keV
      ISGRI · 255900280010.001 · 3,548.5 s
      2022-10-12T15:09:35 to 2022-10-12T16:08:55 UTC
      ... good channels of 256
      ... counts/s in them
    """

    source: Source
    rate: NDArray[np.float64]
    error: NDArray[np.float64]
    quality: NDArray[np.int16]
    systematic_error: NDArray[np.float64]
    response: Response
    observation: Observation
    provenance: Provenance | None = field(default=None, compare=False, repr=False)
    background: Background | None = None

    def __post_init__(self) -> None:
        # The response of a simulated observation is labelled as such in its files too.
        if self.observation.simulated and not self.response.simulated:
            object.__setattr__(self, "response", replace(self.response, simulated=True))

    def _words(self) -> tuple[str, ...]:
        good = self.quality == GOOD
        total, error = self.mean_rate
        low, high = self.channel_low.min(initial=np.inf), self.channel_high.max(initial=0)
        return (
            f"{one_line(self.name)}, {low:.4g}–{high:.4g} keV",
            f"{counted(int(good.sum()), 'good channel')} of {len(self.rate)}",
            f"{with_error(total, error)} counts/s in them",
        )

    @property
    def mean_rate(self) -> tuple[float, float]:
        """Counts per second in all good channels together, and the error of the sum.

        Examples
        --------
        >>> rate, error = spectrum.mean_rate
        >>> rate > 10 * error
        True
        """
        good = self.quality == GOOD
        error = float(np.sqrt(np.sum(np.square(self.error[good]))))
        return float(np.sum(self.rate[good])), error

    @property
    def name(self) -> str:
        """Name of the source.

        Examples
        --------
        >>> spectrum.name
        'SGR 1935+2154'
        """
        return self.source.name

    @property
    def channel_low(self) -> NDArray[np.float64]:
        """Lower edges of the channels, keV, shape (n_channels,).

        Examples
        --------
        >>> float(spectrum.channel_low[0])
        12.5
        """
        return self.response.channel_low

    @property
    def channel_high(self) -> NDArray[np.float64]:
        """Upper edges of the channels, keV, shape (n_channels,).

        Examples
        --------
        >>> float(spectrum.channel_high[-1])
        1029.5
        """
        return self.response.channel_high

    def fit(self, model: str, energy: Any = None, **options: Any) -> Any:
        """Fit a model in XSPEC's notation and return an `oda_widgets.fitting.result.Fit`.

        Parameters
        ----------
        model
            For example "grbm" or "TBabs*cutoffpl".
        energy
            Range in keV, for example (30, 300); None takes all good channels.
        options
            Those of `oda_widgets.fit`: ``systematic``, ``statistic``, ``start``, ``freeze``,
            ``free``, ``limits`` and ``links``.

        Raises
        ------
        BadParameter
            If the model, a parameter or an option is unknown, or a value outside its limits.
        EmptySelection
            If no good channel is in the range.
        DataError
            If the model cannot be brought near the data.

        Examples
        --------
        >>> fit = spectrum.fit("powerlaw", energy=(30, 150))
        >>> 0 < fit.parameters["PhoIndex"].value < 5
        True
        """
        return abilities().fit(self, model, energy=energy, **options)

    @classmethod
    def read(
        cls,
        path: str | os.PathLike[str],
        rmf: str | os.PathLike[str] | None = None,
        arf: str | os.PathLike[str] | None = None,
        background: str | os.PathLike[str] | None = None,
    ) -> Spectrum:
        """Read an OGIP spectrum with its response.

        Parameters
        ----------
        path
            The spectrum (PHA file).
        rmf, arf
            Its redistribution matrix and effective area. By default those that its header names
            (RESPFILE, ANCRFILE), if they are in the same folder; names of other folders are not
            followed.
        background
            The spectrum of the background. By default the one that the header names (BACKFILE).

        Raises
        ------
        BadParameter
            If a file is not there, is not named, or does not belong to the others.
        DamagedFile
            If one is truncated, foreign or inconsistent.

        Examples
        --------
        >>> spectrum.write("magnetar.fits")
        >>> oda.Spectrum.read("magnetar.fits", rmf="magnetar_rmf.fits").name
        'SGR 1935+2154'
        """
        return abilities().read(Spectrum, path, rmf=rmf, arf=arf, background=background)

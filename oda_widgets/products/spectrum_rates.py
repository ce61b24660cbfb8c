"""The rates of a spectrum in bands of energy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oda_widgets.errors import BadParameter, EmptySelection
from oda_widgets.products.counts import groups
from oda_widgets.products.measured import MeasuredRate, RateInBand
from oda_widgets.products.spectrum_data import GOOD, SpectrumData
from oda_widgets.products.usual_band import usual_channels
from oda_widgets.request.arguments import truth
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.numbers import number_within
from oda_widgets.request.words import one_line


@suggesting_class
@dataclass(frozen=True, eq=False, repr=False)
class SpectrumRates(SpectrumData):
    """A spectrum with its rates; see `Spectrum` for the fields."""

    @property
    def rate_in_words(self) -> str:
        """The rate in a band that images use, as far as it is measured well, as text.

        Examples
        --------
        >>> spectrum.rate_in_words
        '... counts/s in 31–79.5 keV'
        """
        return str(self.shown_rate) if self._shown_channels.any() else "no rate in any channel"

    @property
    def shown_rate(self) -> MeasuredRate:
        """The rate in prints, and its error; the background of the spectrum is subtracted.

        The band is 20 to 40 keV; if the spectrum does not reach as low, the part of 28 to 80 keV
        that it measures well; else all good channels.

        Examples
        --------
        >>> spectrum.shown_rate == spectrum.rate_in(30, 79.5)
        True
        """
        return self._rate_of(self._shown_channels, net=self.background is not None)

    @property
    def _shown_channels(self) -> NDArray[np.bool_]:
        return usual_channels(self.channel_low, self.channel_high, self.quality == GOOD)

    @property
    def mean_rate(self) -> MeasuredRate:
        """Counts per second in all good channels, and the error of the sum.

        The background of the spectrum is included. The rate prints with the band of these channels.
        See `rate_in` for other bands.

        Examples
        --------
        >>> spectrum.mean_rate
        29... ± ... counts/s in 31–... keV
        """
        return self._rate_of(self.quality == GOOD)

    def rate_in(self, low: float, high: float, *, net: bool = False) -> MeasuredRate:
        """Return the counts per second in a band, and their error.

        Parameters
        ----------
        low, high
            Band in keV: good channels whose middle lies in it are added up. The rate prints with
            the edges of these channels.
        net
            True to subtract the background of the spectrum, False to include it.

        Raises
        ------
        BadParameter
            If they do not form a band, or there is no background to subtract.
        EmptySelection
            If no good channel is in the band.

        Examples
        --------
        >>> rate, error = spectrum.rate_in(30, 60)
        >>> rate < spectrum.mean_rate[0]
        True
        """
        low, high = (number_within("energy", edge, 0.0, 1e6, "keV") for edge in (low, high))
        if not low < high:
            limit = "the lower edge must be below the upper edge"
            raise BadParameter("energy", (low, high), limit, "Write spectrum.rate_in(20, 40).")
        centre = (self.channel_low + self.channel_high) / 2
        chosen = (centre > low) & (centre < high) & (self.quality == GOOD)
        if not chosen.any():
            problem = f"{one_line(self.name)} has no good channel in {low:g} to {high:g} keV."
            raise EmptySelection(problem, "Take a wider band, or look at spectrum.quality.")
        net = truth("net", net)
        if net and self.background is None:
            limit = f"{one_line(self.name)} has no background beside it"
            raise BadParameter("net", net, limit, "Write spectrum.rate_in(20, 40).")
        return self._rate_of(chosen, net=net)

    def _rate_of(self, channels: NDArray[np.bool_], *, net: bool = False) -> MeasuredRate:
        """Return the total rate of some channels, and its error."""
        whole = groups(np.array([0]), channels, None)
        total, error = whole.total(self.rate)[0], self.error_of_sums(whole)[0]
        background = ""
        if self.background is not None:
            level = whole.total(self.background.rate)[0]
            treated = "subtracted" if net else "included"
            background = f"background of {level:.4g} counts/s {treated}"
            if net:
                total = total - level
                error = np.hypot(error, whole.root_of_squares(self.background.error)[0])
        if not channels.any():
            return MeasuredRate(float(total), float(error))
        low, high = self.channel_low[channels].min(), self.channel_high[channels].max()
        return RateInBand.of(float(total), float(error), float(low), float(high), background)

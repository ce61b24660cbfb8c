"""Light curves."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np

from oda_widgets.abilities import abilities
from oda_widgets.products.curve_bins import length_text
from oda_widgets.products.curve_bursts import CurveBursts
from oda_widgets.products.curve_rebinning import cut_out, joined, rebinned
from oda_widgets.products.table_meta import table_meta
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.numbers import number_within
from oda_widgets.request.timespan import IJD_ZERO_MJD
from oda_widgets.request.words import counted, one_line, with_error

_REFERENCES = (-2400000.5, 100000.0)  # MJD of Julian day 0 and of the year 2132
_ALIKE = 0.99  # least ratio of lengths of bins that count as equal


@suggesting_class
@dataclass(frozen=True, eq=False, repr=False)
class LightCurve(CurveBursts):
    """The light curve of one source, from a fit of all sources together in each bin.

    Bins without good time are left out; all arrays have the shape (n_bins,). All light curves of a
    query have the same bins; without data for a source, a bin has the rate NaN and no exposure.

    Parameters
    ----------
    source
        Name and position.
    energy
        Band of reconstructed energy.
    time
        Mean times of the good time in the bins, IJD days (TT since 2000-01-01).
    width
        Bin widths, seconds.
    rate, error
        On-axis equivalent counts per second of live time, and their errors; ``rate * exposure`` is
        counts.
    exposed_fraction
        Good time over bin width, 0 to 1; 0 if there are no data for the source. `good_time` is the
        good time in seconds, `exposure` the live time in seconds.
    total_counts
        Counts of the whole detector in the bin.
    background, background_error
        Fitted background of the whole detector, counts per second.
    observation
        Science windows, times and exposure.
    provenance
        The steps that made it; None if it was read from a file.
    starts
        Starts of the bins, IJD days; None if `time` is the middle of each bin.
    common_error
        The part of `error` that the bins of a science window share, counts per second. It adds up
        linearly within a window, and in quadrature between windows. None if all bins are
        independent.
    window
        Index of the science window of each bin in ``observation.science_windows``; -1 for a bin of
        several windows, which shares no error. None if not known.

    Examples
    --------
    >>> curves = site.light_curves(catalog=catalog, energy=(28, 80), time_bin=100)
    >>> curves["SGR 1935+2154"]
    LightCurve of SGR 1935+2154, 28–80 keV
      ISGRI · 255900280010.001 · 2,540.7 s · energies calibrated on instrumental lines
      2022-10-12T15:09:35 to 2022-10-12T16:08:55 UTC
      36 bins of up to 100 s
      ... counts/s on average over its exposure
    """

    def _description(self) -> tuple[str, ...]:
        heading = f"{one_line(self.name)}, {self.energy}"
        if not len(self):
            return heading, "no bins"
        return (
            heading,
            f"{counted(len(self), 'bin')} of {self._length_text}",
            f"{self.rate_in_words} on average{self._weighting_text}",
        )

    @property
    def _weighting_text(self) -> str:
        """Weights of the average, as text."""
        if self.exposures_known:
            return " over its exposure"
        return ", weighted by errors, as exposures are not known"

    @property
    def _length_text(self) -> str:
        """The length of the bins as text; "up to" the longest if they differ."""
        if not self.exposures_known:
            return "unknown length"
        longest, median = float(np.max(self.width)), float(np.median(self.width))
        if np.min(self.width) > _ALIKE * longest:
            return length_text(median)
        return f"up to {length_text(float(f'{longest:.4g}'))}"

    @property
    def rate_in_words(self) -> str:
        """The mean rate with its error, as text.

        Examples
        --------
        >>> curve.rate_in_words
        '... counts/s'
        """
        return f"{with_error(*self.mean_rate)} counts/s"

    @property
    def shown_rate(self) -> tuple[float, float]:
        """The rate in prints, the mean over the exposure, and its error.

        Examples
        --------
        >>> curve.shown_rate == curve.mean_rate
        True
        """
        return self.mean_rate

    @property
    def times(self) -> Any:
        """Times of the bins, `astropy.time.Time` on the scale TT.

        Examples
        --------
        >>> curve.times[0].utc.isot
        '2022-10-12T15:...'
        """
        from astropy.time import Time  # noqa: PLC0415 - keeps the import of the package light

        return Time(IJD_ZERO_MJD, self.time, format="mjd", scale="tt")

    @property
    def table(self) -> Any:
        """The light curve as `astropy.timeseries.TimeSeries`, with units.

        Its ``meta`` names source, instrument and band, and says whether the events are simulated.

        Examples
        --------
        >>> curve.table["rate"].unit
        Unit("ct / s")
        """
        from astropy import units  # noqa: PLC0415 - keeps the import of the package light
        from astropy.timeseries import TimeSeries  # noqa: PLC0415

        rate = units.ct / units.s
        columns = {
            "rate": self.rate * rate,
            "error": self.error * rate,
            "width": self.width * units.s,
            "exposure": self.exposure * units.s,
            "good_time": self.good_time * units.s,
            "total_counts": self.total_counts * units.ct,
            "background": self.background * rate,
            "background_error": self.background_error * rate,
        }
        meta = table_meta(self.name, self.energy, self.observation)
        return TimeSeries(time=self.times, data=columns, meta=meta)

    def rebin(
        self,
        *,
        seconds: Any = None,
        days: Any = None,
        edges: Any = None,
        min_snr: float | None = None,
    ) -> LightCurve:
        """Return the light curve in longer bins, which may span science windows.

        Rates are weighted by exposure, so that counts are conserved. The time of a longer bin is
        the mean of its good time; it starts and stops with its data. Bins are never split: each
        belongs to the longer bin that contains its time. Bins without a rate are left out.

        Parameters
        ----------
        seconds, days
            Length of the longer bins, counted from the start of the first bin: a number, or a
            quantity in any unit of time.
        edges
            Instants between which bins are joined, see `oda_widgets.request.timespan.to_ijd`; bins
            outside of them are left out.
        min_snr
            Least ratio of rate to error of each longer bin.

        Raises
        ------
        BadParameter
            If not exactly one rule is given, it is not positive, or the edges are not in order.
        EmptySelection
            If no bin has a rate or lies between the edges.

        Examples
        --------
        >>> len(curve.rebin(seconds=600))
        6
        """
        return rebinned(self, seconds=seconds, days=days, edges=edges, min_snr=min_snr)

    def join(self, *others: LightCurve) -> LightCurve:
        """Return one light curve with the bins of several, in order of time.

        Parameters
        ----------
        others
            Light curves of the same source, band and instrument; no bin may overlap another.

        Raises
        ------
        BadParameter
            If source, band or instrument differ, or bins overlap.

        Examples
        --------
        >>> first, second = curve.cut(stop="2022-10-12T15:30"), curve.cut(start="2022-10-12T15:30")
        >>> len(first.join(second)) == len(curve)
        True
        """
        return joined(self, others)

    def cut(self, start: Any = None, stop: Any = None) -> LightCurve:
        """Return a light curve with the bins whose time is from `start` to before `stop`.

        Parameters
        ----------
        start, stop
            Instants, see `oda_widgets.request.timespan.to_ijd`; None for no limit.

        Raises
        ------
        BadParameter
            If one is not an instant, or `stop` is not after `start`.
        EmptySelection
            If no bin lies between them.

        Examples
        --------
        >>> 0 < len(curve.cut(stop="2022-10-12T15:30")) < len(curve)
        True
        """
        return cut_out(self, start, stop)

    @classmethod
    def read(
        cls,
        path: str | os.PathLike[str],
        *,
        source: str | None = None,
        energy: Any = None,
        column: int | str | None = None,
        row: int | None = None,
        mjdref: float | None = None,
    ) -> LightCurve:
        """Read a light curve of oda_widgets, OSA, MMODA or any other origin.

        Times are converted to IJD as the header states (MJDREF, TIMEUNIT, TIMEZERO, TIMESYS,
        TIMEPIXR). Counts are divided by the exposures of their bins, with their roots as errors if
        none are stated. Missing columns are filled: fractions of exposure with 1, counts and
        background with NaN. If the file states neither lengths nor good time of its bins, exposures
        are NaN, and averages are weighted by errors.

        Parameters
        ----------
        path
            A FITS file with a table of times and rates, or text separated by commas: a line with
            the names MJD, WIDTH (s), RATE and ERROR, after keywords of FITS ("# OBJECT = Crab").
        source
            Source to choose if the file has several; the name to use if the file states none.
        energy
            Band to choose if the file has several, a pair in keV; the band to use if the file
            states none.
        column
            Column of rates to choose if a table has several: its number from 1, or its name.
        row
            Light curve to choose, from 1, if source and band leave several.
        mjdref
            MJD from which times count, in place of that in the file: -2400000.5 for Julian days, 0
            for MJD.

        Raises
        ------
        BadParameter
            If there is no such file, or it has several light curves and none is chosen; the message
            lists them.
        DamagedFile
            If it is truncated, has no times, rates or errors, or states a unit, a time scale or a
            reference time that is not known.

        Warns
        -----
        FileWarning
            If bin widths or the energy band are not stated.

        Examples
        --------
        >>> curve.write("curve.fits")
        >>> len(oda.LightCurve.read("curve.fits"))
        36
        """
        band = None if energy is None else EnergyBand.parse(energy)
        reference = None if mjdref is None else number_within("mjdref", mjdref, *_REFERENCES)
        chosen = {"column": column, "row": row, "mjdref": reference}
        return abilities().read(LightCurve, path, source=source, energy=band, **chosen)

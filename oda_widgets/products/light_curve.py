"""Light curves."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oda_widgets.abilities import abilities
from oda_widgets.arrays import Floats
from oda_widgets.errors import BadParameter, EmptySelection
from oda_widgets.products import curve_bins, curve_statistics
from oda_widgets.products.curve_statistics import CurveFit, Hardness
from oda_widgets.products.observation import Observation
from oda_widgets.products.product import Product
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.numbers import finite_number
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import (
    IJD_ZERO_MJD,
    SECONDS_PER_DAY,
    TimeInterval,
    merge,
    to_ijd,
)
from oda_widgets.request.words import counted, one_line, with_error

_TOUCHING = 1e-5 / SECONDS_PER_DAY  # bins nearer than this have no gap between them, days
_SAME_BIN = 1e-3 / SECONDS_PER_DAY  # days


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
        Centres of the bins, IJD days (TT since 2000-01-01); of bins joined by `rebin`, the mean
        of their good time.
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
        The steps that made it; None if it was read from a file or rebinned.
    starts
        Where bins start, IJD days; None if `time` is their middle.

    Examples
    --------
    >>> curves = site.light_curves(catalog=catalog, energy=(28, 80), time_bin=100)
    >>> curves["SGR 1935+2154"]
    LightCurve of SGR 1935+2154, 28–80 keV
      ISGRI · 255900280010.001 · 3,548.5 s · energies by lines
      2022-10-12T15:09:35 to 2022-10-12T16:08:55 UTC
      36 bins of 100 s
      ... counts/s on average over its exposure
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
    starts: NDArray[np.float64] | None = None

    def _words(self) -> tuple[str, ...]:
        heading = f"{one_line(self.name)}, {self.energy}"
        if not len(self):
            return heading, "no bins"
        width = f"{np.median(self.width):g} s"
        mean, error = self.mean_rate
        return (
            heading,
            f"{counted(len(self), 'bin')} of {width}",
            f"{with_error(mean, error)} counts/s on average over its exposure",
        )

    @property
    def mean_rate(self) -> tuple[float, float]:
        """Mean rate over the exposure, counts per second, and its error: `mean` by default.

        Both are NaN if no bin has a rate.

        Examples
        --------
        >>> mean, error = curve.mean_rate
        >>> mean > 10 * error
        True
        """
        return self.mean()

    def mean(self, weights: str = "exposure") -> tuple[float, float]:
        """Return the mean rate and its error, counts per second.

        Parameters
        ----------
        weights
            "exposure": all counts over all good time, right for variable sources too.
            "variance": inverse variances, the smallest error for a constant source; the mean of a
            variable one comes out low, because bright bins have larger errors.

        Raises
        ------
        BadParameter
            If the weights are others.

        Examples
        --------
        >>> mean, error = curve.mean(weights="variance")
        >>> error <= curve.mean()[1]
        True
        """
        used = self._measured
        rate, error = self.rate[used], self.error[used]
        if weights == "exposure":
            return curve_statistics.weighted_mean(rate, error, self.exposure[used])
        if weights == "variance":
            return curve_statistics.weighted_mean(rate, error, error**-2.0)
        raise BadParameter(
            "weights", weights, "not weights of a mean", 'Write "exposure" or "variance".'
        )

    @property
    def exposure(self) -> NDArray[np.float64]:
        """Good time in each bin, seconds.

        Examples
        --------
        >>> bool((curve.exposure <= curve.width).all())
        True
        """
        return self.width * self.exposed_fraction

    @property
    def edges(self) -> NDArray[np.float64]:
        """Start and stop of each bin, IJD days, shape (n_bins, 2).

        Examples
        --------
        >>> curve.edges.shape
        (36, 2)
        """
        width = self.width / SECONDS_PER_DAY
        starts = self.time - width / 2 if self.starts is None else self.starts
        return np.column_stack([starts, starts + width])

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
            "total_counts": self.total_counts * units.ct,
            "background": self.background * rate,
            "background_error": self.background_error * rate,
        }
        return TimeSeries(time=self.times, data=columns)

    def rebin(
        self, *, days: float | None = None, edges: Any = None, min_snr: float | None = None
    ) -> LightCurve:
        """Return the light curve in longer bins, which may span science windows.

        Rates are weighted by exposure, so that counts are conserved. The time of a longer bin is
        the mean of its good time; it starts and stops with the data in it. Bins are never split:
        each belongs where its time lies. Bins without a rate are left out.

        Parameters
        ----------
        days
            Length of the longer bins, counted from the start of the first bin.
        edges
            Instants between which bins are joined, see `oda_widgets.request.timespan.to_ijd`;
            what lies outside them is left out.
        min_snr
            Rate over error that each longer bin shall reach.

        Raises
        ------
        BadParameter
            If not exactly one of them is given, or it is not positive or not in order.
        EmptySelection
            If no bin has a rate or lies between the edges.

        Examples
        --------
        >>> len(curve.rebin(days=600 / 86400))
        6
        """
        measured = np.flatnonzero(self._measured)
        order = measured[np.argsort(self.time[measured], kind="stable")]
        chosen = {"days": days, "edges": edges, "min_snr": min_snr}
        members = self._members(order, {k: v for k, v in chosen.items() if v is not None})
        if not members:
            problem = f"No bin of {one_line(self.name)} remains after rebinning."
            raise EmptySelection(problem, "Give edges inside the light curve.")
        return self._joined([order[places] for places in members])

    def fit(self, model: str = "constant") -> CurveFit:
        """Return the fit of a constant or a line by chi squared.

        Parameters
        ----------
        model
            "constant" or "linear".

        Raises
        ------
        BadParameter
            If it is another.
        EmptySelection
            If there are fewer bins than parameters.

        Examples
        --------
        >>> curve.fit("constant").degrees
        35
        """
        if model not in ("constant", "linear"):
            limit = "not a model of light curves"
            raise BadParameter("model", model, limit, 'Write "constant" or "linear".')
        sloped = model == "linear"
        used = self._enough(1 + sloped)
        time, rate, error = self.time[used], self.rate[used], self.error[used]
        return curve_statistics.fit_line(time, rate, error, sloped=sloped)

    def fractional_variability(self) -> tuple[float, float]:
        """Return the fractional variability and its error from the noise of the measurement.

        After Vaughan et al. 2003, MNRAS 345, 1271, equations 10 and B2. Both are NaN if the rates
        vary no more than their errors: see `excess_variance`, which may be negative.

        Raises
        ------
        EmptySelection
            If there are fewer than two bins.

        Examples
        --------
        >>> fraction, error = curve.fractional_variability()
        """
        used = self._enough(2)
        return curve_statistics.fractional_variability(self.rate[used], self.error[used])

    def excess_variance(self) -> tuple[float, float]:
        """Return the normalised excess variance, without unit, and its error.

        After Vaughan et al. 2003, MNRAS 345, 1271, equations 9 and 11.

        Raises
        ------
        EmptySelection
            If there are fewer than two bins.

        Examples
        --------
        >>> excess, error = curve.excess_variance()
        """
        used = self._enough(2)
        return curve_statistics.excess_variance(self.rate[used], self.error[used])

    def intervals(
        self, *, above: float | None = None, below: float | None = None
    ) -> tuple[TimeInterval, ...]:
        """Return when the rate is above or below limits, for spectra of flares.

        Parameters
        ----------
        above, below
            Limits of the rate, counts per second; of both, the rates between them.

        Raises
        ------
        BadParameter
            If neither is given.

        Examples
        --------
        >>> flares = curve.intervals(above=2 * curve.mean_rate[0])
        """
        if above is None and below is None:
            raise BadParameter("above", None, "no limit is given", "Write above= or below=.")
        low = -np.inf if above is None else finite_number("above", above)
        high = np.inf if below is None else finite_number("below", below)
        spans = self.edges[(self.rate > low) & (self.rate < high)]
        return merge(TimeInterval(*span) for span in _without_cracks(spans))

    def hardness(self, hard: LightCurve) -> Hardness:
        """Return (hard - soft) / (hard + soft), this light curve being the soft one.

        Parameters
        ----------
        hard
            The same source in the same bins, in a harder band.

        Raises
        ------
        BadParameter
            If its band is not harder, or no bin is the same.

        Examples
        --------
        >>> hard = site.light_curves(catalog=catalog, energy=(80, 150), time_bin=100)[curve.name]
        >>> len(curve.hardness(hard).ratio)
        36
        """
        if hard.energy.low < self.energy.high:
            limit = f"not above {self.energy}"
            raise BadParameter("hard", str(hard.energy), limit, "Call the softer light curve.")
        mine, theirs = _same_bins(self.edges, hard.edges)
        if not len(mine):
            advice = "Rebin both with the same edges."
            raise BadParameter("hard", hard.name, "has no bin in common", advice)
        rates = self.rate[mine], self.error[mine], hard.rate[theirs], hard.error[theirs]
        return Hardness(self.time[mine], *curve_statistics.hardness_ratio(*rates))

    @property
    def _measured(self) -> NDArray[np.bool_]:
        """Which bins have a rate, an error and good time."""
        known = np.isfinite(self.rate) & np.isfinite(self.error) & (self.error > 0)
        return known & (self.exposure > 0)

    def _enough(self, least: int) -> NDArray[np.bool_]:
        used = self._measured
        if used.sum() < least:
            problem = f"{counted(int(used.sum()), 'bin')} with a rate, where {least} are needed."
            raise EmptySelection(problem, "Take shorter bins or more science windows.")
        return used

    def _members(self, order: NDArray[np.int_], chosen: dict[str, Any]) -> curve_bins.Members:
        """Return the places in `order` that each longer bin is joined from."""
        if len(chosen) != 1:
            limit = "exactly one of days, edges and min_snr is needed"
            raise BadParameter("rebin", tuple(chosen), limit, "Write for example rebin(days=30).")
        ((name, value),) = chosen.items()
        time, exposure = self.time[order], self.exposure[order]
        if name == "edges":
            return curve_bins.between_edges(time, _checked_edges(value))
        number = finite_number(name, value)
        if number <= 0:
            raise BadParameter(name, value, "not above 0", f"Write {name}=1 or more.")
        if name == "days":
            start = self.edges[order, 0].min(initial=np.inf)
            return curve_bins.of_length(time, start, number)
        counts, errors = self.rate[order] * exposure, self.error[order] * exposure
        return curve_bins.to_significance(counts, errors, number)

    def _joined(self, members: curve_bins.Members) -> LightCurve:
        """Return the light curve whose bins are joined from those of this one."""
        exposure = curve_bins.sums(self.exposure, members)
        starts = np.array([self.edges[chosen, 0].min() for chosen in members])
        stops = np.array([self.edges[chosen, 1].max() for chosen in members])
        width = (stops - starts) * SECONDS_PER_DAY

        def mean(values: Floats) -> Floats:
            return curve_bins.sums(values * self.exposure, members) / exposure

        def error(values: Floats) -> Floats:
            return np.sqrt(curve_bins.sums((values * self.exposure) ** 2, members)) / exposure

        return replace(
            self,
            time=starts[0] + mean(self.time - starts[0]),
            width=width,
            rate=mean(self.rate),
            error=error(self.error),
            exposed_fraction=np.minimum(exposure / width, 1.0),
            total_counts=curve_bins.sums(self.total_counts, members),
            background=mean(self.background),
            background_error=error(self.background_error),
            observation=self._observation_of(starts[0], stops[-1], float(exposure.sum())),
            provenance=None,
            starts=starts,
        )

    def _observation_of(self, start: float, stop: float, exposure: float) -> Observation:
        """Return the observation of the bins that remain."""
        part = exposure / float(self.exposure.sum())
        seen = self.observation
        return replace(
            seen,
            start=float(start),
            stop=float(stop),
            ontime=seen.ontime * part,
            live_time=seen.live_time * part,
        )

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
    def read(
        cls,
        path: str | os.PathLike[str],
        *,
        source: str | None = None,
        energy: Any = None,
        column: int | str | None = None,
        row: int | None = None,
    ) -> LightCurve:
        """Read a light curve of oda_widgets, OSA, MMODA or any other origin.

        Times are converted to IJD from what the header states (MJDREF, TIMEUNIT, TIMEZERO,
        TIMESYS, TIMEPIXR). Missing columns are filled: fractions of exposure with 1, counts and
        background with NaN.

        Parameters
        ----------
        path
            A FITS file with a table of times and rates.
        source
            Name of the source, if the file has several.
        energy
            The band, if the file has several: a pair in keV. If the file states none, its band.
        column
            Which rates, if a table has several: number from 1, or name of the column.
        row
            Which light curve, from 1, if source and band leave several.

        Raises
        ------
        BadParameter
            If there is no such file, or several light curves and none is chosen; the message
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
        return abilities().read(
            LightCurve, path, source=source, energy=band, column=column, row=row
        )


def _checked_edges(value: Any) -> Floats:
    """Return edges in IJD; there must be at least two, in order."""
    edges = np.array([to_ijd(edge, "edges") for edge in value], dtype=float)
    if len(edges) < 2 or np.any(np.diff(edges) <= 0):
        limit = "fewer than two instants, or not in order"
        raise BadParameter("edges", value, limit, "Write edges=[first, second, ...].")
    return edges


def _without_cracks(spans: Floats) -> list[tuple[float, float]]:
    """Return spans in which neighbours that touch but for rounding share their edge."""
    closed = spans.copy()
    touching = np.abs(spans[1:, 0] - spans[:-1, 1]) < _TOUCHING
    closed[:-1, 1][touching] = spans[1:, 0][touching]
    return [(float(start), float(stop)) for start, stop in closed]


def _same_bins(first: Floats, second: Floats) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """Return which bins of two light curves start and stop together."""
    if not len(first) or not len(second):
        return np.array([], dtype=int), np.array([], dtype=int)
    nearest = np.searchsorted(second[:, 0], first[:, 0] - _SAME_BIN)
    nearest = np.minimum(nearest, len(second) - 1)
    same = np.abs(first - second[nearest]).max(axis=1) < _SAME_BIN
    return np.flatnonzero(same), nearest[same]

"""Measure light curves: means, fits, variability, flares and hardness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oda_widgets.errors import BadParameter, EmptySelection
from oda_widgets.products import curve_statistics
from oda_widgets.products.curve_bins import same_bins, without_cracks
from oda_widgets.products.curve_data import CurveData
from oda_widgets.products.curve_rebinning import chosen_bins
from oda_widgets.products.curve_statistics import CurveFit, Hardness
from oda_widgets.products.derived_history import derived
from oda_widgets.products.measured import Measured, MeasuredRate, Variability
from oda_widgets.request.arguments import one_of
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.numbers import finite_number, number_within
from oda_widgets.request.timespan import TimeInterval, merge
from oda_widgets.request.words import counted

_SURELY = 3.0  # errors subtracted from a rate to rank bins by brightness
_ADVICE = "Take shorter bins or more science windows."


@suggesting_class
@dataclass(frozen=True, eq=False, repr=False)
class CurveMeasures(CurveData):
    """A light curve with its measurements; base of `LightCurve`."""

    @property
    def mean_rate(self) -> MeasuredRate:
        """Mean rate over the exposure, counts per second, and its error; see `mean`.

        Both are NaN if no bin has a rate.

        Examples
        --------
        >>> mean, error = curve.mean_rate
        >>> mean > 10 * error
        True
        """
        return self.mean()

    def mean(self, weights: str = "exposure") -> MeasuredRate:
        """Return the mean rate and its error, counts per second.

        Parameters
        ----------
        weights
            "exposure" for all counts over all live time, correct for variable sources too; inverse
            variances are used if exposures are not known (`exposures_known`). "variance" for
            inverse variances, which give the smallest error for a constant source; the mean of a
            variable source is then too low, because bright bins have larger errors. If some bins
            are `empty`, the variances are those expected at the mean rate (`expected_errors`).

        Raises
        ------
        BadParameter
            If the weights are neither.

        Examples
        --------
        >>> mean, error = curve.mean(weights="variance")
        >>> error <= curve.mean()[1]
        True
        """
        used = self.measured
        weights = one_of("weights", weights, ("exposure", "variance"))
        by_exposure = weights == "exposure" and self.exposures_known
        own = by_exposure and bool((self.error[used] > 0).any())
        rate, errors = self.rate[used], (self.bin_errors if own else self.expected_errors)[used]
        weight = self.exposure[used] if by_exposure else errors.error**-2.0
        return MeasuredRate(*curve_statistics.weighted_mean(rate, errors, weight))

    @property
    def brightest(self) -> MeasuredRate:
        """Rate and error of the brightest bin: the one with the highest rate less three errors.

        Short bins with large errors are therefore not chosen. Both are NaN if no bin has a rate.

        Examples
        --------
        >>> rate, error = curve.brightest
        >>> rate > 10 * error
        True
        """
        used = self.measured
        if not used.any():
            return MeasuredRate(np.nan, np.nan)
        rate, error = self.rate[used], self.shown_error[used]
        place = int(np.argmax(rate - _SURELY * error))
        return MeasuredRate(float(rate[place]), float(error[place]))

    def fit(self, model: str = "constant") -> CurveFit:
        """Fit a constant or a line by least chi squared.

        If some bins are `empty`, all have the errors expected at the mean rate (`expected_errors`).

        Parameters
        ----------
        model
            "constant" or "linear".

        Raises
        ------
        BadParameter
            If it is neither.
        EmptySelection
            If there are fewer bins than parameters.

        Examples
        --------
        >>> curve.fit("constant").degrees
        35
        """
        if not (isinstance(model, str) and model in {"constant", "linear"}):
            limit = "not a model of light curves"
            raise BadParameter("model", model, limit, 'Write "constant" or "linear".')
        sloped = model == "linear"
        used = self._measured_bins_or_refuse(1 + sloped)
        time, rate, errors = self.time[used], self.rate[used], self.expected_errors[used]
        return curve_statistics.fit_line(time, rate, errors, sloped=sloped)

    def fractional_variability(self) -> Variability:
        """Return the fractional variability, and its error due to measurement noise.

        It follows Vaughan et al. 2003, MNRAS 345, 1271, equations 10 and B2. If the rates do not
        vary by more than their errors, both are NaN, and the print gives the upper limit at 95 %
        confidence. See also `excess_variance`, which may be negative.

        Raises
        ------
        EmptySelection
            If there are fewer than two bins.

        Examples
        --------
        >>> fraction, error = curve.fractional_variability()
        """
        used = self._measured_bins_or_refuse(2)
        return curve_statistics.fractional_variability(self.rate[used], self.bin_errors[used])

    def excess_variance(self) -> Measured:
        """Return the normalised excess variance, without unit, and its error.

        It follows Vaughan et al. 2003, MNRAS 345, 1271, equations 9 and 11.

        Raises
        ------
        EmptySelection
            If there are fewer than two bins.

        Examples
        --------
        >>> excess, error = curve.excess_variance()
        """
        used = self._measured_bins_or_refuse(2)
        return Measured(*curve_statistics.excess_variance(self.rate[used], self.bin_errors[used]))

    def intervals(
        self,
        *,
        above: float | None = None,
        below: float | None = None,
        significance: float = 0.0,
    ) -> tuple[TimeInterval, ...]:
        """Return the intervals in which the rate is above or below limits, for spectra of flares.

        Parameters
        ----------
        above, below
            Lower and upper limit of the rate, counts per second; at least one.
        significance
            Least distance of a rate from the limits, in errors of its bin, 0 or more. Selecting
            bins by their noise makes their spectrum too bright in the band of the light curve: use
            4 or more for a limit within the noise.

        Raises
        ------
        BadParameter
            If neither limit is given, or a value is not a number in its range.
        DataError
            If the lengths of the bins are not known.

        Examples
        --------
        >>> flares = curve.intervals(above=2 * curve.mean_rate[0], significance=5)
        """
        if above is None and below is None:
            raise BadParameter("above", None, "no limit is given", "Write above= or below=.")
        self.need_lengths()
        low = -np.inf if above is None else finite_number("above", above)
        high = np.inf if below is None else finite_number("below", below)
        margin = number_within("significance", significance, 0.0, 1e6) * self.shown_error
        spans = self.edges[(self.rate - margin > low) & (self.rate + margin < high)]
        return merge(TimeInterval(*span) for span in without_cracks(spans))

    def hardness(self, hard: CurveMeasures) -> Hardness:
        """Return (hard - soft) / (hard + soft), where this light curve is the soft one.

        Parameters
        ----------
        hard
            Light curve of the same source in the same bins, in a harder band.

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
        _check_curve("hard", hard)
        if hard.energy.low < self.energy.high:
            limit = f"not above {self.energy}"
            raise BadParameter("hard", str(hard.energy), limit, "Call the softer light curve.")
        mine, theirs = same_bins(self.edges, hard.edges)
        if not len(mine):
            advice = "Rebin both with the same edges."
            raise BadParameter("hard", hard.name, "has no bin in common", advice)
        rates = self.rate[mine], self.shown_error[mine], hard.rate[theirs], hard.shown_error[theirs]
        ratio, error = curve_statistics.hardness_ratio(*rates)
        history = derived("hardness", [self, hard], "hardness = curve_1.hardness(curve_2)")
        mean = None
        if self.empty[mine].any() or hard.empty[theirs].any():
            both = self.measured[mine] & hard.measured[theirs]
            means = chosen_bins(self, mine[both]).mean(), chosen_bins(hard, theirs[both]).mean()
            mean = _hardness_of_rates(*means)
        return Hardness(self.time[mine], ratio, error, history, mean)

    def _measured_bins_or_refuse(self, least: int) -> NDArray[np.bool_]:
        """Return the mask of the measured bins, after checking that there are enough."""
        used = self.measured
        if used.sum() < least:
            problem = f"{counted(int(used.sum()), 'bin')} with a rate, where {least} are needed."
            raise EmptySelection(problem, _ADVICE)
        return used


def _hardness_of_rates(soft: MeasuredRate, hard: MeasuredRate) -> tuple[float, float]:
    """Return the hardness of two rates and its error."""
    rates = (np.array([value]) for value in (*soft, *hard))
    ratio, error = curve_statistics.hardness_ratio(*rates)
    return float(ratio[0]), float(error[0])


def _check_curve(parameter: str, value: Any) -> None:
    if not isinstance(value, CurveMeasures):
        raise BadParameter(parameter, value, "not a light curve", "Give a LightCurve.")

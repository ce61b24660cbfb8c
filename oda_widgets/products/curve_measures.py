"""Measurements on a light curve: means, fits, variability, flares and hardness."""

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

_SURELY = 3.0  # errors that the brightest bin is above others
_ENOUGH = "Take shorter bins or more science windows."


@suggesting_class
@dataclass(frozen=True, eq=False, repr=False)
class CurveMeasures(CurveData):
    """A light curve with its measurements; base of `LightCurve`."""

    @property
    def mean_rate(self) -> MeasuredRate:
        """Mean rate over the exposure, counts per second, and its error: `mean` by default.

        Both are NaN if no bin has a rate.

        Examples
        --------
        >>> mean, error = curve.mean_rate
        >>> mean > 10 * error
        True
        """
        return self.mean()

    def mean(self, weights: str = "exposure") -> MeasuredRate:
        """Return the mean rate and its error, counts per second: a pair that prints as words.

        Parameters
        ----------
        weights
            "exposure": all counts over all live time, right for variable sources too. Where
            exposures are not known (`exposures_known`), inverse variances stand in for them.
            "variance": inverse variances, the smallest error for a constant source; the mean of a
            variable one comes out low, because bright bins have larger errors. Where some bins
            are `empty`, all have the variances expected of the mean rate (`expected_errors`).

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
        used = self.measured
        weights = one_of("weights", weights, ("exposure", "variance"))
        by_exposure = weights == "exposure" and self.exposures_known
        own = by_exposure and bool((self.error[used] > 0).any())
        rate, errors = self.rate[used], (self.bin_errors if own else self.expected_errors)[used]
        weight = self.exposure[used] if by_exposure else errors.error**-2.0
        return MeasuredRate(*curve_statistics.weighted_mean(rate, errors, weight))

    @property
    def brightest(self) -> MeasuredRate:
        """Rate and error of the brightest bin: that of the highest rate less three errors.

        A short bin of large error is not taken for a bright one. Both are NaN if no bin has a rate.

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
        """Return the fit of a constant or a line by chi squared.

        Where some bins are `empty`, all have the errors expected of the mean rate
        (`expected_errors`).

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
        if not (isinstance(model, str) and model in {"constant", "linear"}):
            limit = "not a model of light curves"
            raise BadParameter("model", model, limit, 'Write "constant" or "linear".')
        sloped = model == "linear"
        used = self._enough(1 + sloped)
        time, rate, errors = self.time[used], self.rate[used], self.expected_errors[used]
        return curve_statistics.fit_line(time, rate, errors, sloped=sloped)

    def fractional_variability(self) -> Variability:
        """Return the fractional variability and its error from the noise of the measurement.

        After Vaughan et al. 2003, MNRAS 345, 1271, equations 10 and B2. If the rates vary no more
        than their errors, both are NaN, and the upper limit at 95 % confidence is printed: see
        `excess_variance`, which may be negative.

        Raises
        ------
        EmptySelection
            If there are fewer than two bins.

        Examples
        --------
        >>> fraction, error = curve.fractional_variability()
        """
        used = self._enough(2)
        return curve_statistics.fractional_variability(self.rate[used], self.bin_errors[used])

    def excess_variance(self) -> Measured:
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
        return Measured(*curve_statistics.excess_variance(self.rate[used], self.bin_errors[used]))

    def intervals(
        self,
        *,
        above: float | None = None,
        below: float | None = None,
        significance: float = 0.0,
    ) -> tuple[TimeInterval, ...]:
        """Return when the rate is above or below limits, for spectra of flares.

        Parameters
        ----------
        above, below
            Limits of the rate, counts per second; of both, the rates between them.
        significance
            How many errors of its bin a rate must be beyond the limits, 0 or more. Bins chosen
            for their noise make the spectrum of these bins too bright in the band of the light
            curve: a level within the noise needs 4 or more.

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
            mean = _hardness_of(*means)
        return Hardness(self.time[mine], ratio, error, history, mean)

    def _enough(self, least: int) -> NDArray[np.bool_]:
        used = self.measured
        if used.sum() < least:
            problem = f"{counted(int(used.sum()), 'bin')} with a rate, where {least} are needed."
            raise EmptySelection(problem, _ENOUGH)
        return used


def _hardness_of(soft: MeasuredRate, hard: MeasuredRate) -> tuple[float, float]:
    """Return the hardness of two rates, and its error."""
    rates = (np.array([value]) for value in (*soft, *hard))
    ratio, error = curve_statistics.hardness_ratio(*rates)
    return float(ratio[0]), float(error[0])


def _check_curve(parameter: str, value: Any) -> None:
    if not isinstance(value, CurveMeasures):
        raise BadParameter(parameter, value, "not a light curve", "Give a LightCurve.")

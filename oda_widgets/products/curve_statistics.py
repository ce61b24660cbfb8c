"""Compute means, fits and variability of rates with errors."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from oda_widgets.arrays import Floats, KeptArrays
from oda_widgets.errors import DataError
from oda_widgets.products.bin_errors import BinErrors
from oda_widgets.products.measured import Variability
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.timespan import TimeInterval
from oda_widgets.request.words import counted, with_error

# Shortest span in days, and the unit of time of its slope with its days.
_UNITS = ((730.5, ("year", 365.25)), (2.0, ("day", 1.0)), (0.0, ("hour", 1 / 24)))
_ONE_SIDED = 1.645  # sigma, of 95 % confidence


@suggesting_class
@dataclass(frozen=True, repr=False)
class CurveFit:
    """A constant or a line fitted to a light curve by least chi squared.

    Parameters
    ----------
    model
        "constant", or "linear": ``rate = level + slope * (time - reference)``.
    level, level_error
        Counts per second at `reference`.
    slope, slope_error
        Counts per second and day; 0 for a constant.
    reference
        Mean time of the bins weighted by their inverse variances, IJD days; the errors of level and
        slope are independent there.
    chi2
        Chi squared of the fit.
    degrees
        Degrees of freedom: bins less parameters.
    span
        Days between the first and the last bin; 0 if not known.
    """

    model: str
    level: float
    level_error: float
    slope: float
    slope_error: float
    reference: float
    chi2: float
    degrees: int
    span: float = 0.0

    def at(self, time: Floats) -> Floats:
        """Return the fitted rate at times in IJD, counts per second.

        Examples
        --------
        >>> fit = curve.fit("linear")
        >>> bool(abs(fit.at(fit.reference) - fit.level) < 1e-9)
        True
        """
        return self.level + self.slope * (np.asarray(time) - self.reference)

    def __repr__(self) -> str:
        lines = [f"{self.model}: {with_error(self.level, self.level_error)} counts/s"]
        if self.model == "linear":
            lines += [f"  {self.slope_in_words}"]
        return "\n".join([*lines, f"  chi2 {self.chi2:.1f} for {self.degrees} degrees of freedom"])

    @property
    def slope_in_words(self) -> str:
        """The slope and its error per hour, day or year, depending on the span.

        Examples
        --------
        >>> curve.fit("linear").slope_in_words
        '... counts/s per hour'
        """
        name, days = next(unit for least, unit in _UNITS if self.span >= least)
        return f"{with_error(days * self.slope, days * self.slope_error)} counts/s per {name}"


@suggesting_class
@dataclass(frozen=True, eq=False, repr=False)
class Hardness(KeptArrays):
    """The hardness of a source, (hard - soft) / (hard + soft), in each bin.

    Parameters
    ----------
    time
        IJD days, shape (n_bins,).
    ratio, error
        Hardness, between -1 and 1 if both rates are positive, and its error, propagated from both
        rates. NaN if the sum of the rates is not positive.
    provenance
        The steps that made it; None if one of the light curves was read from a file.
    of_means
        Hardness of the mean rates and its error, if nothing was counted in some bins: for few
        counts it differs from the mean of the ratios. None if there are no such bins.
    """

    time: Floats
    ratio: Floats
    error: Floats
    provenance: Provenance | None = field(default=None, compare=False, repr=False)
    of_means: tuple[float, float] | None = None

    def __repr__(self) -> str:
        known = np.isfinite(self.ratio) & np.isfinite(self.error) & (self.error > 0)
        measured = int(known.sum())
        heading = f"Hardness, (hard − soft) / (hard + soft), in {counted(len(self.time), 'bin')}"
        if not measured:
            return f"{heading}\n  measured in none of them"
        ratio, errors = self.ratio[known], BinErrors.of(self.error[known])
        mean = self.of_means or weighted_mean(ratio, errors, self.error[known] ** -2.0)
        lowest, highest = ratio.min(), ratio.max()
        lines = [
            str(TimeInterval(*self.time[[0, -1]].tolist())) if len(self.time) > 1 else "",
            f"{with_error(*mean)} on average, from {lowest:.2f} to {highest:.2f}",
            f"measured in {measured:,} of them" if measured < len(known) else "",
        ]
        return "\n".join([heading, *(f"  {line}" for line in lines if line)])

    def code(self) -> str:
        """Return a Python script that makes the hardness again.

        Raises
        ------
        DataError
            If one of the light curves was read from a file.
        """
        if self.provenance is None:
            problem = "This hardness carries no provenance."
            raise DataError(problem, "Only light curves of a site do; make the queries again.")
        return self.provenance.script()


def weighted_mean(rate: Floats, errors: BinErrors, weight: Floats) -> tuple[float, float]:
    """Return the weighted mean of rates and its error; NaN if all weights are 0."""
    total = float(np.sum(weight))
    if not total > 0:
        return np.nan, np.nan
    return float(np.sum(weight * rate)) / total, errors.of_sum(weight) / total


def fit_line(time: Floats, rate: Floats, errors: BinErrors, *, sloped: bool) -> CurveFit:
    """Fit a constant or a line by least chi squared, with the covariance of the bins.

    Parameters
    ----------
    time
        Times of the bins, IJD days.
    rate, errors
        Counts per second.
    sloped
        True for a line, False for a constant.
    """
    weight = errors.weighed(np.ones(len(rate)))
    reference, level = (float(weight @ x / weight.sum()) for x in (time, rate))
    level_error = float(weight.sum()) ** -0.5
    slope = slope_error = 0.0
    if sloped:
        since = errors.weighed(time - reference)
        moment = float(since @ (time - reference))
        slope = float(since @ rate) / moment
        slope_error = moment**-0.5
    residuals = rate - level - slope * (time - reference)
    name = "linear" if sloped else "constant"
    chi2, degrees = float(residuals @ errors.weighed(residuals)), len(rate) - 1 - sloped
    found = level, level_error, slope, slope_error, reference, chi2, degrees
    return CurveFit(name, *found, span=float(np.ptp(time)))


def excess_variance(rate: Floats, errors: BinErrors) -> tuple[float, float]:
    """Return the normalised excess variance and its error.

    Vaughan et al. 2003, MNRAS 345, 1271, equations 9 and 11, with the covariance of the bins, since
    an error that the bins of a science window share causes no variance within the window.
    """
    mean, number = rate.mean(), len(rate)
    if not mean:  # nothing was counted
        return np.nan, np.nan
    noise, scatter = errors.of_sample_variance()
    excess = float((rate.var(ddof=1) - noise) / mean**2)
    noise_error = scatter * np.sqrt((number - 1) / number) / mean**2
    source_error = np.sqrt(noise / number) * 2 * np.sqrt(max(excess, 0.0)) / mean
    return excess, float(np.hypot(noise_error, source_error))


def fractional_variability(rate: Floats, errors: BinErrors) -> Variability:
    """Return the fractional variability and its error, or an upper limit if noise explains it.

    Vaughan et al. 2003, MNRAS 345, 1271, equations 10 and B2. The limit is the root of the largest
    excess variance that noise may hide.
    """
    excess, excess_error = excess_variance(rate, errors)
    if excess <= 0:
        return Variability.none_below(float((_ONE_SIDED * excess_error) ** 0.5))
    # Equation B2 propagates the error of the excess (11): d sqrt(x) = dx / (2 sqrt(x)).
    return Variability(excess**0.5, excess_error / (2 * excess**0.5))


def hardness_ratio(
    soft: Floats, soft_error: Floats, hard: Floats, hard_error: Floats
) -> tuple[Floats, Floats]:
    """Return (hard - soft) / (hard + soft) and its error; NaN if the sum is not positive."""
    total = np.where(soft + hard > 0, soft + hard, np.nan)
    error = 2 * np.hypot(soft * hard_error, hard * soft_error) / total**2
    return (hard - soft) / total, error

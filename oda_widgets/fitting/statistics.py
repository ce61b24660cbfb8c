"""Statistics that compare a model with the data, as XSPEC defines them.

Each statistic is minus twice the logarithm of a likelihood, so that it rises by 1 at one sigma. It
is a function of the folded model, counts/s in each channel. Formulas: XSPEC manual, appendix B.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar, Protocol, Self

import numpy as np
from scipy.special import gammaln, xlogy

from oda_widgets.arrays import Floats, KeptArrays
from oda_widgets.errors import BadParameter
from oda_widgets.products.counts import Starts, starts_by_sum

_FAINTEST = 1e-30  # counts; no logarithm of zero
FEWEST_OF_BACKGROUND = 5  # counts of the background in a group of channels
_LEAST_BIAS = 0.1  # sigma
_MANY = 20.0  # counts, for which W has no bias
_MOST_NEWTON, _SAME = 50, 1e-10
_FEWEST = 1e-4  # counts that a curvature is computed for; at zero it would be infinite


class Statistic(Protocol):
    """The data of one spectrum and the likelihood that they have for a model.

    ``name`` is the value of the argument ``statistic``, ``symbol`` stands in tables and figures,
    ``xspec`` is the word of XSPEC's command, and ``suits`` describes the data that it is for.
    """

    name: ClassVar[str]
    symbol: ClassVar[str]
    xspec: ClassVar[str]
    suits: ClassVar[str]

    def values(self, folded: Floats) -> Floats:
        """Return the statistic of each channel, shape (n_channels,)."""

    def totals(self, folded: Floats) -> Floats:
        """Return the statistic of many models, from (n_models, n_channels) to (n_models,)."""
        total: Floats = self.values(folded).sum(axis=-1)
        return total

    def derivatives(self, folded: Floats) -> tuple[Floats, Floats]:
        """Return half the first and half the expected second derivative in each channel."""

    def drawn(self, folded: Floats, rng: np.random.Generator) -> Self:
        """Return data drawn around a folded model."""


@dataclass(frozen=True, eq=False, repr=False)
class ChiSquare(Statistic, KeptArrays):
    """Rates with Gaussian errors.

    Parameters
    ----------
    rate, error
        Counts per second without the background, and their errors, shape (n_channels,).
    """

    rate: Floats
    error: Floats

    name: ClassVar[str] = "chi2"
    symbol: ClassVar[str] = "χ²"
    xspec: ClassVar[str] = "chi"
    suits: ClassVar[str] = "rates with Gaussian errors"

    def values(self, folded: Floats) -> Floats:
        """Return the statistic of each channel."""
        return np.square((self.rate - folded) / self.error)

    def derivatives(self, folded: Floats) -> tuple[Floats, Floats]:
        """Return half the first and half the second derivative in each channel."""
        weight = 1.0 / np.square(self.error)
        return (folded - self.rate) * weight, weight

    def drawn(self, folded: Floats, rng: np.random.Generator) -> Self:
        """Return rates drawn around a folded model."""
        return replace(self, rate=folded + self.error * rng.standard_normal(len(folded)))


@dataclass(frozen=True, eq=False, repr=False)
class Cash(Statistic, KeptArrays):
    """Poisson counts without a background: XSPEC's cstat (Cash 1979, ApJ 228, 939).

    Parameters
    ----------
    counts
        Shape (n_channels,).
    exposure
        Counts that a rate of 1/s leads to, shape (n_channels,): seconds times AREASCAL.
    """

    counts: Floats
    exposure: Floats

    name: ClassVar[str] = "cstat"
    symbol: ClassVar[str] = "C"
    xspec: ClassVar[str] = "cstat"
    suits: ClassVar[str] = "Poisson counts"

    def values(self, folded: Floats) -> Floats:
        """Return the statistic of each channel."""
        return cash(self.counts, folded * self.exposure)

    def derivatives(self, folded: Floats) -> tuple[Floats, Floats]:
        """Return half the first and half the expected second derivative in each channel."""
        expected = folded * self.exposure
        first = self.exposure * (1.0 - self.counts / np.maximum(expected, _FAINTEST))
        return first, np.square(self.exposure) / np.maximum(expected, _FEWEST)

    def drawn(self, folded: Floats, rng: np.random.Generator) -> Self:
        """Return counts drawn around a folded model."""
        return replace(self, counts=_poisson(folded * self.exposure, rng))


@dataclass(frozen=True, eq=False, repr=False)
class ProfiledCash(Statistic, KeptArrays):
    """Poisson counts of source and background: XSPEC's W, the statistic of its cstat with both.

    The background has no model: in each channel it takes the value that fits best (Wachter, Leach
    & Kellogg 1979, ApJ 230, 274).

    Parameters
    ----------
    counts, exposure
        As for `Cash`.
    background
        Counts of the background, shape (n_channels,).
    background_exposure
        Counts that a background rate of 1/s in the source spectrum leads to in the background
        spectrum, shape (n_channels,).
    """

    counts: Floats
    exposure: Floats
    background: Floats
    background_exposure: Floats

    name: ClassVar[str] = "wstat"
    symbol: ClassVar[str] = "W"
    xspec: ClassVar[str] = "cstat"  # which is W if there is a background
    suits: ClassVar[str] = "Poisson counts of source and background"

    def values(self, folded: Floats) -> Floats:
        """Return the statistic of each channel."""
        source = np.maximum(folded, 0.0)
        background = self.best_background(source)
        of_source = cash(self.counts, self.exposure * (source + background))
        return of_source + cash(self.background, self.background_exposure * background)

    def best_background(self, source: Floats) -> Floats:
        """Return the background rate that fits best beside a source rate: a quadratic equation."""
        total = self.exposure + self.background_exposure
        linear = total * source - self.counts - self.background
        constant = 4.0 * total * self.background * source
        root = np.sqrt(np.square(linear) + constant)
        # Written so that two large numbers are never subtracted.
        above = np.where(linear > 0, 0.5 * constant / np.maximum(linear + root, _FAINTEST), 0.0)
        best: Floats = np.where(linear > 0, above, 0.5 * (root - linear)) / total
        return best

    def derivatives(self, folded: Floats) -> tuple[Floats, Floats]:
        """Return half the first and half the expected second derivative in each channel."""
        source = np.maximum(folded, 0.0)
        background = self.best_background(source)
        total = source + background
        first = self.exposure - self.counts / np.maximum(total, _FAINTEST)
        # The variance of counts / exposure minus background / background_exposure.
        variance = np.maximum(total, _FEWEST / self.exposure) / self.exposure
        return first, 1.0 / (variance + background / self.background_exposure)

    def drawn(self, folded: Floats, rng: np.random.Generator) -> Self:
        """Return counts of source and background drawn around a folded model."""
        source = np.maximum(folded, 0.0)
        background = self.best_background(source)
        return replace(
            self,
            counts=_poisson(self.exposure * (source + background), rng),
            background=_poisson(self.background_exposure * background, rng),
        )


@dataclass(frozen=True, repr=False)
class SmoothedCash(ProfiledCash):
    """W with a background that is constant within groups of channels.

    Where most channels hold no count of the background, the best background of each channel alone
    is mostly zero, and W is biased. Over a group of channels it is not.

    Parameters
    ----------
    starts
        Index of the first channel of each group, shape (n_groups,).
    """

    starts: Starts = field(default_factory=lambda: np.zeros(1, dtype=np.intp))

    def values(self, folded: Floats) -> Floats:
        """Return the statistic of each channel; that of the background stands in the first."""
        source = np.maximum(folded, 0.0)
        background = self.best_background(source)
        found = cash(self.counts, self.exposure * (source + background))
        expected = np.add.reduceat(self.background_exposure * background, self.starts)
        found[self.starts] += cash(np.add.reduceat(self.background, self.starts), expected)
        return found

    def totals(self, folded: Floats) -> Floats:
        """Return the statistic of many models, whose backgrounds are searched one by one."""
        return np.array([self.values(row).sum() for row in folded])

    def best_background(self, source: Floats) -> Floats:
        """Return the background rate of each channel, the best one for its group.

        Newton's method from below: the derivative of the likelihood is concave in the background,
        so that no step goes too far.
        """
        exposure = np.add.reduceat(self.exposure + self.background_exposure, self.starts)
        counts = np.maximum(np.add.reduceat(self.background, self.starts), _FEWEST)
        sizes = np.diff(np.append(self.starts, len(source)))
        best = counts / exposure
        for _ in range(_MOST_NEWTON):
            total = source + np.repeat(best, sizes)
            per_rate = self.counts / total
            slope = exposure - np.add.reduceat(per_rate, self.starts) - counts / best
            curvature = np.add.reduceat(per_rate / total, self.starts) + counts / best**2
            step = -slope / curvature
            best = best + step
            if np.all(np.abs(step) <= _SAME * best):
                break
        return np.repeat(best, sizes)

    def derivatives(self, folded: Floats) -> tuple[Floats, Floats]:
        """Return half the first and half the expected second derivative in each channel."""
        source = np.maximum(folded, 0.0)
        background = self.best_background(source)
        total = np.maximum(source + background, _FEWEST / self.exposure)
        alone = self.exposure / total
        # Part of the information that is left, if the source changes alike in a whole group.
        of_source = np.add.reduceat(alone, self.starts)
        of_background = np.add.reduceat(self.background_exposure / background, self.starts)
        left = np.repeat(
            of_background / (of_source + of_background),
            np.diff(np.append(self.starts, len(source))),
        )
        return self.exposure - self.counts / total, alone * left


@dataclass(frozen=True, eq=False, repr=False)
class PoissonGaussian(Statistic, KeptArrays):
    """Poisson counts beside a background with Gaussian errors: XSPEC's pgstat.

    Parameters
    ----------
    counts, exposure
        As for `Cash`.
    background, error
        Counts of the background expected in the spectrum and their Gaussian error, shape
        (n_channels,).
    """

    counts: Floats
    exposure: Floats
    background: Floats
    error: Floats

    name: ClassVar[str] = "pgstat"
    symbol: ClassVar[str] = "PG"
    xspec: ClassVar[str] = "pgstat"
    suits: ClassVar[str] = "Poisson counts, background with Gaussian errors"

    def values(self, folded: Floats) -> Floats:
        """Return the statistic of each channel."""
        expected = folded * self.exposure
        best = self.best_background(expected)
        pull = (self.background - best) / self.error
        return cash(self.counts, expected + best) + np.square(pull)

    def best_background(self, expected: Floats) -> Floats:
        """Return the counts of the background that fit best beside those of a source."""
        variance = np.square(self.error)
        linear = variance - self.background + expected
        constant = variance * expected - self.counts * variance - self.background * expected
        root = np.sqrt(np.square(linear) - 4.0 * constant)
        without = np.maximum(self.background - variance, 0.0)
        best: Floats = np.where(self.counts > 0, 0.5 * (root - linear), without)
        return best

    def derivatives(self, folded: Floats) -> tuple[Floats, Floats]:
        """Return half the first and half the expected second derivative in each channel."""
        expected = folded * self.exposure
        total = np.maximum(expected + self.best_background(expected), _FAINTEST)
        first = self.exposure * (1.0 - self.counts / total)
        variance = np.maximum(total, _FEWEST) + np.square(self.error)
        return first, np.square(self.exposure) / variance

    def drawn(self, folded: Floats, rng: np.random.Generator) -> Self:
        """Return counts and background drawn around a folded model."""
        total = folded * self.exposure + self.background
        background = self.background + self.error * rng.standard_normal(len(total))
        return replace(self, counts=_poisson(total, rng), background=background)


STATISTICS: dict[str, type[Statistic]] = {
    kind.name: kind for kind in (ChiSquare, Cash, ProfiledCash, PoissonGaussian)
}
"""Each statistic by its name; tables, the panel and XSPEC's files read its class variables."""


def cash(observed: Floats, expected: Floats) -> Floats:
    """Return 2 (m - d + d ln(d/m)) for observed counts d and expected counts m."""
    expected = np.maximum(expected, _FAINTEST)
    logarithms = xlogy(observed, observed) - xlogy(observed, expected)
    statistic: Floats = 2.0 * (expected - observed + logarithms)
    return statistic


def unbiased(data: ProfiledCash) -> ProfiledCash:
    """Return W if it is unbiased, else W with a background that groups of channels share."""
    starts = starts_by_sum(data.background, FEWEST_OF_BACKGROUND)
    if _bias(data, starts) < _LEAST_BIAS:
        return data
    return SmoothedCash(
        data.counts, data.exposure, data.background, data.background_exposure, starts
    )


def _bias(data: ProfiledCash, starts: Starts) -> float:
    """Return the largest bias that W may have in a parameter, in units of its error.

    In each channel the mean of the derivative of W at the truth is not zero; in units of the root
    of the information it is a bias, and no parameter has more than the root of the squares of all.
    """
    sizes = np.diff(np.append(starts, len(data.counts)))
    ratio = np.add.reduceat(data.background_exposure / data.exposure, starts) / sizes
    background = np.add.reduceat(data.background, starts) / sizes / ratio
    source = np.maximum(np.add.reduceat(data.counts, starts) / sizes - background, 0.0)
    squares = [
        number * _score(*means) ** 2
        for number, *means in zip(sizes, source, background, ratio, strict=True)
    ]
    return float(np.sqrt(np.sum(squares)))


def _score(source: float, background: float, ratio: float) -> float:
    """Return the mean derivative of W in one channel over the root of its information.

    Parameters
    ----------
    source, background
        Expected counts of source and background in the channel.
    ratio
        Exposure of the background over that of the source.
    """
    if ratio * background > _MANY or source + background > _MANY:
        return 0.0
    most = int(_MANY + 8.0 * np.sqrt(_MANY))
    counts, of_background = np.mgrid[:most, :most].astype(np.float64)
    probability = _probability(counts, source + background)
    probability *= _probability(of_background, ratio * background)
    one = np.ones_like(counts)
    data = ProfiledCash(counts, one, of_background, ratio * one)
    first, _ = data.derivatives(np.full(counts.shape, source))
    return float(np.sum(probability * first) * np.sqrt(source + background + background / ratio))


def _probability(number: Floats, mean: float) -> Floats:
    """Return the Poisson probability of numbers of counts."""
    probability: Floats = np.exp(xlogy(number, mean) - mean - gammaln(number + 1.0))
    return probability


def checked_statistic(name: str | None) -> str | None:
    """Check the name of a statistic; None stands for the one that suits the data.

    Raises
    ------
    BadParameter
        If there is no such statistic.
    """
    if name is not None and not (isinstance(name, str) and name in STATISTICS):
        advice = f"Choose one of {', '.join(STATISTICS)}, or None for the one that suits the data."
        raise BadParameter("statistic", name, "no such statistic", advice)
    return name


def _poisson(expected: Floats, rng: np.random.Generator) -> Floats:
    return rng.poisson(np.maximum(expected, 0.0)).astype(np.float64)

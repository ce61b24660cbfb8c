"""The most likely law of the counts of pixels with thresholds.

Each pixel has a threshold, a brightness and the spectrum of its class: pixels with the same
illumination share one. The frequencies of thresholds and the spectra are found by expectation
maximisation (Dempster, Laird & Rubin 1977, J. R. Stat. Soc. B 39, 1), extrapolated from two steps
at a time (Varadhan & Roland 2008, Scand. J. Stat. 35, 335): in short windows single steps would
stop far from the maximum, near the thresholds first assumed. Most thresholds soon turn out to
belong to no pixel and are dropped: they would take nearly all the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats, Singles

_LEAPS = 20
_NOTHING_GAINED = 0.03
"""Least gain in log-likelihood of a leap that is followed by another."""

_FARTHEST_LEAP = 100.0

_USUAL_VARIANCE, _ITS_SPREAD = 0.008, 0.01
"""Relative variance of the brightness of equally illuminated pixels, 9 % rms in the real window,
and how far other windows may depart from it: the prior, for windows with few counts."""

_STEADIEST = 1e-3
"""Least variance."""

_RAREST = 1e-8
_TOO_RARE = 1e-7
"""Fraction of the pixels below which a threshold is dropped: no pixel has it."""


@dataclass(frozen=True)
class Pixels:
    """The counts of pixels.

    Parameters
    ----------
    counts
        Shape (n_pixels, n_bins).
    members
        1 for the pixels of each class and 0 for others, shape (n_classes, n_pixels).
    steadiness
        Inverse of the relative variance of the brightness of pixels within a class.
    """

    counts: Singles
    members: Singles
    steadiness: float

    @classmethod
    def of(cls, counts: Singles, kinds: NDArray[np.intp], bright: Floats) -> Pixels:
        """Return the pixels with given counts.

        Parameters
        ----------
        counts
            Shape (n_pixels, n_bins).
        kinds
            The class of each pixel, shape (n_pixels,).
        bright
            Its counts at energies above all thresholds, same shape.
        """
        members = np.equal.outer(np.arange(kinds.max() + 1), kinds).astype(np.float32)
        return cls(counts, members, 1.0 / _variance(bright, kinds))

    def every(self, step: int) -> Pixels:
        """Return every `step`-th pixel."""
        return replace(self, counts=self.counts[::step], members=self.members[:, ::step])

    @property
    def totals(self) -> Floats:
        """Counts of all pixels of each class, shape (n_classes, n_bins)."""
        return (self.members @ self.counts).astype(float)


@dataclass(frozen=True)
class Evidence:
    """Evidence about thresholds from the counts of pixels.

    Parameters
    ----------
    known
        Logarithm of the fraction recorded at each threshold, weighted by the counts; shape
        (n_thresholds, n_pixels).
    weights
        A row of ones; then a row for each class, with the counts of its pixels at all energies
        plus `steadiness`, and 0 for other pixels; shape (1 + n_classes, n_pixels).
    totals, steadiness
        See `Pixels`.
    """

    known: Singles
    weights: Singles
    totals: Floats
    steadiness: float

    @classmethod
    def of(cls, pixels: Pixels, recorded: Floats) -> Evidence:
        """Return the evidence of pixels, for the fractions `recorded` of `Law`."""
        number = pixels.counts.sum(axis=1) + np.float32(pixels.steadiness)
        weights = np.vstack([np.ones_like(number), pixels.members * number])
        known = np.log(recorded).astype(np.float32) @ pixels.counts.T
        return cls(known, weights, pixels.totals, pixels.steadiness)

    def only(self, chosen: NDArray[np.bool_]) -> Evidence:
        """Return the evidence for some of the thresholds."""
        return replace(self, known=self.known[chosen])


@dataclass(frozen=True)
class Law:
    """A law of the counts: which thresholds pixels have, and their spectra.

    Parameters
    ----------
    thresholds
        In keV, shape (n_thresholds,).
    recorded
        Fraction of each bin recorded at each threshold, noise included, (n_thresholds, n_bins).
    share
        Fraction of the pixels with each threshold, shape (n_thresholds,).
    spectra
        Counts of a pixel without a threshold in each class, shape (n_classes, n_bins).
    """

    thresholds: Floats
    recorded: Floats
    share: Floats
    spectra: Floats

    @classmethod
    def of(cls, pixels: Pixels, thresholds: Floats, recorded: Floats, share: Floats) -> Law:
        """Return the initial law, as if pixels missed nothing. Parameters: see `Law`."""
        number = np.maximum(pixels.members.sum(axis=1, dtype=float), 1.0)
        spectra = pixels.totals / number[:, None] + _RAREST
        return cls(thresholds, recorded, share / share.sum(), spectra)

    def probable(self, evidence: Evidence) -> Singles:
        """Return the probability of each threshold for each pixel, (n_thresholds, n_pixels)."""
        chance, total, _ = self._probabilities(evidence)
        chance /= total
        return chance

    def better(self, evidence: Evidence) -> tuple[Law, float]:
        """Return a law under which the counts are more probable.

        Returns
        -------
        law
            The better law.
        likelihood
            Log-likelihood of this law, up to a constant common to all edges.
        """
        chance, total, likelihood = self._probabilities(evidence)
        sums = (chance @ (evidence.weights / total).T).astype(float)
        share = np.maximum(sums[:, 0] / max(len(total), 1), _RAREST)
        brightness = sums[:, 1:].T / (evidence.steadiness + self._expected())
        seen = np.maximum(brightness @ self.recorded, _RAREST)
        spectra = evidence.totals / seen + _RAREST
        return replace(self, share=share / share.sum(), spectra=spectra), likelihood

    def leapt(self, one: Law, two: Law) -> Law:
        """Return the law extrapolated from two successive steps from this one."""
        first = one.logarithms - self.logarithms
        change = two.logarithms - one.logarithms - first
        ratio = float(np.linalg.norm(first)) / max(float(np.linalg.norm(change)), _RAREST)
        length = min(max(ratio, 1.0), _FARTHEST_LEAP)
        return self._with(self.logarithms + 2 * length * first + length**2 * change)

    def only(self, chosen: NDArray[np.bool_]) -> Law:
        """Return this law with only the chosen thresholds."""
        share = self.share[chosen]
        return Law(
            self.thresholds[chosen], self.recorded[chosen], share / share.sum(), self.spectra
        )

    def _probabilities(self, evidence: Evidence) -> tuple[Singles, Singles, float]:
        """Return unnormalised probabilities of thresholds, their sums, and the log-likelihood."""
        expected = np.log1p(self._expected() / evidence.steadiness)
        factors = np.vstack([np.log(self.share), -expected]).astype(np.float32)
        chance = factors.T @ evidence.weights
        chance += evidence.known
        most = chance.max(axis=0)
        chance -= most
        np.exp(chance, out=chance)
        total = chance.sum(axis=0)
        of_pixels = float(np.sum(most + np.log(total), dtype=float))
        return chance, total, of_pixels + float(np.sum(evidence.totals * np.log(self.spectra)))

    def _expected(self) -> Floats:
        """Return the expected counts of a pixel, shape (n_classes, n_thresholds)."""
        return self.spectra @ self.recorded.T

    @property
    def logarithms(self) -> Floats:
        """Logarithms of the fitted values: shares of thresholds, then spectra; shape (n,)."""
        found: Floats = np.log(np.concatenate([self.share, self.spectra.ravel()]))
        return found

    def _with(self, logarithms: Floats) -> Law:
        values = np.exp(np.clip(logarithms, np.log(_RAREST), -np.log(_RAREST)))
        share, spectra = np.split(values, [len(self.share)])
        return replace(self, share=share / share.sum(), spectra=spectra.reshape(self.spectra.shape))


def promising(laws: Sequence[Law], evidence: Evidence) -> int:
    """Return the index of the law with the highest likelihood after the first steps."""
    reached = []
    for law in laws:
        one, _ = law.better(evidence)
        two, _ = one.better(evidence)
        reached.append(two.better(evidence)[1])
    return int(np.argmax(reached))


def likeliest_law(law: Law, evidence: Evidence) -> tuple[Law, float]:
    """Return the law of maximum likelihood, and the logarithm of its likelihood.

    Parameters
    ----------
    law
        Initial law.
    """
    reached, kept = -np.inf, law
    for _ in range(_LEAPS):
        one, likelihood = law.better(evidence)
        if likelihood < reached:  # the leap went too far
            one = kept
        before, (two, reached) = reached, one.better(evidence)
        law, kept = law.leapt(one, two), two
        if reached - before < _NOTHING_GAINED:
            break
        frequent = kept.share > _TOO_RARE
        if not frequent.all():
            law, kept = law.only(frequent), kept.only(frequent)
            evidence = evidence.only(frequent)
    return kept, reached


def _variance(bright: Floats, kinds: NDArray[np.intp]) -> float:
    """Return the relative variance of the brightness of pixels within their classes."""
    number = np.maximum(np.bincount(kinds), 1)
    mean: Floats = (np.bincount(kinds, bright) / number)[kinds]
    scale = max(float(mean @ mean), _RAREST)
    beyond_counting = float(np.sum((bright - mean) ** 2 - mean)) / scale
    known = scale**2 / max(float(np.sum(2 * mean**2 + mean)), _RAREST)
    usual = _ITS_SPREAD**-2.0
    found = (known * beyond_counting + usual * _USUAL_VARIANCE) / (known + usual)
    return max(float(found), _STEADIEST)

"""The law under which the counts of pixels with thresholds are most probable.

Each pixel has a threshold, a brightness and a spectrum: that of its class, which pixels in the same
light share. The share of the thresholds and the spectra are found by expectation and maximisation
(Dempster, Laird & Rubin 1977, J. R. Stat. Soc. B 39, 1), in leaps along the way that two steps show
(Varadhan & Roland 2008, Scand. J. Stat. 35, 335): in short windows single steps would stop far
from the end, at thresholds that lie where they were first supposed. Most thresholds soon prove to
be those of no pixel, and are left out: nearly all the time would go into them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats, Singles

_LEAPS = 20
_NOTHING_GAINED = 0.03
"""Logarithm of the likelihood by which a leap must gain for another one."""

_FARTHEST_LEAP = 100.0

_USUAL_VARIANCE, _ITS_SPREAD = 0.008, 0.01
"""Of the brightness of pixels in the same light, relative: 9 % in the real window, and how far
others may be from that. Few counts tell it no better."""

_STEADIEST = 1e-3
"""Variance that is taken for none."""

_RAREST = 1e-8
_TOO_RARE = 1e-7
"""Share of the pixels from which on a threshold counts no more: none has it."""


@dataclass(frozen=True)
class Pixels:
    """The counts of pixels.

    Parameters
    ----------
    counts
        Shape (n_pixels, n_bins).
    members
        One for the pixels of each class and zero for others, shape (n_classes, n_pixels).
    steadiness
        Inverse variance of the brightness of the pixels of a class, relative.
    """

    counts: Singles
    members: Singles
    steadiness: float

    @classmethod
    def of(cls, counts: Singles, kinds: NDArray[np.intp], bright: Floats) -> Pixels:
        """Return those of some counts.

        Parameters
        ----------
        counts
            Shape (n_pixels, n_bins).
        kinds
            The class of each pixel, shape (n_pixels,).
        bright
            Its counts where all see, same shape.
        """
        members = np.equal.outer(np.arange(kinds.max() + 1), kinds).astype(np.float32)
        return cls(counts, members, 1.0 / _variance(bright, kinds))

    def every(self, step: int) -> Pixels:
        """Return one of `step` pixels."""
        return replace(self, counts=self.counts[::step], members=self.members[:, ::step])

    @property
    def totals(self) -> Floats:
        """Counts of all pixels of each class, shape (n_classes, n_bins)."""
        return (self.members @ self.counts).astype(float)


@dataclass(frozen=True)
class Evidence:
    """What counts of pixels say of thresholds.

    Parameters
    ----------
    known
        Logarithm of the part recorded at each threshold, weighted with the counts; shape
        (n_thresholds, n_pixels).
    weights
        One; then, in the row of its class, the counts of a pixel at all energies and `steadiness`,
        and zero in the rows of other classes; shape (1 + n_classes, n_pixels).
    totals, steadiness
        See `Pixels`.
    """

    known: Singles
    weights: Singles
    totals: Floats
    steadiness: float

    @classmethod
    def of(cls, pixels: Pixels, recorded: Floats) -> Evidence:
        """Return that of pixels for thresholds that record so much; see `Law`."""
        number = pixels.counts.sum(axis=1) + np.float32(pixels.steadiness)
        weights = np.vstack([np.ones_like(number), pixels.members * number])
        known = np.log(recorded).astype(np.float32) @ pixels.counts.T
        return cls(known, weights, pixels.totals, pixels.steadiness)

    def only(self, chosen: NDArray[np.bool_]) -> Evidence:
        """Return that for some of the thresholds."""
        return replace(self, known=self.known[chosen])


@dataclass(frozen=True)
class Law:
    """How counts come about.

    Parameters
    ----------
    thresholds
        In keV, shape (n_thresholds,).
    recorded
        Part of each bin that is recorded at each threshold, noise included, (n_thresholds, n_bins).
    share
        Of the pixels with each threshold.
    spectra
        Counts of a pixel without threshold in each class, shape (n_classes, n_bins).
    """

    thresholds: Floats
    recorded: Floats
    share: Floats
    spectra: Floats

    @classmethod
    def of(cls, pixels: Pixels, thresholds: Floats, recorded: Floats, share: Floats) -> Law:
        """Return the law to begin with: as if pixels missed nothing. Parameters: see `Law`."""
        number = np.maximum(pixels.members.sum(axis=1, dtype=float), 1.0)
        spectra = pixels.totals / number[:, None] + _RAREST
        return cls(thresholds, recorded, share / share.sum(), spectra)

    def probable(self, evidence: Evidence) -> Singles:
        """Return the probability of each threshold for each pixel, (n_thresholds, n_pixels)."""
        chance, total, _ = self._judged(evidence)
        chance /= total
        return chance

    def better(self, evidence: Evidence) -> tuple[Law, float]:
        """Return a law under which the counts are more probable.

        Returns
        -------
        law
            That law.
        likelihood
            Logarithm of the likelihood of this one, but for what all edges share.
        """
        chance, total, likelihood = self._judged(evidence)
        sums = (chance @ (evidence.weights / total).T).astype(float)
        share = np.maximum(sums[:, 0] / max(len(total), 1), _RAREST)
        brightness = sums[:, 1:].T / (evidence.steadiness + self._expected())
        seen = np.maximum(brightness @ self.recorded, _RAREST)
        spectra = evidence.totals / seen + _RAREST
        return replace(self, share=share / share.sum(), spectra=spectra), likelihood

    def leapt(self, one: Law, two: Law) -> Law:
        """Return the law that two steps from this one lead to, if the next ones are like them."""
        first = one.logarithms - self.logarithms
        change = two.logarithms - one.logarithms - first
        ratio = float(np.linalg.norm(first)) / max(float(np.linalg.norm(change)), _RAREST)
        length = min(max(ratio, 1.0), _FARTHEST_LEAP)
        return self._with(self.logarithms + 2 * length * first + length**2 * change)

    def only(self, chosen: NDArray[np.bool_]) -> Law:
        """Return this law without other thresholds than those chosen."""
        share = self.share[chosen]
        return Law(
            self.thresholds[chosen], self.recorded[chosen], share / share.sum(), self.spectra
        )

    def _judged(self, evidence: Evidence) -> tuple[Singles, Singles, float]:
        """Return how probable each threshold is for each pixel, the sums, and the likelihood."""
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
        """Return the counts of a pixel of each class at each threshold, (n_classes, n_thr)."""
        return self.spectra @ self.recorded.T

    @property
    def logarithms(self) -> Floats:
        """Those of what is found: shares of the thresholds, then spectra; shape (n,)."""
        found: Floats = np.log(np.concatenate([self.share, self.spectra.ravel()]))
        return found

    def _with(self, logarithms: Floats) -> Law:
        values = np.exp(np.clip(logarithms, np.log(_RAREST), -np.log(_RAREST)))
        share, spectra = np.split(values, [len(self.share)])
        return replace(self, share=share / share.sum(), spectra=spectra.reshape(self.spectra.shape))


def promising(laws: Sequence[Law], evidence: Evidence) -> int:
    """Return the number of the law that the first steps bring farthest."""
    reached = []
    for law in laws:
        one, _ = law.better(evidence)
        two, _ = one.better(evidence)
        reached.append(two.better(evidence)[1])
    return int(np.argmax(reached))


def likeliest_law(law: Law, evidence: Evidence) -> tuple[Law, float]:
    """Return the law under which counts are most probable, and the logarithm of its likelihood.

    Parameters
    ----------
    law
        To begin with.
    evidence
        What counts say.
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
    """Return the variance of the brightness of pixels within their classes, relative."""
    number = np.maximum(np.bincount(kinds), 1)
    mean: Floats = (np.bincount(kinds, bright) / number)[kinds]
    scale = max(float(mean @ mean), _RAREST)
    beyond_counting = float(np.sum((bright - mean) ** 2 - mean)) / scale
    known = scale**2 / max(float(np.sum(2 * mean**2 + mean)), _RAREST)
    usual = _ITS_SPREAD**-2.0
    found = (known * beyond_counting + usual * _USUAL_VARIANCE) / (known + usual)
    return max(float(found), _STEADIEST)

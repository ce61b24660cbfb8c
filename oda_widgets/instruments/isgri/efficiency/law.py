"""The law under which the counts of pixels with thresholds are most probable.

Each pixel has a threshold, a brightness and a spectrum: that of its class, which pixels in the same
light share. The share of the thresholds and the spectra are found by expectation and maximisation
(Dempster, Laird & Rubin 1977, J. R. Stat. Soc. B 39, 1), in leaps along the way that two steps show
(Varadhan & Roland 2008, Scand. J. Stat. 35, 335): in short windows single steps would stop far
from the end, at thresholds that lie where they were first supposed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats

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


@dataclass(frozen=True)
class Pixels:
    """The counts of pixels, those of a class after another.

    Parameters
    ----------
    order
        The number of each pixel among all, shape (n_pixels,).
    counts
        Shape (n_pixels, n_bins).
    of_kind
        Which pixels each class has.
    known
        Logarithm of the part recorded at each threshold, weighted with the counts; shape
        (n_pixels, n_thresholds).
    number
        Counts of each pixel at all energies.
    """

    order: NDArray[np.intp]
    counts: NDArray[np.float32]
    of_kind: tuple[slice, ...]
    known: NDArray[np.float32]
    number: NDArray[np.float32]

    @classmethod
    def of(cls, counts: NDArray[np.float32], kinds: NDArray[np.intp], law: Law) -> Pixels:
        """Return those of pixels in any order."""
        order = np.argsort(kinds, kind="stable")
        ends = np.searchsorted(kinds[order], np.arange(len(law.spectra) + 1)).tolist()
        counts = counts[order]
        known = counts @ np.log(law.recorded).T.astype(np.float32)
        of_kind = tuple(slice(first, last) for first, last in pairwise(ends))
        return cls(order, counts, of_kind, known, counts.sum(axis=1))


@dataclass(frozen=True)
class Law:
    """How counts come about.

    Parameters
    ----------
    recorded
        Part of each bin that is recorded at each threshold, noise included, (n_thresholds, n_bins).
    share
        Of the pixels with each threshold.
    spectra
        Counts of a pixel without threshold in each class, shape (n_classes, n_bins).
    steadiness
        Inverse variance of the brightness of the pixels of a class.
    """

    recorded: Floats
    share: Floats
    spectra: Floats
    steadiness: float

    @classmethod
    def of(
        cls,
        counts: NDArray[np.float32],
        kinds: NDArray[np.intp],
        recorded: Floats,
        share: Floats,
        bright: Floats,
    ) -> Law:
        """Return the law to begin with.

        Parameters
        ----------
        counts
            Of the pixels, shape (n_pixels, n_bins).
        kinds
            The class of each.
        recorded, share
            See `Law`.
        bright
            Counts of each pixel where all see, shape (n_pixels,).
        """
        classes = range(int(kinds.max()) + 1)
        spectra = np.stack([_mean(counts[kinds == kind]) for kind in classes])
        return cls(recorded, share, spectra, 1.0 / _variance(bright, kinds))

    def probable(self, pixels: Pixels) -> NDArray[np.float32]:
        """Return the probability of each threshold for each pixel, (n_pixels, n_thresholds)."""
        return self._judged(pixels)[0]

    def better(self, pixels: Pixels) -> tuple[Law, float]:
        """Return a law under which the counts are more probable.

        Returns
        -------
        law
            That law.
        likelihood
            Logarithm of the likelihood of this one, but for what all edges share.
        """
        chance, likelihood = self._judged(pixels)
        number = pixels.number + np.float32(self.steadiness)
        each = np.full(len(chance), 1.0 / max(len(chance), 1), np.float32)
        share = np.maximum(each @ chance, _RAREST).astype(float)
        spectra = self.spectra.copy()
        for kind, expected in enumerate(self._expected()):
            of_kind = pixels.of_kind[kind]
            brightness = (number[of_kind] @ chance[of_kind]) / expected
            seen = np.maximum(brightness @ self.recorded, _RAREST)
            spectra[kind] = pixels.counts[of_kind].sum(axis=0, dtype=float) / seen + _RAREST
        return replace(self, share=share / share.sum(), spectra=spectra), likelihood

    def leapt(self, one: Law, two: Law) -> Law:
        """Return the law that two steps from this one lead to, if the next ones are like them."""
        first = one.logarithms - self.logarithms
        change = two.logarithms - one.logarithms - first
        ratio = float(np.linalg.norm(first)) / max(float(np.linalg.norm(change)), _RAREST)
        length = min(max(ratio, 1.0), _FARTHEST_LEAP)
        return self._with(self.logarithms + 2 * length * first + length**2 * change)

    def _judged(self, pixels: Pixels) -> tuple[NDArray[np.float32], float]:
        """Return the probability of each threshold for each pixel, and the likelihood."""
        number = pixels.number + np.float32(self.steadiness)
        share = np.log(self.share).astype(np.float32)
        chance, likelihood = np.empty_like(pixels.known), 0.0
        for here, expected, spectrum in zip(
            pixels.of_kind, self._expected(), self.spectra, strict=True
        ):
            logarithm = chance[here]
            np.multiply(number[here, None], -np.log(expected).astype(np.float32), out=logarithm)
            logarithm += pixels.known[here]
            logarithm += share
            likelihood += float(pixels.counts[here].sum(axis=0, dtype=float) @ np.log(spectrum))
        most = chance.max(axis=1, keepdims=True)
        chance -= most
        np.exp(chance, out=chance)
        total = chance.sum(axis=1, keepdims=True)
        chance /= total
        return chance, likelihood + float((most + np.log(total)).sum(dtype=float))

    def _expected(self) -> Floats:
        """Return the counts of each class at each threshold, and what is known beforehand."""
        return self.steadiness + self.spectra @ self.recorded.T

    @property
    def logarithms(self) -> Floats:
        """Those of what is found: shares of the thresholds, then spectra; shape (n,)."""
        found: Floats = np.log(np.concatenate([self.share, self.spectra.ravel()]))
        return found

    def _with(self, logarithms: Floats) -> Law:
        values = np.exp(np.clip(logarithms, np.log(_RAREST), -np.log(_RAREST)))
        share, spectra = np.split(values, [len(self.share)])
        return replace(self, share=share / share.sum(), spectra=spectra.reshape(self.spectra.shape))


def promising(laws: Sequence[Law], pixels: Pixels) -> int:
    """Return the number of the law that the first steps bring farthest."""
    reached = []
    for law in laws:
        one, _ = law.better(pixels)
        two, _ = one.better(pixels)
        reached.append(two.better(pixels)[1])
    return int(np.argmax(reached))


def likeliest_law(law: Law, pixels: Pixels) -> tuple[Law, float]:
    """Return the law under which counts are most probable, and the logarithm of its likelihood.

    Parameters
    ----------
    law
        To begin with.
    pixels
        The counts.
    """
    reached, kept = -np.inf, law
    for _ in range(_LEAPS):
        one, likelihood = law.better(pixels)
        if likelihood < reached:  # the leap went too far
            one = kept
        before, (two, reached) = reached, one.better(pixels)
        law, kept = law.leapt(one, two), two
        if reached - before < _NOTHING_GAINED:
            break
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


def _mean(counts: NDArray[np.float32]) -> Floats:
    """Return the mean spectrum of some pixels, which may be none."""
    return np.asarray(counts.sum(axis=0, dtype=float) / max(len(counts), 1) + _RAREST)

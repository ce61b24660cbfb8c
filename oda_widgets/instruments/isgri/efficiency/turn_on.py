"""The efficiency of pixels near their low thresholds, measured from the spectrum of each.

A pixel records nothing below its threshold, and each has another. The thresholds and the spectrum
that pixels would show without are found together, as those under which the counts of all pixels are
most probable (Dempster, Laird & Rubin 1977, J. R. Stat. Soc. B 39, 1). The brightness of a pixel is
free, with a gamma law around the mean; given a threshold its integral is known. Pixels in the light
of a bright source show another spectrum than those in shadow: pixels of like brightness share one.

Only means over many pixels are given. What one pixel shows of its own threshold holds its part of
the sources, and would be taken for background: which pixel sees how much is measured at other times
(see `engine.template`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats

FIRST, LAST = 12.0, 64.0
"""Energies between which thresholds are looked for, keV."""

STEP = 1.0
BINS = int((LAST - FIRST) / STEP)

_ABOVE = 46.0
"""Hardly any threshold lies above it: the brightness of pixels shows there."""

_HIGHEST = 58.0
"""The highest threshold that is told from a pixel that is dead, keV."""

_FINE = 0.5
"""Between thresholds, keV."""

_STEPS = 25
_CLASSES = 4
"""Of brightness."""

_SOME = 4096
"""Pixels from which the distribution is found."""

_STEADIEST = 1e-3
"""Variance of the brightness of pixels, relative, that is taken for none."""

_RAREST = 1e-8


@dataclass(frozen=True)
class Edge:
    """The shape of a threshold.

    Parameters
    ----------
    reach
        Energy above it, keV, within which the efficiency rises to 1 - 1/e.
    noise
        Part of the usual counts that appear below it.
    smeared
        Whether it rises as a normal distribution of this width does, around the threshold.
    """

    reach: float
    noise: float
    smeared: bool = False

    def passed(self, above: Floats) -> Floats:
        """Return the efficiency at energies above the threshold, keV."""
        if self.smeared:
            from scipy.special import ndtr  # noqa: PLC0415 - heavy

            return np.asarray(ndtr(above / self.reach))
        return np.where(above > 0, -np.expm1(-np.maximum(above, 0.0) / self.reach), 0.0)


SHARP = Edge(0.1, 0.0005)
"""Where the threshold acts on the energies as they are recorded."""

ROUNDED = Edge(3.0, 0.05)
"""Where it acts on the height of pulses, and the same energy makes higher and lower ones: so do the
pixels of science window 255900280010 rise, for the background as for the bursts of SGR 1935+2154;
and they have noise."""


STEEP = Edge(1.5, 0.002, smeared=True)
"""Where the noise of a pixel smears it, and nothing else: so may pixels of simulators rise."""

_TELLING = 10.0
"""Logarithm of the likelihood by which another shape must be better than the first."""


def likeliest(counts: NDArray[np.float32], edges: Sequence[Edge]) -> Edge:
    """Return the first of some shapes of thresholds, unless another describes counts much better.

    Parameters
    ----------
    counts
        As for `turn_on`.
    edges
        The shapes.
    """
    first, *others = edges
    if not others:
        return first
    likelihood = {edge: _found(counts, edge).likelihood for edge in edges}
    best = max(others, key=likelihood.__getitem__)
    return best if likelihood[best] > likelihood[first] + _TELLING else first


def energies() -> Floats:
    """Return the energies at which efficiencies are found: centres of bins, keV, shape (52,)."""
    return np.arange(FIRST, LAST, STEP) + STEP / 2


def turn_on(counts: NDArray[np.float32], edge: Edge) -> NDArray[np.float32]:
    """Return the efficiency of pixels as far as their own counts tell, same shape.

    Parameters
    ----------
    counts
        Events of each pixel in bins of `STEP` keV from `FIRST` to `LAST`, shape (n_pixels, 52).
    edge
        The shape of the thresholds.
    """
    found = _found(counts, edge)
    all_of_them = _Pixels.of(counts, found.kinds, found.law.recorded)
    efficiency = np.empty_like(counts)
    efficiency[all_of_them.order] = found.law.probable(all_of_them) @ found.passed.astype(
        np.float32
    )
    return efficiency


@dataclass(frozen=True)
class _Found:
    """The law under which counts are most probable.

    Parameters
    ----------
    law
        The law.
    passed
        Part of each bin that pixels of each threshold record, noise left out, (n_thresholds, 52).
    kinds
        The class of brightness of each pixel.
    likelihood
        Its logarithm, for some of the pixels, but for what all shapes of thresholds share.
    """

    law: _Law
    passed: Floats
    kinds: NDArray[np.intp]
    likelihood: float


def _found(counts: NDArray[np.float32], edge: Edge) -> _Found:
    """Return the law of the counts of pixels; parameters are those of `turn_on`."""
    thresholds = np.append(0.0, np.arange(FIRST + _FINE / 2, _HIGHEST, _FINE))
    passed = _passed(thresholds, edge)
    kinds = _kinds(counts)
    law = _Law.of(counts, kinds, np.maximum(passed, edge.noise))
    every = max(len(counts) // _SOME, 1)
    some = _Pixels.of(counts[::every], kinds[::every], law.recorded)
    for _ in range(_STEPS):
        law = law.better(some)
    return _Found(law, passed, kinds, law.likelihood(some))


def _passed(thresholds: Floats, edge: Edge) -> Floats:
    """Return the part of each bin that pixels of each threshold record, (n_thresholds, 52)."""
    within = (np.arange(16) + 0.5) / 16 * STEP
    energy = np.arange(FIRST, LAST, STEP)[:, None] + within
    passed: Floats = edge.passed(energy - thresholds[:, None, None]).mean(axis=2)
    return passed


def _kinds(counts: NDArray[np.float32]) -> NDArray[np.intp]:
    """Return the class of brightness of each pixel, judged where all see."""
    bright = _bright(counts)
    limits = np.quantile(bright, np.arange(1, _CLASSES) / _CLASSES)
    return np.digitize(bright, limits)


def _bright(counts: NDArray[np.float32]) -> Floats:
    return np.asarray(counts[:, energies() > _ABOVE].sum(axis=1, dtype=float))


@dataclass(frozen=True)
class _Pixels:
    """The counts of pixels, those of a class of brightness after another.

    Parameters
    ----------
    order
        The number of each pixel among all, shape (n_pixels,).
    counts
        Shape (n_pixels, 52).
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
    def of(cls, counts: NDArray[np.float32], kinds: NDArray[np.intp], recorded: Floats) -> _Pixels:
        """Return those of pixels in any order."""
        order = np.argsort(kinds, kind="stable")
        ends = np.searchsorted(kinds[order], np.arange(_CLASSES + 1)).tolist()
        counts = counts[order]
        known = counts @ np.log(recorded).T.astype(np.float32)
        of_kind = tuple(slice(first, last) for first, last in pairwise(ends))
        return cls(order, counts, of_kind, known, counts.sum(axis=1))


@dataclass(frozen=True)
class _Law:
    """How counts come about.

    Parameters
    ----------
    recorded
        Part of each bin that is recorded at each threshold, noise included, (n_thresholds, 52).
    share
        Of the pixels with each threshold.
    spectra
        Counts of a pixel without threshold in each class of brightness, shape (n_classes, 52).
    steadiness
        Inverse variance of the brightness of pixels.
    """

    recorded: Floats
    share: Floats
    spectra: Floats
    steadiness: float

    @classmethod
    def of(cls, counts: NDArray[np.float32], kinds: NDArray[np.intp], recorded: Floats) -> _Law:
        """Return the law to begin with: all thresholds are alike frequent."""
        bright = _bright(counts)
        mean = max(float(bright.mean()), _RAREST)
        variance = max(float(bright.var()) - mean, 0.0) / mean**2
        share = np.full(len(recorded), 1.0 / len(recorded))
        spectra = np.stack([_mean(counts[kinds == kind]) for kind in range(_CLASSES)])
        return cls(recorded, share, spectra, 1.0 / max(variance, _STEADIEST))

    def probable(self, pixels: _Pixels) -> NDArray[np.float32]:
        """Return the probability of each threshold for each pixel, (n_pixels, n_thresholds)."""
        number = pixels.number + np.float32(self.steadiness)
        share = np.log(self.share).astype(np.float32)
        chance = np.empty_like(pixels.known)
        for here, expected in zip(pixels.of_kind, self._expected(), strict=True):
            logarithm = chance[here]
            np.multiply(number[here, None], -np.log(expected).astype(np.float32), out=logarithm)
            logarithm += pixels.known[here]
            logarithm += share
        chance -= chance.max(axis=1, keepdims=True)
        np.exp(chance, out=chance)
        chance /= chance.sum(axis=1, keepdims=True)
        return chance

    def likelihood(self, pixels: _Pixels) -> float:
        """Return the logarithm of the likelihood, but for what all shapes of thresholds share."""
        number = pixels.number + np.float32(self.steadiness)
        total = 0.0
        for here, expected, spectrum in zip(
            pixels.of_kind, self._expected(), self.spectra, strict=True
        ):
            each = pixels.known[here] - np.outer(number[here], np.log(expected))
            each += np.log(self.share)
            total += float(np.logaddexp.reduce(each, axis=1).sum())
            total += float((pixels.counts[here] @ np.log(spectrum)).sum())
        return total

    def better(self, pixels: _Pixels) -> _Law:
        """Return the law under which the counts are more probable."""
        chance = self.probable(pixels)
        number = pixels.number + np.float32(self.steadiness)
        each = np.full(len(chance), 1.0 / max(len(chance), 1), np.float32)
        share = np.maximum(each @ chance, _RAREST).astype(float)
        spectra = self.spectra.copy()
        for kind, expected in enumerate(self._expected()):
            of_kind = pixels.of_kind[kind]
            brightness = (number[of_kind] @ chance[of_kind]) / expected
            seen = np.maximum(brightness @ self.recorded, _RAREST)
            spectra[kind] = pixels.counts[of_kind].sum(axis=0, dtype=float) / seen + _RAREST
        return _Law(self.recorded, share / share.sum(), spectra, self.steadiness)

    def _expected(self) -> Floats:
        """Return the counts of each class at each threshold, and what is known beforehand."""
        return self.steadiness + self.spectra @ self.recorded.T


def _mean(counts: NDArray[np.float32]) -> Floats:
    """Return the mean spectrum of some pixels, which may be none."""
    return np.asarray(counts.sum(axis=0, dtype=float) / max(len(counts), 1) + _RAREST)

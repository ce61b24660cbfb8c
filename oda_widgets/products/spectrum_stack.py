"""Stack spectra: add up their counts, or average their rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.errors import BadParameter
from oda_widgets.products.counts import Counts
from oda_widgets.products.derived_history import derived
from oda_widgets.products.observation import Observation
from oda_widgets.products.observation_of_all import observation_of_all
from oda_widgets.products.response import Response
from oda_widgets.products.spectrum_data import BAD, Background, SpectrumData
from oda_widgets.request.arguments import one_of
from oda_widgets.request.words import one_line

WEIGHTS = ("exposure", "variance")

_TINY = 1e-300
_SAME = 1e-5  # largest relative difference of equal energies, which files round
_TOGETHER = "Fit them together instead: oda.fit([first, second], ...)."

SpectrumT = TypeVar("SpectrumT", bound=SpectrumData)


def stacked(first: SpectrumT, others: Sequence[SpectrumT], weights: str | None = None) -> SpectrumT:
    """Return one spectrum from several (see `Spectrum.stack`)."""
    spectra = [first, *others]
    for other in others:
        _check_alike(first, other)
    counted = all(one.counts is not None for one in spectra)
    mean = _Mean.of(spectra, _weights(spectra, weights, counted=counted))
    given = "" if weights is None else f", weights={weights!r}"
    names = [f"spectrum_{number}" for number in range(1, len(spectra) + 1)]
    line = f"spectrum = {names[0]}.stack({', '.join(names[1:])}{given})"
    chosen = {} if weights is None else {"weights": weights}
    return replace(
        first,
        rate=mean.rate,
        error=mean.error,
        quality=mean.quality,
        systematic_error=mean.systematic_error,
        response=_mean_response([one.response for one in spectra], mean.shares),
        observation=_observation(spectra, weights, counted=counted),
        provenance=derived("stack", spectra, line, chosen, name="spectrum"),
        background=mean.background,
        counts=mean.counts,
        grouping=_grouping(spectra),
        common_error=mean.common_error,
    )


@dataclass(frozen=True)
class _Mean:
    """The mean of spectra; for each channel, of those in which its quality is best.

    Parameters
    ----------
    spectra
        Spectra to average.
    weights
        Weight of each spectrum in each channel, shape (n_spectra, n_channels); 0 if it is not used.
    quality
        Quality of the mean, shape (n_channels,).
    shares
        Share of each spectrum in the mean, shape (n_spectra,).
    """

    spectra: Sequence[SpectrumData]
    weights: Floats
    quality: NDArray[np.int16]
    shares: Floats

    @classmethod
    def of(cls, spectra: Sequence[SpectrumData], weights: Floats) -> _Mean:
        quality = np.array([one.quality for one in spectra])
        measured = np.array([np.isfinite(one.rate) & np.isfinite(one.error) for one in spectra])
        best = np.where(measured, quality, np.iinfo(quality.dtype).max).min(axis=0)
        missing = ~measured.any(axis=0)
        bad = np.maximum(quality.min(axis=0), BAD)
        used = measured & (quality == best)
        shares = weights.mean(axis=1)
        return cls(
            spectra,
            np.where(used, weights, 0.0),
            np.where(missing, bad, best).astype(np.int16),
            shares / shares.sum(),
        )

    @property
    def rate(self) -> Floats:
        return self._average([one.rate for one in self.spectra], nothing=np.nan)

    @property
    def error(self) -> Floats:
        return self._average_error([one.error for one in self.spectra], nothing=np.inf)

    @property
    def systematic_error(self) -> Floats:
        """Mean of the fractions, weighted by rates: the errors of all spectra are correlated."""
        sizes = [np.abs(one.rate) for one in self.spectra]
        pairs = zip(self.spectra, sizes, strict=True)
        errors = self._average([one.systematic_error * size for one, size in pairs])
        return errors / np.maximum(self._average(sizes), _TINY)

    @property
    def common_error(self) -> Floats | None:
        """Rows of all spectra, which are independent of each other."""
        if all(one.common_error is None for one in self.spectra):
            return None
        pairs = zip(self.spectra, self._parts, strict=True)
        return np.vstack([one.common_error * part for one, part in pairs if _has_common_error(one)])

    @property
    def counts(self) -> Counts | None:
        found = [one.counts for one in self.spectra if one.counts is not None]
        if len(found) < len(self.spectra):
            return None
        number = self._sum([one.number for one in found])
        whole = np.sum([one.exposure for one in found], axis=0)
        used = self._sum([one.exposure for one in found])
        return Counts(np.where(used > 0, number, np.nan), np.where(used > 0, used, whole))

    @property
    def background(self) -> Background | None:
        found = [one.background for one in self.spectra if one.background is not None]
        if not found:
            return None
        rate, error = (
            self._average([one.rate for one in found]),
            self._average_error([b.error for b in found]),
        )
        return Background(rate, error, self._background_counts(found, rate))

    def _background_counts(self, found: Sequence[Background], rate: Floats) -> Counts | None:
        """Return the sum of the background counts, with the exposure that gives their mean rate.

        The errors are exact if all backgrounds have the same ratio to the exposure of the source.
        """
        counts = [one.counts for one in found if one.counts is not None]
        if self.counts is None or len(counts) < len(found):
            return None
        number = self._sum([one.number for one in counts])
        exposure = self._sum([one.exposure for one in counts])
        seen = (number > 0) & (rate > 0)
        return Counts(number, np.where(seen, number / np.where(seen, rate, 1.0), exposure))

    @property
    def _parts(self) -> Floats:
        """Share of each spectrum in the mean of each channel, shape (n_spectra, n_channels)."""
        total = self.weights.sum(axis=0)
        return self.weights / np.where(total > 0, total, 1.0)

    def _average(self, values: Sequence[Floats], nothing: float = 0.0) -> Floats:
        """Return the weighted mean of values; `nothing` in channels that no spectrum has."""
        mean = np.sum(np.where(self.weights > 0, values, 0.0) * self._parts, axis=0)
        return np.where(self.weights.any(axis=0), mean, nothing)

    def _average_error(self, errors: Sequence[Floats], nothing: float = 0.0) -> Floats:
        """Return the error of the weighted mean from independent errors."""
        parts = np.where(self.weights > 0, errors, 0.0) * self._parts
        return np.where(self.weights.any(axis=0), np.sqrt(np.sum(parts**2, axis=0)), nothing)

    def _sum(self, values: Sequence[Floats]) -> Floats:
        """Return the sum of values over the spectra that are used in each channel."""
        total: Floats = np.sum(np.where(self.weights > 0, values, 0.0), axis=0)
        return total


def _has_common_error(spectrum: SpectrumData) -> bool:
    return spectrum.common_error is not None


def _check_alike(first: SpectrumData, other: Any) -> None:
    """Check that two spectra can be added up channel by channel."""
    if not isinstance(other, SpectrumData):
        advice = "Write spectrum.stack(other), with Spectrum.read(...) for one in a file."
        raise BadParameter("others", other, "not a spectrum", advice)
    for what, mine, theirs in (
        ("telescope", first.observation.telescope, other.observation.telescope),
        ("instrument", first.observation.instrument, other.observation.instrument),
    ):
        if mine != theirs:
            limit = f"the {what} is not {one_line(mine)}"
            raise BadParameter("others", one_line(theirs), limit, _TOGETHER)
    for what, names in (
        ("channels", ("channel_low", "channel_high")),
        ("photon energies of its response", ("energy_low", "energy_high")),
    ):
        pairs = [(getattr(first.response, n), getattr(other.response, n)) for n in names]
        if not all(_are_close(mine, theirs) for mine, theirs in pairs):
            limit = f"its {what} are not those of the first spectrum"
            raise BadParameter("others", one_line(other.name), limit, _TOGETHER)
    if (first.background is None) != (other.background is None):
        limit = "only some of the spectra have a background"
        advice = "Read all with their background, or all with background=False."
        raise BadParameter("others", one_line(other.name), limit, advice)


def _are_close(mine: Floats, theirs: Floats) -> bool:
    return mine.shape == theirs.shape and np.allclose(mine, theirs, rtol=_SAME, atol=0.0)


def _weights(spectra: Sequence[SpectrumData], weights: str | None, *, counted: bool) -> Floats:
    """Return the weight of each spectrum in each channel, shape (n_spectra, n_channels)."""
    if weights is not None:
        weights = one_of("weights", weights, WEIGHTS)
    if counted:
        if weights == "variance":
            limit = "all spectra hold counts, which add up"
            raise BadParameter("weights", weights, limit, "Leave it out.")
        return np.array([one.counts.exposure for one in spectra if one.counts is not None])
    if weights == "variance":
        amounts = _inverse_variances(spectra)
    else:
        amounts = np.array([one.observation.live_time for one in spectra])
        if not np.all(amounts > 0):
            limit = "the exposure of a spectrum is not known"
            raise BadParameter("weights", "exposure", limit, 'Write weights="variance".')
    return np.repeat(amounts[:, np.newaxis], len(spectra[0].rate), axis=1)


def _inverse_variances(spectra: Sequence[SpectrumData]) -> Floats:
    """Return one weight for each spectrum, from the channels that all spectra have."""
    errors = np.array([one.error for one in spectra])
    rates = np.array([one.rate for one in spectra])
    known = (np.isfinite(errors) & np.isfinite(rates) & (errors > 0)).all(axis=0)
    variances = np.sum(np.where(known, errors, 0.0) ** 2, axis=1)
    if not known.any():
        limit = "no channel has an error in all spectra"
        raise BadParameter("weights", "variance", limit, 'Write weights="exposure".')
    inverse: Floats = 1.0 / variances
    return inverse


def _mean_response(responses: Sequence[Response], shares: Floats) -> Response:
    """Return the mean response: the mean of area times matrix, split again."""
    first = responses[0]
    areas = np.array([one.area for one in responses])
    area = shares @ areas
    if all(
        one is first or np.array_equal(one.redistribution, first.redistribution)
        for one in responses[1:]
    ):
        return replace(first, area=area)
    matrix = np.zeros_like(first.redistribution)
    for one, share in zip(responses, shares, strict=True):
        matrix += (share * one.area / np.where(area > 0, area, 1.0))[:, np.newaxis] * (
            one.redistribution
        )
    names = dict.fromkeys(one.origin for one in responses if one.origin)
    return replace(first, area=area, redistribution=matrix, origin=" + ".join(names))


def _observation(
    spectra: Sequence[SpectrumData], weights: str | None, *, counted: bool
) -> Observation:
    how = "counts added up" if counted else f"rates weighted by {weights or WEIGHTS[0]}"
    whole = observation_of_all([one.observation for one in spectra])
    note = f"Mean of {len(spectra)} spectra: {how}."
    return replace(whole, weights_note=f"{whole.weights_note} {note}".strip())


def _grouping(spectra: Sequence[SpectrumData]) -> NDArray[np.int16] | None:
    """Return the grouping that all spectra share; None if they differ."""
    first, *others = [one.grouping for one in spectra]
    if first is not None and all(one is not None and np.array_equal(first, one) for one in others):
        return first
    return None

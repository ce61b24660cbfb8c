"""The part of a spectrum that is fitted: its channels, its statistic, its response as a matrix."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.errors import BadParameter, EmptySelection
from oda_widgets.fitting.statistics import (
    FEWEST_BEHIND,
    Cash,
    ChiSquare,
    PoissonGaussian,
    ProfiledCash,
    SmoothedCash,
    Statistic,
    unbiased,
)
from oda_widgets.products.counts import Counts, starts_of_flags
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.request.numbers import number_within

_TOUCHING = 1e-4  # relative; edges of 4-byte numbers that are meant to be the same
_LOWEST, _HIGHEST = 1e-3, 1e6  # keV
_WHOLE = 1e-2  # counts; rates of 4-byte numbers times exposure
_CLOSE = 1e-2  # relative; errors that are meant to be the root of the counts
_MOST_RANGES = 4  # of energy, in one note
_FEW = 20  # counts in a channel, below which chi2 is biased


@dataclass(frozen=True)
class Dataset:
    """The channels of one spectrum that are fitted.

    Parameters
    ----------
    spectrum
        The spectrum, its channels joined to groups if the fit uses them.
    original
        The spectrum as the user gave it.
    energy
        Range of the fit, keV.
    systematic
        Fraction of the rate, added to the errors in quadrature; None takes the file's.
    used
        Which channels are fitted, shape (n_channels,).
    asked
        Name of the statistic that was asked for; None for the one that suits the data.
    statistic
        Data of the channels, and how far a model is from them.
    edges
        Edges of the bins of true energy, keV, shape (n_energies + 1,).
    matrix
        Counts per second for 1 photon/cm2/s in a bin, shape (n_energies, n_used).
    notes
        What was done to the data that the user should know.
    """

    spectrum: Spectrum
    original: Spectrum
    energy: tuple[float, float]
    systematic: float | None
    used: NDArray[np.bool_]
    asked: str | None
    statistic: Statistic
    edges: Floats
    matrix: Floats
    notes: tuple[str, ...] = field(default=())

    @property
    def low(self) -> Floats:
        """Lower edges of the channels used, keV, shape (n_used,)."""
        return self.spectrum.channel_low[self.used]

    @property
    def high(self) -> Floats:
        """Upper edges of the channels used, keV, shape (n_used,)."""
        return self.spectrum.channel_high[self.used]

    @property
    def gaussian(self) -> ChiSquare:
        """Rates without the background and their errors: for figures and first guesses."""
        return _gaussian(self.spectrum, self.used, self.systematic)


def dataset(
    spectrum: Spectrum,
    energy: tuple[float, float] | None = None,
    systematic: float | None = None,
    statistic: str | None = None,
    number: int = 1,
) -> Dataset:
    """Return what is fitted of a spectrum: whole channels inside an energy range.

    Parameters
    ----------
    spectrum
        The spectrum.
    energy
        Range in keV; None takes all good channels.
    systematic
        Fraction of the rate; None takes that of the file, channel by channel.
    statistic
        Name of the statistic; None for the one that suits the data.
    number
        Number of the spectrum, from 1, for messages.

    Raises
    ------
    EmptySelection
        If no good channel is inside the range.
    BadParameter
        If the range, the fraction or the statistic cannot be accepted, or the response is
        unusable.
    """
    fraction = _checked_fraction(systematic)
    low, high = _range(spectrum, energy)
    name = _suitable(spectrum, statistic, fraction)
    fitted = spectrum
    if name == "chi2" and spectrum.grouping is not None:
        fitted = spectrum.joined(starts_of_flags(spectrum.grouping))
    used = _usable(fitted, name) & _inside(fitted, low, high)
    if not used.any():
        raise _nothing(fitted, name, (low, high), number)
    area, notes = _area(spectrum)
    matrix = area[:, np.newaxis] * fitted.response.redistribution[:, used]
    if not np.isfinite(matrix).all():
        limit = "its matrix holds numbers that are not finite"
        raise BadParameter("rmf", spectrum.name, limit, "Give a response made for this spectrum.")
    data = _statistic(statistic, name, fitted, used, fraction)
    return Dataset(
        spectrum=fitted,
        original=spectrum,
        energy=(low, high),
        systematic=fraction,
        used=used,
        asked=statistic,
        statistic=data,
        edges=_edges(spectrum),
        matrix=np.ascontiguousarray(matrix),
        notes=(
            *notes,
            *_gaps(fitted, used, (low, high), whole=energy is None),
            *_notes(data, fitted, used, fraction),
        ),
    )


def _suitable(spectrum: Spectrum, asked: str | None, systematic: float | None) -> str:
    """Return the name of the statistic that is asked for, or suits the data.

    Counts are Poisson; with a background they are fitted by the profile statistic W, which XSPEC
    too takes where cstat is asked for. Only chi2 can take a systematic error.
    """
    if asked == "chi2" or (asked is None and (systematic or not _is_poisson(spectrum))):
        return "chi2"
    if _counts(spectrum) is None:
        limit = f"{spectrum.name} holds rates with errors of their own, not counts"
        raise BadParameter("statistic", asked, limit, 'Use statistic="chi2".')
    if asked == "pgstat":
        _check_gaussian_background(spectrum)
        return "pgstat"
    behind = spectrum.background
    if behind is None and asked == "wstat":
        limit = f"{spectrum.name} has no background beside it"
        raise BadParameter("statistic", asked, limit, 'Use statistic="cstat".')
    if behind is None:
        return "cstat"
    if behind.counts is not None:
        return "wstat"
    if asked is None:
        return "pgstat" if np.all(behind.error[spectrum.good] > 0) else "chi2"
    limit = f"the background of {spectrum.name} holds rates with errors of their own, not counts"
    raise BadParameter("statistic", asked, limit, 'Use statistic="pgstat".')


def _check_gaussian_background(spectrum: Spectrum) -> None:
    behind = spectrum.background
    if behind is None:
        limit = f"{spectrum.name} has no background beside it"
        raise BadParameter("statistic", "pgstat", limit, 'Use statistic="cstat".')
    if np.any(behind.error[spectrum.good] <= 0):
        limit = f"the background of {spectrum.name} has channels without an error"
        other = "wstat" if behind.counts is not None else "chi2"
        raise BadParameter("statistic", "pgstat", limit, f'Use statistic="{other}".')


def _is_poisson(spectrum: Spectrum) -> bool:
    """Tell whether a spectrum holds counts with the errors of counts."""
    counts, good = _counts(spectrum), spectrum.good
    if spectrum.counts is not None or counts is None:
        return counts is not None
    seen = good & (np.where(good, counts.number, 0.0) > 0)
    return bool(seen.any()) and np.allclose(spectrum.error[seen], counts.error[seen], rtol=_CLOSE)


def _counts(spectrum: Spectrum) -> Counts | None:
    """Return counts; rates that are whole numbers times the exposure are counts too."""
    if spectrum.counts is not None:
        return spectrum.counts
    seconds = spectrum.observation.live_time
    number = np.where(spectrum.good, spectrum.rate, 0.0) * seconds
    whole = np.abs(number - np.rint(number)) <= _WHOLE + 1e-5 * np.abs(number)
    if seconds <= 0 or np.any(number < 0) or not whole.all():
        return None
    return Counts(np.rint(number), np.full(len(number), seconds))


def _statistic(
    asked: str | None,
    name: str,
    spectrum: Spectrum,
    used: NDArray[np.bool_],
    systematic: float | None,
) -> Statistic:
    """Return the data of the channels used; what is asked for by name is taken as it is."""
    counts, behind = _counts(spectrum), spectrum.background
    if name == "chi2" or counts is None:
        return _gaussian(spectrum, used, systematic)
    number, exposure = counts.number[used], counts.exposure[used]
    if name == "cstat" or behind is None:
        return Cash(number, exposure)
    if name == "wstat" and behind.counts is not None:
        whole = ProfiledCash(
            number, exposure, behind.counts.number[used], behind.counts.exposure[used]
        )
        return whole if asked is not None else unbiased(whole)
    return PoissonGaussian(
        number, exposure, behind.rate[used] * exposure, behind.error[used] * exposure
    )


def _gaussian(spectrum: Spectrum, used: NDArray[np.bool_], systematic: float | None) -> ChiSquare:
    """Return rates without the background; where nothing was counted, one count is the error."""
    rate = spectrum.rate[used]
    fraction = spectrum.systematic_error[used] if systematic is None else systematic
    error = np.hypot(spectrum.error[used], fraction * rate)
    counts = _counts(spectrum)
    if counts is not None:
        error = np.where(error > 0, error, 1.0 / counts.exposure[used])
    behind = spectrum.background
    if behind is None:
        return ChiSquare(rate, error)
    return ChiSquare(rate - behind.rate[used], np.hypot(error, behind.error[used]))


def _gaps(
    spectrum: Spectrum, used: NDArray[np.bool_], band: tuple[float, float], *, whole: bool
) -> Iterable[str]:
    """Yield a note about channels in the range of the fit that hold no data."""
    inside = _inside(spectrum, *band)
    if whole:  # channels below the first and above the last good one were not asked for
        first, *_, last = np.flatnonzero(used)[[0, -1]]
        inside[:first] = inside[last + 1 :] = False
    missing = inside & ~used
    if missing.any():
        yield (
            f"{spectrum.name}: no data in {_ranges(spectrum, missing)}: channels with too few "
            "counts, or flagged as bad."
        )


def _ranges(spectrum: Spectrum, channels: NDArray[np.bool_]) -> str:
    """Return the energies of some channels in words: "28-99.5 keV and 300-999.5 keV"."""
    steps = np.diff(np.concatenate([[0], channels.astype(np.int8), [0]]))
    first, last = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1) - 1
    low, high = spectrum.channel_low[first], spectrum.channel_high[last]
    texts = [f"{x:.4g}-{y:.4g} keV" for x, y in zip(low, high, strict=True)]
    if len(texts) > _MOST_RANGES:
        texts = [*texts[: _MOST_RANGES - 1], f"{len(texts) - _MOST_RANGES + 1} more ranges"]
    return " and ".join(filter(None, [", ".join(texts[:-1]), texts[-1]]))


def _notes(
    data: Statistic, spectrum: Spectrum, used: NDArray[np.bool_], systematic: float | None
) -> Iterable[str]:
    """Yield what the user should know about the statistic of a spectrum."""
    who, name, counts = spectrum.name, data.name, _counts(spectrum)
    if name in _SAID:
        yield f"{who}: {_SAID[name]}."
    if isinstance(data, SmoothedCash):
        yield (
            f"{who}: the background is taken as constant within groups of channels with "
            f"{FEWEST_BEHIND} of its counts or more; channel by channel, W would be biased "
            '(statistic="wstat" uses it so).'
        )
    elif isinstance(data, ProfiledCash) and unbiased(data) is not data:
        yield f"{who}: W is biased for so few counts: leave the statistic to the default."
    stated = spectrum.systematic_error[used] if systematic is None else np.array([systematic])
    if name != "chi2" and np.any(stated > 0):
        yield f'{who}: systematic errors are not used by {name}; statistic="chi2" uses them.'
    if name == "chi2" and counts is not None and _is_poisson(spectrum):
        few = int(np.sum(counts.number[used] < _FEW))
        if few:
            yield (
                f"{who}: {few} of {used.sum()} channels hold fewer than {_FEW} counts, where chi2 "
                'is biased: use statistic="cstat", or group(min_counts=20).'
            )


_SAID = {
    "cstat": "Poisson counts, fitted by cstat",
    "wstat": "Poisson counts of source and background, fitted by W (XSPEC's cstat with background)",
    "pgstat": "Poisson counts beside a background with Gaussian errors, fitted by pgstat",
}


def spectra_of(value: Any) -> list[Spectrum]:
    """Return one or several spectra as a list.

    Raises
    ------
    BadParameter
        If there is none, or something else among them.
    """
    advice = "Give Spectrum objects, for example from Spectrum.read(...)."
    if not isinstance(value, Spectrum | Iterable):
        raise BadParameter("spectra", value, "not a spectrum", advice)
    listed = [value] if isinstance(value, Spectrum) else list(value)
    if not listed:
        raise BadParameter("spectra", value, "the list is empty", advice)
    for item in listed:
        if not isinstance(item, Spectrum):
            raise BadParameter("spectra", item, "not a spectrum", advice)
    return listed


def datasets_of(
    spectra: Sequence[Spectrum], energy: Any, systematic: Any, statistics: Sequence[str | None]
) -> tuple[Dataset, ...]:
    """Return what is fitted of several spectra; arguments as for `oda_widgets.fit`."""
    ranges = per_spectrum("energy", energy, len(spectra))
    fractions = per_spectrum("systematic", systematic, len(spectra))
    columns = zip(spectra, ranges, fractions, statistics, strict=True)
    return tuple(
        dataset(spectrum, band, fraction, statistic, number)
        for number, (spectrum, band, fraction, statistic) in enumerate(columns, 1)
    )


def per_spectrum(name: str, value: Any, n_spectra: int) -> list[Any]:
    """Return an option for each spectrum: one for all, or a list of one for each.

    Raises
    ------
    BadParameter
        If the list has another length.
    """
    listed = isinstance(value, Sequence) and not isinstance(value, str | bytes)
    is_pair = name == "energy" and listed and not any(isinstance(v, Sequence) for v in value)
    if is_pair and None in value and len(value) == n_spectra:
        is_pair = False  # a list of ranges, some of them "all"
    if not listed or is_pair:
        return [value] * n_spectra
    if len(value) != n_spectra:
        limit = f"there are {n_spectra} spectra"
        raise BadParameter(name, value, limit, f"Give one {name} for all, or one for each.")
    return list(value)


def _usable(spectrum: Spectrum, statistic: str) -> NDArray[np.bool_]:
    """Tell which channels hold data; for counts, zero is one of them."""
    if statistic != "chi2" or _is_poisson(spectrum):
        return spectrum.good
    return np.asarray(spectrum.good & (spectrum.error > 0), dtype=np.bool_)


def _range(spectrum: Spectrum, energy: tuple[float, float] | None) -> tuple[float, float]:
    if energy is None:
        return float(spectrum.channel_low.min()), float(spectrum.channel_high.max())
    try:
        first, last = energy
    except (TypeError, ValueError):
        limit = "not a pair of energies"
        raise BadParameter("energy", energy, limit, "Write energy=(30, 300), in keV.") from None
    low, high = (number_within("energy", e, _LOWEST, _HIGHEST, "keV") for e in (first, last))
    if not low < high:
        limit = "the lower edge must be below the upper edge"
        raise BadParameter("energy", energy, limit, "Write energy=(30, 300), in keV.")
    return low, high


def _inside(spectrum: Spectrum, low: float, high: float) -> NDArray[np.bool_]:
    above = spectrum.channel_low >= low * (1 - _TOUCHING)
    return np.asarray(above & (spectrum.channel_high <= high * (1 + _TOUCHING)), dtype=np.bool_)


def _nothing(
    spectrum: Spectrum, statistic: str, band: tuple[float, float], number: int
) -> EmptySelection:
    usable = _usable(spectrum, statistic)
    which = f"{band[0]:g} to {band[1]:g} keV"
    problem = f"Spectrum {number} ({spectrum.name}) has no good channel in {which}."
    if not usable.any():
        return EmptySelection(problem, "It has none at all: rates, errors or qualities are bad.")
    return EmptySelection(problem, f"Its good channels are in {_ranges(spectrum, usable)}.")


def _checked_fraction(systematic: Any) -> float | None:
    if systematic is None:
        return None
    if not isinstance(systematic, int | float) or not 0 <= systematic < 1:
        limit = "a fraction from 0 to 1"
        raise BadParameter("systematic", systematic, limit, "Write 0.01 for one per cent.")
    return float(systematic)


def _area(spectrum: Spectrum) -> tuple[Floats, tuple[str, ...]]:
    """Return the effective area, cm2; what is negative or no number counts as zero, with a note."""
    area = spectrum.response.area
    bad = ~(area >= 0)
    if not bad.any():
        return area, ()
    if not (area > 0).any():
        limit = "its effective area is nowhere positive"
        raise BadParameter("arf", spectrum.name, limit, "Give an ARF made for this spectrum.")
    first = spectrum.response.energy_low[bad][0]
    note = f"ARF of {spectrum.name} negative in {bad.sum()} bins from {first:.0f} keV"
    return np.where(bad, 0.0, area), (f"{note}; set to zero.",)


def _edges(spectrum: Spectrum) -> Floats:
    """Return the edges of adjoining bins of true energy, keV."""
    low, high = spectrum.response.energy_low, spectrum.response.energy_high
    edges = np.append(low, high[-1])
    if np.any(np.diff(edges) <= 0) or not np.allclose(low[1:], high[:-1], rtol=_TOUCHING):
        limit = "its bins of true energy do not adjoin"
        raise BadParameter("rmf", spectrum.name, limit, "Give an RMF as XSPEC takes it.")
    return edges

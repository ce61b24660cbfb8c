"""The part of a spectrum that is fitted: its channels, its statistic, its response as a matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats, KeptArrays
from oda_widgets.errors import BadParameter, EmptySelection
from oda_widgets.fitting.dataset_notes import (
    gap_notes,
    ranges_of,
    rate_notes,
    statistic_notes,
    unseen_notes,
)
from oda_widgets.fitting.input_checks import adjoining_edges, check_input, usable_area
from oda_widgets.fitting.statistics import (
    Cash,
    ChiSquare,
    PoissonGaussian,
    ProfiledCash,
    Statistic,
    unbiased,
)
from oda_widgets.fitting.suitable_statistic import counts_of, is_poisson, suitable
from oda_widgets.products.counts import starts_of_flags
from oda_widgets.products.product import Product
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.request.arguments import listed, pair
from oda_widgets.request.numbers import finite_number, number_within

_TOUCHING = 1e-4  # relative; edges of 4-byte numbers that are meant to be the same
_MOST_SPECTRA = 1000
_LOWEST, _HIGHEST = 1e-3, 1e6  # keV


@dataclass(frozen=True, eq=False, repr=False)
class Dataset(KeptArrays):
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
        Data of the channels, with the likelihood that they have for a model.
    edges
        Edges of the bins of true energy, keV, shape (n_energies + 1,).
    matrix
        Counts per second for 1 photon/cm2/s in a bin, shape (n_energies, n_used).
    notes
        Changes of the data that the user should know of.
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
    """Return the dataset of a spectrum: the channels entirely inside an energy range.

    Parameters
    ----------
    spectrum
        With its response.
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
    fraction = _check_fraction(systematic)
    low, high = _check_range(spectrum, energy)
    name = suitable(spectrum, statistic, fraction)
    fitted = _grouped(spectrum) if name == "chi2" else spectrum
    inside = _inside(fitted, low, high)
    used = _usable(fitted, name) & inside
    if not used.any():
        raise _no_channels(fitted, name, (low, high), number)
    check_input(fitted, used)
    area, notes = usable_area(spectrum)
    matrix = area[:, np.newaxis] * fitted.response.redistribution[:, used]
    data = _statistic(statistic, name, fitted, used, fraction)
    return Dataset(
        spectrum=fitted,
        original=spectrum,
        energy=(low, high),
        systematic=fraction,
        used=used,
        asked=statistic,
        statistic=data,
        edges=adjoining_edges(spectrum),
        matrix=np.ascontiguousarray(matrix),
        notes=(
            *notes,
            *gap_notes(fitted, used, inside, whole=energy is None),
            *unseen_notes(fitted, inside),
            *statistic_notes(data, fitted, used, fraction),
            *rate_notes(fitted),
        ),
    )


def _grouped(spectrum: Spectrum) -> Spectrum:
    """Return a spectrum with its channels joined as its GROUPING says."""
    grouping = spectrum.grouping
    return spectrum if grouping is None else spectrum.joined(starts_of_flags(grouping))


def _statistic(
    asked: str | None,
    name: str,
    spectrum: Spectrum,
    used: NDArray[np.bool_],
    systematic: float | None,
) -> Statistic:
    """Return the data of the channels used; a statistic given by name is taken unchanged."""
    counts, background = counts_of(spectrum), spectrum.background
    if name == "chi2" or counts is None:
        return _gaussian(spectrum, used, systematic)
    number, exposure = counts.number[used], counts.exposure[used]
    if name == "cstat" or background is None:
        return Cash(number, exposure)
    if name == "wstat" and background.counts is not None:
        whole = ProfiledCash(
            number, exposure, background.counts.number[used], background.counts.exposure[used]
        )
        return whole if asked is not None else unbiased(whole)
    return PoissonGaussian(
        number, exposure, background.rate[used] * exposure, background.error[used] * exposure
    )


def _gaussian(spectrum: Spectrum, used: NDArray[np.bool_], systematic: float | None) -> ChiSquare:
    """Return rates without the background; where nothing was counted, one count is the error."""
    rate = spectrum.rate[used]
    fraction = spectrum.systematic_error[used] if systematic is None else systematic
    error = np.hypot(spectrum.error[used], fraction * rate)
    counts = counts_of(spectrum)
    if counts is not None:
        error = np.where(error > 0, error, 1.0 / counts.exposure[used])
    background = spectrum.background
    if background is None:
        return ChiSquare(rate, error)
    return ChiSquare(rate - background.rate[used], np.hypot(error, background.error[used]))


def spectra_of(value: Any) -> list[Spectrum]:
    """Return one or several spectra as a list.

    Raises
    ------
    BadParameter
        If there is none, or something else among them.
    """
    advice = "Give Spectrum objects, for example from Spectrum.read(...)."
    if isinstance(value, Product) and not isinstance(value, Spectrum):
        raise _not_a_spectrum(value)
    if isinstance(value, Mapping):  # spectra by their sources
        value = list(value.values())
    found = [value] if isinstance(value, Spectrum) else listed("spectra", value, _MOST_SPECTRA)
    if not found:
        raise BadParameter("spectra", value, "the list is empty", advice)
    for item in found:
        if not isinstance(item, Spectrum):
            raise _not_a_spectrum(item)
    return found


def _not_a_spectrum(item: Any) -> BadParameter:
    """Return the error for a value that is not a spectrum."""
    advice = "Give Spectrum objects, for example from Spectrum.read(...)."
    if not isinstance(item, Product):
        return BadParameter("spectra", item, "not a spectrum", advice)
    kind = type(item).__name__
    advice = 'Extract one: site.spectra(windows, catalog=["Crab"])["Crab"], or Spectrum.read(...).'
    return BadParameter("spectra", repr(item).splitlines()[0], f"a {kind} is no spectrum", advice)


def datasets_of(
    spectra: Sequence[Spectrum], energy: Any, systematic: Any, statistics: Sequence[str | None]
) -> tuple[Dataset, ...]:
    """Return the datasets of several spectra; arguments as for `oda_widgets.fit`."""
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
    several = isinstance(value, Sequence) and not isinstance(value, str | bytes)
    if several and len(value) > _MOST_SPECTRA:  # look at its length only: it may be range(10**15)
        limit = f"it has {len(value):,} values"
        raise BadParameter(name, value, limit, f"Give one {name} for all, or one for each.")
    is_pair = name == "energy" and several and not any(isinstance(v, Sequence) for v in value)
    if is_pair and any(item is None for item in value) and len(value) == n_spectra:
        is_pair = False  # a list of ranges, some of them "all"
    if not several or is_pair:
        return [value] * n_spectra
    if len(value) != n_spectra:
        limit = f"there are {n_spectra} spectra"
        raise BadParameter(name, value, limit, f"Give one {name} for all, or one for each.")
    return list(value)


def _usable(spectrum: Spectrum, statistic: str) -> NDArray[np.bool_]:
    """Return which channels hold data; zero counts are data."""
    if statistic != "chi2" or is_poisson(spectrum):
        return spectrum.good
    return np.asarray(spectrum.good & (spectrum.error > 0), dtype=np.bool_)


def _check_range(spectrum: Spectrum, energy: tuple[float, float] | None) -> tuple[float, float]:
    if energy is None:
        return float(spectrum.channel_low.min()), float(spectrum.channel_high.max())
    ends = pair("energy", energy, "not a pair of energies", "Write energy=(30, 300), in keV.")
    low, high = (number_within("energy", e, _LOWEST, _HIGHEST, "keV") for e in ends)
    if not low < high:
        limit = "the lower edge must be below the upper edge"
        raise BadParameter("energy", energy, limit, "Write energy=(30, 300), in keV.")
    return low, high


def _inside(spectrum: Spectrum, low: float, high: float) -> NDArray[np.bool_]:
    above = spectrum.channel_low >= low * (1 - _TOUCHING)
    return np.asarray(above & (spectrum.channel_high <= high * (1 + _TOUCHING)), dtype=np.bool_)


def _no_channels(
    spectrum: Spectrum, statistic: str, band: tuple[float, float], number: int
) -> EmptySelection:
    usable = _usable(spectrum, statistic)
    which = f"{band[0]:g} to {band[1]:g} keV"
    problem = f"Spectrum {number} ({spectrum.name}) has no good channel in {which}."
    if not usable.any():
        return EmptySelection(problem, "It has none at all: rates, errors or qualities are bad.")
    return EmptySelection(problem, f"Its good channels are in {ranges_of(spectrum, usable)}.")


def _check_fraction(systematic: Any) -> float | None:
    if systematic is None:
        return None
    try:
        fraction = finite_number("systematic", systematic, "")
    except BadParameter:
        fraction = -1.0
    if not 0 <= fraction < 1:
        limit = "not a fraction of the rates, 0 or more and below 1"
        raise BadParameter("systematic", systematic, limit, "Write 0.01 for one per cent.")
    return fraction

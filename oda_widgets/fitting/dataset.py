"""The part of a spectrum that is fitted: its channels, its errors, its response as one matrix."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.errors import BadParameter, EmptySelection
from oda_widgets.products.spectrum import GOOD, Spectrum
from oda_widgets.request.numbers import number_within

_TOUCHING = 1e-4  # relative; edges of 4-byte numbers that are meant to be the same
_LOWEST, _HIGHEST = 1e-3, 1e6  # keV
_WHOLE = 1e-2  # counts; rates of 4-byte numbers times exposure


@dataclass(frozen=True)
class Dataset:
    """The channels of one spectrum that are fitted.

    Parameters
    ----------
    spectrum
        Where they are from.
    energy
        Range asked for, keV.
    systematic
        Fraction of the rate, added to the errors in quadrature; None takes the file's.
    used
        Which channels, shape (n_channels,).
    rate, error
        Counts per second in the channels used and their errors, shape (n_used,).
    edges
        Edges of the bins of true energy, keV, shape (n_energies + 1,).
    matrix
        Counts per second for 1 photon/cm2/s in a bin, shape (n_energies, n_used).
    notes
        What was done to the data that the user should know.
    """

    spectrum: Spectrum
    energy: tuple[float, float]
    systematic: float | None
    used: NDArray[np.bool_]
    rate: Floats
    error: Floats
    edges: Floats
    matrix: Floats
    notes: tuple[str, ...] = field(default=())

    @property
    def exposure(self) -> float:
        """Live time, seconds."""
        return self.spectrum.observation.live_time

    @property
    def low(self) -> Floats:
        """Lower edges of the channels used, keV."""
        return self.spectrum.channel_low[self.used]

    @property
    def high(self) -> Floats:
        """Upper edges of the channels used, keV."""
        return self.spectrum.channel_high[self.used]


def dataset(
    spectrum: Spectrum,
    energy: tuple[float, float] | None,
    systematic: float | None,
    number: int = 1,
    *,
    counting: bool = False,
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
    number
        Of the spectrum, from 1, for messages.
    counting
        Whether channels without counts are data: not for chi2, which needs an error.

    Raises
    ------
    EmptySelection
        If no good channel is inside the range.
    BadParameter
        If the range or the fraction cannot be accepted, or the response is unusable.
    """
    fraction = _fractions(spectrum, systematic)
    low, high = _range(spectrum, energy)
    used = _usable(spectrum, counting=counting) & _inside(spectrum, low, high)
    if not used.any():
        raise _nothing(spectrum, low, high, number)
    area, notes = _area(spectrum)
    matrix = area[:, np.newaxis] * spectrum.response.redistribution[:, used]
    if not np.isfinite(matrix).all():
        limit = "its matrix holds numbers that are not finite"
        raise BadParameter("rmf", spectrum.name, limit, "Give a response made for this spectrum.")
    rate = spectrum.rate[used]
    error = np.hypot(spectrum.error[used], fraction[used] * rate)
    if counting:  # where nothing was counted, one count is the error for a first guess
        error = np.maximum(error, 1.0 / max(spectrum.observation.live_time, 1e-10))
    return Dataset(
        spectrum=spectrum,
        energy=(low, high),
        systematic=systematic,
        used=used,
        rate=rate,
        error=error,
        edges=_edges(spectrum),
        matrix=np.ascontiguousarray(matrix),
        notes=notes,
    )


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
    spectra: Sequence[Spectrum], energy: Any, systematic: Any, *, counting: bool
) -> tuple[Dataset, ...]:
    """Return what is fitted of several spectra; arguments as for `oda_widgets.fit`."""
    ranges = _per_spectrum("energy", energy, len(spectra))
    fractions = _per_spectrum("systematic", systematic, len(spectra))
    columns = zip(spectra, ranges, fractions, strict=True)
    return tuple(
        dataset(spectrum, band, fraction, number, counting=counting)
        for number, (spectrum, band, fraction) in enumerate(columns, 1)
    )


def _per_spectrum(name: str, value: Any, n_spectra: int) -> list[Any]:
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


def _usable(spectrum: Spectrum, *, counting: bool = False) -> NDArray[np.bool_]:
    with_error = (spectrum.error > 0) | counting
    measured = np.isfinite(spectrum.rate) & np.isfinite(spectrum.error) & with_error
    return np.asarray(measured & (spectrum.quality == GOOD), dtype=np.bool_)


def _range(spectrum: Spectrum, energy: tuple[float, float] | None) -> tuple[float, float]:
    if energy is None:
        return float(spectrum.channel_low[0]), float(spectrum.channel_high[-1])
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


def _nothing(spectrum: Spectrum, low: float, high: float, number: int) -> EmptySelection:
    usable = _usable(spectrum)
    problem = f"Spectrum {number} ({spectrum.name}) has no good channel in {low:g} to {high:g} keV."
    if not usable.any():
        return EmptySelection(problem, "It has none at all: rates, errors or qualities are bad.")
    first, last = spectrum.channel_low[usable][0], spectrum.channel_high[usable][-1]
    return EmptySelection(problem, f"Its good channels are between {first:.4g} and {last:.4g} keV.")


def _fractions(spectrum: Spectrum, systematic: float | None) -> Floats:
    if systematic is None:
        return spectrum.systematic_error
    if not isinstance(systematic, int | float) or not 0 <= systematic < 1:
        limit = "a fraction from 0 to 1"
        raise BadParameter("systematic", systematic, limit, "Write 0.01 for one per cent.")
    return np.full(len(spectrum.rate), float(systematic))


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


def counts(data: Dataset) -> Floats:
    """Return the counts of the channels used, for statistics of counts.

    Raises
    ------
    BadParameter
        If the rates times the exposure are not counts: rates that come from a fit of images or
        shadowgrams have errors of their own.
    """
    number = data.rate * data.exposure
    if data.exposure <= 0 or np.any(np.abs(number - np.rint(number)) > _WHOLE + 1e-5 * number):
        limit = f"{data.spectrum.name} holds rates with errors of their own, not counts"
        raise BadParameter("statistic", "cstat", limit, 'Use statistic="chi2".')
    return np.rint(number)

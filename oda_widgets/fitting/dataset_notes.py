"""Notes about the channels of a fit and their statistic."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from oda_widgets.fitting.statistics import (
    FEWEST_OF_BACKGROUND,
    ProfiledCash,
    SmoothedCash,
    Statistic,
    unbiased,
)
from oda_widgets.fitting.suitable_statistic import counts_of, is_poisson
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.products.spectrum_data import DUBIOUS

_MOST_RANGES = 4  # of energy, in one note
_FEW = 20  # counts in a channel, below which chi2 is biased


def gap_notes(
    spectrum: Spectrum, used: NDArray[np.bool_], inside: NDArray[np.bool_], *, whole: bool
) -> Iterator[str]:
    """Yield a note about channels in the range of the fit that hold no data.

    Parameters
    ----------
    spectrum
        Of the fit, its channels joined to groups.
    used, inside
        Which channels are fitted, and which are in the range, shape (n_channels,).
    whole
        Whether no range was asked for.
    """
    inside = inside.copy()
    if whole:  # channels below the first and above the last good one were not asked for
        first, *_, last = np.flatnonzero(used)[[0, -1]]
        inside[:first] = inside[last + 1 :] = False
    missing = inside & ~used & (spectrum.quality != DUBIOUS)
    if missing.any():
        yield (
            f"{spectrum.name}: no data in {ranges_of(spectrum, missing)}: channels with too few "
            "counts, or flagged as bad."
        )


def unseen_notes(spectrum: Spectrum, inside: NDArray[np.bool_]) -> Iterator[str]:
    """Yield a note about channels in the range of the fit that the pixels hardly see."""
    unseen = inside & (spectrum.quality == DUBIOUS)
    if unseen.any():
        yield (
            f"{spectrum.name}: {ranges_of(spectrum, unseen)} left out: most pixels see nothing"
            " there, and rates are raised by more than 2 (QUALITY 2)."
        )


def _systematic_note(who: str, name: str, percent: float, *, own: bool) -> str:
    """Return a note that says whether the fit uses the systematic error of counts."""
    error = f"{who}: the systematic error of {percent:.2g} %{' (SYS_ERR)' if own else ''}"
    if name == "chi2":
        return f"{error} is added to the errors of its counts, which are fitted by chi2."
    return f'{error} is not used by {name}; statistic="chi2" adds it to the errors of the counts.'


def rate_notes(spectrum: Spectrum) -> Iterator[str]:
    """Yield a note about the systematic error of all rates of a spectrum."""
    error = spectrum.observation.rates_error
    if error > 0:
        yield (
            f"{spectrum.name}: the errors given leave out a systematic error of"
            f" {100 * error:.2g} %, which all rates share, and with them fluxes and norms."
        )


def ranges_of(spectrum: Spectrum, channels: NDArray[np.bool_]) -> str:
    """Return the energies of some channels in words: "28-99.5 keV and 300-999.5 keV"."""
    steps = np.diff(np.concatenate([[0], channels.astype(np.int8), [0]]))
    first, last = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1) - 1
    low, high = spectrum.channel_low[first], spectrum.channel_high[last]
    texts = [f"{x:.4g}-{y:.4g} keV" for x, y in zip(low, high, strict=True)]
    if len(texts) > _MOST_RANGES:
        texts = [*texts[: _MOST_RANGES - 1], f"{len(texts) - _MOST_RANGES + 1} more ranges"]
    return " and ".join(filter(None, [", ".join(texts[:-1]), texts[-1]]))


def statistic_notes(
    data: Statistic, spectrum: Spectrum, used: NDArray[np.bool_], systematic: float | None
) -> Iterator[str]:
    """Yield notes about the statistic of a spectrum.

    Parameters
    ----------
    data
        Its channels as the statistic takes them.
    spectrum
        Of the fit, its channels joined to groups.
    used
        Which channels are fitted, shape (n_channels,).
    systematic
        Fraction of the rate; None takes that of the file.
    """
    who, name, counts = spectrum.name, data.name, counts_of(spectrum)
    if name != "chi2":
        as_xspec = "" if data.xspec == name else f" (XSPEC's {data.xspec})"
        yield f"{who}: {data.suits}, fitted by {name}{as_xspec}."
    if isinstance(data, SmoothedCash):
        yield (
            f"{who}: the background is taken as constant within groups of channels with "
            f"{FEWEST_OF_BACKGROUND} of its counts or more; channel by channel, W would be biased "
            '(statistic="wstat" uses it so).'
        )
    elif isinstance(data, ProfiledCash) and unbiased(data) is not data:
        yield f"{who}: W is biased for so few counts: leave the statistic to the default."
    stated = spectrum.systematic_error[used] if systematic is None else np.array([systematic])
    if np.any(stated > 0) and (name != "chi2" or is_poisson(spectrum)):
        yield _systematic_note(who, name, 100 * float(stated.max()), own=systematic is None)
    if name == "chi2" and counts is not None and is_poisson(spectrum):
        few = int(np.sum(counts.number[used] < _FEW))
        if few:
            yield (
                f"{who}: {few} of {used.sum()} channels hold fewer than {_FEW} counts, where chi2 "
                'is biased: use statistic="cstat", or group(min_counts=20).'
            )

"""Joining neighbouring channels up to a significance, for display only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.products.spectrum_data import GOOD

_LEAST_RELATIVE_WIDTH = 0.5  # least width of a group, in widths of the one before
_TOUCHING = 1e-4  # relative distance below which channels have no hole between them


@dataclass(frozen=True)
class GroupedSpectrum:
    """A spectrum per keV, in groups of channels.

    Parameters
    ----------
    low, high
        Edges of the groups, keV.
    rate, error
        Counts per second per keV.
    """

    low: Floats
    high: Floats
    rate: Floats
    error: Floats

    @property
    def significance(self) -> Floats:
        """Rate over its error."""
        return self.rate / self.error


def group_spectrum(spectrum: Spectrum, min_significance: float = 3.0) -> GroupedSpectrum:
    """Join good channels, from low energy to high, until a group reaches a significance.

    Parameters
    ----------
    spectrum
        Spectrum to group.
    min_significance
        Zero keeps every good channel.

    Notes
    -----
    A group never spans a bad channel, nor more than a factor of 1.5 in energy: a source that
    fades away ends in upper limits rather than in one wide bin. Nor is a group less than half as
    wide (on a logarithmic axis) as the one before: among wide groups a channel that noise lifts
    above the significance would look like a line. What is left at the end of a range and narrower
    than that joins the group before.
    """
    edges = channel_groups(spectrum, min_significance)
    low = np.array([spectrum.channel_low[first] for first, _ in edges])
    high = np.array([spectrum.channel_high[last - 1] for _, last in edges])
    rate = np.array([spectrum.rate[first:last].sum() for first, last in edges])
    variance = np.array([np.square(spectrum.error[first:last]).sum() for first, last in edges])
    width = high - low
    return GroupedSpectrum(low, high, rate / width, np.sqrt(variance) / width)


def channel_groups(spectrum: Spectrum, min_significance: float) -> list[tuple[int, int]]:
    """Return the first channel of each group and the one after its last; see `group_spectrum`."""
    groups: list[tuple[int, int]] = []
    first, least = 0, 0.0
    usable = _usable(spectrum)
    for index in range(len(usable)):
        if not usable[index]:
            _add_rest(groups, spectrum, first, index, least)
            first, least = index + 1, 0.0
        elif _is_complete(spectrum, first, index + 1, min_significance, least):
            groups.append((first, index + 1))
            if min_significance > 0:
                least = _LEAST_RELATIVE_WIDTH * _log_width(spectrum, first, index + 1)
            first = index + 1
    _add_rest(groups, spectrum, first, len(usable), least)
    return groups


def _add_rest(
    groups: list[tuple[int, int]], spectrum: Spectrum, first: int, last: int, least: float
) -> None:
    """Add the channels left at the end of a range: as a group, or to the last one if too narrow."""
    if first >= last:
        return
    if groups and groups[-1][1] == first and _log_width(spectrum, first, last) < least:
        first, _ = groups.pop()
    groups.append((first, last))


def holes(*spectra: Spectrum) -> list[tuple[float, float]]:
    """Return the ranges of energy, keV, in which none of some spectra has a good channel.

    Only ranges between good channels count: below the first and above the last there is no hole.
    """
    good: list[tuple[float, float]] = []
    for spectrum in spectra:
        usable = _usable(spectrum)
        low, high = spectrum.channel_low[usable], spectrum.channel_high[usable]
        good += zip(low.tolist(), high.tolist(), strict=True)
    return gaps_between(good)


def gaps_between(ranges: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the ranges between the first and the last of some ranges that none of them covers."""
    found: list[tuple[float, float]] = []
    reached = float("inf")
    for first, last in sorted(ranges):
        if first > reached * (1 + _TOUCHING):
            found.append((reached, first))
        reached = last if reached == float("inf") else max(reached, last)
    return found


def _usable(spectrum: Spectrum) -> NDArray[np.bool_]:
    measured = np.isfinite(spectrum.rate) & np.isfinite(spectrum.error) & (spectrum.error > 0)
    return np.asarray(measured & (spectrum.quality == GOOD), dtype=np.bool_)


def _log_width(spectrum: Spectrum, first: int, last: int) -> float:
    low, high = spectrum.channel_low[first], spectrum.channel_high[last - 1]
    return float(np.log(high / low)) if low > 0 else 0.0


def _is_complete(
    spectrum: Spectrum, first: int, last: int, min_significance: float, least: float
) -> bool:
    if _log_width(spectrum, first, last) < least:
        return False
    rate = spectrum.rate[first:last].sum()
    error = np.sqrt(np.square(spectrum.error[first:last]).sum())
    wide = spectrum.channel_high[last - 1] >= 1.5 * spectrum.channel_low[first]
    return bool(wide or rate >= min_significance * error)

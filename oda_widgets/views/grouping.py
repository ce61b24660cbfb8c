"""Joining neighbouring channels up to a significance, for display only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.products.spectrum import GOOD, Spectrum


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
        What to group.
    min_significance
        Zero keeps every good channel.

    Notes
    -----
    A group never spans a bad channel, nor more than a factor of 1.5 in energy: a source that
    fades away ends in upper limits rather than in one wide bin.
    """
    edges = channel_groups(spectrum, min_significance)
    low = np.array([spectrum.channel_low[first] for first, _ in edges])
    high = np.array([spectrum.channel_high[last - 1] for _, last in edges])
    rate = np.array([spectrum.rate[first:last].sum() for first, last in edges])
    variance = np.array([np.square(spectrum.error[first:last]).sum() for first, last in edges])
    width = high - low
    return GroupedSpectrum(low, high, rate / width, np.sqrt(variance) / width)


def channel_groups(spectrum: Spectrum, min_significance: float) -> list[tuple[int, int]]:
    """Return first channel and the one after the last of each group; see `group_spectrum`."""
    groups: list[tuple[int, int]] = []
    first = 0
    usable = _usable(spectrum)
    for index in range(len(usable)):
        if not usable[index]:
            if first < index:
                groups.append((first, index))
            first = index + 1
        elif _is_complete(spectrum, first, index + 1, min_significance):
            groups.append((first, index + 1))
            first = index + 1
    if first < len(usable):
        groups.append((first, len(usable)))
    return groups


def _usable(spectrum: Spectrum) -> NDArray[np.bool_]:
    measured = np.isfinite(spectrum.rate) & np.isfinite(spectrum.error) & (spectrum.error > 0)
    return np.asarray(measured & (spectrum.quality == GOOD), dtype=np.bool_)


def _is_complete(spectrum: Spectrum, first: int, last: int, min_significance: float) -> bool:
    rate = spectrum.rate[first:last].sum()
    error = np.sqrt(np.square(spectrum.error[first:last]).sum())
    wide = spectrum.channel_high[last - 1] >= 1.5 * spectrum.channel_low[first]
    return bool(wide or rate >= min_significance * error)
